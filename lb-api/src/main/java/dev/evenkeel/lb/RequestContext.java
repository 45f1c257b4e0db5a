package dev.evenkeel.lb;

import dev.evenkeel.lb.AttemptObserver.AttemptKind;
import java.net.InetAddress;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Properties of a request that a pool may use to choose a backend. Every method has a default that means "unknown".
 *
 * <p>Implementations are called on the caller's thread during {@link LoadBalancer#acquire}, or by the thread that makes
 * room for a queued request, and must be cheap and must not throw.
 */
public interface RequestContext {

    /** A request without known properties. */
    RequestContext NONE = new RequestContext() {
        @Override
        public String toString() {
            return "RequestContext.NONE";
        }
    };

    /**
     * The key that assigns requests to one backend under consistent hashing.
     *
     * @return null if the request has none
     */
    default @Nullable String affinityKey() {
        return null;
    }

    /**
     * The address of the client that is being served, for IP hash.
     *
     * @return null if unknown
     */
    default @Nullable InetAddress clientAddress() {
        return null;
    }

    /**
     * The backend that the session of this request is bound to. It is chosen before any other if it is eligible, or
     * drains and has not left yet; was not tried, is not full, and belongs to the {@link #subset}. Otherwise the pick
     * goes on as without a session.
     *
     * @return the backend's id, which the pool need not know; null if there is no session, or it is not bound yet
     */
    default @Nullable String boundBackend() {
        return null;
    }

    /**
     * The subset of backends that may be chosen.
     *
     * @return null if any backend may be chosen; then the pool decides whether that means all or a default subset
     */
    default @Nullable Subset subset() {
        return null;
    }

    /**
     * The backends that the request may be sent to at all, such as backends that keep it encrypted. Called for each
     * backend that a pick considers, so it must be cheap; it must not throw, and must not change its result during
     * {@code acquire}.
     *
     * @return null if it may be sent to any
     */
    default @Nullable Predicate<Backend> permitted() {
        return null;
    }

    /**
     * The backends that this call has tried; none of them is chosen again.
     *
     * @return in the order of the attempts; must not change during {@code acquire}
     */
    default List<Backend> tried() {
        return List.of();
    }

    /**
     * Whether the request may go to a backend that only passive health keeps out (an open breaker, an ejection, a
     * {@code Retry-After}), if every eligible one was {@link #tried}. For a call that those could not serve: it was never
     * sent, or may be sent again after a lost connection. A call that was answered, or is still waiting for an answer,
     * leaves failing backends alone. Operators, active checks and limits keep the request out all the same.
     *
     * @return by default false
     */
    default boolean ignoresPassiveHealth() {
        return false;
    }

    /**
     * Which attempt of the call this is. For observers; picks do not depend on it.
     *
     * @return by default a retry if a backend was {@link #tried}, otherwise the first
     */
    default AttemptKind attemptKind() {
        return tried().isEmpty() ? AttemptKind.FIRST : AttemptKind.RETRY;
    }

    /**
     * The lease of the previous attempt of the same call, if it has not completed yet: the new lease takes over its
     * permit under the pool's limit, so that a call counts once.
     *
     * @return null if there is none
     */
    default @Nullable Lease previous() {
        return null;
    }

    /**
     * A context with an affinity key and nothing else.
     *
     * @param key the key
     * @return a new context
     */
    static RequestContext ofAffinityKey(String key) {
        return GivenContext.of(key, null);
    }

    /**
     * A context with a client's address and nothing else.
     *
     * @param address the address
     * @return a new context
     */
    static RequestContext ofClientAddress(InetAddress address) {
        return GivenContext.of(null, address);
    }

    /**
     * This context after attempts at some backends.
     *
     * @param tried the backends, in the order of the attempts
     * @return a new context; everything else is this one's
     */
    default RequestContext withTried(List<Backend> tried) {
        return GivenContext.copyOf(this).withTried(tried);
    }

    /**
     * This context with a session's bound backend.
     *
     * @param backendId the backend's id; null if the session is not bound
     * @return a new context; everything else is this one's
     */
    default RequestContext withBoundBackend(@Nullable String backendId) {
        return GivenContext.copyOf(this).withBoundBackend(backendId);
    }

    /**
     * This context limited to a subset of the backends.
     *
     * @param subset the subset; null for any backend
     * @return a new context; everything else is this one's
     */
    default RequestContext withSubset(@Nullable Subset subset) {
        return GivenContext.copyOf(this).withSubset(subset);
    }

    /**
     * This context limited to the backends that a predicate accepts.
     *
     * @param permitted cheap, and without exceptions; null for any
     * @return a new context; everything else is this one's
     */
    default RequestContext withPermitted(@Nullable Predicate<Backend> permitted) {
        return GivenContext.copyOf(this).withPermitted(permitted);
    }

    /**
     * This context with its right to {@link #ignoresPassiveHealth}.
     *
     * @param ignored whether backends that only passive health keeps out may be chosen after all eligible ones
     * @return a new context; everything else is this one's
     */
    default RequestContext withPassiveHealthIgnored(boolean ignored) {
        return GivenContext.copyOf(this).withPassiveHealthIgnored(ignored);
    }
}
