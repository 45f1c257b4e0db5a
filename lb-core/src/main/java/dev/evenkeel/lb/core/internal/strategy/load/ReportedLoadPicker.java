package dev.evenkeel.lb.core.internal.strategy.load;

import dev.evenkeel.lb.LoadReport;
import dev.evenkeel.lb.PoolFigures;
import dev.evenkeel.lb.core.internal.log.Containment;
import dev.evenkeel.lb.core.internal.strategy.rotation.AliasTable;
import dev.evenkeel.lb.core.internal.strategy.rotation.WeightedRotation;
import dev.evenkeel.lb.core.internal.strategy.slowstart.ShareOfCalls;
import dev.evenkeel.lb.core.internal.strategy.slowstart.SlowStartPicker;
import dev.evenkeel.lb.core.internal.strategy.support.CandidateListDiff;
import dev.evenkeel.lb.core.internal.strategy.support.FailurePenalty;
import dev.evenkeel.lb.core.internal.strategy.support.RefreshGuard;
import dev.evenkeel.lb.core.internal.strategy.support.Weights;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.PickRequest;
import dev.evenkeel.lb.spi.Picker;
import dev.evenkeel.lb.spi.PickerContext;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The picker of {@code ResourceBased}: shares from the reports, renewed now and then, and two draws from them. */
public final class ReportedLoadPicker implements Picker {
    private static final System.Logger LOG = System.getLogger("dev.evenkeel.lb");
    private static final double CLAMP = 10;
    private static final AtomicBoolean FAULT_LOGGED = new AtomicBoolean();

    private final ReportedLoadParameters parameters;
    private final Candidate[] candidates;
    /** By candidate, whether it is in slow start; null if none is, or if all are. */
    private final boolean @Nullable [] ramping;

    private final RandomGenerator random;
    private final PoolFigures figures;
    private final RefreshGuard renewal;
    private volatile Shares shares;

    public ReportedLoadPicker(ReportedLoadParameters parameters, PickerContext context) {
        ReportedLoadPicker before = context.predecessor() instanceof ReportedLoadPicker previous ? previous : null;
        long nowNanos = context.timeSource().nanoTime();
        this.parameters = parameters;
        this.candidates = context.candidates().toArray(Candidate[]::new);
        this.ramping = SlowStartPicker.ramping(context, before != null && before.ramping != null);
        CandidateListDiff takeover =
                CandidateListDiff.of(before == null ? null : before.candidates, context, candidates);
        this.random = context.random();
        this.figures = context.figures();
        this.renewal = RefreshGuard.of(candidates.length, nowNanos, before == null ? null : before.renewal);
        this.shares = shares(before == null ? null : before.shares, takeover, nowNanos);
    }

    private Shares shares(@Nullable Shares before, CandidateListDiff takeover, long nowNanos) {
        if (before == null || !takeover.isKnown()) {
            Scale scale = scale(nowNanos);
            return new Shares(scale, weights(scale, nowNanos), before == null ? null : before.rotation, takeover);
        }
        Scale scale = before.scale;
        Weights weights = takeover.weights(before.weights, candidates.length, i -> weight(i, scale, nowNanos));
        return new Shares(scale, weights, before.rotation, takeover);
    }

    @Override
    public @Nullable Candidate pick(PickRequest request) {
        long nowNanos = request.nowNanos();
        if (renewal.isDue(nowNanos)) {
            shares = shares.renewed(nowNanos);
        }
        Shares current = shares;
        int first = current.rotation.pickIndex(request);
        if (first < 0) {
            return null;
        }
        int second = current.table.draw(random);
        return current.losesTo(second, first, nowNanos) && request.accepts(candidates[second])
                ? candidates[second]
                : candidates[first];
    }

    @Override
    public void reported(Candidate candidate, LoadReport report, long nowNanos) {
        double utilization;
        try {
            utilization = parameters.utilization().applyAsDouble(report);
        } catch (RuntimeException | Error e) {
            if (FAULT_LOGGED.compareAndSet(false, true)) {
                LOG.log(System.Logger.Level.WARNING, "the utilization of load reports cannot be read (said once)", e);
            }
            Containment.rethrowFatal(e);
            return;
        }
        double weight = ReportedWeight.of(report, utilization, parameters.errorPenalty());
        if (weight > 0) {
            weightOf(candidate).add(weight, nowNanos, parameters.expiryNanos());
        }
    }

    @Override
    public String explain(Candidate candidate, long nowNanos) {
        double weight = weightOf(candidate).get(nowNanos, parameters.blackoutNanos(), parameters.expiryNanos());
        return weight == 0
                ? "no weight by load reports"
                : String.format(Locale.ROOT, "weight %.1f by load reports", weight);
    }

    private static ReportedWeight weightOf(Candidate candidate) {
        return candidate.state(ReportedWeight.class, ReportedWeight::new);
    }

    /** The median and mean that reported weights are clamped to. */
    private Scale scale(long nowNanos) {
        double[] usable = new double[candidates.length];
        int known = 0;
        for (Candidate candidate : candidates) {
            double current = weightOf(candidate).get(nowNanos, parameters.blackoutNanos(), parameters.expiryNanos());
            if (current > 0) {
                usable[known++] = current;
            }
        }
        if (known == 0) {
            return Scale.NONE;
        }
        Arrays.sort(usable, 0, known);
        double median = usable[known / 2] / 2 + usable[(known - 1) / 2] / 2;
        double mean = 0;
        for (int i = 0; i < known; i++) {
            mean += clamped(usable[i], median) / known;
        }
        return new Scale(median, mean);
    }

    private Weights weights(Scale scale, long nowNanos) {
        return Weights.of(candidates.length, i -> weight(i, scale, nowNanos));
    }

    /**
     * The share of a candidate: its reported weight, or the mean reported weight if it has none, times the effect of
     * slow start and the pool's policies on its configured weight.
     *
     * <p>Weights are clamped around the median, where gRPC uses the mean, because one false report can move a mean
     * without limit.
     */
    private double weight(int index, Scale scale, long nowNanos) {
        if (scale.mean == 0) {
            return candidates[index].weight();
        }
        double weight = weightOf(candidates[index]).get(nowNanos, parameters.blackoutNanos(), parameters.expiryNanos());
        return (weight > 0 ? clamped(weight, scale.median) : scale.mean) * Weights.effective(candidates[index], false);
    }

    private static double clamped(double weight, double median) {
        return Math.max(median / CLAMP, Math.min(median * CLAMP, weight));
    }

    /** Median of the reported weights; mean of the clamped ones, 0 if there are none. */
    private record Scale(double median, double mean) {
        static final Scale NONE = new Scale(0, 0);
    }

    /** Weights, with both ways to draw by them. */
    private final class Shares {
        private final Scale scale;
        private final Weights weights;
        private final WeightedRotation rotation;
        private final AliasTable table;
        /** Null if no candidate is in slow start. */
        private final @Nullable ShareOfCalls shareOfCalls;

        Shares(Scale scale, Weights weights, @Nullable WeightedRotation before, CandidateListDiff takeover) {
            this.scale = scale;
            this.weights = weights;
            this.rotation = WeightedRotation.of(candidates, weights, random, before, takeover);
            this.table = new AliasTable(weights);
            this.shareOfCalls = ramping == null ? null : new ShareOfCalls(candidates, weights, random);
        }

        Shares renewed(long nowNanos) {
            Scale now = scale(nowNanos);
            Weights current = weights(now, nowNanos);
            return current.isSame(weights)
                    ? this
                    : new Shares(now, current, rotation, CandidateListDiff.none(candidates));
        }

        /**
         * Whether the second draw wins. Never by a candidate in slow start, which gets the calls of its turns alone, and
         * loses a turn only if it has more in flight, or fails more, than its share allows.
         */
        boolean losesTo(int second, int first, long nowNanos) {
            if (ramping == null || shareOfCalls == null) {
                return isBetter(second, first, nowNanos);
            }
            if (ramping[second]) {
                return false;
            }
            return ramping[first]
                    ? !shareOfCalls.hasRoom(first, failures(first, nowNanos))
                    : isBetter(second, first, nowNanos);
        }

        private boolean isBetter(int second, int first, long nowNanos) {
            return candidates[second].inFlight() < candidates[first].inFlight()
                    && cost(second, nowNanos) < cost(first, nowNanos);
        }

        private double cost(int index, long nowNanos) {
            return (candidates[index].inFlight() + 1) * failures(index, nowNanos) / weights.get(index);
        }

        private double failures(int index, long nowNanos) {
            return FailurePenalty.of(candidates[index].failureRate(nowNanos), figures.calmness());
        }
    }
}
