package dev.evenkeel.lb.core.internal.strategy.latency;

import static java.util.Objects.requireNonNull;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.internal.strategy.rotation.WeightedRotation;
import dev.evenkeel.lb.core.internal.strategy.slowstart.SlowStartPicker;
import dev.evenkeel.lb.core.internal.strategy.support.CandidateListDiff;
import dev.evenkeel.lb.core.internal.strategy.support.RefreshGuard;
import dev.evenkeel.lb.core.internal.strategy.support.WeightedReservoir;
import dev.evenkeel.lb.core.internal.strategy.support.Weights;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.CandidateChange;
import dev.evenkeel.lb.spi.PickRequest;
import dev.evenkeel.lb.spi.Picker;
import dev.evenkeel.lb.spi.PickerContext;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Picker of {@link LatencyTiers}: a weighted rotation over the fastest tier, which is recalculated at intervals.
 *
 * <p>A candidate without a latency belongs to the tier. A candidate outside of it gets one call each 10 s, which shows
 * whether it has become fast; after a fast answer the next call comes after 1 s. After three answers in a row that are fast
 * enough it belongs to the tier, as in Azure Front Door, which goes by the last few probes: its median would need some
 * forty of them.
 */
final class LatencyTierPicker implements Picker {
    private static final long STALE_NANOS = 10_000_000_000L;
    /** Between two trials of a candidate whose last answer was fast enough. */
    private static final long HOPEFUL_NANOS = 1_000_000_000L;

    private static final int FAST_ANSWERS = 3;

    private final long sensitivityNanos;
    private final Candidate[] candidates;
    /** By candidate, whether it is in slow start; null if none is, or if all are. */
    private final boolean @Nullable [] ramping;

    private final Weights weights;
    private final RandomGenerator random;
    private final RefreshGuard renewal;
    private final AtomicReference<@Nullable Candidate> trial = new AtomicReference<>();
    private volatile FastTier tier;

    LatencyTierPicker(long sensitivityNanos, PickerContext context) {
        LatencyTierPicker before = context.predecessor() instanceof LatencyTierPicker previous ? previous : null;
        this.sensitivityNanos = sensitivityNanos;
        this.candidates = context.candidates().toArray(Candidate[]::new);
        this.ramping = SlowStartPicker.ramping(context, before != null && before.ramping != null);
        CandidateListDiff takeover =
                CandidateListDiff.of(before == null ? null : before.candidates, context, candidates);
        this.weights = takeover.weights(
                before == null ? null : before.weights, candidates.length, i -> candidates[i].weight());
        this.random = context.random();
        long nowNanos = context.timeSource().nanoTime();
        this.renewal = RefreshGuard.of(candidates.length, nowNanos, before == null ? null : before.renewal);
        this.tier = before != null && takeover.isKnown()
                ? tier(before.tier, takeover, requireNonNull(context.changes()))
                : tier(before == null ? null : before.tier);
    }

    @Override
    public @Nullable Candidate pick(PickRequest request) {
        long nowNanos = request.nowNanos();
        if (renewal.isDue(nowNanos)) {
            tier = tier(tier);
            trial.set(stale(nowNanos));
        }
        Candidate tried = trial.get();
        if (tried != null && trial.compareAndSet(tried, null) && request.accepts(tried)) {
            return tried;
        }
        Candidate candidate = tier.rotation.pick(request);
        return candidate != null ? candidate : fromNextTier(request);
    }

    @Override
    public void completed(Candidate candidate, Outcome outcome, long latencyNanos, long nowNanos) {
        double limit = tier.limit;
        boolean counts = outcome == Outcome.SUCCESS || outcome == Outcome.TIMED_OUT;
        if (counts && candidate.latencyNanos() > limit) {
            candidate.state(Trial.class, Trial::new).ended(outcome == Outcome.SUCCESS && latencyNanos <= limit);
        }
    }

    private static boolean isFast(Candidate candidate, double limit) {
        return candidate.latencyNanos() <= limit
                || candidate.state(Trial.class, Trial::new).fastAnswers() >= FAST_ANSWERS;
    }

    @Override
    public String explain(Candidate candidate, long nowNanos) {
        return String.format(Locale.ROOT, "%.1f ms, tier up to %.1f ms", candidate.latencyNanos() / 1e6, limit() / 1e6);
    }

    private FastTier tier(@Nullable FastTier before) {
        double limit = limit();
        boolean[] fast = new boolean[candidates.length];
        int size = 0;
        for (int i = 0; i < fast.length; i++) {
            fast[i] = isFast(candidates[i], limit);
            size += fast[i] ? 1 : 0;
        }
        return tier(limit, fast, size, before, null);
    }

    /** The next tier after some candidates have changed, with the same limit. */
    private FastTier tier(FastTier before, CandidateListDiff takeover, List<CandidateChange> changes) {
        if (before.fast == null && areFast(takeover.changed(), before.limit)) {
            WeightedRotation rotation = WeightedRotation.of(candidates, weights, random, before.rotation, takeover);
            return new FastTier(before.limit, null, rotation);
        }
        boolean[] fast = new boolean[candidates.length];
        if (before.fast == null) {
            Arrays.fill(fast, true);
        } else {
            takeover.copy(before.fast, fast);
        }
        for (int i : takeover.changed()) {
            fast[i] = isFast(candidates[i], before.limit);
        }
        int size = 0;
        for (boolean in : fast) {
            size += in ? 1 : 0;
        }
        return tier(before.limit, fast, size, before, changes);
    }

    private boolean areFast(int[] places, double limit) {
        for (int i : places) {
            if (!isFast(candidates[i], limit)) {
                return false;
            }
        }
        return true;
    }

    private FastTier tier(
            double limit,
            boolean[] fast,
            int size,
            @Nullable FastTier before,
            @Nullable List<CandidateChange> changes) {
        Candidate[] members = candidates;
        Weights memberWeights = weights;
        if (size > 0 && size < candidates.length) {
            members = new Candidate[size];
            double[] each = new double[size];
            int next = 0;
            for (int i = 0; i < fast.length; i++) {
                if (fast[i]) {
                    members[next] = candidates[i];
                    each[next++] = weights.get(i);
                }
            }
            memberWeights = Weights.of(each);
        }
        CandidateListDiff takeover = before == null || changes == null
                ? CandidateListDiff.none(members)
                : CandidateListDiff.of(
                        before.rotation.candidates, within(changes, before.rotation.candidates, members), members);
        return new FastTier(
                limit,
                size == candidates.length ? null : fast,
                WeightedRotation.of(members, memberWeights, random, before == null ? null : before.rotation, takeover));
    }

    /** The changes of the whole list, reduced to a part of it. */
    private static List<CandidateChange> within(List<CandidateChange> changes, Candidate[] before, Candidate[] after) {
        return changes.stream()
                .map(change -> new CandidateChange(
                        change.candidate(),
                        holds(before, change.candidate()) ? change.weightBefore() : 0,
                        holds(after, change.candidate()) ? change.weight() : 0))
                .filter(change -> !change.joins() || !change.leaves())
                .toList();
    }

    @SuppressWarnings("ReferenceEquality") // Searches by reference, without loading each candidate.
    private static boolean holds(Candidate[] candidates, Candidate wanted) {
        for (Candidate candidate : candidates) {
            if (candidate == wanted) {
                return true;
            }
        }
        return false;
    }

    /**
     * The highest latency of the tier. A candidate without a sample has latency 0 and does not count. Neither does one in
     * slow start: a quick one would be a tier of its own, and get all calls instead of its part.
     */
    private double limit() {
        double fastest = Double.POSITIVE_INFINITY;
        for (int i = 0; i < candidates.length; i++) {
            double latency = ramping != null && ramping[i] ? 0 : candidates[i].latencyNanos();
            if (latency > 0 && latency < fastest) {
                fastest = latency;
            }
        }
        return fastest + sensitivityNanos;
    }

    /** Picks when the whole tier is full or tried: the fastest of the remaining candidates form another tier. */
    private @Nullable Candidate fromNextTier(PickRequest request) {
        double fastest = Double.POSITIVE_INFINITY;
        for (Candidate candidate : candidates) {
            if (request.accepts(candidate)) {
                fastest = Math.min(fastest, candidate.latencyNanos());
            }
        }
        double slowest = fastest + sensitivityNanos;
        int drawn = WeightedReservoir.draw(
                candidates,
                weights,
                candidate -> candidate.latencyNanos() <= slowest && request.accepts(candidate),
                random);
        if (drawn < 0) {
            // None is accepted, or the statistics have just changed.
            drawn = WeightedReservoir.draw(candidates, weights, request, random);
        }
        return drawn < 0 ? null : candidates[drawn];
    }

    /** A candidate outside of the tier that has had no sample for long. */
    private @Nullable Candidate stale(long nowNanos) {
        double limit = limit();
        for (Candidate candidate : candidates) {
            if (!isFast(candidate, limit)
                    && candidate.state(Trial.class, Trial::new).begins(candidate.latencySampleNanos(), nowNanos)) {
                return candidate;
            }
        }
        return null;
    }

    /** The candidates up to a latency, or all if none is that fast. */
    private static final class FastTier {
        private final double limit;
        /** By candidate, whether it belongs to the tier; null if all do. */
        private final boolean @Nullable [] fast;

        private final WeightedRotation rotation;

        FastTier(double limit, boolean @Nullable [] fast, WeightedRotation rotation) {
            this.limit = limit;
            this.fast = fast;
            this.rotation = rotation;
        }
    }

    /** When a candidate outside of the tier was last tried, and what it answered. */
    private static final class Trial {
        private volatile boolean tried;
        private volatile long lastNanos;
        /** The number of the latest answers in a row that were fast enough. Of racing threads one answer may be lost. */
        private volatile int fastAnswers;

        int fastAnswers() {
            return fastAnswers;
        }

        void ended(boolean fast) {
            int before = fastAnswers;
            fastAnswers = fast ? Math.min(FAST_ANSWERS, before + 1) : 0;
        }

        boolean begins(long sampleNanos, long nowNanos) {
            long waitNanos = fastAnswers > 0 ? HOPEFUL_NANOS : STALE_NANOS;
            if (nowNanos - sampleNanos <= waitNanos || (tried && nowNanos - lastNanos <= waitNanos)) {
                return false;
            }
            lastNanos = nowNanos;
            tried = true;
            return true;
        }
    }
}
