package dev.evenkeel.lb.okhttp.internal.discovery.registry;

import okhttp3.Credentials;
import okhttp3.HttpUrl;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/**
 * A server of a registry.
 *
 * @param url without user info, query and fragment, with a path that ends with a slash
 * @param authorization the header made from the URL's user info; null if it had none
 */
public record RegistryServer(HttpUrl url, @Nullable String authorization) {

    public static RegistryServer of(String given) {
        HttpUrl url = HttpUrl.parse(given);
        if (url == null || url.query() != null || url.fragment() != null) {
            // Not quoted: it may have a password.
            throw new IllegalArgumentException(
                    "a registry's URL must be one of http or https without query and fragment,"
                            + " such as http://127.0.0.1:8500");
        }
        String authorization = url.username().isEmpty() ? null : Credentials.basic(url.username(), url.password());
        HttpUrl.Builder bare = url.newBuilder().username("").password("");
        if (!url.encodedPath().endsWith("/")) {
            bare.addPathSegment("");
        }
        return new RegistryServer(bare.build(), authorization);
    }

    /** The URL of a path below this server's own. */
    public HttpUrl.Builder path(String relative) {
        return url.newBuilder().addPathSegments(relative);
    }

    public Request.Builder request(HttpUrl target) {
        Request.Builder request = new Request.Builder().url(target).header("Accept", "application/json");
        if (authorization != null) {
            request.header("Authorization", authorization);
        }
        return request;
    }

    /** Without the authorization. */
    @Override
    public String toString() {
        return url.toString();
    }
}
