package dev.evenkeel.lb.okhttp.route;

import dev.evenkeel.lb.okhttp.internal.http.Preconditions;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/**
 * The conditions of a route; a request must meet all of them. An empty list is met by every request.
 *
 * @param hosts one of them must match
 * @param paths one of them must match
 * @param methods the method must be one of them; in upper case
 * @param conditions all of them must hold
 * @param predicate must be true; null if there is none
 */
public record RouteMatch(
        List<HostPattern> hosts,
        List<PathPattern> paths,
        Set<String> methods,
        List<RequestCondition> conditions,
        @Nullable Predicate<Request> predicate) {

    /**
     * Copies the lists.
     *
     * @throws IllegalArgumentException if one has null in it, or a method is no token
     */
    public RouteMatch {
        hosts = List.copyOf(Preconditions.notNull(hosts, "hosts"));
        paths = List.copyOf(Preconditions.notNull(paths, "paths"));
        for (String method : Preconditions.notNull(methods, "methods")) {
            Preconditions.token(method, "method");
        }
        methods = Set.copyOf(new TreeSet<>(methods));
        conditions = List.copyOf(Preconditions.notNull(conditions, "conditions"));
    }

    /** Whether the path must be checked again after an index has found the route. */
    boolean hasExpressions() {
        for (PathPattern path : paths) {
            if (path instanceof RegexPath) {
                return true;
            }
        }
        return false;
    }

    boolean takesPath(MatchContext request) {
        for (PathPattern path : paths) {
            if (path.matches(request.path())) {
                return true;
            }
        }
        return paths.isEmpty();
    }

    /** Checks everything but host and path. */
    boolean matchesConditions(MatchContext request) {
        if (!methods.isEmpty() && !methods.contains(request.method())) {
            return false;
        }
        for (RequestCondition condition : conditions) {
            if (!condition.holds(request)) {
                return false;
            }
        }
        return predicate == null || predicate.test(request.request());
    }

    /** Whether this surely takes every request that the other one takes. */
    boolean covers(RouteMatch other) {
        return (predicate == null || predicate.equals(other.predicate))
                && (methods.isEmpty() || (!other.methods.isEmpty() && methods.containsAll(other.methods)))
                && other.conditions.containsAll(conditions)
                && coversHosts(other)
                && coversPaths(other);
    }

    private boolean coversHosts(RouteMatch other) {
        return hosts.isEmpty()
                || (!other.hosts.isEmpty()
                        && other.hosts.stream().allMatch(host -> hosts.stream().anyMatch(own -> own.covers(host))));
    }

    private boolean coversPaths(RouteMatch other) {
        return paths.isEmpty()
                || paths.contains(new PathPattern.Prefix("/"))
                || (!other.paths.isEmpty()
                        && other.paths.stream().allMatch(path -> paths.stream().anyMatch(own -> own.covers(path))));
    }
}
