package dev.evenkeel.lb.core.internal.registry;

import dev.evenkeel.lb.LoadBalancerEvent.StrategyFailed;
import dev.evenkeel.lb.core.internal.log.Printable;
import dev.evenkeel.lb.core.internal.runtime.PoolConfig;
import dev.evenkeel.lb.core.internal.runtime.PoolRuntime;
import dev.evenkeel.lb.core.internal.snapshot.SnapshotPublisher;
import dev.evenkeel.lb.spi.Picker;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reports each picker that fails, once in a row. Takes no lock: a picker fails on the call path. */
public final class PickerFaults {
    private final PoolRuntime runtime;
    private final Supplier<PoolConfig> config;
    private final SnapshotPublisher writer;
    private final AtomicReference<@Nullable Picker> last = new AtomicReference<>();

    public PickerFaults(PoolRuntime runtime, Supplier<PoolConfig> config, SnapshotPublisher writer) {
        this.runtime = runtime;
        this.config = config;
        this.writer = writer;
    }

    /** Reports that a picker has thrown. */
    public void threw(Picker picker, Throwable failure) {
        report(picker, "strategy \"" + config.get().strategy().name() + "\" threw " + Printable.of(failure));
    }

    public void report(Picker picker, String fault) {
        runtime.events().log().countFault();
        if (last.getAndSet(picker) != picker && !writer.current().closed()) {
            writer.tell(new StrategyFailed(
                    runtime.name(), Instant.now(), config.get().strategy().name(), fault));
            runtime.events().deliver();
        }
    }
}
