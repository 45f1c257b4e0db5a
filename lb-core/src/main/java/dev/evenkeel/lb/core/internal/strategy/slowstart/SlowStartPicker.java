package dev.evenkeel.lb.core.internal.strategy.slowstart;

import dev.evenkeel.lb.LoadReport;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.internal.strategy.rotation.WeightedRotation;
import dev.evenkeel.lb.core.internal.strategy.support.CandidateListDiff;
import dev.evenkeel.lb.core.internal.strategy.support.Weights;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.CandidateChange;
import dev.evenkeel.lb.spi.PickRequest;
import dev.evenkeel.lb.spi.Picker;
import dev.evenkeel.lb.spi.PickerContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Picks while candidates are in slow start, for a strategy that compares costs.
 *
 * <p>The part of a ramp is a part of the calls, and a factor of a cost does not give that: where the best cost gets all,
 * it means all calls or none. So all candidates take turns by weight, which for a candidate in slow start is the reached
 * part. In its turn such a candidate gets the call, unless it is clearly slower, failing, or behind with its calls. All
 * other calls are for the strategy's own picker, which knows the candidates without slow start only. What that picker
 * thinks of a newcomer therefore cannot give the newcomer more than its share.
 *
 * <p>Beyond their share, candidates in slow start get calls only if no other candidate can take them, or if the best of
 * the other candidates is failing or hanging.
 */
public final class SlowStartPicker implements Picker {
    /** How many candidates in slow start are asked to take a call that is not in their turn. */
    private static final int MAX_ASKED = 4;

    private final WeightedRotation turns;
    private final boolean[] ramping;
    private final int[] newcomers;
    private final List<Candidate> settledOnes;
    private final CostPicker settled;
    private final ShareOfCalls shares;
    /** Which newcomer is asked first. Racing threads may ask the same. */
    private int cursor;

    private SlowStartPicker(
            WeightedRotation turns,
            boolean[] ramping,
            List<Candidate> settledOnes,
            CostPicker settled,
            PickerContext context) {
        this.turns = turns;
        this.ramping = ramping;
        this.newcomers = new int[ramping.length - settledOnes.size()];
        int next = 0;
        for (int i = 0; i < ramping.length; i++) {
            if (ramping[i]) {
                newcomers[next++] = i;
            }
        }
        this.settledOnes = settledOnes;
        this.settled = settled;
        this.shares = new ShareOfCalls(turns.candidates, turns.weights(), context.random());
        this.cursor = context.random().nextInt();
    }

    /**
     * The picker for these candidates: the strategy's own one unless some, but not all, are in slow start.
     *
     * @param weight by which candidates take turns
     * @param own makes the strategy's own picker
     */
    public static Picker of(
            PickerContext context,
            ToDoubleFunction<Candidate> weight,
            Function<PickerContext, ? extends CostPicker> own) {
        SlowStartPicker before = context.predecessor() instanceof SlowStartPicker previous ? previous : null;
        boolean[] ramping = ramping(context, before != null);
        if (ramping == null) {
            return own.apply(before == null ? context : new OwnContext(context, context.candidates(), before.settled));
        }
        Candidate[] candidates = context.candidates().toArray(Candidate[]::new);
        List<Candidate> settledOnes = new ArrayList<>(candidates.length);
        for (int i = 0; i < candidates.length; i++) {
            if (!ramping[i]) {
                settledOnes.add(candidates[i]);
            }
        }
        CandidateListDiff takeover =
                CandidateListDiff.of(before == null ? null : before.turns.candidates, context, candidates);
        Weights weights = takeover.weights(
                before == null ? null : before.turns.weights(),
                candidates.length,
                i -> weight.applyAsDouble(candidates[i]));
        WeightedRotation turns = WeightedRotation.of(
                candidates, weights, context.random(), before == null ? null : before.turns, takeover);
        CostPicker settled = before != null && before.hasSettled(settledOnes, weights, ramping)
                ? before.settled
                : own.apply(
                        new OwnContext(context, settledOnes, before == null ? context.predecessor() : before.settled));
        return new SlowStartPicker(turns, ramping, settledOnes, settled, context);
    }

    /**
     * By candidate, whether it is in slow start; null if none is, or if all are, which then compete as usual. A ramp that
     * goes on changes the weights, so that only the changes are read if they are known and no candidate was in slow start.
     *
     * @param before whether a candidate was in slow start when the predecessor was made
     */
    public static boolean @Nullable [] ramping(PickerContext context, boolean before) {
        List<CandidateChange> changes = context.changes();
        if (!before && changes != null && !anyIn(changes)) {
            return null;
        }
        List<Candidate> candidates = context.candidates();
        boolean[] ramping = new boolean[candidates.size()];
        int count = 0;
        int next = 0;
        for (Candidate candidate : candidates) {
            boolean ramps = candidate.isInSlowStart();
            ramping[next++] = ramps;
            count += ramps ? 1 : 0;
        }
        return count == 0 || count == ramping.length ? null : ramping;
    }

    private static boolean anyIn(List<CandidateChange> changes) {
        for (CandidateChange change : changes) {
            if (change.candidate().isInSlowStart()) {
                return true;
            }
        }
        return false;
    }

    /** Whether the candidates without slow start and their weights are the same. */
    private boolean hasSettled(List<Candidate> now, Weights weights, boolean[] nowRamping) {
        return settledOnes.equals(now)
                && Arrays.equals(weightsOfSettled(turns.weights(), ramping), weightsOfSettled(weights, nowRamping));
    }

    private static double[] weightsOfSettled(Weights weights, boolean[] ramping) {
        double[] settledWeights = new double[ramping.length];
        int next = 0;
        for (int i = 0; i < ramping.length; i++) {
            if (!ramping[i]) {
                settledWeights[next++] = weights.get(i);
            }
        }
        return Arrays.copyOf(settledWeights, next);
    }

    @Override
    public @Nullable Candidate pick(PickRequest request) {
        int turn = turns.nextIndex();
        if (ramping[turn] && takes(turn, request)) {
            return turns.candidates[turn];
        }
        Candidate picked = settled.pick(request);
        if (picked == null) {
            return accepting(request);
        }
        if (settled.isUnwell(picked, request.nowNanos())) {
            for (int i = 0; i < Math.min(MAX_ASKED, newcomers.length); i++) {
                int newcomer = nextNewcomer();
                if (takes(newcomer, request)) {
                    return turns.candidates[newcomer];
                }
            }
        }
        return picked;
    }

    /** Whether a candidate in slow start may have the call: it is no worse, and no busier, than its share allows. */
    private boolean takes(int newcomer, PickRequest request) {
        Candidate candidate = turns.candidates[newcomer];
        return request.accepts(candidate)
                && shares.hasRoom(newcomer, settled.relativeCost(candidate, request.nowNanos()));
    }

    /** No candidate without slow start takes the call: a newcomer does, if the request accepts one. */
    private @Nullable Candidate accepting(PickRequest request) {
        for (int i = 0; i < newcomers.length; i++) {
            Candidate newcomer = turns.candidates[nextNewcomer()];
            if (request.accepts(newcomer)) {
                return newcomer;
            }
        }
        return null;
    }

    private int nextNewcomer() {
        return newcomers[Integer.remainderUnsigned(cursor++, newcomers.length)];
    }

    @Override
    public void started(Candidate candidate, long nowNanos) {
        settled.started(candidate, nowNanos);
    }

    @Override
    public void completed(Candidate candidate, Outcome outcome, long latencyNanos, long nowNanos) {
        settled.completed(candidate, outcome, latencyNanos, nowNanos);
    }

    @Override
    public void reported(Candidate candidate, LoadReport report, long nowNanos) {
        settled.reported(candidate, report, nowNanos);
    }

    @Override
    public String explain(Candidate candidate, long nowNanos) {
        String explanation = settled.explain(candidate, nowNanos);
        return candidate.isInSlowStart() ? explanation + "; in slow start: turns by weight" : explanation;
    }
}
