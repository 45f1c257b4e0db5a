package dev.evenkeel.lb.core.internal.strategy.hash;

import dev.evenkeel.lb.spi.Candidate;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Consistent hashing with bounded loads (Mirrokni, Thorup and Zadimoghaddam, 2016), with weights as HAProxy's
 * {@code hash-balance-factor}: the pool has factor · (calls in flight + 1) slots, distributed by weight, at least one
 * per candidate. A candidate with as many calls in flight as slots passes its keys on.
 */
public final class LoadBound {
    private final double factor;
    private final AtomicInteger inFlight;
    /** The cumulative shares of weight, each including its own candidate. */
    private final double[] sharesUpTo;

    private LoadBound(double factor, AtomicInteger inFlight, double[] sharesUpTo) {
        this.factor = factor;
        this.inFlight = inFlight;
        this.sharesUpTo = sharesUpTo;
    }

    /** A bound that continues the counts of the previous one. */
    public static LoadBound of(double factor, Candidate[] candidates, @Nullable LoadBound before) {
        double largest = 0;
        for (Candidate candidate : candidates) {
            largest = Math.max(largest, candidate.weight());
        }
        double[] shares = new double[candidates.length];
        double sum = 0;
        for (int i = 0; i < shares.length; i++) {
            sum += candidates[i].weight() / largest;
            shares[i] = sum;
        }
        for (int i = 0; i < shares.length; i++) {
            shares[i] /= sum;
        }
        return new LoadBound(factor, before == null ? new AtomicInteger() : before.inFlight, shares);
    }

    public static double check(double factor) {
        if (!(factor >= 1 && factor <= 1_000)) {
            throw new IllegalArgumentException(
                    "bounded load factor must be 1..1000: " + factor + "; usual are 1.25 to 2");
        }
        return factor;
    }

    public void started() {
        inFlight.getAndIncrement();
    }

    void completed() {
        inFlight.getAndDecrement();
    }

    boolean hasRoom(int index, Candidate candidate) {
        return candidate.inFlight() < slots(index);
    }

    /** The differences of rounded sums add up to all slots, so there is always a candidate with room. */
    public int slots(int index) {
        double all = Math.ceil(factor * (Math.max(0, inFlight.get()) + 1));
        double before = index == 0 ? 0 : Math.floor(all * sharesUpTo[index - 1]);
        return (int) Math.max(1, Math.floor(all * sharesUpTo[index]) - before);
    }
}
