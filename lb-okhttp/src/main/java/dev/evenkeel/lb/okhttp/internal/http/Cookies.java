package dev.evenkeel.lb.okhttp.internal.http;

import java.util.List;
import okhttp3.Cookie;
import okhttp3.CookieJar;
import okhttp3.Headers;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/**
 * Reads the cookies of a request as they will be sent. OkHttp adds those of the CookieJar beneath application
 * interceptors, and in place of the request's own {@code Cookie} header if the jar has any for the URL.
 */
public final class Cookies {
    private Cookies() {}

    /**
     * Checks the name of a cookie.
     *
     * @throws IllegalArgumentException if it cannot be one
     */
    public static void checkName(String name) {
        if (name.isEmpty() || !name.chars().allMatch(Cookies::isToken)) {
            throw new IllegalArgumentException("cookie name must be a token of RFC 6265: \"" + name + "\"");
        }
    }

    private static boolean isToken(int c) {
        return c > ' ' && c < 127 && "()<>@,;:\\\"/[]?={}".indexOf(c) < 0;
    }

    /** The value of the first cookie of this name that has not expired; null if there is none. */
    public static @Nullable String value(Request request, CookieJar jar, String name) {
        return value(request, jar, name, System.currentTimeMillis());
    }

    public static @Nullable String value(Request request, CookieJar jar, String name, long nowMillis) {
        List<Cookie> kept = jar.loadForRequest(request.url());
        if (kept.isEmpty()) {
            return ofHeader(request.headers(), name);
        }
        for (Cookie cookie : kept) {
            // A simple jar returns expired cookies, too.
            if (cookie.name().equals(name) && cookie.expiresAt() > nowMillis) {
                return cookie.value();
            }
        }
        return null;
    }

    private static @Nullable String ofHeader(Headers headers, String name) {
        for (int i = 0; i < headers.size(); i++) {
            if (headers.name(i).equalsIgnoreCase("Cookie")) {
                String value = ofPairs(headers.value(i), name);
                if (value != null) {
                    return value;
                }
            }
        }
        return null;
    }

    /** Parses RFC 6265 section 4.2.1, with any blanks. */
    private static @Nullable String ofPairs(String pairs, String name) {
        int start = 0;
        while (start < pairs.length()) {
            int semicolon = pairs.indexOf(';', start);
            int end = semicolon < 0 ? pairs.length() : semicolon;
            int equals = pairs.indexOf('=', start);
            if (equals >= 0
                    && equals < end
                    && pairs.substring(start, equals).strip().equals(name)) {
                return unquoted(pairs.substring(equals + 1, end).strip());
            }
            start = end + 1;
        }
        return null;
    }

    private static String unquoted(String value) {
        return value.length() > 1 && value.startsWith("\"") && value.endsWith("\"")
                ? value.substring(1, value.length() - 1)
                : value;
    }
}
