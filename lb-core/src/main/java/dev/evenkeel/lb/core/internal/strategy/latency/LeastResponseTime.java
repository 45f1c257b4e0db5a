package dev.evenkeel.lb.core.internal.strategy.latency;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PoolFigures;
import dev.evenkeel.lb.core.internal.strategy.load.FastFailurePenalty;
import dev.evenkeel.lb.core.internal.strategy.slowstart.CostPicker;
import dev.evenkeel.lb.core.internal.strategy.slowstart.SlowStartPicker;
import dev.evenkeel.lb.core.internal.strategy.support.CandidateListDiff;
import dev.evenkeel.lb.core.internal.strategy.support.Choices;
import dev.evenkeel.lb.core.internal.strategy.support.NormalAnswers;
import dev.evenkeel.lb.core.internal.strategy.support.RandomBits;
import dev.evenkeel.lb.core.internal.strategy.support.StratifiedSampler;
import dev.evenkeel.lb.core.internal.strategy.support.Weights;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import dev.evenkeel.lb.spi.PickRequest;
import dev.evenkeel.lb.spi.Picker;
import dev.evenkeel.lb.spi.PickerContext;
import java.util.Locale;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Picks the smallest {@linkplain PeakEwma latency} · (in flight + 1) · F / weight of d distinct random candidates,
 * where F is the penalty for {@linkplain FastFailurePenalty fast failures}.
 *
 * <p>It never compares all candidates: the one with the smallest average would get all traffic until its next sample,
 * and so each in turn would be overloaded (see RATIONALE.md). A tie goes to the candidate with fewer picks for its
 * weight, which counts as at most one round behind: a new backend, or one without calls because of its failures, has
 * nothing to catch up with.
 */
public final class LeastResponseTime implements LoadBalancingStrategy {

    /** Of how many candidates the mean latency is taken. */
    private static final int AVERAGED = 8;

    /** Beyond this penalty for fast failures a candidate is failing. */
    private static final double UNWELL = 3;

    private final int choices;

    public LeastResponseTime(int choices) {
        this.choices = Choices.check(choices);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof LeastResponseTime that && that.choices == choices;
    }

    @Override
    public int hashCode() {
        return choices;
    }

    @Override
    public Picker newPicker(PickerContext context) {
        return usesWeights()
                ? SlowStartPicker.of(context, Candidate::weight, own -> new Fastest(own, choices))
                : new Fastest(context, choices);
    }

    @Override
    public boolean avoidsFailures() {
        return true;
    }

    @Override
    public boolean usesWeights() {
        return choices > 1; // A single candidate needs no comparison.
    }

    @Override
    public String name() {
        return "leastResponseTime";
    }

    private static final class Fastest implements CostPicker {
        private final Candidate[] candidates;
        private final PeakEwma[] latencies;
        private final Weights weights;
        private final NormalAnswers answers;
        private final PoolFigures figures;
        private final RandomGenerator random;
        private final StratifiedSampler strata;
        private final StratifiedSampler averaged;

        Fastest(PickerContext context, int choices) {
            candidates = context.candidates().toArray(Candidate[]::new);
            int n = candidates.length;
            latencies = new PeakEwma[n];
            Fastest before = context.predecessor() instanceof Fastest previous ? previous : null;
            CandidateListDiff takeover =
                    CandidateListDiff.of(before == null ? null : before.candidates, context, candidates);
            if (before != null) {
                takeover.copy(before.latencies, latencies);
            }
            for (int i : takeover.changed()) {
                latencies[i] = PeakEwma.of(candidates[i]);
            }
            weights = takeover.weights(before == null ? null : before.weights, n, i -> candidates[i].weight());
            answers = before == null ? new NormalAnswers() : before.answers;
            figures = context.figures();
            random = context.random();
            strata = new StratifiedSampler(n, choices);
            averaged = new StratifiedSampler(n, AVERAGED);
        }

        @Override
        public @Nullable Candidate pick(PickRequest request) {
            long nowNanos = request.nowNanos();
            double poolLatencyNanos = figures.latencyNanos();
            long word = random.nextLong();
            int origin = RandomBits.below(word, candidates.length);
            int best = -1;
            double bestLoad = 0;
            int other = -1;
            double otherLoad = 0;
            for (int arc = 0; arc < strata.draws(); arc++) {
                word = RandomBits.next(word);
                int index = strata.draw(arc, origin, word);
                double load = load(index, poolLatencyNanos, nowNanos);
                if (isBetter(index, load, best, bestLoad) && request.accepts(candidates[index])) {
                    other = best;
                    otherLoad = bestLoad;
                    best = index;
                    bestLoad = load;
                } else {
                    other = index;
                    otherLoad = load;
                }
            }
            for (int i = 0; best < 0 && i < candidates.length; i++) {
                int index = origin + i < candidates.length ? origin + i : origin + i - candidates.length;
                best = request.accepts(candidates[index]) ? index : -1;
            }
            if (best < 0) {
                return null;
            }
            latencies[best].picked();
            if (other >= 0 && otherLoad * weights.get(best) == bestLoad * weights.get(other)) {
                latencies[best].keepUpWith(latencies[other], weights.get(best) / weights.get(other));
            }
            return candidates[best];
        }

        private double load(int index, double poolLatencyNanos, long nowNanos) {
            return latencies[index].nanos(poolLatencyNanos, nowNanos)
                    * (candidates[index].inFlight() + 1)
                    * latencies[index].penalty(figures, nowNanos);
        }

        /** Compares products, which are exact where quotients are not. */
        private boolean isBetter(int index, double load, int best, double bestLoad) {
            if (best < 0) {
                return true;
            }
            double ours = load * weights.get(best);
            double theirs = bestLoad * weights.get(index);
            return ours < theirs
                    || (ours == theirs
                            && latencies[index].picks() * weights.get(best)
                                    < latencies[best].picks() * weights.get(index));
        }

        /** Relative to the mean of a sample: a peak is above the median, and the more so the more samples it is of. */
        @Override
        public double relativeCost(Candidate candidate, long nowNanos) {
            double poolLatencyNanos = figures.latencyNanos();
            long word = random.nextLong();
            int origin = RandomBits.below(word, candidates.length);
            double sum = 0;
            for (int arc = 0; arc < averaged.draws(); arc++) {
                word = RandomBits.next(word);
                sum += latencies[averaged.draw(arc, origin, word)].nanos(poolLatencyNanos, nowNanos);
            }
            PeakEwma latency = PeakEwma.of(candidate);
            return latency.nanos(poolLatencyNanos, nowNanos)
                    * averaged.draws()
                    / sum
                    * latency.penalty(figures, nowNanos);
        }

        @Override
        public boolean isUnwell(Candidate picked, long nowNanos) {
            return PeakEwma.of(picked).penalty(figures, nowNanos) > UNWELL;
        }

        @Override
        public void completed(Candidate candidate, Outcome outcome, long latencyNanos, long nowNanos) {
            PeakEwma.of(candidate).completed(outcome, latencyNanos, figures, answers, nowNanos);
        }

        @Override
        public String explain(Candidate candidate, long nowNanos) {
            int inFlight = candidate.inFlight();
            PeakEwma latency = PeakEwma.of(candidate);
            double millis = latency.nanos(figures.latencyNanos(), nowNanos) / 1e6;
            double penalty = latency.penalty(figures, nowNanos);
            return String.format(
                    Locale.ROOT,
                    "load %.3g = %.3g ms x (%d in flight + 1) x %.2f failures / weight %.3g",
                    millis * (inFlight + 1) * penalty / candidate.weight(),
                    millis,
                    inFlight,
                    penalty,
                    candidate.weight());
        }
    }
}
