package dev.evenkeel.lb.okhttp.route;

import dev.evenkeel.lb.Subset;
import dev.evenkeel.lb.okhttp.affinity.AffinityKey;
import dev.evenkeel.lb.okhttp.affinity.ClientAddress;
import dev.evenkeel.lb.okhttp.internal.http.Preconditions;
import dev.evenkeel.lb.okhttp.retry.HedgePolicy;
import dev.evenkeel.lb.okhttp.retry.RetryPolicy;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which requests go to which pool, and what is changed on the way.
 *
 * <pre>{@code
 * Route.builder("images").host("api.example.com").pathPrefix("/images").to("images").build()
 * }</pre>
 *
 * <p>What is not set stays as it is for all requests of the client. Immutable.
 */
public final class Route {
    private final String name;
    private final RouteMatch match;
    private final Target target;
    private final List<Mirror> mirrors;
    private final @Nullable PathRewrite pathRewrite;
    private final List<HeaderEdit> requestHeaders;
    private final List<HeaderEdit> responseHeaders;
    private final @Nullable ForwardedHeaders forwarded;
    private final @Nullable RetryPolicy retries;
    private final RouteTimeouts timeouts;
    private final @Nullable HedgePolicy hedging;
    private final @Nullable AffinityKey affinityKey;
    private final @Nullable ClientAddress clientAddress;
    private final @Nullable Subset subset;
    private final boolean hasPathExpressions;

    Route(RouteBuilder builder) {
        name = builder.name;
        match = new RouteMatch(builder.hosts, builder.paths, builder.methods, builder.conditions, builder.predicate);
        target = checkedTarget(builder);
        mirrors = List.copyOf(builder.mirrors);
        pathRewrite = builder.pathRewrite;
        requestHeaders = List.copyOf(builder.requestHeaders);
        responseHeaders = List.copyOf(builder.responseHeaders);
        forwarded = builder.forwarded;
        retries = builder.retries;
        timeouts = builder.timeouts;
        hedging = builder.hedging;
        affinityKey = builder.affinityKey;
        clientAddress = builder.clientAddress;
        subset = builder.subset;
        hasPathExpressions = match.hasExpressions();
    }

    private static Target checkedTarget(RouteBuilder builder) {
        Target chosen = builder.target;
        if (chosen == null) {
            throw new IllegalArgumentException("route \"" + builder.name + "\" must have a pool: call to(…)");
        }
        for (Mirror mirror : builder.mirrors) {
            if (chosen.pools().contains(mirror.pool())) {
                throw new IllegalArgumentException("route \"" + builder.name
                        + "\" must mirror to another pool than it sends requests to: \"" + mirror.pool() + "\"");
            }
        }
        return chosen;
    }

    /**
     * Starts a route.
     *
     * @param name for traces and messages; not blank, without control characters, and at a client no other route's
     * @return a builder that takes every request and has no target yet
     * @throws IllegalArgumentException if it is none
     */
    public static RouteBuilder builder(String name) {
        return new RouteBuilder(Preconditions.noControl(Preconditions.notBlank(name, "name"), "name"));
    }

    /**
     * The name.
     *
     * @return for traces and messages
     */
    public String name() {
        return name;
    }

    /**
     * Which requests it takes.
     *
     * @return the conditions
     */
    public RouteMatch match() {
        return match;
    }

    /**
     * The target of its requests.
     *
     * @return a pool or a split
     */
    public Target target() {
        return target;
    }

    /**
     * The mirrors that it sends copies to.
     *
     * @return may be empty
     */
    public List<Mirror> mirrors() {
        return mirrors;
    }

    /**
     * How the path is rewritten.
     *
     * @return null if it stays as it is
     */
    public @Nullable PathRewrite pathRewrite() {
        return pathRewrite;
    }

    /**
     * The edits of the request's headers.
     *
     * @return in order; may be empty
     */
    public List<HeaderEdit> requestHeaders() {
        return requestHeaders;
    }

    /**
     * The edits of the response's headers.
     *
     * @return in order; may be empty
     */
    public List<HeaderEdit> responseHeaders() {
        return responseHeaders;
    }

    /**
     * The headers about the client that is served.
     *
     * @return null for the client's own
     */
    public @Nullable ForwardedHeaders forwarded() {
        return forwarded;
    }

    /**
     * What is sent again.
     *
     * @return null for the client's own
     */
    public @Nullable RetryPolicy retries() {
        return retries;
    }

    /**
     * The timeouts.
     *
     * @return each null for the client's own
     */
    public RouteTimeouts timeouts() {
        return timeouts;
    }

    /**
     * When a {@link dev.evenkeel.lb.okhttp.HedgingCallFactory} sends a second request.
     *
     * @return null for the factory's own
     */
    public @Nullable HedgePolicy hedging() {
        return hedging;
    }

    /**
     * What ties requests to backends.
     *
     * @return null for the client's own
     */
    public @Nullable AffinityKey affinityKey() {
        return affinityKey;
    }

    /**
     * How the address of the served client is found.
     *
     * @return null for the client's own
     */
    public @Nullable ClientAddress clientAddress() {
        return clientAddress;
    }

    /**
     * Which of a pool's backends it sends requests to.
     *
     * @return null for any
     */
    public @Nullable Subset subset() {
        return subset;
    }

    boolean hasPathExpressions() {
        return hasPathExpressions;
    }

    @Override
    public String toString() {
        return "Route[" + name + " to " + target + "]";
    }
}
