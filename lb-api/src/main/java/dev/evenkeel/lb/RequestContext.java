package dev.evenkeel.lb;

import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a pool may know of the request that it chooses a backend for. Every method has a default that means "nothing
 * known".
 *
 * <p>Implementations are called on the caller's thread during {@link LoadBalancer#acquire} and must be cheap and must
 * not throw.
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
     * The backends that this request has been tried at; none of them is chosen again.
     *
     * @return in the order of the attempts; must not change during {@code acquire}
     */
    default List<Backend> tried() {
        return List.of();
    }

    /**
     * A context with an affinity key and nothing else.
     *
     * @param key the key
     * @return a new context
     */
    static RequestContext ofAffinityKey(String key) {
        return new RequestContext() {
            @Override
            public String affinityKey() {
                return key;
            }
        };
    }

    /**
     * A context with a client's address and nothing else.
     *
     * @param address the address
     * @return a new context
     */
    static RequestContext ofClientAddress(InetAddress address) {
        return new RequestContext() {
            @Override
            public InetAddress clientAddress() {
                return address;
            }
        };
    }

    /**
     * This context after attempts at some backends.
     *
     * @param tried the backends, in the order of the attempts
     * @return a new context; {@link #affinityKey} and {@link #clientAddress} are this one's
     */
    default RequestContext withTried(List<Backend> tried) {
        List<Backend> copy = List.copyOf(tried);
        RequestContext self = this;
        return new RequestContext() {
            @Override
            public @Nullable String affinityKey() {
                return self.affinityKey();
            }

            @Override
            public @Nullable InetAddress clientAddress() {
                return self.clientAddress();
            }

            @Override
            public List<Backend> tried() {
                return copy;
            }
        };
    }
}
