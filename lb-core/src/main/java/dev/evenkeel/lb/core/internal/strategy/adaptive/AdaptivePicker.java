package dev.evenkeel.lb.core.internal.strategy.adaptive;

import dev.evenkeel.lb.LoadReport;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PoolFigures;
import dev.evenkeel.lb.core.internal.strategy.slowstart.CostPicker;
import dev.evenkeel.lb.core.internal.strategy.support.CoarseClock;
import dev.evenkeel.lb.core.internal.strategy.support.FailurePenalty;
import dev.evenkeel.lb.core.internal.strategy.support.RandomBits;
import dev.evenkeel.lb.core.internal.strategy.support.StratifiedSampler;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.CandidateChange;
import dev.evenkeel.lb.spi.PickRequest;
import dev.evenkeel.lb.spi.PickerContext;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Picks the cheapest of at most 32 candidates; see {@link Adaptive}. */
final class AdaptivePicker implements CostPicker {

    /**
     * The maximum number of candidates that are compared. More of them avoid stalled backends better but make a pick
     * more expensive: see RATIONALE.md.
     */
    static final int COMPARED = 32;

    /** A state may use an average weight that is wrong by this part, until its next regular refresh. */
    private static final double TOLERANCE = 0.01;

    /** Beyond this factor of its cost, by A · K or by F, the best candidate is failing or hanging. */
    private static final double UNWELL = 3;

    /** The maximum number of picks that are remembered beyond 10 s. */
    private static final double MAX_MEMORY = 100_000;

    private final Candidate[] candidates;
    private final AdaptiveState[] states;
    private final PickCounter turns;
    private final AdaptiveStates lookup;
    private final PoolFigures figures;
    private final RandomGenerator random;
    private final @Nullable StratifiedSampler sample;
    private final IdleScan idle;
    private final double weight;
    private final double averageWeight;
    /** At most the weight of the lightest candidate, and less by {@link #TOLERANCE} at most. */
    private final double lightest;

    /** The average weight at the last time that all states were refreshed. */
    private final double knownAverage;

    private AdaptivePicker(
            Candidate[] candidates,
            AdaptiveState[] states,
            double weight,
            double lightest,
            double knownAverage,
            PickCounter turns,
            AdaptiveStates lookup,
            PoolFigures figures,
            RandomGenerator random) {
        this.candidates = candidates;
        this.states = states;
        this.weight = weight;
        this.averageWeight = weight / candidates.length;
        this.lightest = lightest;
        this.turns = turns;
        this.lookup = lookup;
        this.figures = figures;
        this.random = random;
        this.sample = candidates.length > COMPARED ? new StratifiedSampler(candidates.length, COMPARED) : null;
        this.idle = new IdleScan(candidates, states, turns, figures, averageWeight);
        turns.remember(memory(), candidates.length);
        boolean known = Math.abs(averageWeight - knownAverage) <= knownAverage * TOLERANCE;
        this.knownAverage = known ? knownAverage : averageWeight;
        if (!known) {
            for (AdaptiveState state : states) {
                state.outdate();
            }
        }
    }

    /** The picks after which the lightest candidate has had its turn; 0 if weights are even. */
    private float memory() {
        return isEven(averageWeight, lightest)
                ? 0
                : (float) Math.min(MAX_MEMORY, 2 * averageWeight / lightest * candidates.length);
    }

    private static boolean isEven(double average, double least) {
        return average < least * (1 + TOLERANCE);
    }

    private static double lightest(Candidate[] candidates, int size) {
        double least = Double.MAX_VALUE;
        for (int i = 0; i < size; i++) {
            least = Math.min(least, candidates[i].weight());
        }
        return least;
    }

    /** The weight of the lightest candidate after changes. Looks at all candidates only if the lightest may be gone. */
    private double lightest(List<CandidateChange> changes, Candidate[] next, int size, double sum) {
        double least = lightest;
        boolean isGone = false;
        for (CandidateChange change : changes) {
            least = change.leaves() ? least : Math.min(least, change.weight());
            isGone |= !change.joins()
                    && change.weightBefore() <= lightest * (1 + TOLERANCE)
                    && change.weight() != change.weightBefore();
        }
        return isGone && !isEven(sum / size, least) ? lightest(next, size) : least;
    }

    static AdaptivePicker of(
            Candidate[] candidates,
            PickCounter turns,
            AdaptiveStates lookup,
            PoolFigures figures,
            RandomGenerator random) {
        AdaptiveState[] states = new AdaptiveState[candidates.length];
        double weight = 0;
        for (int i = 0; i < candidates.length; i++) {
            states[i] = lookup.of(candidates[i]);
            weight += candidates[i].weight();
        }
        turns.usualFactor(usualFactor(states));
        double least = lightest(candidates, candidates.length);
        return new AdaptivePicker(candidates, states, weight, least, 0, turns, lookup, figures, random);
    }

    /** The mean of some backends' factors. One that fails or hangs is not usual. */
    private static float usualFactor(AdaptiveState[] states) {
        float sum = 0;
        int count = 0;
        for (int i = 0; i < Math.min(COMPARED, states.length); i++) {
            if (!states[i].isJoining() && states[i].factor() < UNWELL) {
                sum += states[i].factor();
                count++;
            }
        }
        return count == 0 ? 1 : sum / count;
    }

    /**
     * The next picker, if the changes are known; null if not. New candidates get random positions; of the other
     * candidates only those move that fill a gap.
     */
    @Nullable
    AdaptivePicker successor(PickerContext context) {
        List<CandidateChange> changes = context.changes();
        if (changes == null) {
            return null;
        }
        int size = candidates.length;
        int wanted = context.candidates().size();
        if (changes.size() == 1 && changes.get(0).leaves()) {
            return wanted == size - 1 ? without(changes) : null;
        }
        Candidate[] next = Arrays.copyOf(candidates, Math.max(size, wanted));
        AdaptiveState[] nextStates = Arrays.copyOf(states, next.length);
        double sum = weight;
        for (CandidateChange change : changes) {
            sum += change.weight() - change.weightBefore();
            if (change.leaves()) {
                int place = indexOf(next, size, change.candidate());
                if (place < 0) {
                    return null;
                }
                size--;
                next[place] = next[size];
                nextStates[place] = nextStates[size];
            } else {
                lookup.of(change.candidate()).outdate();
            }
        }
        for (CandidateChange change : changes) {
            if (change.joins()) {
                if (size == next.length) {
                    return null;
                }
                int place = random.nextInt(size + 1);
                next[size] = next[place];
                nextStates[size] = nextStates[place];
                size++;
                next[place] = change.candidate();
                nextStates[place] = lookup.of(change.candidate());
                nextStates[place].joins();
            }
        }
        if (size != wanted) {
            return null;
        }
        if (size < next.length) {
            next = Arrays.copyOf(next, size);
            nextStates = Arrays.copyOf(nextStates, size);
        }
        double least = lightest(changes, next, size, sum);
        return new AdaptivePicker(next, nextStates, sum, least, knownAverage, turns, lookup, figures, random);
    }

    /** The next picker after a single removal, which fits into the existing arrays. */
    private @Nullable AdaptivePicker without(List<CandidateChange> changes) {
        CandidateChange gone = changes.get(0);
        int last = candidates.length - 1;
        int place = indexOf(candidates, last + 1, gone.candidate());
        if (place < 0) {
            return null;
        }
        Candidate[] next = Arrays.copyOf(candidates, last);
        AdaptiveState[] nextStates = Arrays.copyOf(states, last);
        if (place < last) {
            next[place] = candidates[last];
            nextStates[place] = states[last];
        }
        double left = weight - gone.weightBefore();
        double least = lightest(changes, next, last, left);
        return new AdaptivePicker(next, nextStates, left, least, knownAverage, turns, lookup, figures, random);
    }

    @SuppressWarnings("ReferenceEquality") // Searches by reference, without loading each candidate.
    private static int indexOf(Candidate[] candidates, int size, Candidate wanted) {
        for (int i = 0; i < size; i++) {
            if (candidates[i] == wanted) {
                return i;
            }
        }
        return -1;
    }

    PickCounter turns() {
        return turns;
    }

    AdaptiveStates lookup() {
        return lookup;
    }

    @Override
    public @Nullable Candidate pick(PickRequest request) {
        long nowNanos = request.nowNanos();
        int tick = CoarseClock.of(nowNanos);
        int turn = turns.next(tick);
        // Once: other processors write it all the time.
        float averagePicksInverse = averagePicksInverse();
        int cursor = Integer.remainderUnsigned(turn, candidates.length);
        long word = sample == null ? 0 : random.nextLong();
        int best = idle.find(averagePicksInverse, cursor, word, turn, nowNanos, tick);
        if (best == IdleScan.UNKNOWN || !request.accepts(candidates[best])) {
            best = cheapest(request, sample, word, averagePicksInverse, cursor, turn, nowNanos, tick);
            if (best < 0 && sample != null) {
                best = cheapest(request, null, 0, averagePicksInverse, cursor, turn, nowNanos, tick);
            }
            if (best < 0) {
                return null;
            }
        }
        states[best].picked(turn, averagePicksInverse);
        return candidates[best];
    }

    /** The index of the cheapest candidate that the request accepts, of a sample or of all; -1 if it accepts none. */
    private int cheapest(
            PickRequest request,
            @Nullable StratifiedSampler strata,
            long firstWord,
            float averagePicksInverse,
            int cursor,
            int turn,
            long nowNanos,
            int tick) {
        // Reads of volatile figures in the loop would make it read final fields again.
        Candidate[] from = candidates;
        AdaptiveState[] known = states;
        int n = from.length;
        int compared = strata == null ? n : strata.draws();
        long word = firstWord;
        int best = -1;
        float bestCost = Float.POSITIVE_INFINITY;
        int bestTurnsSince = -1;
        for (int i = 0; i < compared; i++) {
            int index;
            if (strata == null || i == 0) {
                index = cursor + i < n ? cursor + i : cursor + i - n;
            } else {
                word = RandomBits.next(word);
                index = strata.draw(i, cursor, word);
            }
            Candidate candidate = from[index];
            AdaptiveState state = known[index];
            if (state.isStale(tick)) {
                state.refresh(candidate, figures, turns, n, averagePicksInverse, averageWeight, nowNanos, tick);
            }
            float cost = state.idleCost(averagePicksInverse);
            // The other terms only raise the cost: most candidates are ruled out before more of them has to be read.
            if (cost > bestCost) {
                continue;
            }
            cost += candidate.inFlight() * state.costOfCall();
            int turnsSince = turn - state.lastTurn();
            if (!isCheaper(cost, turnsSince, bestCost, bestTurnsSince)) {
                continue;
            }
            cost *= (float) state.ageFactor(candidate, figures, n, nowNanos);
            if (state.isHeldBack()) {
                cost *= state.holdbackFactor(turn, tick);
            }
            if (isCheaper(cost, turnsSince, bestCost, bestTurnsSince) && request.accepts(candidate)) {
                best = index;
                bestCost = cost;
                bestTurnsSince = turnsSince;
            }
        }
        return best;
    }

    private float averagePicksInverse() {
        return candidates.length / turns.picks();
    }

    private static boolean isCheaper(float cost, int turnsSince, float bestCost, int bestTurnsSince) {
        return cost < bestCost || (cost == bestCost && turnsSince > bestTurnsSince);
    }

    @Override
    public double relativeCost(Candidate candidate, long nowNanos) {
        int tick = CoarseClock.of(nowNanos);
        AdaptiveState state = lookup.of(candidate);
        if (state.isStale(tick)) {
            state.refreshInSlowStart(candidate, figures, candidates.length, nowNanos, tick);
        }
        return state.factor() * unwellness(candidate, state, nowNanos);
    }

    @Override
    public boolean isUnwell(Candidate picked, long nowNanos) {
        AdaptiveState state = lookup.of(picked);
        return unwellness(picked, state, nowNanos) > UNWELL
                || (state.factor() > UNWELL
                        && FailurePenalty.of(picked.failureRate(nowNanos), figures.calmness()) > UNWELL);
    }

    /** A · K of the cost. */
    private double unwellness(Candidate candidate, AdaptiveState state, long nowNanos) {
        return state.ageFactor(candidate, figures, candidates.length, nowNanos)
                * state.holdbackFactor(turns.turn(), CoarseClock.of(nowNanos));
    }

    @Override
    public void completed(Candidate candidate, Outcome outcome, long latencyNanos, long nowNanos) {
        lookup.of(candidate)
                .completed(outcome, latencyNanos, figures.latencyP95Nanos(), turns, candidates.length, nowNanos);
    }

    @Override
    public void reported(Candidate candidate, LoadReport report, long nowNanos) {
        lookup.reported(candidate, report, figures, candidates.length, nowNanos);
    }

    @Override
    public String explain(Candidate candidate, long nowNanos) {
        AdaptiveState state = lookup.of(candidate);
        int inFlight = candidate.inFlight();
        double weight = candidate.weight() / averageWeight;
        float lightness = (float) (1 / weight);
        float inverse = averagePicksInverse() * lightness;
        boolean isUneven = turns.isUneven();
        float share = PickShareTerm.slope(state.picks(), inverse, lightness, isUneven) * inverse;
        double oneMore = PickShareTerm.cost(share, 1, lightness, isUneven);
        double latency = state.latencyFactor(candidate, figures, candidates.length, nowNanos);
        double age = state.ageFactor(candidate, figures, candidates.length, nowNanos);
        double failures = FailurePenalty.of(candidate.failureRate(nowNanos), figures.calmness());
        double holdback = state.holdbackFactor(turns.turn(), CoarseClock.of(nowNanos));
        double unfaded = Math.max(latency, state.unfadedLatencyFactor(candidate, figures, candidates.length, nowNanos));
        double cost = (inFlight / weight * unfaded + oneMore * latency) * age * failures * holdback;
        return String.format(
                Locale.ROOT,
                "cost %.3g = (%d in flight / relative weight %.3g x %.2f unfaded + %.2f) x %.2f latency x %.2f age"
                        + " x %.2f failures x %.0f %s (%d strikes)",
                cost,
                inFlight,
                weight,
                unfaded / latency,
                oneMore,
                latency,
                age,
                failures,
                holdback,
                holdback == FirstCallSpread.FACTOR ? "new" : "rest",
                state.strikes());
    }
}
