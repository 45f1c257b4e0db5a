package dev.evenkeel.lb.core.strategy;

import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import dev.evenkeel.lb.spi.PickRequest;
import dev.evenkeel.lb.spi.Picker;
import dev.evenkeel.lb.spi.PickerContext;
import java.util.Locale;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The smaller (in flight + 1) / weight of two random candidates (Mitzenmacher 2001), or of d. They are distinct: drawn with
 * replacement, one hung backend in two would be its own alternative a quarter of the time. The first draw wins a tie.
 */
final class PowerOfTwo implements LoadBalancingStrategy {

    private final int choices;

    PowerOfTwo(int choices) {
        this.choices = Choices.check(choices);
    }

    @Override
    public Picker newPicker(PickerContext context) {
        return new BestOf(context, choices);
    }

    @Override
    public boolean usesWeights() {
        return choices > 1; // One has nothing to be compared with.
    }

    @Override
    public String name() {
        return "powerOfTwo";
    }

    private static final class BestOf implements Picker {
        private final Candidate[] candidates;
        private final double[] weights;
        private final RandomGenerator random;
        private final Strata strata;

        BestOf(PickerContext context, int choices) {
            candidates = context.candidates().toArray(Candidate[]::new);
            weights = new double[candidates.length];
            for (int i = 0; i < weights.length; i++) {
                weights[i] = candidates[i].weight();
            }
            random = context.random();
            strata = new Strata(candidates.length, choices);
        }

        @Override
        public @Nullable Candidate pick(PickRequest request) {
            long word = random.nextLong();
            int n = candidates.length;
            int origin = Draw.below(word, n);
            if (strata.draws() != 2) {
                return ofSome(request, word, origin);
            }
            int other = origin + 1 + Draw.below(Draw.next(word), n - 1);
            int one = accepted(request, origin, -1);
            int two = one < 0 ? -1 : accepted(request, other < n ? other : other - n, one);
            if (one < 0) {
                return null;
            }
            return two < 0 || !isLess(two, one) ? candidates[one] : candidates[two];
        }

        /** The draw, or the next one that the request accepts; -1 if it accepts none but the one excepted. */
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
                word = Draw.next(word);
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
            return (candidates[index].inFlight() + 1) * weights[than]
                    < (candidates[than].inFlight() + 1) * weights[index];
        }

        @Override
        public String explain(Candidate candidate, long nowNanos) {
            int inFlight = candidate.inFlight();
            return String.format(
                    Locale.ROOT,
                    "load %.3g = (%d in flight + 1) / weight %.3g",
                    (inFlight + 1) / candidate.weight(),
                    inFlight,
                    candidate.weight());
        }
    }
}
