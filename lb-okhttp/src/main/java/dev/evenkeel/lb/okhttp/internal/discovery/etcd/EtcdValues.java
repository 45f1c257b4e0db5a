package dev.evenkeel.lb.okhttp.internal.discovery.etcd;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.InstanceList;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.MalformedAnswerException;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The keys under a prefix and what their values say. Bounded in number and size: a watch without an end brings new keys
 * without an end. Used by one thread.
 */
final class EtcdValues {
    /** A backend with all its metadata has some hundred bytes. */
    static final int MAX_VALUE_BYTES = 64 << 10;
    /** As much as a list may have. */
    private static final long MAX_BYTES = 128L << 20;

    private final TreeMap<String, Value> byKey = new TreeMap<>();
    private long bytes;

    /**
     * The value of a key.
     *
     * @param backend null if it is none
     * @param fault why it is none
     * @param bytes of key and value
     */
    record Value(@Nullable Backend backend, String fault, int bytes) {}

    @Nullable
    Value get(String key) {
        return byKey.get(key);
    }

    /** Puts a value. One that equals the present value leaves that object, so that it does not count as a change. */
    void put(String key, Value value) throws MalformedAnswerException {
        Value before = byKey.get(key);
        if (value.equals(before)) {
            return;
        }
        bytes += value.bytes - (before == null ? 0 : before.bytes);
        if (bytes > MAX_BYTES) {
            throw new MalformedAnswerException("keys and values must have at most " + MAX_BYTES + " bytes in all");
        }
        byKey.put(key, value);
        InstanceList.checkCount(byKey.size());
    }

    void remove(String key) {
        Value before = byKey.remove(key);
        bytes -= before == null ? 0 : before.bytes;
    }

    InstanceList listing() throws MalformedAnswerException {
        InstanceList.Builder listing = new InstanceList.Builder();
        for (Value value : byKey.values()) {
            if (value.backend == null) {
                listing.skip(value.fault);
            } else {
                listing.add(value.backend);
            }
        }
        return listing.build();
    }
}
