package dev.evenkeel.lb;

import dev.evenkeel.lb.internal.BackendUri;
import java.net.URI;
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
 * @param id unique in its pool, not blank, at most 255 characters, without control characters and invisible ones, such as
 *     marks that turn text round
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

    public Backend {
        uri = BackendUri.checked(uri);
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
        return new Builder(BackendUri.parse(uri));
    }

    /**
     * Creates a builder of a backend.
     *
     * @param uri as {@link #uri()} describes
     * @return a builder with default settings
     * @throws IllegalArgumentException if the URI is not one of a backend
     */
    public static Builder builder(URI uri) {
        return new Builder(BackendUri.checked(uri));
    }

    /**
     * The host of the URI.
     *
     * @return a host name in lower case or an IP literal, the latter without brackets
     */
    public String host() {
        return BackendUri.host(uri);
    }

    /**
     * The port of the URI.
     *
     * @return 1 to 65,535; the scheme's default if the URI has none
     */
    public int port() {
        return BackendUri.port(uri);
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

    static void checkMetadata(String key, String value) {
        checkText("metadata key", key, 255);
        checkNoControl("metadata value of \"" + key + "\"", value, 4096);
    }

    private static void checkText(String what, String text, int maxLength) {
        if (text.isBlank()) {
            throw new IllegalArgumentException(what + " must not be blank: \"" + text + "\"");
        }
        checkNoControl(what, text, maxLength);
        for (int i = 0; i < text.length(); i++) {
            switch (Character.getType(text.charAt(i))) {
                case Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR ->
                    // Such as U+202E, which turns round the text behind it.
                    throw new IllegalArgumentException(
                            what + " must have no invisible characters: " + unicode(text, i));
                default -> {}
            }
        }
    }

    private static void checkNoControl(String what, String text, int maxLength) {
        if (text.length() > maxLength) {
            throw new IllegalArgumentException(
                    what + " must have at most " + maxLength + " characters: it has " + text.length());
        }
        for (int i = 0; i < text.length(); i++) {
            if (Character.isISOControl(text.charAt(i))) {
                throw new IllegalArgumentException(what + " must have no control characters: " + unicode(text, i));
            }
        }
    }

    private static String unicode(String text, int index) {
        return String.format(Locale.ROOT, "U+%04X at index %d", (int) text.charAt(index), index);
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
            String effectiveId = id != null ? id : BackendUri.hostAndPort(uri) + path;
            return new Backend(effectiveId, uri, weight, priority, zone, maxInFlight, metadata);
        }
    }
}
