package dev.evenkeel.lb.core.discovery;

import dev.evenkeel.lb.Backend;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Combines the lists of several sources into one. */
interface CombinationRule {
    /**
     * The combined list.
     *
     * @param sources in the order of precedence
     * @return null if the previous list stays in force
     */
    @Nullable
    SourceList combine(List<CombinedSource> sources);

    /** The backends of all sources. A backend is replaced if each source that has it replaces it. */
    final class Union implements CombinationRule {
        @Override
        public @Nullable SourceList combine(List<CombinedSource> sources) {
            Map<String, Backend> byId = new LinkedHashMap<>();
            Set<String> counted = new HashSet<>();
            boolean some = false;
            for (CombinedSource source : sources) {
                if (source.isAwaited()) {
                    return null;
                }
                SourceList list = source.list();
                if (list != null) {
                    some = true;
                    for (Backend backend : list.backends()) {
                        byId.putIfAbsent(backend.id(), backend);
                        if (!list.replaced().contains(backend.id())) {
                            counted.add(backend.id());
                        }
                    }
                }
            }
            if (!some) {
                return null;
            }
            Set<String> replaced = new HashSet<>(byId.keySet());
            replaced.removeAll(counted);
            return new SourceList(List.copyOf(byId.values()), replaced);
        }
    }

    /** The list of the first source that works. */
    final class Failover implements CombinationRule {
        @Override
        public @Nullable SourceList combine(List<CombinedSource> sources) {
            for (CombinedSource source : sources) {
                if (source.isAwaited()) {
                    return null;
                }
                SourceList list = source.list();
                if (list != null && !source.hasFailed()) {
                    return list;
                }
            }
            return null;
        }
    }
}
