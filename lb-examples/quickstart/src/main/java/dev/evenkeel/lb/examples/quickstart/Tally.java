package dev.evenkeel.lb.examples.quickstart;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** What the caller saw: the other side of the pool's own figures. */
final class Tally {
    /** Reasons can have anything in their text. */
    private static final int MAX_REASONS = 20;

    private final LongAdder sent = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final Map<String, LongAdder> answersByBackend = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> answersByProtocol = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> failuresByReason = new ConcurrentHashMap<>();

    void sent() {
        sent.increment();
    }

    void answered(String backend, String protocol) {
        count(answersByBackend, backend);
        count(answersByProtocol, protocol);
    }

    void failed(String reason) {
        failed.increment();
        boolean known = failuresByReason.containsKey(reason) || failuresByReason.size() < MAX_REASONS;
        count(failuresByReason, known ? reason : "other reasons");
    }

    long calls() {
        return sent.sum();
    }

    long failures() {
        return failed.sum();
    }

    Map<String, Long> answersByBackend() {
        return sums(answersByBackend);
    }

    Map<String, Long> answersByProtocol() {
        return sums(answersByProtocol);
    }

    Map<String, Long> failuresByReason() {
        return sums(failuresByReason);
    }

    private static void count(Map<String, LongAdder> counts, String key) {
        counts.computeIfAbsent(key, k -> new LongAdder()).increment();
    }

    private static Map<String, Long> sums(Map<String, LongAdder> counts) {
        Map<String, Long> sums = new TreeMap<>();
        counts.forEach((key, count) -> sums.put(key, count.sum()));
        return sums;
    }
}
