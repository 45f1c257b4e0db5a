package dev.evenkeel.lb.core.internal.runtime;

import dev.evenkeel.lb.spi.TimeSource;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What a pool runs on, from its start to its close; no reload changes it.
 *
 * @param checkExecutor runs checks and discovery under a test's clock; null if they have threads of their own
 */
public record PoolRuntime(
        String name,
        EventDispatcher events,
        TimeSource timeSource,
        PoolScheduler scheduler,
        RandomGenerator random,
        @Nullable Executor checkExecutor) {
    private static final TimeSource SYSTEM_CLOCK = TimeSource.system();

    /** Whether the pool's times are readings of {@link System#nanoTime}. */
    public boolean isBySystemClock() {
        return isSystemClock(timeSource);
    }

    /** Whether a clock is the system's, and not only one that gives the same times. */
    public static boolean isSystemClock(TimeSource clock) {
        return clock == SYSTEM_CLOCK;
    }
}
