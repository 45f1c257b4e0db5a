package dev.evenkeel.lb.core.internal.backend;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.internal.stats.GradientLimit;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The summary of a backend that has left: the counts of its calls, its latency, its recent failures and its adaptive
 * limit. Breakers and ejections are not in it: a backend that joins again begins without them. Nor is what strategies
 * and detectors keep. {@linkplain #pack Packed} it takes most often fewer than 60 bytes, since a pool may remember
 * 10,000 of them.
 */
public final class BackendSummary {
    private static final Outcome[] OUTCOMES = Outcome.values();
    /** The time, the failure rate, and at most ten bytes for each other number. */
    private static final int MAX_BYTES = Long.BYTES + Float.BYTES + 10 * (OUTCOMES.length + 5);

    private static final int SEVEN_BITS = 0x7F;
    private static final int MORE = 0x80;

    private final ByteBuffer packed;

    final long leftNanos;
    final double failureRate;

    /** By the outcome's ordinal. */
    final long[] counts = new long[OUTCOMES.length];

    final int latencySamples;
    final double latencyNanos;
    final double latencyGapNanos;
    final long latencySampleNanos;

    /** 0 without an adaptive limit. */
    final int adaptiveLimit;

    /**
     * Unpacks a summary.
     *
     * @param summary the result of {@link #pack}
     */
    public BackendSummary(byte[] summary) {
        packed = ByteBuffer.wrap(summary);
        leftNanos = packed.getLong();
        failureRate = packed.getFloat();
        for (int i = 0; i < counts.length; i++) {
            counts[i] = next();
        }
        latencySamples = (int) next();
        latencyNanos = (double) next();
        latencyGapNanos = (double) next();
        latencySampleNanos = leftNanos - next();
        adaptiveLimit = (int) next();
    }

    private long next() {
        long number = 0;
        for (int shift = 0; ; shift += 7) {
            byte bits = packed.get();
            number |= (long) (bits & SEVEN_BITS) << shift;
            if (bits >= 0) {
                return number;
            }
        }
    }

    /**
     * Packs what is known of a backend.
     *
     * @param node its state
     * @param nowNanos when it left
     * @return its summary
     */
    public static byte[] pack(BackendState node, long nowNanos) {
        ByteBuffer bytes = ByteBuffer.allocate(MAX_BYTES).putLong(nowNanos);
        bytes.putFloat((float) node.failureRate(nowNanos));
        for (Outcome outcome : OUTCOMES) {
            put(bytes, node.counted(outcome));
        }
        int samples = node.latencySamples();
        put(bytes, samples);
        put(bytes, Math.round(node.latencyNanos()));
        put(bytes, Math.round(node.latencyGapNanos()));
        put(bytes, samples == 0 ? 0 : nowNanos - node.latencySampleNanos());
        GradientLimit limit = node.adaptiveLimit();
        put(bytes, limit == null ? 0 : limit.current());
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
     * @param summary the result of {@link #pack}
     * @return the time that was passed to it
     */
    public static long leftNanos(byte[] summary) {
        return ByteBuffer.wrap(summary).getLong();
    }
}
