package dev.evenkeel.lb.okhttp.route;

import dev.evenkeel.lb.core.internal.log.Containment;
import dev.evenkeel.lb.okhttp.internal.http.Preconditions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import okhttp3.CookieJar;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/**
 * Routes in order; a request goes by the first route that takes it.
 *
 * <p>An index by host and path finds the few routes that may match, so that hundreds of others cost nothing. The order
 * is kept, and no condition of a route is checked if an earlier route takes the request. Immutable.
 */
public final class RouteTable {
    /** Without routes. */
    public static final RouteTable EMPTY = new RouteTable(List.of());

    private static final int MAX_ROUTES = 10_000;

    private final List<Route> routes;
    private final RouteIndex index;

    private RouteTable(List<Route> routes) {
        this.routes = routes;
        this.index = RouteIndex.of(routes);
    }

    /**
     * Makes a table.
     *
     * @param routes in their order, at most 10,000
     * @return the table
     * @throws IllegalArgumentException with every fault in its text: null, a name that is there twice, a route that
     *     takes nothing since an earlier one takes all of it
     */
    public static RouteTable of(List<Route> routes) {
        Preconditions.notNull(routes, "routes");
        Preconditions.within(routes.size(), 0, MAX_ROUTES, "the number of routes");
        List<Route> copy = new ArrayList<>();
        for (Route route : routes) {
            copy.add(Preconditions.notNull(route, "route"));
        }
        List<String> faults = faults(copy);
        if (!faults.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", faults));
        }
        return new RouteTable(List.copyOf(copy));
    }

    /**
     * The errors of routes.
     *
     * @param routes in their order
     * @return empty if they can be a table
     */
    public static List<String> faults(List<Route> routes) {
        List<String> faults = new ArrayList<>();
        for (int i = 0; i < routes.size(); i++) {
            String fault = fault(routes.subList(0, i), routes.get(i));
            if (fault != null) {
                faults.add(fault);
            }
        }
        return faults;
    }

    /**
     * The error of one more route.
     *
     * @param before those before it
     * @param route the route
     * @return null if it can follow them
     */
    public static @Nullable String fault(List<Route> before, Route route) {
        for (int i = 0; i < before.size(); i++) {
            if (before.get(i).name().equals(route.name())) {
                return "routes must have different names: number " + (i + 1) + " and number " + (before.size() + 1)
                        + " are called \"" + route.name() + "\"";
            }
        }
        for (Route earlier : before) {
            if (earlier.match().covers(route.match())) {
                return "route \"" + route.name() + "\" must take a request: route \"" + earlier.name()
                        + "\" before it takes all of them; change their order";
            }
        }
        return null;
    }

    /**
     * Finds a request's route.
     *
     * @param request the request, as the application wrote it
     * @param cookies where the cookies come from that will be sent with it
     * @return null if no route takes it
     * @throws IOException if a predicate or a cookie jar throws, or a regular expression takes too many steps
     */
    public @Nullable Route find(Request request, CookieJar cookies) throws IOException {
        if (routes.isEmpty()) {
            return null;
        }
        MatchContext routed = new MatchContext(request, cookies);
        PathIndex.PositionMerger candidates = index.candidates(routed);
        for (int position = candidates.next(); position >= 0; position = candidates.next()) {
            Route route = routes.get(position);
            try {
                if ((!route.hasPathExpressions() || route.match().takesPath(routed))
                        && route.match().matchesConditions(routed)) {
                    return route;
                }
            } catch (RuntimeException | Error e) {
                Containment.rethrowFatal(e);
                throw new IOException(
                        "the route of " + request.method() + " " + request.url().redact()
                                + " is unknown, since matching route \"" + route.name() + "\" threw " + e,
                        e);
            }
        }
        return null;
    }

    /**
     * The routes.
     *
     * @return in their order; immutable
     */
    public List<Route> routes() {
        return routes;
    }

    @Override
    public String toString() {
        return "RouteTable" + routes;
    }
}
