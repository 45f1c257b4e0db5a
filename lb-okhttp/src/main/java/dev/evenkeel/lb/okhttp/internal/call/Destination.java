package dev.evenkeel.lb.okhttp.internal.call;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.core.retry.RetryBudget;
import dev.evenkeel.lb.okhttp.internal.affinity.Sessions;
import dev.evenkeel.lb.okhttp.internal.steering.AttachedPool;
import dev.evenkeel.lb.okhttp.internal.steering.BackendAddress;
import dev.evenkeel.lb.okhttp.route.Route;
import dev.evenkeel.lb.okhttp.trace.CallTrace;
import java.util.List;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;

/**
 * Where the requests of a route go, or those that have a pool's name as their host: a pool, and all that holds for requests to it.
 *
 * @param pool the pool
 * @param settings the client's, as the route has them
 * @param route null for requests that have the pool's name as their host
 * @param budget what is left for further attempts
 * @param classification what the ends of attempts say of backends
 * @param sessions null if nothing binds sessions
 * @param edits what happens to requests and responses on the wire; null if nothing does
 */
public record Destination(
        AttachedPool pool,
        ClientConfig settings,
        @Nullable Route route,
        RetryBudget.Account budget,
        SafeOutcomeClassifier classification,
        @Nullable Sessions sessions,
        @Nullable NetworkEdits edits) {

    /** Makes a destination with the edits that the settings and the route want. */
    public static Destination of(
            AttachedPool pool,
            ClientConfig settings,
            @Nullable Route route,
            RetryBudget.Account budget,
            SafeOutcomeClassifier classification,
            @Nullable Sessions sessions) {
        return new Destination(
                pool, settings, route, budget, classification, sessions, NetworkEdits.of(settings, route));
    }

    /** The pool, and the route if there is one, as messages name them. */
    String described() {
        String described = "pool \"" + pool.name() + "\"";
        return route == null ? described : described + " (route \"" + route.name() + "\")";
    }

    /** The trace of a call that came here. */
    CallTrace trace(List<CallTrace.Attempt> attempts) {
        return new CallTrace(pool.name(), attempts, route == null ? null : route.name());
    }

    /** Whether the URL becomes the backend's, proxies apart. */
    boolean isRewritten(HttpUrl url, Backend backend) {
        return switch (settings.addressing()) {
            case STEER -> false;
            case REWRITE -> true;
            case AUTO -> isNotBehindTheName(url, backend);
        };
    }

    /** Whether the backend cannot answer under the logical name. */
    private static boolean isNotBehindTheName(HttpUrl url, Backend backend) {
        String scheme = backend.uri().getScheme();
        if (!scheme.startsWith("http")) {
            return false; // tcp: says nothing of TLS
        }
        return backend.isTls() != url.isHttps()
                || (backend.isTls()
                        && !BackendAddress.isLiteral(backend.host())
                        && !backend.host().equals(url.host()));
    }
}
