package dev.evenkeel.lb.core.strategy;

import dev.evenkeel.lb.LoadReport;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.PickRequest;
import dev.evenkeel.lb.spi.Picker;
import dev.evenkeel.lb.spi.PickerContext;
import dev.evenkeel.lb.spi.PoolFigures;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** {@link ResourceBased}'s picker: shares from the reports, renewed now and then, and two draws from them. */
final class ReportedLoadPicker implements Picker {
    private static final System.Logger LOG = System.getLogger(ReportedLoadPicker.class.getName());
    private static final double CLAMP = 10;
    private static final AtomicBoolean FAULT_LOGGED = new AtomicBoolean();

    private final ResourceBased settings;
    private final Candidate[] candidates;
    private final ReportedWeight[] reported;
    private final RandomGenerator random;
    private final PoolFigures figures;
    private final Renewal renewal;
    private volatile Shares shares;

    ReportedLoadPicker(ResourceBased settings, PickerContext context) {
        long nowNanos = context.timeSource().nanoTime();
        this.settings = settings;
        this.candidates = context.candidates().toArray(Candidate[]::new);
        this.reported =
                Arrays.stream(candidates).map(ReportedLoadPicker::weightOf).toArray(ReportedWeight[]::new);
        this.random = context.random();
        this.figures = context.figures();
        this.renewal = new Renewal(candidates.length, nowNanos);
        this.shares = new Shares(
                nowNanos, context.predecessor() instanceof ReportedLoadPicker before ? before.shares.rotation : null);
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
        return current.isBetter(second, first, nowNanos) && request.accepts(candidates[second])
                ? candidates[second]
                : candidates[first];
    }

    @Override
    public void reported(Candidate candidate, LoadReport report, long nowNanos) {
        double utilization;
        try {
            utilization = settings.utilization.applyAsDouble(report);
        } catch (RuntimeException e) {
            if (FAULT_LOGGED.compareAndSet(false, true)) {
                LOG.log(System.Logger.Level.WARNING, "the utilization of load reports cannot be read (said once)", e);
            }
            return;
        }
        double weight = ReportedWeight.of(report, utilization, settings.errorPenalty);
        if (weight > 0) {
            weightOf(candidate).add(weight, nowNanos, settings.expiryNanos);
        }
    }

    @Override
    public String explain(Candidate candidate, long nowNanos) {
        double weight = weightOf(candidate).get(nowNanos, settings.blackoutNanos, settings.expiryNanos);
        return weight == 0
                ? "no weight by load reports"
                : String.format(Locale.ROOT, "weight %.1f by load reports", weight);
    }

    private static ReportedWeight weightOf(Candidate candidate) {
        return candidate.state(ReportedWeight.class, ReportedWeight::new);
    }

    /**
     * What each candidate is to have: its reported weight where there is one, else the mean of the others, times what slow
     * start and the pool's policies have made of its configured one.
     *
     * <p>The clamp is about the median, where gRPC has the mean, because one false report moves a mean as far as it likes.
     */
    private double[] weights(long nowNanos) {
        int n = candidates.length;
        double[] weights = new double[n];
        double[] usable = new double[n];
        int known = 0;
        for (int i = 0; i < n; i++) {
            weights[i] = reported[i].get(nowNanos, settings.blackoutNanos, settings.expiryNanos);
            if (weights[i] > 0) {
                usable[known++] = weights[i];
            }
        }
        if (known == 0) {
            Arrays.setAll(weights, i -> candidates[i].weight());
            return weights;
        }
        Arrays.sort(usable, 0, known);
        double median = usable[known / 2] / 2 + usable[(known - 1) / 2] / 2;
        double mean = 0;
        for (int i = 0; i < known; i++) {
            mean += clamped(usable[i], median) / known;
        }
        for (int i = 0; i < n; i++) {
            weights[i] = (weights[i] > 0 ? clamped(weights[i], median) : mean) * Weights.of(candidates[i], false);
        }
        return weights;
    }

    private static double clamped(double weight, double median) {
        return Math.max(median / CLAMP, Math.min(median * CLAMP, weight));
    }

    /** Weights, and both ways to draw by them. */
    private final class Shares {
        private final double[] weights;
        private final WeightedRotation rotation;
        private final AliasTable table;

        Shares(long nowNanos, @Nullable WeightedRotation before) {
            this(weights(nowNanos), before);
        }

        private Shares(double[] weights, @Nullable WeightedRotation before) {
            this.weights = weights;
            this.rotation = WeightedRotation.of(candidates, weights, random, before);
            this.table = new AliasTable(weights);
        }

        Shares renewed(long nowNanos) {
            double[] now = weights(nowNanos);
            return Arrays.equals(now, weights) ? this : new Shares(now, rotation);
        }

        boolean isBetter(int second, int first, long nowNanos) {
            return candidates[second].inFlight() < candidates[first].inFlight()
                    && cost(second, nowNanos) < cost(first, nowNanos);
        }

        private double cost(int index, long nowNanos) {
            Candidate candidate = candidates[index];
            double failures = FailureTerm.of(candidate.failureRate(nowNanos), figures.calmness());
            return (candidate.inFlight() + 1) * failures / weights[index];
        }
    }
}
