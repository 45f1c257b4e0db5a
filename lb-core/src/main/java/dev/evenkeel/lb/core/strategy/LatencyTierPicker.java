package dev.evenkeel.lb.core.strategy;

import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.PickRequest;
import dev.evenkeel.lb.spi.Picker;
import dev.evenkeel.lb.spi.PickerContext;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * {@link LatencyTiers}' picker: a weighted rotation over the fastest tier, which is worked out anew now and then.
 *
 * <p>A candidate without a latency is in the tier. One outside of it gets one call each 10 s, or nobody would ever know
 * that it has become fast.
 */
final class LatencyTierPicker implements Picker {
    private static final long STALE_NANOS = 10_000_000_000L;

    private final long sensitivityNanos;
    private final Candidate[] candidates;
    private final double[] weights;
    private final RandomGenerator random;
    private final Renewal renewal;
    private final AtomicReference<@Nullable Candidate> trial = new AtomicReference<>();
    private volatile WeightedRotation tier;

    LatencyTierPicker(long sensitivityNanos, PickerContext context) {
        this.sensitivityNanos = sensitivityNanos;
        this.candidates = context.candidates().toArray(Candidate[]::new);
        this.weights = Arrays.stream(candidates).mapToDouble(Candidate::weight).toArray();
        this.random = context.random();
        long nowNanos = context.timeSource().nanoTime();
        this.renewal = new Renewal(candidates.length, nowNanos);
        this.tier = tier(context.predecessor() instanceof LatencyTierPicker before ? before.tier : null);
    }

    @Override
    public @Nullable Candidate pick(PickRequest request) {
        long nowNanos = request.nowNanos();
        if (renewal.isDue(nowNanos)) {
            tier = tier(tier);
            trial.set(stale(nowNanos));
        }
        Candidate tried = trial.get();
        if (tried != null && trial.compareAndSet(tried, null) && request.accepts(tried)) {
            return tried;
        }
        Candidate candidate = tier.pick(request);
        return candidate != null ? candidate : fromNextTier(request);
    }

    @Override
    public String explain(Candidate candidate, long nowNanos) {
        return String.format(Locale.ROOT, "%.1f ms, tier up to %.1f ms", candidate.latencyNanos() / 1e6, limit() / 1e6);
    }

    private WeightedRotation tier(@Nullable WeightedRotation before) {
        double limit = limit();
        Candidate[] fast = Arrays.stream(candidates)
                .filter(candidate -> candidate.latencyNanos() <= limit)
                .toArray(Candidate[]::new);
        double[] fastWeights =
                Arrays.stream(fast).mapToDouble(Candidate::weight).toArray();
        return fast.length == 0
                ? WeightedRotation.of(candidates, weights, random, before)
                : WeightedRotation.of(fast, fastWeights, random, before);
    }

    /** The highest latency of the tier; one without a sample has latency 0, but is nobody's measure. */
    private double limit() {
        double fastest = Double.POSITIVE_INFINITY;
        for (Candidate candidate : candidates) {
            double latency = candidate.latencyNanos();
            if (latency > 0 && latency < fastest) {
                fastest = latency;
            }
        }
        return fastest + sensitivityNanos;
    }

    /** The whole tier is full or tried: the fastest of the rest makes another one. */
    private @Nullable Candidate fromNextTier(PickRequest request) {
        double fastest = Double.POSITIVE_INFINITY;
        for (Candidate candidate : candidates) {
            if (request.accepts(candidate)) {
                fastest = Math.min(fastest, candidate.latencyNanos());
            }
        }
        int drawn = -1;
        double sum = 0;
        for (int i = 0; i < candidates.length; i++) {
            if (candidates[i].latencyNanos() <= fastest + sensitivityNanos && request.accepts(candidates[i])) {
                sum += weights[i];
                if (drawn < 0 || random.nextDouble() * sum < weights[i]) {
                    drawn = i;
                }
            }
        }
        if (drawn < 0) {
            // None is accepted, or the figures have just changed.
            drawn = Lottery.draw(candidates, weights, request, random);
        }
        return drawn < 0 ? null : candidates[drawn];
    }

    /** One outside of the tier that has not been heard of for long. */
    private @Nullable Candidate stale(long nowNanos) {
        double limit = limit();
        for (Candidate candidate : candidates) {
            if (candidate.latencyNanos() > limit
                    && nowNanos - candidate.latencySampleNanos() > STALE_NANOS
                    && candidate.state(Trial.class, Trial::new).begins(nowNanos)) {
                return candidate;
            }
        }
        return null;
    }

    /** When a candidate was last tried out of turn. */
    private static final class Trial {
        private volatile boolean tried;
        private volatile long lastNanos;

        boolean begins(long nowNanos) {
            if (tried && nowNanos - lastNanos <= STALE_NANOS) {
                return false;
            }
            lastNanos = nowNanos;
            tried = true;
            return true;
        }
    }
}
