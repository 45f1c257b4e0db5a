package dev.evenkeel.lb.core.discovery;

import dev.evenkeel.lb.Backend;
import java.util.List;
import java.util.Set;

/**
 * What a source delivers.
 *
 * @param backends the complete list
 * @param replaced the ids of backends of the list that further ones replace while they are out
 */
record SourceList(List<Backend> backends, Set<String> replaced) {
    SourceList {
        backends = List.copyOf(backends);
        replaced = Set.copyOf(replaced);
    }
}
