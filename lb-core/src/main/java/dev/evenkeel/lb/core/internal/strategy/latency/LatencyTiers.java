package dev.evenkeel.lb.core.internal.strategy.latency;

import dev.evenkeel.lb.core.internal.strategy.support.Nanos;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import dev.evenkeel.lb.spi.Picker;
import dev.evenkeel.lb.spi.PickerContext;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Azure Front Door's routing: of the available backends those whose latency is at most the fastest one's plus the
 * sensitivity, and among these by weight.
 */
public final class LatencyTiers implements LoadBalancingStrategy {

    private final long sensitivityNanos;

    public LatencyTiers(Duration sensitivity) {
        if (sensitivity.isNegative()) {
            throw new IllegalArgumentException("latency sensitivity must not be negative: " + sensitivity);
        }
        this.sensitivityNanos = Nanos.of(sensitivity);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof LatencyTiers that && that.sensitivityNanos == sensitivityNanos;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(sensitivityNanos);
    }

    @Override
    public Picker newPicker(PickerContext context) {
        return new LatencyTierPicker(sensitivityNanos, context);
    }

    @Override
    public String name() {
        return "latencyTiers";
    }
}
