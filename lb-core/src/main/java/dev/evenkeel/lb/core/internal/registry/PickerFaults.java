package dev.evenkeel.lb.core.internal.registry;

import dev.evenkeel.lb.LoadBalancerEvent.StrategyFailed;
import dev.evenkeel.lb.core.internal.runtime.PoolConfig;
import dev.evenkeel.lb.core.internal.runtime.PoolRuntime;
import dev.evenkeel.lb.core.internal.snapshot.SnapshotPublisher;
import dev.evenkeel.lb.spi.Picker;
import java.time.Instant;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reports each picker that fails, once in a row. */
public final class PickerFaults {
    private final PoolRuntime runtime;
    private final Supplier<PoolConfig> config;
    private final SnapshotPublisher writer;

    // Guarded by the writer's lock.
    private @Nullable Picker last;

    public PickerFaults(PoolRuntime runtime, Supplier<PoolConfig> config, SnapshotPublisher writer) {
        this.runtime = runtime;
        this.config = config;
        this.writer = writer;
    }

    /** Reports that a picker has thrown. */
    public void threw(Picker picker, Throwable failure) {
        report(picker, "strategy \"" + config.get().strategy().name() + "\" threw " + failure);
    }

    public void report(Picker picker, String fault) {
        writer.update(() -> {
            if (last != picker) {
                last = picker;
                writer.tell(new StrategyFailed(
                        runtime.name(), Instant.now(), config.get().strategy().name(), fault));
            }
        });
    }
}
