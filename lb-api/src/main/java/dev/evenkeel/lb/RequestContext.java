package dev.evenkeel.lb;

import dev.evenkeel.lb.AttemptObserver.AttemptKind;
import java.net.InetAddress;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a pool may know of the request that it chooses a backend for. Every method has a default that means "nothing
 * known".
 *
 * <p>Implementations are called on the caller's thread during {@link LoadBalancer#acquire}, or by the thread that makes
 * room for a request that waits, and must be cheap and must not throw.
 */
public interface RequestContext {

    /** A request of which nothing is known. */
    RequestContext NONE = new RequestContext() {
        @Override
        public String toString() {
            return "RequestContext.NONE";
        }
    };

    /**
     * The key that ties requests to one backend under consistent hashing.
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
     * The backend that the session of this request is bound to. It is taken before any other if it can be: if it is
     * eligible, or drains and has not gone yet; was not tried, is not full, and fits the {@link #subset}. Otherwise the
     * pick goes on as if nothing were bound.
     *
     * @return the backend's id, which the pool need not know; null if there is no session, or it is not bound yet
     */
    default @Nullable String boundBackend() {
        return null;
    }

    /**
     * What a backend must have to be chosen.
     *
     * @return null if any backend will do; then the pool decides whether it means all or a default subset
     */
    default @Nullable Subset subset() {
        return null;
    }

    /**
     * Which backends the request may be sent to at all, such as those that keep it encrypted. Asked for each backend
     * that a pick considers, so it must be cheap; it must not throw, and not change its answer during {@code acquire}.
     *
     * @return null if it may be sent to any
     */
    default @Nullable Predicate<Backend> permitted() {
        return null;
    }

    /**
     * The backends that this request has been tried at; none of them is chosen again.
     *
     * @return in the order of the attempts; must not change during {@code acquire}
     */
    default List<Backend> tried() {
        return List.of();
    }

    /**
     * Which request of the call this is. For observers; no pick goes by it.
     *
     * @return by default a retry if something was {@link #tried}, otherwise the first
     */
    default AttemptKind attemptKind() {
        return tried().isEmpty() ? AttemptKind.FIRST : AttemptKind.RETRY;
    }

    /**
     * The lease of the attempt before this one in the same call, if it has not ended yet: the new one takes over its
     * place under the pool's limit, so that a call counts once.
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
        return new GivenContext(key, null, null, null, null, List.of());
    }

    /**
     * A context with a client's address and nothing else.
     *
     * @param address the address
     * @return a new context
     */
    static RequestContext ofClientAddress(InetAddress address) {
        return new GivenContext(null, address, null, null, null, List.of());
    }

    /**
     * This context after attempts at some backends.
     *
     * @param tried the backends, in the order of the attempts
     * @return a new context; everything else is this one's
     */
    default RequestContext withTried(List<Backend> tried) {
        return new GivenContext(affinityKey(), clientAddress(), boundBackend(), subset(), permitted(), tried);
    }

    /**
     * This context for a session that is bound.
     *
     * @param backendId the backend's id; null if the session is not bound
     * @return a new context; everything else is this one's
     */
    default RequestContext withBoundBackend(@Nullable String backendId) {
        return new GivenContext(affinityKey(), clientAddress(), backendId, subset(), permitted(), tried());
    }

    /**
     * This context for some of the backends only.
     *
     * @param subset what a backend must have; null for any
     * @return a new context; everything else is this one's
     */
    default RequestContext withSubset(@Nullable Subset subset) {
        return new GivenContext(affinityKey(), clientAddress(), boundBackend(), subset, permitted(), tried());
    }

    /**
     * This context for the backends only that a predicate accepts.
     *
     * @param permitted cheap, and without exceptions; null for any
     * @return a new context; everything else is this one's
     */
    default RequestContext withPermitted(@Nullable Predicate<Backend> permitted) {
        return new GivenContext(affinityKey(), clientAddress(), boundBackend(), subset(), permitted, tried());
    }
}
