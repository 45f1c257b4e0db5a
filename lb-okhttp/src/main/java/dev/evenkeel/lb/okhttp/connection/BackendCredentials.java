package dev.evenkeel.lb.okhttp.connection;

import dev.evenkeel.lb.Backend;
import okhttp3.Headers;

/**
 * Headers for one backend only, for replicas with secrets of their own.
 *
 * <pre>{@code
 * LoadBalancing.builder().pools(users).credentials(backend -> Headers.of("Authorization", tokens.of(backend.id())))
 * }</pre>
 *
 * <p>Asked for each request that is written to a backend, redirects and answers to challenges included, on the thread
 * of the call; must be cheap. The headers take the place of those of the same names. They are added beneath the cache
 * and everything that the application sees: no response, trace, exception or log of ours has them, a redirect to
 * another host does not get them, and neither does one from https to http. What still sees them: the client's
 * {@link okhttp3.EventListener}, and a network interceptor that is added after the pools were attached.
 *
 * <p>A backend's id and URI are what its source says. The ids of Kubernetes, Consul, Eureka, DNS and, unless {@code
 * namedIds} is set, etcd are those of the address. The scheme is not part of an id. Bind a secret to {@link
 * Backend#uri}, too, if it must not be sent in clear text, or if a registry may name ids.
 *
 * <p>If it throws or returns null, the call fails, and the exception does not repeat the message.
 */
@FunctionalInterface
public interface BackendCredentials {

    /**
     * Finds a backend's headers.
     *
     * @param backend the backend that the request is about to be written to
     * @return may be empty
     */
    Headers of(Backend backend);
}
