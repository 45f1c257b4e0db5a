package dev.evenkeel.lb.okhttp.internal.document;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.okhttp.connection.BackendCredentials;
import dev.evenkeel.lb.okhttp.route.HeaderEdit;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import okhttp3.Headers;

/**
 * Credentials from a document: headers by the backend's id, or by its origin, such as {@code https://10.0.0.1:8443}.
 * Those of an origin are given to backends of this scheme, host and port only, whatever their id.
 */
final class PerBackendHeaders implements BackendCredentials {
    private static final Headers NONE = new Headers.Builder().build();

    private final Map<String, Headers> byId = new HashMap<>();
    private final Map<String, Headers> byOrigin = new HashMap<>();

    /**
     * Checks them all.
     *
     * @throws IllegalArgumentException if a name or a value cannot be one of a header, or an origin is none; values are
     *     not quoted
     */
    PerBackendHeaders(Map<String, Map<String, String>> headers) {
        headers.forEach((backend, all) -> {
            Headers.Builder own = new Headers.Builder();
            all.forEach((name, value) -> {
                HeaderEdit checked = HeaderEdit.set(name, value);
                own.set(checked.name(), value);
            });
            if (backend.contains("://")) {
                byOrigin.put(checkedOrigin(backend), own.build());
            } else {
                byId.put(backend, own.build());
            }
        });
    }

    private static String checkedOrigin(String text) {
        Backend backend = Backend.of(text);
        if (!backend.pathPrefix().isEmpty()) {
            throw new IllegalArgumentException("an origin must be a scheme, a host and a port alone: \"" + text + "\"");
        }
        return origin(backend);
    }

    private static String origin(Backend backend) {
        String host = backend.host();
        return backend.uri().getScheme() + "://" + (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":"
                + backend.port();
    }

    @Override
    public Headers of(Backend backend) {
        Headers ofOrigin = byOrigin.isEmpty() ? null : byOrigin.get(origin(backend));
        return ofOrigin != null ? ofOrigin : byId.getOrDefault(backend.id(), NONE);
    }

    @Override
    public String toString() {
        Set<String> all = new TreeSet<>(byId.keySet());
        all.addAll(byOrigin.keySet());
        return "credentials of " + all;
    }
}
