package dev.evenkeel.lb.okhttp.internal.call;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.core.internal.socket.IpLiterals;
import dev.evenkeel.lb.core.retry.RetryBudget;
import dev.evenkeel.lb.okhttp.internal.affinity.Sessions;
import dev.evenkeel.lb.okhttp.internal.http.HedgedTrace;
import dev.evenkeel.lb.okhttp.internal.steering.AttachedPool;
import dev.evenkeel.lb.okhttp.route.Route;
import dev.evenkeel.lb.okhttp.trace.CallTrace;
import java.util.List;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;

/**
 * The destination of a route's requests, or of requests whose host is a pool's name: a pool, with the settings of
 * requests to it.
 *
 * @param pool the pool
 * @param settings the settings of the route or the client
 * @param route null for requests that have the pool's name as their host
 * @param budget the account of the retry budget
 * @param classification decides the outcome of attempts
 * @param sessions null without sessions
 * @param edits the changes of requests and responses on the wire; null if there are none
 */
public record Destination(
        AttachedPool pool,
        ClientConfig settings,
        @Nullable Route route,
        RetryBudget.Account budget,
        SafeOutcomeClassifier classification,
        @Nullable Sessions sessions,
        @Nullable NetworkEdits edits) {

    /** Makes a destination with the edits of the settings and the route. */
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

    /** Makes the trace of a call to this destination. */
    CallTrace trace(List<CallTrace.AttemptTrace> attempts) {
        String strategy = pool.balancer().strategyName();
        return new CallTrace(pool.name(), attempts, route == null ? null : route.name(), strategy);
    }

    /** As {@link #trace}, of one request of a hedged call. */
    CallTrace ownTrace(List<HedgedTrace.Made> attempts) {
        return trace(attempts.stream().map(HedgedTrace.Made::trace).toList());
    }

    /** Whether the URL is rewritten to the backend's, not considering proxies. */
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
                        && !IpLiterals.isLiteral(backend.host())
                        && !backend.host().equals(url.host()));
    }
}
