package dev.evenkeel.lb.okhttp.internal.http;

import dev.evenkeel.lb.Backend;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;

/** Rewrites URLs: from the logical one to the one on the wire, and back. */
public final class UrlRewriter {
    private UrlRewriter() {}

    /** Adds the backend's path prefix. */
    public static HttpUrl withPrefix(HttpUrl url, String prefix) {
        return prefix.isEmpty()
                ? url
                : url.newBuilder().encodedPath(prefix + url.encodedPath()).build();
    }

    /** The URL with the backend's scheme, host, port and path prefix; null if OkHttp takes the host for none. */
    public static @Nullable HttpUrl toBackend(HttpUrl url, Backend backend) {
        HttpUrl.Builder rewritten = url.newBuilder().port(backend.port());
        try {
            rewritten.host(backend.host());
        } catch (IllegalArgumentException e) {
            return null;
        }
        String scheme = backend.uri().getScheme();
        if (scheme.startsWith("http")) {
            rewritten.scheme(scheme);
        }
        return rewritten.encodedPath(backend.pathPrefix() + url.encodedPath()).build();
    }

    /** Whether a URL is one of the backend itself. */
    public static boolean isBackends(HttpUrl url, Backend backend) {
        return url.port() == backend.port() && url.host().equals(canonicalHost(backend));
    }

    /**
     * Returns the URL that the caller sees for a URL on the wire.
     *
     * @param wire a URL of the backend or of the logical host, after redirects perhaps
     * @param logical the URL that the caller asked for
     */
    public static HttpUrl toLogical(HttpUrl wire, HttpUrl logical, Backend backend) {
        String prefix = backend.pathPrefix();
        String path = wire.encodedPath();
        if (!prefix.isEmpty() && path.startsWith(prefix + "/")) {
            path = path.substring(prefix.length());
        }
        return wire.newBuilder()
                .scheme(logical.scheme())
                .host(logical.host())
                .port(logical.port())
                .encodedPath(path)
                .build();
    }

    private static String canonicalHost(Backend backend) {
        return new HttpUrl.Builder().scheme("http").host(backend.host()).build().host();
    }
}
