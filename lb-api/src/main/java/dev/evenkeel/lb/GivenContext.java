package dev.evenkeel.lb;

import java.net.InetAddress;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A request context with fixed values. */
record GivenContext(
        @Nullable String affinityKey,
        @Nullable InetAddress clientAddress,
        @Nullable String boundBackend,
        @Nullable Subset subset,
        @Nullable Predicate<Backend> permitted,
        List<Backend> tried,
        boolean ignoresPassiveHealth)
        implements RequestContext {

    GivenContext {
        tried = List.copyOf(tried);
    }
}
