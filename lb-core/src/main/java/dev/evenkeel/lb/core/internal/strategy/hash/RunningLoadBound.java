package dev.evenkeel.lb.core.internal.strategy.hash;

import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.PickRequest;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The bound of more than 64 candidates. It keeps the sum of the calls in flight that were last read of each candidate. Each
 * pick that needs the bound reads 32 candidates again, and each that it compares, so a sum is as old as n / 32 such picks.
 * Candidates that are not available are left out. A candidate that one call has tried is not: among so many it does not
 * matter.
 */
final class RunningLoadBound extends LoadBound {
    static final int READ_AT_ONCE = 32;
    private static final long WHOLE = 1L << 50;
    private static final int OUT = -1;

    /** Each candidate's share of weight, of {@link #WHOLE}. */
    private final long[] weights;

    /** The calls in flight when a candidate was last read, or {@link #OUT} if it was not available. */
    private final AtomicIntegerArray seen;
    /** The sum of what was seen. Each change of a number there is added here, so that no race leaves a difference. */
    private final AtomicLong calls = new AtomicLong();
    /** The share of weight of the candidates that are not out, of {@link #WHOLE}. */
    private final AtomicLong available = new AtomicLong();
    /** The next one to be read. Racing threads may read the same ones. */
    private int cursor;

    RunningLoadBound(double factor, Candidate[] candidates) {
        super(factor, candidates);
        int n = candidates.length;
        double[] relative = relativeWeights(candidates);
        double sum = Arrays.stream(relative).sum();
        weights = Arrays.stream(relative)
                .mapToLong(weight -> (long) (WHOLE * weight / sum))
                .toArray();
        seen = new AtomicIntegerArray(n);
        for (int i = 0; i < n; i++) {
            seen.set(i, OUT);
            read(i);
        }
    }

    private void read(int index) {
        Candidate candidate = candidates[index];
        int now = candidate.isAvailable() ? candidate.inFlight() : OUT;
        if (seen.get(index) == now) {
            return;
        }
        int before = seen.getAndSet(index, now);
        calls.addAndGet(Math.max(0, now) - Math.max(0, before));
        if (before == OUT && now != OUT) {
            available.addAndGet(weights[index]);
        } else if (before != OUT && now == OUT) {
            available.addAndGet(-weights[index]);
        }
    }

    @Override
    long accepted(@Nullable PickRequest request) {
        int index = cursor;
        for (int i = 0; i < READ_AT_ONCE; i++) {
            read(index);
            index = index + 1 < candidates.length ? index + 1 : 0;
        }
        cursor = index;
        return 0;
    }

    @Override
    long inFlight(long accepted) {
        return Math.max(0, calls.get());
    }

    @Override
    int slots(int index, long accepted, double all) {
        read(index);
        return slots(all, (double) weights[index] / Math.max(1, available.get()));
    }
}
