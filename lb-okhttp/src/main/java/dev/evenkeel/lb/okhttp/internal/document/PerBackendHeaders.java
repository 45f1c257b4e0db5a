package dev.evenkeel.lb.okhttp.internal.document;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.okhttp.connection.BackendCredentials;
import dev.evenkeel.lb.okhttp.route.HeaderEdit;
import java.util.HashMap;
import java.util.Map;
import okhttp3.Headers;

/** Credentials from a document: headers by the backend's id. */
final class PerBackendHeaders implements BackendCredentials {
    private static final Headers NONE = new Headers.Builder().build();

    private final Map<String, Headers> byBackend = new HashMap<>();

    /**
     * Checks them all.
     *
     * @throws IllegalArgumentException if a name or a value cannot be one of a header; values are not quoted
     */
    PerBackendHeaders(Map<String, Map<String, String>> headers) {
        headers.forEach((backend, all) -> {
            Headers.Builder own = new Headers.Builder();
            all.forEach((name, value) -> {
                HeaderEdit checked = HeaderEdit.set(name, value);
                own.set(checked.name(), value);
            });
            byBackend.put(backend, own.build());
        });
    }

    @Override
    public Headers of(Backend backend) {
        return byBackend.getOrDefault(backend.id(), NONE);
    }

    @Override
    public String toString() {
        return "credentials of " + byBackend.keySet();
    }
}
