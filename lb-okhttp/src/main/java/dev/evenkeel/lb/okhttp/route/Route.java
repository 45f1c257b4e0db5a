package dev.evenkeel.lb.okhttp.route;

import dev.evenkeel.lb.Subset;
import dev.evenkeel.lb.okhttp.affinity.AffinityKey;
import dev.evenkeel.lb.okhttp.affinity.ClientAddress;
import dev.evenkeel.lb.okhttp.internal.http.BoundedRegex;
import dev.evenkeel.lb.okhttp.internal.http.Preconditions;
import dev.evenkeel.lb.okhttp.retry.HedgePolicy;
import dev.evenkeel.lb.okhttp.retry.RetryPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import okhttp3.Request;
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

    private Route(Builder builder, Target target) {
        name = builder.name;
        match = new RouteMatch(builder.hosts, builder.paths, builder.methods, builder.conditions, builder.predicate);
        this.target = target;
        mirrors = List.copyOf(builder.mirrors);
        pathRewrite = builder.pathRewrite;
        requestHeaders = List.copyOf(builder.requestHeaders);
        responseHeaders = List.copyOf(builder.responseHeaders);
        forwarded = builder.forwarded;
        retries = builder.retries;
        timeouts = new RouteTimeouts(builder.connect, builder.read, builder.write, builder.overall);
        hedging = builder.hedging;
        affinityKey = builder.affinityKey;
        clientAddress = builder.clientAddress;
        subset = builder.subset;
        hasPathExpressions = match.hasExpressions();
    }

    /**
     * Starts a route.
     *
     * @param name for traces and messages; not blank, without control characters, and at a client no other route's
     * @return a builder that takes every request and has no target yet
     * @throws IllegalArgumentException if it is none
     */
    public static Builder builder(String name) {
        return new Builder(Preconditions.noControl(Preconditions.notBlank(name, "name"), "name"));
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

    /**
     * Sets what differs from the defaults. What is asked of a request must hold all at once; of several hosts, paths or
     * methods one. Reusable; not thread-safe.
     */
    public static final class Builder {
        private final String name;
        private final List<HostPattern> hosts = new ArrayList<>();
        private final List<PathPattern> paths = new ArrayList<>();
        private final Set<String> methods = new LinkedHashSet<>();
        private final List<RequestCondition> conditions = new ArrayList<>();
        private @Nullable Predicate<Request> predicate;
        private @Nullable Target target;
        private final List<Mirror> mirrors = new ArrayList<>();
        private @Nullable PathRewrite pathRewrite;
        private final List<HeaderEdit> requestHeaders = new ArrayList<>();
        private final List<HeaderEdit> responseHeaders = new ArrayList<>();
        private @Nullable ForwardedHeaders forwarded;
        private @Nullable RetryPolicy retries;
        private @Nullable Duration connect;
        private @Nullable Duration read;
        private @Nullable Duration write;
        private @Nullable Duration overall;
        private @Nullable HedgePolicy hedging;
        private @Nullable AffinityKey affinityKey;
        private @Nullable ClientAddress clientAddress;
        private @Nullable Subset subset;

        private Builder(String name) {
            this.name = name;
        }

        /**
         * Takes requests to hosts.
         *
         * @param hosts each as in {@link HostPattern}: {@code api.example.com} or {@code *.example.com}; default every
         *     host
         * @return this
         * @throws IllegalArgumentException if one is not a host
         */
        public Builder host(String... hosts) {
            for (String host : Preconditions.notNull(hosts, "host")) {
                this.hosts.add(new HostPattern(host));
            }
            return this;
        }

        /**
         * Takes requests for paths.
         *
         * @param paths each as in {@link PathPattern.Exact}; default every path
         * @return this
         * @throws IllegalArgumentException if one is not a path
         */
        public Builder path(String... paths) {
            for (String path : Preconditions.notNull(paths, "path")) {
                this.paths.add(new PathPattern.Exact(path));
            }
            return this;
        }

        /**
         * Takes requests for paths and what lies beneath them.
         *
         * @param prefixes each as in {@link PathPattern.Prefix}; default every path
         * @return this
         * @throws IllegalArgumentException if one is not a path
         */
        public Builder pathPrefix(String... prefixes) {
            for (String prefix : Preconditions.notNull(prefixes, "pathPrefix")) {
                paths.add(new PathPattern.Prefix(prefix));
            }
            return this;
        }

        /**
         * Takes requests whose paths match as a whole.
         *
         * @param regexes each as in {@link BoundedRegex}
         * @return this
         * @throws IllegalArgumentException if one is no regular expression
         */
        public Builder pathRegex(String... regexes) {
            for (String regex : Preconditions.notNull(regexes, "pathRegex")) {
                paths.add(new RegexPath(BoundedRegex.of(regex)));
            }
            return this;
        }

        /**
         * Takes requests with methods.
         *
         * @param methods in any case; default every method
         * @return this
         * @throws IllegalArgumentException if one is no token
         */
        public Builder method(String... methods) {
            for (String method : Preconditions.notNull(methods, "method")) {
                this.methods.add(Preconditions.token(method, "method").toUpperCase(Locale.ROOT));
            }
            return this;
        }

        /**
         * Takes requests with a header.
         *
         * @param name in any case
         * @param value the whole value, in its case
         * @return this
         * @throws IllegalArgumentException if the name is none
         */
        public Builder header(String name, String value) {
            return header(name, ValueMatcher.is(value));
        }

        /**
         * Takes requests by a header.
         *
         * @param name in any case
         * @param test what it must be
         * @return this
         * @throws IllegalArgumentException if the name is none
         */
        public Builder header(String name, ValueMatcher test) {
            return condition(new RequestCondition(RequestCondition.RequestPart.HEADER, name, test));
        }

        /**
         * Takes requests with a cookie, from the client's CookieJar or the {@code Cookie} header.
         *
         * @param name in its case
         * @param value the whole value
         * @return this
         * @throws IllegalArgumentException if the name is none
         */
        public Builder cookie(String name, String value) {
            return condition(new RequestCondition(RequestCondition.RequestPart.COOKIE, name, ValueMatcher.is(value)));
        }

        /**
         * Takes requests with a parameter in the query.
         *
         * @param name decoded
         * @param value decoded
         * @return this
         * @throws IllegalArgumentException if one is null
         */
        public Builder query(String name, String value) {
            return condition(new RequestCondition(RequestCondition.RequestPart.QUERY, name, ValueMatcher.is(value)));
        }

        /**
         * Takes requests for which a condition holds.
         *
         * @param condition of a header, a cookie or a query parameter
         * @return this
         * @throws IllegalArgumentException if null
         */
        public Builder condition(RequestCondition condition) {
            conditions.add(Preconditions.notNull(condition, "condition"));
            return this;
        }

        /**
         * Takes requests for which the application's own code says so.
         *
         * @param predicate called on the thread of the call if all else holds; must not block. If it throws, the call
         *     fails
         * @return this
         * @throws IllegalArgumentException if null
         */
        public Builder when(Predicate<Request> predicate) {
            this.predicate = Preconditions.notNull(predicate, "predicate");
            return this;
        }

        /**
         * Sends the requests to a pool.
         *
         * @param pool its name
         * @return this
         * @throws IllegalArgumentException if blank
         */
        public Builder to(String pool) {
            target = new Target.SinglePool(pool);
            return this;
        }

        /**
         * Sends the requests to one of several pools.
         *
         * @param split in which shares
         * @return this
         * @throws IllegalArgumentException if null
         */
        public Builder to(Split split) {
            target = Preconditions.notNull(split, "split");
            return this;
        }

        /**
         * Sends copies to a pool.
         *
         * @param mirror where to, and how many
         * @return this
         * @throws IllegalArgumentException if null
         */
        public Builder mirror(Mirror mirror) {
            mirrors.add(Preconditions.notNull(mirror, "mirror"));
            return this;
        }

        /**
         * Takes a prefix off the path.
         *
         * @param prefix as in {@link PathPattern.Prefix}
         * @return this
         * @throws IllegalArgumentException if it is no path
         */
        public Builder stripPrefix(String prefix) {
            return rewritePath(new PathRewrite.Prefix(prefix, "/"));
        }

        /**
         * Changes the path.
         *
         * @param rewrite how
         * @return this
         * @throws IllegalArgumentException if null
         */
        public Builder rewritePath(PathRewrite rewrite) {
            pathRewrite = Preconditions.notNull(rewrite, "rewrite");
            return this;
        }

        /**
         * Changes the request's headers. The cache sees the change, and so do backends only: the request that a
         * redirect to another host leads to has the headers that the application wrote.
         *
         * @param edits in their order
         * @return this
         * @throws IllegalArgumentException if one is null
         */
        public Builder requestHeaders(HeaderEdit... edits) {
            addAll(requestHeaders, edits);
            return this;
        }

        /**
         * Changes the headers of the backends' responses, before the cache, the cookie jar and redirects see them.
         *
         * @param edits in their order
         * @return this
         * @throws IllegalArgumentException if one is null
         */
        public Builder responseHeaders(HeaderEdit... edits) {
            addAll(responseHeaders, edits);
            return this;
        }

        private static void addAll(List<HeaderEdit> list, HeaderEdit... edits) {
            for (HeaderEdit edit : Preconditions.notNull(edits, "edits")) {
                list.add(Preconditions.notNull(edit, "edit"));
            }
        }

        /**
         * Sets the headers about the client that is served.
         *
         * @param forwarded default as for all requests
         * @return this
         * @throws IllegalArgumentException if null
         */
        public Builder forwarded(ForwardedHeaders forwarded) {
            this.forwarded = Preconditions.notNull(forwarded, "forwarded");
            return this;
        }

        /**
         * Sets the retry policy. Each route has its own account of the policy's budget, with each of its pools.
         *
         * @param retries default as for all requests
         * @return this
         * @throws IllegalArgumentException if null
         */
        public Builder retries(RetryPolicy retries) {
            this.retries = Preconditions.notNull(retries, "retries");
            return this;
        }

        /**
         * Sets how long the whole call may take: see {@link RouteTimeouts#overall}.
         *
         * @param timeout 1 ms to 24 hours; default the client's call timeout alone
         * @return this
         * @throws IllegalArgumentException if out of range
         */
        public Builder timeout(Duration timeout) {
            overall = Preconditions.duration(timeout, "timeout");
            return this;
        }

        /**
         * Sets how long connecting may take.
         *
         * @param timeout 1 ms to 24 hours; default the client's
         * @return this
         * @throws IllegalArgumentException if out of range
         */
        public Builder connectTimeout(Duration timeout) {
            connect = Preconditions.duration(timeout, "connectTimeout");
            return this;
        }

        /**
         * Sets how long nothing may be read.
         *
         * @param timeout 1 ms to 24 hours; default the client's
         * @return this
         * @throws IllegalArgumentException if out of range
         */
        public Builder readTimeout(Duration timeout) {
            read = Preconditions.duration(timeout, "readTimeout");
            return this;
        }

        /**
         * Sets how long nothing may be written.
         *
         * @param timeout 1 ms to 24 hours; default the client's
         * @return this
         * @throws IllegalArgumentException if out of range
         */
        public Builder writeTimeout(Duration timeout) {
            write = Preconditions.duration(timeout, "writeTimeout");
            return this;
        }

        /**
         * Sets when a {@link dev.evenkeel.lb.okhttp.HedgingCallFactory} sends a second request.
         *
         * @param policy default the factory's
         * @return this
         * @throws IllegalArgumentException if null
         */
        public Builder hedging(HedgePolicy policy) {
            hedging = Preconditions.notNull(policy, "hedging");
            return this;
        }

        /**
         * Sets the affinity key of requests.
         *
         * @param key default as for all requests
         * @return this
         * @throws IllegalArgumentException if null
         */
        public Builder affinityKey(AffinityKey key) {
            affinityKey = Preconditions.notNull(key, "affinityKey");
            return this;
        }

        /**
         * Sets how the address of the served client is found.
         *
         * @param address default as for all requests
         * @return this
         * @throws IllegalArgumentException if null
         */
        public Builder clientAddress(ClientAddress address) {
            clientAddress = Preconditions.notNull(address, "clientAddress");
            return this;
        }

        /**
         * Sends the requests only to backends with certain metadata.
         *
         * @param subset what they must have; default any. What happens if there is none, the pool decides
         * @return this
         * @throws IllegalArgumentException if null
         */
        public Builder subset(Subset subset) {
            this.subset = Preconditions.notNull(subset, "subset");
            return this;
        }

        /**
         * Makes the route.
         *
         * @return the route
         * @throws IllegalArgumentException if it has no target, or a mirror of a pool that it sends the requests to
         */
        public Route build() {
            Target chosen = target;
            if (chosen == null) {
                throw new IllegalArgumentException("route \"" + name + "\" must have a pool: call to(…)");
            }
            for (Mirror mirror : mirrors) {
                if (chosen.pools().contains(mirror.pool())) {
                    throw new IllegalArgumentException("route \"" + name
                            + "\" must mirror to another pool than it sends requests to: \"" + mirror.pool() + "\"");
                }
            }
            return new Route(this, chosen);
        }
    }
}
