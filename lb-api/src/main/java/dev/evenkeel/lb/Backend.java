package dev.evenkeel.lb;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One replica of a service.
 *
 * <p>The id is the identity: health, counters and affinity are stored under it and survive every change of other
 * components. Unless given, it is {@code host:port} followed by the path prefix, if there is one.
 *
 * @param id unique in its pool, not blank, at most 255 characters, without control characters
 * @param uri where the replica listens: {@code http}, {@code https}, {@code tcp} or {@code udp}, a host, a port (80 and
 *     443 are the defaults of the first two schemes, the last two need one) and, for the first two, a path prefix
 * @param weight share of the traffic relative to the other backends, 1 to 65,535; default 1
 * @param priority failover tier, 0 (used first) to 127; default 0
 * @param zone where the replica runs; null if unknown
 * @param maxInFlight most calls at one time, at least 1; {@link Integer#MAX_VALUE} (the default) is no limit
 * @param metadata further properties of the replica, for subsets and for people; no control characters
 */
public record Backend(
        String id,
        URI uri,
        int weight,
        int priority,
        @Nullable String zone,
        int maxInFlight,
        Map<String, String> metadata) {

    /** The largest weight. */
    public static final int MAX_WEIGHT = 65_535;

    /** The last failover tier. */
    public static final int MAX_PRIORITY = 127;

    private static final int MAX_QUOTED = 300;

    public Backend {
        uri = checkedUri(uri);
        checkText("backend id", id, 255);
        checkWeight(weight);
        if (priority < 0 || priority > MAX_PRIORITY) {
            throw new IllegalArgumentException("priority must be 0..127: " + priority);
        }
        if (zone != null) {
            checkText("zone", zone, 255);
        }
        if (maxInFlight < 1) {
            throw new IllegalArgumentException("maxInFlight must be at least 1: " + maxInFlight);
        }
        metadata.forEach(Backend::checkMetadata);
        metadata = Map.copyOf(metadata);
    }

    /**
     * A backend with default settings.
     *
     * @param uri such as {@code http://10.0.0.1:8080}
     * @return a backend with weight 1 in tier 0
     * @throws IllegalArgumentException if the URI is not one of a backend
     */
    public static Backend of(String uri) {
        return builder(uri).build();
    }

    /**
     * Creates a builder of a backend.
     *
     * @param uri such as {@code http://10.0.0.1:8080}
     * @return a builder with default settings
     * @throws IllegalArgumentException if the URI is not one of a backend
     */
    public static Builder builder(String uri) {
        return new Builder(parse(uri));
    }

    /**
     * Creates a builder of a backend.
     *
     * @param uri as {@link #uri()} describes
     * @return a builder with default settings
     * @throws IllegalArgumentException if the URI is not one of a backend
     */
    public static Builder builder(URI uri) {
        return new Builder(checkedUri(uri));
    }

    /**
     * The host of the URI.
     *
     * @return a host name in lower case or an IP literal, the latter without brackets
     */
    public String host() {
        return Authority.of(uri).host();
    }

    /**
     * The port of the URI.
     *
     * @return 1 to 65,535; the scheme's default if the URI has none
     */
    public int port() {
        return Authority.of(uri).port();
    }

    /**
     * Whether the backend speaks TLS.
     *
     * @return true for {@code https}
     */
    public boolean isTls() {
        return uri.getScheme().equals("https");
    }

    /**
     * The path that is put before the path of every request.
     *
     * @return empty, or a path that starts with a slash and does not end with one
     */
    public String pathPrefix() {
        String path = uri.getRawPath();
        return path == null ? "" : path;
    }

    /**
     * The same backend with another weight.
     *
     * @param newWeight 1 to 65,535
     * @return a copy
     */
    public Backend withWeight(int newWeight) {
        return new Backend(id, uri, newWeight, priority, zone, maxInFlight, metadata);
    }

    /**
     * Checks a weight.
     *
     * @param weight the weight
     * @return the weight
     * @throws IllegalArgumentException unless it is 1 to 65,535
     */
    public static int checkWeight(int weight) {
        if (weight < 1 || weight > MAX_WEIGHT) {
            throw new IllegalArgumentException("weight must be 1..65535: " + weight
                    + (weight == 0 ? "; to send a backend nothing, drain it or put it into maintenance" : ""));
        }
        return weight;
    }

    private static URI parse(String uri) {
        try {
            return checkedUri(new URI(uri));
        } catch (URISyntaxException e) {
            // Without the exception's message, which quotes the whole text.
            throw new IllegalArgumentException("backend URI is malformed: " + quoted(uri) + " (" + e.getReason()
                    + "); write scheme://host:port, such as http://10.0.0.1:8080");
        }
    }

    private static URI checkedUri(URI uri) {
        String scheme = uri.getScheme();
        if (scheme == null || uri.isOpaque()) {
            throw new IllegalArgumentException(
                    "backend URI must have a scheme and a host, such as http://10.0.0.1:8080: " + quoted(uri));
        }
        String lowerScheme = scheme.toLowerCase(Locale.ROOT);
        switch (lowerScheme) {
            case "http", "https", "tcp", "udp" -> {}
            default ->
                throw new IllegalArgumentException("backend URI must have the scheme http, https, tcp or udp: "
                        + quoted(uri) + " has " + quoted(scheme));
        }
        // For a host name with an underscore, URI gives the user info in the authority only.
        boolean hasUserInfo =
                uri.getRawAuthority() != null && uri.getRawAuthority().indexOf('@') >= 0;
        if (hasUserInfo || uri.getRawQuery() != null || uri.getRawFragment() != null) {
            throw new IllegalArgumentException("backend URI must have no user info, query or fragment: " + quoted(uri));
        }
        Authority authority = Authority.of(uri);
        String path = uri.getRawPath() == null ? "" : uri.getRawPath();
        while (path.endsWith("/")) {
            path = path.substring(0, path.length() - 1);
        }
        if (!path.isEmpty() && !lowerScheme.startsWith("http")) {
            throw new IllegalArgumentException("backend URI of scheme " + lowerScheme + " must have no path: "
                    + quoted(uri) + "; write " + lowerScheme + "://" + authority);
        }
        return URI.create(lowerScheme + "://" + authority + path);
    }

    /**
     * A URI for a message: without possible secrets (user info, query, fragment), bounded in length, and on one line.
     */
    private static String quoted(Object uri) {
        String text = uri.toString();
        int at = text.lastIndexOf('@');
        if (at >= 0) {
            int slashes = text.indexOf("://");
            String scheme = slashes >= 0 && slashes < at ? text.substring(0, slashes + 3) : "";
            text = scheme + "…" + text.substring(at);
        }
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (i == MAX_QUOTED || (i > 0 && isQueryOrFragment(text.charAt(i - 1)))) {
                quoted.append('…');
                break;
            }
            quoted.append(isShown(c) ? c : '\uFFFD');
        }
        return quoted.append('"').toString();
    }

    private static boolean isQueryOrFragment(char c) {
        return c == '?' || c == '#';
    }

    private static boolean isShown(char c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }

    static void checkMetadata(String key, String value) {
        checkText("metadata key", key, 255);
        checkNoControl("metadata value of \"" + key + "\"", value, 4096);
    }

    private static void checkText(String what, String text, int maxLength) {
        if (text.isBlank()) {
            throw new IllegalArgumentException(what + " must not be blank: \"" + text + "\"");
        }
        checkNoControl(what, text, maxLength);
    }

    private static void checkNoControl(String what, String text, int maxLength) {
        if (text.length() > maxLength) {
            throw new IllegalArgumentException(
                    what + " must have at most " + maxLength + " characters: it has " + text.length());
        }
        for (int i = 0; i < text.length(); i++) {
            if (Character.isISOControl(text.charAt(i))) {
                throw new IllegalArgumentException(what + " must have no control characters: U+"
                        + String.format(Locale.ROOT, "%04X", (int) text.charAt(i)) + " at index " + i);
            }
        }
    }

    /** Builds a backend. Reusable; not thread-safe. */
    public static final class Builder {
        private URI uri;
        private @Nullable String id;
        private int weight = 1;
        private int priority;
        private @Nullable String zone;
        private int maxInFlight = Integer.MAX_VALUE;
        private final Map<String, String> metadata = new TreeMap<>();

        private Builder(URI uri) {
            this.uri = uri;
        }

        /**
         * Sets the id.
         *
         * @param id unique in its pool; default {@code host:port} and the path prefix
         * @return this
         */
        public Builder id(String id) {
            checkText("backend id", id, 255);
            this.id = id;
            return this;
        }

        /**
         * Sets the weight.
         *
         * @param weight 1 to 65,535; default 1
         * @return this
         */
        public Builder weight(int weight) {
            this.weight = checkWeight(weight);
            return this;
        }

        /**
         * Sets the failover tier.
         *
         * @param priority 0 (used first) to 127; default 0
         * @return this
         */
        public Builder priority(int priority) {
            if (priority < 0 || priority > MAX_PRIORITY) {
                throw new IllegalArgumentException("priority must be 0..127: " + priority);
            }
            this.priority = priority;
            return this;
        }

        /**
         * Sets the zone.
         *
         * @param zone where the replica runs
         * @return this
         */
        public Builder zone(String zone) {
            checkText("zone", zone, 255);
            this.zone = zone;
            return this;
        }

        /**
         * Limits the calls in flight.
         *
         * @param maxInFlight at least 1; default no limit
         * @return this
         */
        public Builder maxInFlight(int maxInFlight) {
            if (maxInFlight < 1) {
                throw new IllegalArgumentException("maxInFlight must be at least 1: " + maxInFlight);
            }
            this.maxInFlight = maxInFlight;
            return this;
        }

        /**
         * Adds one entry of metadata.
         *
         * @param key not blank
         * @param value may be empty
         * @return this
         */
        public Builder metadata(String key, String value) {
            checkMetadata(key, value);
            metadata.put(key, value);
            return this;
        }

        /**
         * Builds the backend.
         *
         * @return a backend with these settings
         */
        public Backend build() {
            String path = uri.getRawPath() == null ? "" : uri.getRawPath();
            String effectiveId = id != null ? id : Authority.of(uri).withPort() + path;
            return new Backend(effectiveId, uri, weight, priority, zone, maxInFlight, metadata);
        }
    }

    /** Host and port of a URI; {@link URI} itself returns neither for host names with an underscore. */
    private record Authority(String host, int explicitPort, int port) {
        static Authority of(URI uri) {
            String raw = uri.getRawAuthority();
            if (raw == null || raw.isEmpty()) {
                throw new IllegalArgumentException(
                        "backend URI must have a host, such as http://10.0.0.1:8080: " + quoted(uri));
            }
            String hostPort = raw.substring(raw.lastIndexOf('@') + 1);
            int colon = hostPort.lastIndexOf(':');
            boolean hasPort = colon > hostPort.lastIndexOf(']');
            String host = hasPort ? hostPort.substring(0, colon) : hostPort;
            if (host.startsWith("[") && host.endsWith("]")) {
                host = host.substring(1, host.length() - 1);
            }
            if (host.isEmpty() || (host.indexOf('%') >= 0 && host.indexOf(':') < 0)) {
                throw new IllegalArgumentException(
                        "backend URI must have a host, such as http://10.0.0.1:8080: " + quoted(uri));
            }
            int explicitPort = hasPort ? parsePort(hostPort.substring(colon + 1), uri) : -1;
            return new Authority(host.toLowerCase(Locale.ROOT), explicitPort, effectivePort(explicitPort, uri));
        }

        private static int parsePort(String text, URI uri) {
            int port = -1;
            if (!text.isEmpty() && text.length() <= 5 && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
                port = Integer.parseInt(text);
            }
            if (port < 1 || port > 65_535) {
                throw new IllegalArgumentException("backend URI must have a port of 1..65535: " + quoted(uri));
            }
            return port;
        }

        private static int effectivePort(int explicitPort, URI uri) {
            if (explicitPort != -1) {
                return explicitPort;
            }
            return switch (uri.getScheme().toLowerCase(Locale.ROOT)) {
                case "http" -> 80;
                case "https" -> 443;
                default ->
                    throw new IllegalArgumentException(
                            "backend URI of scheme " + uri.getScheme() + " must have a port: " + quoted(uri));
            };
        }

        String withPort() {
            return bracketed() + ":" + port;
        }

        @Override
        public String toString() {
            return explicitPort == -1 ? bracketed() : bracketed() + ":" + explicitPort;
        }

        private String bracketed() {
            return host.indexOf(':') >= 0 ? "[" + host + "]" : host;
        }
    }
}
