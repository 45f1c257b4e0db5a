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
 * methods one. An argument that is null, or none of what the method asks for, is an {@link IllegalArgumentException}.
 * Reusable; not thread-safe.
 */
public final class RouteBuilder {
    final String name;
    final List<HostPattern> hosts = new ArrayList<>();
    final List<PathPattern> paths = new ArrayList<>();
    final Set<String> methods = new LinkedHashSet<>();
    final List<RequestCondition> conditions = new ArrayList<>();

    @Nullable
    Predicate<Request> predicate;

    @Nullable
    Target target;

    final List<Mirror> mirrors = new ArrayList<>();

    @Nullable
    PathRewrite pathRewrite;

    final List<HeaderEdit> requestHeaders = new ArrayList<>();
    final List<HeaderEdit> responseHeaders = new ArrayList<>();

    @Nullable
    ForwardedHeaders forwarded;

    @Nullable
    RetryPolicy retries;

    RouteTimeouts timeouts = RouteTimeouts.CLIENTS;

    @Nullable
    HedgePolicy hedging;

    @Nullable
    AffinityKey affinityKey;

    @Nullable
    ClientAddress clientAddress;

    @Nullable
    Subset subset;

    RouteBuilder(String name) {
        this.name = name;
    }

    /**
     * Takes requests to hosts.
     *
     * @param hosts as {@link HostPattern} has them: {@code api.example.com}, {@code *.example.com}; default every host
     * @return this
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
     * @param regexes each of {@code java.util.regex}, at most 1,000 characters; a match that takes too many steps fails
     * @return this
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
     */
    public RouteBuilder header(String name, ValueMatcher test) {
        return condition(new RequestCondition(RequestCondition.RequestPart.HEADER, name, test));
    }

    /**
     * Takes requests with a cookie, from the client's CookieJar or the {@code Cookie} header.
     *
     * @param name in its case
     * @param value the whole value
     * @return this
     */
    public RouteBuilder cookie(String name, String value) {
        return condition(new RequestCondition(RequestCondition.RequestPart.COOKIE, name, ValueMatcher.is(value)));
    }

    /**
     * Takes requests with a parameter in the query.
     *
     * @param name decoded
     * @param value decoded
     * @return this
     */
    public RouteBuilder query(String name, String value) {
        return condition(new RequestCondition(RequestCondition.RequestPart.QUERY, name, ValueMatcher.is(value)));
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
     * @param predicate called on the call's thread if all else holds; must not block. If it throws, the call fails
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
     */
    public RouteBuilder to(String pool) {
        target = new Target.SinglePool(pool);
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
     * Changes the request's headers, for the cache and the backends: a redirect to another host restores them.
     *
     * @param edits in their order
     * @return this
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
     */
    public RouteBuilder timeout(Duration timeout) {
        Duration checked = Preconditions.duration(timeout, "timeout");
        timeouts = new RouteTimeouts(timeouts.connect(), timeouts.read(), timeouts.write(), checked);
        return this;
    }

    /**
     * Sets how long connecting may take.
     *
     * @param timeout 1 ms to 24 hours; default the client's
     * @return this
     */
    public RouteBuilder connectTimeout(Duration timeout) {
        Duration checked = Preconditions.duration(timeout, "connectTimeout");
        timeouts = new RouteTimeouts(checked, timeouts.read(), timeouts.write(), timeouts.overall());
        return this;
    }

    /**
     * Sets how long nothing may be read.
     *
     * @param timeout 1 ms to 24 hours; default the client's
     * @return this
     */
    public RouteBuilder readTimeout(Duration timeout) {
        Duration checked = Preconditions.duration(timeout, "readTimeout");
        timeouts = new RouteTimeouts(timeouts.connect(), checked, timeouts.write(), timeouts.overall());
        return this;
    }

    /**
     * Sets how long nothing may be written.
     *
     * @param timeout 1 ms to 24 hours; default the client's
     * @return this
     */
    public RouteBuilder writeTimeout(Duration timeout) {
        Duration checked = Preconditions.duration(timeout, "writeTimeout");
        timeouts = new RouteTimeouts(timeouts.connect(), timeouts.read(), checked, timeouts.overall());
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
