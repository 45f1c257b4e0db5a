package dev.evenkeel.lb.core.internal.strategy.load;

import dev.evenkeel.lb.core.internal.strategy.rotation.AliasTable;
import dev.evenkeel.lb.core.internal.strategy.slowstart.CostPicker;
import dev.evenkeel.lb.core.internal.strategy.slowstart.SlowStartPicker;
import dev.evenkeel.lb.core.internal.strategy.support.CandidateListDiff;
import dev.evenkeel.lb.core.internal.strategy.support.Choices;
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
 * Picks the smaller (in flight + 1) / weight of two random candidates (Mitzenmacher 2001), or of d. They are distinct:
 * drawn with replacement, one hung backend of two would be its own alternative a quarter of the time. The first draw
 * wins a tie.
 */
public final class PowerOfTwo implements LoadBalancingStrategy {

    private final int choices;

    /** The maximum of draws by weight; then the next accepted candidate is taken in turn. */
    private static final int MAX_DRAWS = 4;

    public PowerOfTwo(int choices) {
        this.choices = Choices.check(choices);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PowerOfTwo that && that.choices == choices;
    }

    @Override
    public int hashCode() {
        return choices;
    }

    @Override
    public Picker newPicker(PickerContext context) {
        return usesWeights()
                ? SlowStartPicker.of(context, Candidate::weight, own -> new BestOf(own, choices))
                : new BestOf(context, choices);
    }

    @Override
    public boolean usesWeights() {
        return choices > 1; // A single candidate needs no comparison.
    }

    @Override
    public String name() {
        return "powerOfTwo";
    }

    private static final class BestOf implements CostPicker {
        private final Candidate[] candidates;
        private final Weights weights;
        private final RandomGenerator random;
        private final StratifiedSampler strata;
        private final boolean ofTwo;
        /** For candidates of different weights. */
        private final AliasTable byWeight;

        BestOf(PickerContext context, int choices) {
            candidates = context.candidates().toArray(Candidate[]::new);
            BestOf before = context.predecessor() instanceof BestOf previous ? previous : null;
            weights = CandidateListDiff.of(before == null ? null : before.candidates, context, candidates)
                    .weights(before == null ? null : before.weights, candidates.length, i -> candidates[i].weight());
            random = context.random();
            strata = new StratifiedSampler(candidates.length, choices);
            ofTwo = strata.draws() == 2;
            byWeight = new AliasTable(weights);
        }

        @Override
        public @Nullable Candidate pick(PickRequest request) {
            return weights.areEven() ? ofAlike(request) : ofWeighted(request);
        }

        /**
         * Draws by weight, as nginx's {@code random two} does. The second draw wins only with fewer calls in flight for
         * its weight, so that shares follow the weights under little load.
         */
        private @Nullable Candidate ofWeighted(PickRequest request) {
            int best = acceptedByWeight(request, -1);
            for (int draw = 1; draw < strata.draws() && best >= 0; draw++) {
                int other = acceptedByWeight(request, best);
                if (other >= 0 && isLess(other, best)) {
                    best = other;
                }
            }
            return best < 0 ? null : candidates[best];
        }

        /**
         * A draw by weight among the candidates that the request accepts; -1 if it accepts none except the excluded
         * one.
         */
        private int acceptedByWeight(PickRequest request, int except) {
            for (int i = 0; i < MAX_DRAWS; i++) {
                int index = byWeight.draw(random);
                if (index != except && request.accepts(candidates[index])) {
                    return index;
                }
            }
            return accepted(request, RandomBits.below(random.nextLong(), candidates.length), except);
        }

        private @Nullable Candidate ofAlike(PickRequest request) {
            long word = random.nextLong();
            int n = candidates.length;
            int one = RandomBits.below(word, n);
            if (!ofTwo) {
                return ofSome(request, word, one);
            }
            int two = one + 1 + RandomBits.belowByLower(word, n - 1);
            if (two >= n) {
                two -= n;
            }
            Candidate first = candidates[one];
            Candidate second = candidates[two];
            if (request.accepts(first) && request.accepts(second)) {
                return isLess(two, one) ? second : first;
            }
            return amongAccepted(request, one, two);
        }

        private @Nullable Candidate amongAccepted(PickRequest request, int origin, int other) {
            int one = accepted(request, origin, -1);
            if (one < 0) {
                return null;
            }
            int two = accepted(request, other, one);
            return two < 0 || !isLess(two, one) ? candidates[one] : candidates[two];
        }

        /**
         * The drawn candidate, or the next one that the request accepts; -1 if it accepts none except the excluded one.
         */
        private int accepted(PickRequest request, int draw, int except) {
            int index = draw;
            do {
                if (index != except && request.accepts(candidates[index])) {
                    return index;
                }
                index = index + 1 < candidates.length ? index + 1 : 0;
            } while (index != draw);
            return -1;
        }

        private @Nullable Candidate ofSome(PickRequest request, long seed, int origin) {
            long word = seed;
            int best = -1;
            for (int arc = 0; arc < strata.draws(); arc++) {
                word = RandomBits.next(word);
                int index = strata.draw(arc, origin, word);
                if ((best < 0 || isLess(index, best)) && request.accepts(candidates[index])) {
                    best = index;
                }
            }
            if (best < 0) {
                best = accepted(request, origin, -1);
            }
            return best < 0 ? null : candidates[best];
        }

        private boolean isLess(int index, int than) {
            if (weights.areEven()) {
                return candidates[index].inFlight() < candidates[than].inFlight();
            }
            return candidates[index].inFlight() * weights.get(than) < candidates[than].inFlight() * weights.get(index);
        }

        @Override
        public String explain(Candidate candidate, long nowNanos) {
            int inFlight = candidate.inFlight();
            return String.format(
                    Locale.ROOT,
                    "load %.3g = %d in flight / weight %.3g",
                    inFlight / candidate.weight(),
                    inFlight,
                    candidate.weight());
        }
    }
}
