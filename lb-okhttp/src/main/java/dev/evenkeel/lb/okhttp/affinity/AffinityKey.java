package dev.evenkeel.lb.okhttp.affinity;

import dev.evenkeel.lb.okhttp.LoadBalancingBuilder;
import dev.evenkeel.lb.okhttp.internal.http.BoundedRegex;
import java.util.regex.Pattern;
import okhttp3.CookieJar;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/**
 * Finds the key of a request that binds it to a backend: by consistent hash
 * ({@link LoadBalancingBuilder#affinityKey}), or by a table under every strategy ({@link SessionPolicy#byTable}).
 *
 * <p>Asked once a call, on the calling thread; must be cheap. If it throws, the call fails with an IOException that
 * says so.
 */
@FunctionalInterface
public interface AffinityKey {

    /**
     * Finds the key.
     *
     * @param request as the application wrote it
     * @return the key; null or empty if the request has none, and may go anywhere
     */
    @Nullable
    String of(Request request);

    /**
     * Finds the key with the client's cookies. A key that depends on cookies overrides this; the default ignores them.
     *
     * @param request as the application wrote it: the cookies of the jar are not in it yet
     * @param cookies the client's jar
     * @return the key; null or empty if the request has none, and may go anywhere
     */
    default @Nullable String of(Request request, CookieJar cookies) {
        return of(request);
    }

    /**
     * The value of a request header.
     *
     * @param name the header's name, in any case; of several the last counts, as in {@link Request#header}
     * @return the key
     * @throws IllegalArgumentException if it cannot be the name of a header
     */
    static AffinityKey header(String name) {
        return new AffinityKeys.OfHeader(name);
    }

    /**
     * The value of a parameter of the URL's query.
     *
     * @param name the parameter's name; of several the first counts
     * @return the key
     */
    static AffinityKey query(String name) {
        return new AffinityKeys.OfQuery(name);
    }

    /**
     * The path of the URL, without the query, as nginx's {@code hash $uri} and HAProxy's {@code balance uri} have it.
     *
     * @return the key
     */
    static AffinityKey path() {
        return new AffinityKeys.OfPath();
    }

    /**
     * One segment of the URL's path, decoded.
     *
     * @param index 0 for the first: {@code users} in {@code /users/42}
     * @return the key; none if the path is shorter
     * @throws IllegalArgumentException if the index is negative
     */
    static AffinityKey pathSegment(int index) {
        return new AffinityKeys.OfPathSegment(index);
    }

    /**
     * A part of the URL's path, not decoded: the first group of the first match.
     *
     * @param pattern with a group, such as {@code /users/([^/]+)}; runs for a bounded number of steps
     * @return the key; none if the pattern is not found
     * @throws IllegalArgumentException if the pattern has no group, or is too long
     */
    static AffinityKey path(Pattern pattern) {
        return new AffinityKeys.OfPathPattern(BoundedRegex.of(pattern));
    }

    /**
     * The value of a cookie: of the client's {@link CookieJar} or, if that has none for the URL, of the request's
     * {@code Cookie} header. So does OkHttp choose what it sends.
     *
     * @param name the cookie's name, in this case
     * @return the key
     * @throws IllegalArgumentException if it cannot be the name of a cookie
     */
    static AffinityKey cookie(String name) {
        return new AffinityKeys.OfCookie(name);
    }

    /**
     * The address of the client that is being served.
     *
     * @param address where it is found
     * @return the key
     */
    static AffinityKey clientAddress(ClientAddress address) {
        return new AffinityKeys.OfClientAddress(address);
    }

    /**
     * The {@link String} that the application put into the request with {@code Request.Builder.tag(type, value)}, by
     * its {@code toString}.
     *
     * @param type the tag's type
     * @return the key
     */
    static AffinityKey tag(Class<?> type) {
        return new AffinityKeys.OfTag(type);
    }

    /**
     * This key, or another one if the request does not have it.
     *
     * @param other asked if this finds null or an empty string
     * @return the key
     */
    default AffinityKey or(AffinityKey other) {
        return new AffinityKeys.FirstOf(this, other);
    }
}
