package dev.evenkeel.lb.core.internal.strategy.load;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PoolFigures;
import dev.evenkeel.lb.core.internal.strategy.rotation.WeightedRotation;
import dev.evenkeel.lb.core.internal.strategy.slowstart.CostPicker;
import dev.evenkeel.lb.core.internal.strategy.slowstart.SlowStartPicker;
import dev.evenkeel.lb.core.internal.strategy.support.CallsInFlight;
import dev.evenkeel.lb.core.internal.strategy.support.CandidateListDiff;
import dev.evenkeel.lb.core.internal.strategy.support.RandomBits;
import dev.evenkeel.lb.core.internal.strategy.support.StratifiedSampler;
import dev.evenkeel.lb.core.internal.strategy.support.TurnCounter;
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
 * Picks the smallest (in flight + 1) · F / weight of all candidates up to 64, or of 8 distinct random ones beyond. F is
 * the penalty for recent {@linkplain FastFailurePenalty fast failures}: a backend that refuses at once would otherwise
 * look idle and attract all traffic.
 *
 * <p>With little load, {@code (in flight + 1) / weight} would send every call to the heaviest and none to a light
 * candidate. So candidates of uneven weights take turns by weight, and a candidate loses its
 * turn only if it has more than its share of all calls in flight, by weight, as one that is slow, or all but one turn in F
 * because of recent failures. Then the next one has its turn, so that the shares of the rest stay as their weights; after three lost turns the call
 * goes to the smallest of all, as above.
 *
 * <p>Ties are decided at random. The least recently used candidate would be the failing one that has just been freed
 * (see RATIONALE.md). Only when all candidates are equal do they take turns.
 */
public final class LeastConnections implements LoadBalancingStrategy {

    public static final LeastConnections PLAIN = new LeastConnections(false);
    public static final LeastConnections WEIGHTED = new LeastConnections(true);

    private static final int SCANNED = 64;
    private static final int SAMPLED = 8;
    /** After so many candidates in a row have lost their turn, the call goes to the smallest of all. */
    private static final int MAX_LOST_TURNS = 3;

    /** Beyond this penalty for fast failures a candidate is failing. */
    private static final double UNWELL = 3;

    private final boolean weighted;

    private LeastConnections(boolean weighted) {
        this.weighted = weighted;
    }

    @Override
    public Picker newPicker(PickerContext context) {
        return SlowStartPicker.of(
                context, candidate -> Weights.effective(candidate, weighted), own -> new Fewest(own, weighted));
    }

    @Override
    public boolean avoidsFailures() {
        return true;
    }

    @Override
    public boolean usesWeights() {
        return true;
    }

    @Override
    public String name() {
        return weighted ? "weightedLeastConnections" : "leastConnections";
    }

    private static final class Fewest implements CostPicker {
        private final Candidate[] candidates;
        private final FastFailurePenalty[] failures;
        private final Weights weights;
        private final PoolFigures figures;
        private final RandomGenerator random;
        private final @Nullable StratifiedSampler sample;
        /** For uneven weights; null if weights are even. */
        private final @Nullable WeightedRotation turns;

        private final double sumOfWeights;
        private final CallsInFlight inFlight;
        /** Where the next turn among equal candidates begins. Racing threads may take the same turn. */
        private final TurnCounter cursor;

        Fewest(PickerContext context, boolean weighted) {
            candidates = context.candidates().toArray(Candidate[]::new);
            int n = candidates.length;
            failures = new FastFailurePenalty[n];
            Fewest before = context.predecessor() instanceof Fewest previous ? previous : null;
            CandidateListDiff takeover =
                    CandidateListDiff.of(before == null ? null : before.candidates, context, candidates);
            if (before != null) {
                takeover.copy(before.failures, failures);
            }
            for (int i : takeover.changed()) {
                failures[i] = FastFailurePenalty.of(candidates[i]);
            }
            weights = takeover.weights(
                    before == null ? null : before.weights, n, i -> Weights.effective(candidates[i], weighted));
            figures = context.figures();
            random = context.random();
            sample = n > SCANNED ? new StratifiedSampler(n, SAMPLED) : null;
            cursor = before != null ? before.cursor : new TurnCounter(random.nextInt());
            sumOfWeights = weights.sum();
            inFlight = new CallsInFlight(candidates, random);
            turns = weights.areEven()
                    ? null
                    : WeightedRotation.of(candidates, weights, random, before == null ? null : before.turns, takeover);
        }

        @Override
        public @Nullable Candidate pick(PickRequest request) {
            for (int lost = 0; turns != null && lost < MAX_LOST_TURNS; lost++) {
                int turn = turns.pickIndex(request);
                if (turn < 0) {
                    return null;
                }
                if (keepsTurn(turn, request.nowNanos())) {
                    return candidates[turn];
                }
            }
            if (sample != null) {
                Candidate sampled = ofSample(request, sample);
                if (sampled != null) {
                    return sampled;
                }
            }
            return ofAll(request);
        }

        /**
         * Whether a candidate has no more than its share of the calls in flight, by weight. One whose share is less than a
         * call may have a second one: by chance, it often has one when its next turn comes. Of one with recent failures one
         * turn in F is kept, whatever its weight: to pass over it until F is small would pass over light ones for longer, since
         * they have fewer calls to show that they work.
         */
        private boolean keepsTurn(int index, long nowNanos) {
            double penalty = failures[index].penalty(figures, nowNanos);
            if (penalty > 1 && random.nextDouble() * penalty >= 1) {
                return false;
            }
            int calls = candidates[index].inFlight();
            if (calls == 0) {
                return true;
            }
            double share = inFlight.ofAll() * weights.get(index) / sumOfWeights;
            return calls < share + 1 / (1 + share);
        }

        private @Nullable Candidate ofSample(PickRequest request, StratifiedSampler strata) {
            long word = random.nextLong();
            int origin = RandomBits.below(word, candidates.length);
            Candidate best = null;
            double bestLoad = 0;
            double bestWeight = 1;
            for (int arc = 0; arc < strata.draws(); arc++) {
                word = RandomBits.next(word);
                int index = strata.draw(arc, origin, word);
                Candidate candidate = candidates[index];
                double load = load(index, request.nowNanos());
                // A product, which is exact where a quotient is not. The first of equal candidates is as random as any.
                if ((best == null || load * bestWeight < bestLoad * weights.get(index)) && request.accepts(candidate)) {
                    best = candidate;
                    bestLoad = load;
                    bestWeight = weights.get(index);
                }
            }
            return best;
        }

        /**
         * The least loaded of all. Of equal ones a random one, unless all are equal: then they take turns. Beyond the first
         * {@value #SCANNED} positions, where it only looks if the request accepts none of a sample, the first one.
         */
        private @Nullable Candidate ofAll(PickRequest request) {
            // Reads of volatile figures in the loop would make it read final fields again.
            Candidate[] from = candidates;
            int n = from.length;
            int first = Integer.remainderUnsigned((int) cursor.get(), n);
            int best = -1;
            int bestPosition = -1;
            double bestLoad = 0;
            double bestWeight = 1;
            long equals = 0;
            boolean allEqual = true;
            boolean allIdle = true;
            for (int i = 0; i < n; i++) {
                int index = first + i < n ? first + i : first + i - n;
                int inFlight = from[index].inFlight();
                double load = (inFlight + 1) * failures[index].penalty(figures, request.nowNanos());
                allIdle &= inFlight == 0;
                double ours = load * bestWeight;
                double theirs = bestLoad * weights.get(index);
                if (best >= 0 && ours > theirs) {
                    allEqual = false;
                } else if (request.accepts(from[index])) {
                    long position = i < SCANNED ? 1L << i : 0;
                    if (best < 0 || ours < theirs) {
                        allEqual &= best < 0;
                        best = index;
                        bestPosition = i;
                        bestLoad = load;
                        bestWeight = weights.get(index);
                        equals = position;
                    } else {
                        equals |= position;
                    }
                }
            }
            if (best < 0) {
                return null;
            }
            if (allEqual) {
                cursor.set(best + 1);
                return from[best];
            }
            int picked = (first + drawn(equals, bestPosition)) % n;
            if (allIdle) {
                // Turns continue after the pick: a fleet whose turns all stopped at the failed backend would go on in
                // step.
                cursor.set(picked + 1);
            }
            return from[picked];
        }

        /** The number of a bit that is set, drawn at random; the given one if at most one is set. */
        private int drawn(long bits, int single) {
            int count = Long.bitCount(bits);
            if (count <= 1) {
                return single;
            }
            long left = bits;
            for (int passed = RandomBits.below(random.nextLong(), count); passed > 0; passed--) {
                left &= left - 1;
            }
            return Long.numberOfTrailingZeros(left);
        }

        private double load(int index, long nowNanos) {
            return (candidates[index].inFlight() + 1) * failures[index].penalty(figures, nowNanos);
        }

        @Override
        public double relativeCost(Candidate candidate, long nowNanos) {
            return FastFailurePenalty.of(candidate).penalty(figures, nowNanos);
        }

        @Override
        public boolean isUnwell(Candidate picked, long nowNanos) {
            return relativeCost(picked, nowNanos) > UNWELL;
        }

        @Override
        public void completed(Candidate candidate, Outcome outcome, long latencyNanos, long nowNanos) {
            FastFailurePenalty.of(candidate).count(outcome, latencyNanos, figures.latencyNanos(), nowNanos);
        }

        @Override
        public String explain(Candidate candidate, long nowNanos) {
            int inFlight = candidate.inFlight();
            double penalty = FastFailurePenalty.of(candidate).penalty(figures, nowNanos);
            double weight = weightOf(candidate);
            return String.format(
                    Locale.ROOT,
                    "load %.3g = (%d in flight + 1) x %.2f failures / weight %.3g%s",
                    (inFlight + 1) * penalty / weight,
                    inFlight,
                    penalty,
                    weight,
                    turns != null ? "; turns by weight" : "");
        }

        private double weightOf(Candidate candidate) {
            for (int i = 0; i < candidates.length; i++) {
                if (candidates[i] == candidate) {
                    return weights.get(i);
                }
            }
            return candidate.weight();
        }
    }
}
