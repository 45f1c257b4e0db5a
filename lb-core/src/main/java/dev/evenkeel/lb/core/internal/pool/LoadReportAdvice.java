package dev.evenkeel.lb.core.internal.pool;

import dev.evenkeel.lb.core.internal.runtime.PoolLog;
import dev.evenkeel.lb.core.internal.strategy.adaptive.Adaptive;
import dev.evenkeel.lb.core.strategy.ResourceBased;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import dev.evenkeel.lb.spi.TimeSource;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/** Logs once that the strategy goes by load reports and no backend sends any: it works, but not as it was meant to. */
final class LoadReportAdvice {
    /** How long a pool may take calls before its backends send a report. */
    private static final long MAX_WAIT_NANOS = Duration.ofMinutes(1).toNanos();
    /** One call in so many looks at the clock. */
    private static final int CALLS_PER_LOOK = 16;

    private final PoolLog log;
    private final TimeSource timeSource;
    private final BooleanSupplier reported;
    private final AtomicBoolean done = new AtomicBoolean();
    private int calls;
    private long beganNanos;
    private volatile boolean begun;

    LoadReportAdvice(PoolLog log, TimeSource timeSource, BooleanSupplier reported) {
        this.log = log;
        this.timeSource = timeSource;
        this.reported = reported;
    }

    /** On the call path, without a lock: of two threads that race one call may not be counted. */
    void look(LoadBalancingStrategy strategy) {
        if (done.get() || !goesByReports(strategy) || ++calls % CALLS_PER_LOOK != 0) {
            return;
        }
        if (reported.getAsBoolean()) {
            done.set(true);
            return;
        }
        long nowNanos = timeSource.nanoTime();
        if (!begun) {
            beganNanos = nowNanos;
            begun = true;
        } else if (nowNanos - beganNanos >= MAX_WAIT_NANOS) {
            tell(strategy);
        }
    }

    private void tell(LoadBalancingStrategy strategy) {
        if (done.compareAndSet(false, true)) {
            log.pool(
                    System.Logger.Level.WARNING,
                    () -> "the strategy " + strategy.name() + " goes by load reports, and no backend has sent one in "
                            + MAX_WAIT_NANOS / 1_000_000_000L
                            + " s: ask the backends by loadReports(…), let them answer with endpoint-load-metrics, or"
                            + " choose another strategy");
        }
    }

    private static boolean goesByReports(LoadBalancingStrategy strategy) {
        return strategy instanceof ResourceBased || strategy.equals(Adaptive.WITH_LOAD_REPORTS);
    }
}
