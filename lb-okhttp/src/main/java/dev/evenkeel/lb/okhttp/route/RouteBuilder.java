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
 * Sets what differs from the defaults. What is asked of a request must hold all at once; of several hosts, paths or
 * methods one. Null is an {@link IllegalArgumentException} everywhere. Reusable; not thread-safe.
 */
public final class RouteBuilder {
    final String name;
    final List<HostPattern> hosts = new ArrayList<>();
    final List<PathPattern> paths = new ArrayList<>();
    final Set<String> methods = new LinkedHashSet<>();
    final List<RequestCondition> conditions = new ArrayList<>();
    @Nullable Predicate<Request> predicate;
    @Nullable Target target;
    final List<Mirror> mirrors = new ArrayList<>();
    @Nullable PathRewrite pathRewrite;
    final List<HeaderEdit> requestHeaders = new ArrayList<>();
    final List<HeaderEdit> responseHeaders = new ArrayList<>();
    @Nullable ForwardedHeaders forwarded;
    @Nullable RetryPolicy retries;
    @Nullable Duration connect;
    @Nullable Duration read;
    @Nullable Duration write;
    @Nullable Duration overall;
    @Nullable HedgePolicy hedging;
    @Nullable AffinityKey affinityKey;
    @Nullable ClientAddress clientAddress;
    @Nullable Subset subset;

    RouteBuilder(String name) {
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
    public RouteBuilder host(String... hosts) {
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
    public RouteBuilder path(String... paths) {
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
    public RouteBuilder pathPrefix(String... prefixes) {
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
    public RouteBuilder pathRegex(String... regexes) {
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
    public RouteBuilder method(String... methods) {
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
    public RouteBuilder header(String name, String value) {
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
    public RouteBuilder header(String name, ValueMatcher test) {
        return condition(new RequestCondition(RequestCondition.Part.HEADER, name, test));
    }

    /**
     * Takes requests with a cookie, from the client's CookieJar or the {@code Cookie} header.
     *
     * @param name in its case
     * @param value the whole value
     * @return this
     * @throws IllegalArgumentException if the name is none
     */
    public RouteBuilder cookie(String name, String value) {
        return condition(new RequestCondition(RequestCondition.Part.COOKIE, name, ValueMatcher.is(value)));
    }

    /**
     * Takes requests with a parameter in the query.
     *
     * @param name decoded
     * @param value decoded
     * @return this
     * @throws IllegalArgumentException if one is null
     */
    public RouteBuilder query(String name, String value) {
        return condition(new RequestCondition(RequestCondition.Part.QUERY, name, ValueMatcher.is(value)));
    }

    /**
     * Takes requests for which a condition holds.
     *
     * @param condition of a header, a cookie or a query parameter
     * @return this
     */
    public RouteBuilder condition(RequestCondition condition) {
        conditions.add(Preconditions.notNull(condition, "condition"));
        return this;
    }

    /**
     * Takes requests for which the application's own code says so.
     *
     * @param predicate called on the thread of the call if all else holds; must not block. If it throws, the call
     *     fails
     * @return this
     */
    public RouteBuilder when(Predicate<Request> predicate) {
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
    public RouteBuilder to(String pool) {
        target = new Target.Pool(pool);
        return this;
    }

    /**
     * Sends the requests to one of several pools.
     *
     * @param split in which shares
     * @return this
     */
    public RouteBuilder to(Split split) {
        target = Preconditions.notNull(split, "split");
        return this;
    }

    /**
     * Sends copies to a pool.
     *
     * @param mirror where to, and how many
     * @return this
     */
    public RouteBuilder mirror(Mirror mirror) {
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
    public RouteBuilder stripPrefix(String prefix) {
        return rewritePath(new PathRewrite.Prefix(prefix, "/"));
    }

    /**
     * Changes the path.
     *
     * @param rewrite how
     * @return this
     */
    public RouteBuilder rewritePath(PathRewrite rewrite) {
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
    public RouteBuilder requestHeaders(HeaderEdit... edits) {
        HeaderEdit.addAll(requestHeaders, edits);
        return this;
    }

    /**
     * Changes the headers of the backends' responses, before the cache, the cookie jar and redirects see them.
     *
     * @param edits in their order
     * @return this
     * @throws IllegalArgumentException if one is null
     */
    public RouteBuilder responseHeaders(HeaderEdit... edits) {
        HeaderEdit.addAll(responseHeaders, edits);
        return this;
    }

    /**
     * Sets the headers about the client that is served.
     *
     * @param forwarded default as for all requests
     * @return this
     */
    public RouteBuilder forwarded(ForwardedHeaders forwarded) {
        this.forwarded = Preconditions.notNull(forwarded, "forwarded");
        return this;
    }

    /**
     * Sets the retry policy. Each route has its own account of the policy's budget, with each of its pools.
     *
     * @param retries default as for all requests
     * @return this
     */
    public RouteBuilder retries(RetryPolicy retries) {
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
    public RouteBuilder timeout(Duration timeout) {
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
    public RouteBuilder connectTimeout(Duration timeout) {
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
    public RouteBuilder readTimeout(Duration timeout) {
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
    public RouteBuilder writeTimeout(Duration timeout) {
        write = Preconditions.duration(timeout, "writeTimeout");
        return this;
    }

    /**
     * Sets when a {@link dev.evenkeel.lb.okhttp.HedgingCallFactory} sends a second request.
     *
     * @param policy default the factory's
     * @return this
     */
    public RouteBuilder hedging(HedgePolicy policy) {
        hedging = Preconditions.notNull(policy, "hedging");
        return this;
    }

    /**
     * Sets the affinity key of requests.
     *
     * @param key default as for all requests
     * @return this
     */
    public RouteBuilder affinityKey(AffinityKey key) {
        affinityKey = Preconditions.notNull(key, "affinityKey");
        return this;
    }

    /**
     * Sets how the address of the served client is found.
     *
     * @param address default as for all requests
     * @return this
     */
    public RouteBuilder clientAddress(ClientAddress address) {
        clientAddress = Preconditions.notNull(address, "clientAddress");
        return this;
    }

    /**
     * Sends the requests only to backends with certain metadata.
     *
     * @param subset what they must have; default any. What happens if there is none, the pool decides
     * @return this
     */
    public RouteBuilder subset(Subset subset) {
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
        return new Route(this);
    }
}
