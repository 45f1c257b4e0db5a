package dev.evenkeel.lb.okhttp;

import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/**
 * Finds in a request the key that ties it to a backend: requests with one key go to one backend under
 * {@code consistentHash}, as long as the backend is there. Other strategies do not look at it.
 *
 * <p>Asked once a call, on the calling thread; must be cheap. If it throws, the call fails with an IOException that says so.
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
     * The value of a request header.
     *
     * @param name the header's name, in any case; of several the last counts, as in {@link Request#header}
     * @return the key
     */
    static AffinityKey header(String name) {
        return request -> request.header(name);
    }

    /**
     * The value of a parameter of the URL's query.
     *
     * @param name the parameter's name; of several the first counts
     * @return the key
     */
    static AffinityKey query(String name) {
        return request -> request.url().queryParameter(name);
    }

    /**
     * The path of the URL, without the query, as nginx's {@code hash $uri} and HAProxy's {@code balance uri} have it.
     *
     * @return the key
     */
    static AffinityKey path() {
        return request -> request.url().encodedPath();
    }

    /**
     * The {@link String} that the application put into the request with {@code Request.Builder.tag(type, value)}, by its
     * {@code toString}.
     *
     * @param type the tag's type
     * @return the key
     */
    static AffinityKey tag(Class<?> type) {
        return request -> {
            Object tag = request.tag(type);
            return tag == null ? null : tag.toString();
        };
    }

    /**
     * This key, or another one if the request does not have it.
     *
     * @param other asked if this finds null or an empty string
     * @return the key
     */
    default AffinityKey or(AffinityKey other) {
        return request -> {
            String key = of(request);
            return key == null || key.isEmpty() ? other.of(request) : key;
        };
    }
}
