package dev.evenkeel.lb;

import dev.evenkeel.lb.AttemptObserver.AttemptKind;
import java.net.InetAddress;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A request context with fixed values.
 *
 * @param givenKind the kind of the attempt; null if it follows from what was tried
 */
record GivenContext(
        @Nullable String affinityKey,
        @Nullable InetAddress clientAddress,
        @Nullable String boundBackend,
        @Nullable Subset subset,
        @Nullable Predicate<Backend> permitted,
        List<Backend> tried,
        boolean ignoresPassiveHealth,
        @Nullable AttemptKind givenKind,
        @Nullable Lease previous)
        implements RequestContext {

    GivenContext {
        tried = List.copyOf(tried);
    }

    /** With these properties and no other. */
    static GivenContext of(@Nullable String affinityKey, @Nullable InetAddress clientAddress) {
        return new GivenContext(affinityKey, clientAddress, null, null, null, List.of(), false, null, null);
    }

    static GivenContext copyOf(RequestContext context) {
        AttemptKind kind = context.attemptKind();
        return new GivenContext(
                context.affinityKey(),
                context.clientAddress(),
                context.boundBackend(),
                context.subset(),
                context.permitted(),
                context.tried(),
                context.ignoresPassiveHealth(),
                kind == kindAfter(context.tried()) ? null : kind,
                context.previous());
    }

    private static AttemptKind kindAfter(List<Backend> tried) {
        return tried.isEmpty() ? AttemptKind.FIRST : AttemptKind.RETRY;
    }

    @Override
    public AttemptKind attemptKind() {
        return givenKind == null ? kindAfter(tried) : givenKind;
    }

    @Override
    public GivenContext withTried(List<Backend> backends) {
        return new GivenContext(
                affinityKey,
                clientAddress,
                boundBackend,
                subset,
                permitted,
                backends,
                ignoresPassiveHealth,
                givenKind,
                previous);
    }

    @Override
    public GivenContext withBoundBackend(@Nullable String backendId) {
        return new GivenContext(
                affinityKey,
                clientAddress,
                backendId,
                subset,
                permitted,
                tried,
                ignoresPassiveHealth,
                givenKind,
                previous);
    }

    @Override
    public GivenContext withSubset(@Nullable Subset other) {
        return new GivenContext(
                affinityKey,
                clientAddress,
                boundBackend,
                other,
                permitted,
                tried,
                ignoresPassiveHealth,
                givenKind,
                previous);
    }

    @Override
    public GivenContext withPermitted(@Nullable Predicate<Backend> accepted) {
        return new GivenContext(
                affinityKey,
                clientAddress,
                boundBackend,
                subset,
                accepted,
                tried,
                ignoresPassiveHealth,
                givenKind,
                previous);
    }

    @Override
    public GivenContext withPassiveHealthIgnored(boolean ignored) {
        return new GivenContext(
                affinityKey, clientAddress, boundBackend, subset, permitted, tried, ignored, givenKind, previous);
    }
}
