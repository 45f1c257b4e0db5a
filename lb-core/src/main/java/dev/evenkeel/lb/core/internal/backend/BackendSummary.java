package dev.evenkeel.lb.core.internal.backend;

import dev.evenkeel.lb.Outcome;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The summary of a backend that has left: the counts of its calls, ejections and openings, its latency, its recent
 * failures and its adaptive limit. Breakers and ejections themselves are not in it: a backend that joins again begins
 * without them. Nor is what strategies
 * and detectors keep. {@linkplain #pack Packed} it takes most often fewer than 60 bytes, since a pool may remember
 * 10,000 of them.
 */
public final class BackendSummary {
    private static final Outcome[] OUTCOMES = Outcome.values();

    /** Of a backend without calls. */
    static final BackendSummary NONE =
            new BackendSummary(0, 0, new long[OUTCOMES.length], Incidents.NONE, 0, 0, 0, 0, 0, 0);

    /** The time, the failure rate, and at most ten bytes for each other number. */
    private static final int MAX_BYTES = Long.BYTES + Float.BYTES + 10 * (OUTCOMES.length + 9);

    private static final int SEVEN_BITS = 0x7F;
    private static final int MORE = 0x80;

    final long leftNanos;
    final double failureRate;
    /** By the outcome's ordinal. */
    private final long[] counts;

    final Incidents incidents;

    final int latencySamples;
    final double latencyNanos;
    final double latencyP99Nanos;
    final double latencyGapNanos;
    final long latencySampleNanos;
    /** 0 without an adaptive limit. */
    final int adaptiveLimit;

    /** How many of its calls were retries, how often it was ejected, and how often its breaker opened. */
    public record Incidents(long retries, int ejections, int openings) {
        static final Incidents NONE = new Incidents(0, 0, 0);
    }

    /**
     * Sums up a backend.
     *
     * @param leftNanos when it left
     * @param failureRate its share of failures then
     * @param counts its calls, by the outcome's ordinal
     * @param incidents its retries, ejections and openings
     * @param latencySamples the number of samples of its latency
     * @param latencyNanos their median
     * @param latencyP99Nanos their 99th percentile
     * @param latencyGapNanos the usual time between two samples
     * @param latencySampleNanos when the last one was recorded
     * @param adaptiveLimit its adaptive limit; 0 without one
     */
    public BackendSummary(
            long leftNanos,
            double failureRate,
            long[] counts,
            Incidents incidents,
            int latencySamples,
            double latencyNanos,
            double latencyP99Nanos,
            double latencyGapNanos,
            long latencySampleNanos,
            int adaptiveLimit) {
        this.leftNanos = leftNanos;
        this.failureRate = failureRate;
        this.counts = counts.clone();
        this.incidents = incidents;
        this.latencySamples = latencySamples;
        this.latencyNanos = latencyNanos;
        this.latencyP99Nanos = latencyP99Nanos;
        this.latencyGapNanos = latencyGapNanos;
        this.latencySampleNanos = latencySampleNanos;
        this.adaptiveLimit = adaptiveLimit;
    }

    /**
     * Unpacks a summary.
     *
     * @param packed the result of {@link #pack}
     * @return what was packed, in whole nanoseconds
     */
    public static BackendSummary unpack(byte[] packed) {
        ByteBuffer bytes = ByteBuffer.wrap(packed);
        long left = bytes.getLong();
        float failures = bytes.getFloat();
        long[] calls = new long[OUTCOMES.length];
        for (int i = 0; i < calls.length; i++) {
            calls[i] = next(bytes);
        }
        Incidents incidents = new Incidents(next(bytes), (int) next(bytes), (int) next(bytes));
        int samples = (int) next(bytes);
        double latency = (double) next(bytes);
        double p99 = (double) next(bytes);
        double gap = (double) next(bytes);
        long sampled = left - next(bytes);
        return new BackendSummary(
                left, failures, calls, incidents, samples, latency, p99, gap, sampled, (int) next(bytes));
    }

    private static long next(ByteBuffer bytes) {
        long number = 0;
        for (int shift = 0; ; shift += 7) {
            byte bits = bytes.get();
            number |= (long) (bits & SEVEN_BITS) << shift;
            if (bits >= 0) {
                return number;
            }
        }
    }

    /** Packs the summary into few bytes. */
    public byte[] pack() {
        ByteBuffer bytes = ByteBuffer.allocate(MAX_BYTES).putLong(leftNanos).putFloat((float) failureRate);
        for (long calls : counts) {
            put(bytes, calls);
        }
        put(bytes, incidents.retries());
        put(bytes, incidents.ejections());
        put(bytes, incidents.openings());
        put(bytes, latencySamples);
        put(bytes, Math.round(latencyNanos));
        put(bytes, Math.round(latencyP99Nanos));
        put(bytes, Math.round(latencyGapNanos));
        put(bytes, latencySamples == 0 ? 0 : leftNanos - latencySampleNanos);
        put(bytes, adaptiveLimit);
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    /** Seven bits a byte, the lowest first. */
    private static void put(ByteBuffer bytes, long number) {
        long left = number;
        while ((left & ~SEVEN_BITS) != 0) {
            bytes.put((byte) ((left & SEVEN_BITS) | MORE));
            left >>>= 7;
        }
        bytes.put((byte) left);
    }

    /**
     * When the backend left, without unpacking the rest.
     *
     * @param packed the result of {@link #pack}
     * @return its time
     */
    public static long leftNanos(byte[] packed) {
        return ByteBuffer.wrap(packed).getLong();
    }

    /** The calls that ended so. */
    @SuppressWarnings("EnumOrdinal") // Only in memory.
    long counted(Outcome outcome) {
        return counts[outcome.ordinal()];
    }

    /** Whether a call ended otherwise than as a success, or was a retry. */
    boolean hasCountedMore() {
        return incidents.retries() > 0 || Arrays.stream(counts).sum() > counted(Outcome.SUCCESS);
    }
}
