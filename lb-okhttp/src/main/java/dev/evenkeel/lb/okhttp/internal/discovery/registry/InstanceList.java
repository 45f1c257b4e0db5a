package dev.evenkeel.lb.okhttp.internal.discovery.registry;

import dev.evenkeel.lb.Backend;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The list of a registry: its backends, each id once, and the entries that were left out.
 *
 * @param backends in the registry's order
 * @param skipped entries that could not be read
 * @param fault what is wrong with the first of these; empty if there is none
 */
public record InstanceList(List<Backend> backends, int skipped, String fault) {
    /** More entries than any service has: a mistake. */
    static final int MAX_ENTRIES = 100_000;

    /** Collects entries; of those with one id the first stays. */
    public static final class Builder {
        private final Map<String, Backend> backends = new LinkedHashMap<>();
        private int skipped;
        private String fault = "";

        public void add(Backend backend) throws MalformedAnswerException {
            backends.putIfAbsent(backend.id(), backend);
            checkCount(backends.size());
        }

        public void skip(String what) {
            if (skipped == 0) {
                fault = Messages.quoted(what);
            }
            skipped++;
        }

        public InstanceList build() {
            return new InstanceList(List.copyOf(backends.values()), skipped, fault);
        }
    }

    public static void checkCount(int entries) throws MalformedAnswerException {
        if (entries > MAX_ENTRIES) {
            throw new MalformedAnswerException("a list must have at most " + MAX_ENTRIES + " entries");
        }
    }
}
