package dev.evenkeel.lb.okhttp.affinity;

import dev.evenkeel.lb.okhttp.internal.http.Cookies;
import org.jspecify.annotations.Nullable;

/**
 * A cookie that servers, or a balancer in front of them, set, and whose value names the backend: HAProxy's
 * {@code cookie}, Traefik's {@code sticky.cookie}, Tomcat's {@code jvmRoute}. Requests that carry it go to that
 * backend, as long as the cookie lives and the backend takes sessions. A value that names none of the pool's backends
 * binds nothing.
 *
 * @param name the cookie's name
 * @param naming what stands in the value
 * @param metadataKey which of a backend's metadata is its name in the cookie; null unless it is that
 * @param part which part of the value names the backend
 */
public record SessionCookie(
        String name, Naming naming, @Nullable String metadataKey, ValuePart part) {

    /** How a value names a backend. */
    public enum Naming {
        /** By its id. */
        ID,
        /** By one of its metadata, as HAProxy's {@code server … cookie s1}. */
        METADATA,
        /** By the first 16 hexadecimal digits of the SHA-256 of its URI, as Traefik 3 does. */
        URI_HASH
    }

    /** Which part of a value names the backend. */
    public enum ValuePart {
        /** All of it. */
        WHOLE,
        /** What is before the first {@code ~}, as in HAProxy's prefix mode. */
        BEFORE_TILDE,
        /** What is after the last dot, as Tomcat's {@code jvmRoute} has it. */
        AFTER_DOT
    }

    /**
     * Validates the components.
     *
     * @throws IllegalArgumentException if the name cannot be one of a cookie, or the key of the metadata is missing or
     *     too much
     */
    public SessionCookie {
        Cookies.checkName(name);
        if ((naming == Naming.METADATA) != (metadataKey != null)) {
            throw new IllegalArgumentException(
                    "session cookie must have a metadata key if, and only if, it names backends by metadata: "
                            + metadataKey);
        }
    }

    /**
     * A cookie whose value is a backend's id.
     *
     * @param name the cookie's name
     * @return the cookie
     * @throws IllegalArgumentException if it cannot be one
     */
    public static SessionCookie of(String name) {
        return new SessionCookie(name, Naming.ID, null, ValuePart.WHOLE);
    }

    /**
     * The same with names from metadata. Of two backends with one name the first is meant.
     *
     * @param key the key in a backend's metadata
     * @return a copy
     */
    public SessionCookie byMetadata(String key) {
        return new SessionCookie(name, Naming.METADATA, key, part);
    }

    /**
     * The same with hashes of URIs, such as of {@code http://10.0.0.1:8080}.
     *
     * @return a copy
     */
    public SessionCookie byUriHash() {
        return new SessionCookie(name, Naming.URI_HASH, null, part);
    }

    /**
     * The same with the name in a part of the value.
     *
     * @param which the part
     * @return a copy
     */
    public SessionCookie in(ValuePart which) {
        return new SessionCookie(name, naming, metadataKey, which);
    }
}
