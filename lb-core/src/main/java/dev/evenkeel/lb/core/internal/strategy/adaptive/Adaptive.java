package dev.evenkeel.lb.core.internal.strategy.adaptive;

import dev.evenkeel.lb.core.internal.strategy.slowstart.SlowStartPicker;
import dev.evenkeel.lb.core.internal.strategy.support.CoarseClock;
import dev.evenkeel.lb.core.internal.strategy.support.FailurePenalty;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import dev.evenkeel.lb.spi.Picker;
import dev.evenkeel.lb.spi.PickerContext;
import java.util.Random;

/**
 * The default strategy. Picks the candidate with the smallest cost
 *
 * <pre>(in flight / w + 0.95 + 0.05·S) · R · A · F · K · N</pre>
 *
 * or, if weights differ,
 *
 * <pre>(in flight / w + 0.5 + 0.5·S) · R · A · F · K · N</pre>
 *
 * where w is the weight relative to the pool's average, and R for the calls in flight is that which has not faded with time; a
 * tie goes to the candidate that was picked least recently. So calls in flight follow the weights under much load, and picks
 * follow the weights under little load. Each term has a file: {@link PickShareTerm S}, {@link LatencyFactor R}, {@link QueueAgeFactor A}, {@link FailurePenalty F},
 * {@link StrikePenalty K}, {@link FirstCallSpread N}. The cost was chosen by simulation: see RATIONALE.md and
 * {@code lb-examples/simulation}.
 */
public final class Adaptive implements LoadBalancingStrategy {

    public static final Adaptive INSTANCE = new Adaptive(false);

    /** Follows the requests in flight that backends report: see {@link ReportedLoadFactor}. */
    public static final Adaptive WITH_LOAD_REPORTS = new Adaptive(true);

    private final boolean followsReports;

    private Adaptive(boolean followsReports) {
        this.followsReports = followsReports;
    }

    @Override
    public Picker newPicker(PickerContext context) {
        return SlowStartPicker.of(context, Candidate::weight, this::picker);
    }

    private AdaptivePicker picker(PickerContext context) {
        AdaptivePicker previous = context.predecessor() instanceof AdaptivePicker before
                        && before.lookup().followsReports() == followsReports
                ? before
                : null;
        AdaptivePicker successor = previous == null ? null : previous.successor(context);
        if (successor != null) {
            return successor;
        }
        PickCounter turns = previous != null
                ? previous.turns()
                : new PickCounter(
                        context.random().nextInt(),
                        CoarseClock.of(context.timeSource().nanoTime()));
        AdaptiveStates lookup =
                previous != null ? previous.lookup() : AdaptiveStates.of(turns, context.random(), followsReports);
        Candidate[] shuffled = context.candidates().toArray(Candidate[]::new);
        // Every process scans in an order of its own: a fleet must not agree on who comes first.
        shuffle(shuffled, new Random(context.random().nextLong()));
        return AdaptivePicker.of(shuffled, turns, lookup, context.figures(), context.random());
    }

    private static void shuffle(Candidate[] candidates, Random random) {
        for (int i = candidates.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            Candidate swapped = candidates[i];
            candidates[i] = candidates[j];
            candidates[j] = swapped;
        }
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
        return "adaptive";
    }
}
