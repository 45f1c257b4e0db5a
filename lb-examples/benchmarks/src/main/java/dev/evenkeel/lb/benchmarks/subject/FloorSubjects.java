package dev.evenkeel.lb.benchmarks.subject;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The least code for each algorithm, without health, limits, exclusion or exactly-once: what a pick
 * costs before a load balancer is made of it.
 */
final class FloorSubjects {
    /** Integers of one 128-byte stride: two cache lines, since neighbours are fetched in pairs. */
    private static final int INTS_PER_STRIDE = 32;

    private static final int LONGS_PER_STRIDE = 16;

    private FloorSubjects() {}

    static String[] names(int n) {
        String[] names = new String[n];
        for (int i = 0; i < n; i++) {
            names[i] = Backends.host(i);
        }
        return names;
    }

    /** An AtomicInteger and a remainder. */
    static Subject rotation(int n) {
        String[] names = names(n);
        AtomicInteger counter = new AtomicInteger(ThreadLocalRandom.current().nextInt());
        return requests -> names[Integer.remainderUnsigned(counter.getAndIncrement(), n)];
    }

    /** The same over a list in which each backend stands as often as it weighs. */
    static Subject expandedRotation(int n) {
        int total = 0;
        for (int i = 0; i < n; i++) {
            total += Backends.weight(i);
        }
        String[] names = names(n);
        String[] expanded = new String[total];
        int at = 0;
        for (int i = 0; i < n; i++) {
            for (int k = 0; k < Backends.weight(i); k++) {
                expanded[at++] = names[i];
            }
        }
        AtomicInteger counter = new AtomicInteger(ThreadLocalRandom.current().nextInt());
        return requests -> expanded[Integer.remainderUnsigned(counter.getAndIncrement(), expanded.length)];
    }

    /** One draw. */
    static Subject random(int n) {
        String[] names = names(n);
        return requests -> names[ThreadLocalRandom.current().nextInt(n)];
    }

    /** The string's own hash, which it remembers, and a remainder: moves nearly every key when a backend leaves. */
    static Subject modulo(int n) {
        String[] names = names(n);
        return requests ->
                names[Integer.remainderUnsigned(requests.next().affinityKey().hashCode(), n)];
    }

    /** Two distinct draws, the one with fewer in flight. */
    static Subject bestOfTwo(int n) {
        String[] names = names(n);
        AtomicIntegerArray inFlight = new AtomicIntegerArray(n * INTS_PER_STRIDE);
        return requests -> names[lesser(inFlight, n)];
    }

    /** The same, counting the call in and out. */
    static Subject bestOfTwoCounted(int n) {
        String[] names = names(n);
        AtomicIntegerArray inFlight = new AtomicIntegerArray(n * INTS_PER_STRIDE);
        return requests -> {
            int chosen = lesser(inFlight, n);
            inFlight.getAndIncrement(chosen * INTS_PER_STRIDE);
            inFlight.getAndDecrement(chosen * INTS_PER_STRIDE);
            return names[chosen];
        };
    }

    private static int lesser(AtomicIntegerArray inFlight, int n) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        int one = random.nextInt(n);
        int other = random.nextInt(n - 1);
        if (other >= one) {
            other++;
        }
        return inFlight.get(one * INTS_PER_STRIDE) <= inFlight.get(other * INTS_PER_STRIDE) ? one : other;
    }

    /**
     * Peak EWMA of two, as Finagle defines it, with its two readings of the clock: a worse latency counts at once, a better
     * one decays over 10 s; times what is in flight.
     */
    static Subject peakEwmaOfTwo(int n) {
        String[] names = names(n);
        AtomicIntegerArray inFlight = new AtomicIntegerArray(n * INTS_PER_STRIDE);
        AtomicLongArray figures = new AtomicLongArray(n * LONGS_PER_STRIDE);
        return requests -> {
            long start = System.nanoTime();
            ThreadLocalRandom random = ThreadLocalRandom.current();
            int one = random.nextInt(n);
            int other = random.nextInt(n - 1);
            if (other >= one) {
                other++;
            }
            int chosen = cost(figures, inFlight, one) <= cost(figures, inFlight, other) ? one : other;
            inFlight.getAndIncrement(chosen * INTS_PER_STRIDE);
            long end = System.nanoTime();
            double before = Double.longBitsToDouble(figures.getOpaque(chosen * LONGS_PER_STRIDE));
            double latency = end - start;
            if (latency < before) {
                double keep = Math.exp((figures.getOpaque(chosen * LONGS_PER_STRIDE + 1) - end) / 10e9);
                latency = before * keep + latency * (1 - keep);
            }
            figures.setOpaque(chosen * LONGS_PER_STRIDE, Double.doubleToRawLongBits(latency));
            figures.setOpaque(chosen * LONGS_PER_STRIDE + 1, end);
            inFlight.getAndDecrement(chosen * INTS_PER_STRIDE);
            return names[chosen];
        };
    }

    private static double cost(AtomicLongArray figures, AtomicIntegerArray inFlight, int index) {
        return Double.longBitsToDouble(figures.getOpaque(index * LONGS_PER_STRIDE))
                * (1 + inFlight.get(index * INTS_PER_STRIDE));
    }
}
