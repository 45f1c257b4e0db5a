package dev.evenkeel.lb.okhttp.route;

import dev.evenkeel.lb.okhttp.internal.http.Preconditions;
import java.util.List;
import java.util.Locale;

/**
 * A condition of a route on one header, cookie or query parameter.
 *
 * @param part where to look
 * @param name the name; headers in any case, kept in lower case
 * @param test the test of its values
 */
public record RequestCondition(RequestPart part, String name, ValueMatcher test) {
    /** Where to look. */
    public enum RequestPart {
        /** The request's headers. Of a header that is there several times one value must pass. */
        HEADER,
        /**
         * The cookies that will be sent: the client's CookieJar's, or if it has none for the URL the Cookie header's.
         */
        COOKIE,
        /** The URL's query, decoded. A parameter without a value has the empty one. */
        QUERY
    }

    /**
     * Checks.
     *
     * @throws IllegalArgumentException if something is null, or the name cannot be one
     */
    public RequestCondition {
        Preconditions.notNull(part, "part");
        Preconditions.notNull(test, "test");
        name = switch (part) {
            case HEADER -> Preconditions.token(name, "header").toLowerCase(Locale.ROOT);
            case COOKIE -> Preconditions.token(name, "cookie");
            case QUERY -> Preconditions.notNull(name, "query parameter");
        };
    }

    boolean holds(MatchContext request) {
        List<String> values = switch (part) {
            case HEADER -> request.headers(name);
            case COOKIE -> request.cookies(name);
            case QUERY -> request.query(name);
        };
        return test.passes(values);
    }
}
