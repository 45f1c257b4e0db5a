package dev.evenkeel.lb;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The backends of a pool whose {@linkplain Backend#metadata metadata} have certain values, such as {@code version=2}.
 * They may have further metadata.
 *
 * <p>Immutable, and cheap to look up: create one and use it for many requests.
 */
public final class Subset {
    /** The maximum number of entries of a subset. */
    public static final int MAX_ENTRIES = 16;

    private final Map<String, String> metadata;
    private final int hash;

    private Subset(Map<String, String> metadata) {
        if (metadata.isEmpty() || metadata.size() > MAX_ENTRIES) {
            throw new IllegalArgumentException("subset must have 1.." + MAX_ENTRIES + " entries: " + metadata);
        }
        metadata.forEach(Backend::checkMetadata);
        this.metadata = Map.copyOf(metadata);
        this.hash = this.metadata.hashCode();
    }

    /**
     * A subset by one value.
     *
     * @param key the key in a backend's metadata
     * @param value the value that it must have
     * @return a subset
     * @throws IllegalArgumentException if no backend could have that metadata
     */
    public static Subset of(String key, String value) {
        return of(Map.of(key, value));
    }

    /**
     * A subset by several values, all of which a backend must have.
     *
     * @param metadata 1 to {@value #MAX_ENTRIES} entries
     * @return a subset
     * @throws IllegalArgumentException if there are none or too many, or no backend could have them
     */
    public static Subset of(Map<String, String> metadata) {
        return new Subset(metadata);
    }

    /**
     * This subset with one more value, which replaces the present one for the key.
     *
     * @param key the key in a backend's metadata
     * @param value the value that it must have
     * @return a subset
     * @throws IllegalArgumentException if no backend could have that metadata, or there are too many
     */
    public Subset and(String key, String value) {
        Map<String, String> more = new TreeMap<>(metadata);
        more.put(key, value);
        return new Subset(more);
    }

    /**
     * The metadata that a backend must have.
     *
     * @return immutable, at least one entry
     */
    public Map<String, String> metadata() {
        return metadata;
    }

    /**
     * Whether a backend belongs to it.
     *
     * @param backend the backend
     * @return true if its metadata have all the values
     */
    public boolean matches(Backend backend) {
        Map<String, String> present = backend.metadata();
        for (Map.Entry<String, String> wanted : metadata.entrySet()) {
            if (!wanted.getValue().equals(present.get(wanted.getKey()))) {
                return false;
            }
        }
        return true;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other
                || (other instanceof Subset subset && hash == subset.hash && metadata.equals(subset.metadata));
    }

    @Override
    public int hashCode() {
        return hash;
    }

    /**
     * The entries for people, sorted by key.
     *
     * @return such as {@code stage=canary, version=2}
     */
    @Override
    public String toString() {
        String map = new TreeMap<>(metadata).toString();
        return map.substring(1, map.length() - 1);
    }
}
