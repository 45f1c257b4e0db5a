package dev.evenkeel.lb.core.internal.strategy.load;

import dev.evenkeel.lb.core.internal.strategy.rotation.AliasTable;
import dev.evenkeel.lb.core.internal.strategy.slowstart.CostPicker;
import dev.evenkeel.lb.core.internal.strategy.slowstart.SlowStartPicker;
import dev.evenkeel.lb.core.internal.strategy.support.CandidateListDiff;
import dev.evenkeel.lb.core.internal.strategy.support.Choices;
import dev.evenkeel.lb.core.internal.strategy.support.RandomBits;
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
 *
 * <p>The order of the list does not matter: no draw depends on it, also if it replaces a candidate that the request does
 * not accept. The next one in the list would get the calls of such a candidate beside its own.
 */
public final class PowerOfTwo implements LoadBalancingStrategy {

    /** Of a longer list, no more than this many are compared. */
    private static final int MAX_SAMPLED = 32;
    /** The number of candidates, or of groups of them, that one word of bits tells apart. */
    private static final int BITS = 64;
    /** How many draws each choice has before all candidates are looked at. */
    private static final int DRAWS_PER_CHOICE = 4;

    private final int choices;

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
        private final int choices;
        /** For candidates of different weights. */
        private final AliasTable byWeight;

        BestOf(PickerContext context, int choices) {
            candidates = context.candidates().toArray(Candidate[]::new);
            BestOf before = context.predecessor() instanceof BestOf previous ? previous : null;
            weights = CandidateListDiff.of(before == null ? null : before.candidates, context, candidates)
                    .weights(before == null ? null : before.weights, candidates.length, i -> candidates[i].weight());
            random = context.random();
            int n = candidates.length;
            this.choices = n <= BITS ? Math.min(choices, n) : Math.min(choices, MAX_SAMPLED);
            byWeight = new AliasTable(weights);
        }

        @Override
        public @Nullable Candidate pick(PickRequest request) {
            if (choices == 2 && weights.areEven()) {
                long word = random.nextLong();
                int n = candidates.length;
                int one = RandomBits.below(word, n);
                int two = one + 1 + RandomBits.belowByLower(word, n - 1);
                two = two < n ? two : two - n;
                if (request.accepts(candidates[one]) && request.accepts(candidates[two])) {
                    return candidates[isLess(two, one) ? two : one];
                }
            }
            return choices == candidates.length ? ofAll(request) : ofSome(request);
        }

        /** Compares all candidates; of equal ones each is picked in proportion to its weight. */
        private @Nullable Candidate ofAll(PickRequest request) {
            int best = -1;
            double sum = 0;
            for (int i = 0; i < candidates.length; i++) {
                if ((best >= 0 && isLess(best, i)) || !request.accepts(candidates[i])) {
                    continue;
                }
                sum = best < 0 || isLess(i, best) ? weights.get(i) : sum + weights.get(i);
                if (sum == weights.get(i) || random.nextDouble() * sum < weights.get(i)) {
                    best = i;
                }
            }
            return best < 0 ? null : candidates[best];
        }

        /**
         * Compares distinct candidates that the request accepts, drawn by weight as nginx's {@code random two} does. A later
         * draw wins only with fewer calls in flight for its weight, so that shares follow the weights under little load.
         */
        private @Nullable Candidate ofSome(PickRequest request) {
            int salt = (int) random.nextLong();
            long drawn = 0;
            int best = -1;
            int left = choices;
            for (int draw = DRAWS_PER_CHOICE * choices; left > 0 && draw > 0; draw--) {
                int index = byWeight.draw(random);
                if ((drawn & bit(index, salt)) == 0 && request.accepts(candidates[index])) {
                    drawn |= bit(index, salt);
                    best = best < 0 || isLess(index, best) ? index : best;
                    left--;
                }
            }
            // Most are drawn already, not accepted, or light. A long list is searched only if no draw has met any.
            while (left > 0 && (best < 0 || candidates.length <= BITS)) {
                int index = amongRest(request, drawn, salt);
                if (index < 0) {
                    break;
                }
                drawn |= bit(index, salt);
                best = best < 0 || isLess(index, best) ? index : best;
                left--;
            }
            return best < 0 ? null : candidates[best];
        }

        /**
         * The bit of a drawn candidate. In a long list several candidates share one, other ones in each pick: two of them
         * are not compared with each other.
         */
        private long bit(int index, int salt) {
            if (candidates.length <= BITS) {
                return 1L << index;
            }
            // The last steps of MurmurHash3: neighbours are as likely to share a bit as any.
            int hash = (index ^ salt) * 0x85EBCA6B;
            hash = (hash ^ (hash >>> 13)) * 0xC2B2AE35;
            return 1L << (hash >>> 26);
        }

        /** A draw by weight from all candidates that are accepted and not drawn yet; -1 if there are none. */
        private int amongRest(PickRequest request, long drawn, int salt) {
            int index = -1;
            double sum = 0;
            for (int i = 0; i < candidates.length; i++) {
                if ((drawn & bit(i, salt)) == 0 && request.accepts(candidates[i])) {
                    sum += weights.get(i);
                    if (index < 0 || random.nextDouble() * sum < weights.get(i)) {
                        index = i;
                    }
                }
            }
            return index;
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
