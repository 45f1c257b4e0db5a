package dev.evenkeel.lb.okhttp.route;

import java.util.ArrayList;
import java.util.List;
import okhttp3.Cookie;
import okhttp3.CookieJar;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/**
 * A request while it is matched: computes costly values on first use, at most once.
 */
final class MatchContext {
    private final Request request;
    private final CookieJar jar;
    private final String host;
    private final String path;
    private @Nullable List<Cookie> jarCookies;

    MatchContext(Request request, CookieJar jar) {
        this.request = request;
        this.jar = jar;
        this.host = HostPattern.withoutDot(request.url().host());
        this.path = Paths.normal(request.url().encodedPath());
    }

    Request request() {
        return request;
    }

    /** Without a dot at its end. */
    String host() {
        return host;
    }

    /** In normal form. */
    String path() {
        return path;
    }

    String method() {
        return request.method();
    }

    List<String> headers(String name) {
        return request.headers(name);
    }

    List<String> query(String name) {
        List<String> values = new ArrayList<>();
        for (String value : request.url().queryParameterValues(name)) {
            values.add(value == null ? "" : value);
        }
        return values;
    }

    List<String> cookies(String name) {
        List<Cookie> kept = jarCookies;
        if (kept == null) {
            kept = jar.loadForRequest(request.url());
            jarCookies = kept;
        }
        List<String> values = new ArrayList<>();
        for (Cookie cookie : kept) {
            if (cookie.name().equals(name)) {
                values.add(cookie.value());
            }
        }
        if (kept.isEmpty()) {
            for (String header : request.headers("Cookie")) {
                addFromHeader(header, name, values);
            }
        }
        return values;
    }

    /** RFC 6265 section 4.2.1. */
    private static void addFromHeader(String header, String name, List<String> values) {
        for (String pair : header.split(";", -1)) {
            int equals = pair.indexOf('=');
            if (equals >= 0 && pair.substring(0, equals).strip().equals(name)) {
                values.add(pair.substring(equals + 1).strip());
            }
        }
    }
}
