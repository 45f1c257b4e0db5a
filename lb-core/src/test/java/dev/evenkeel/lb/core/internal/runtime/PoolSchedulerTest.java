package dev.evenkeel.lb.core.internal.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.core.LogLines;
import dev.evenkeel.lb.core.VirtualTime;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class PoolSchedulerTest {
    private final VirtualTime time = new VirtualTime();
    private final PoolScheduler timers = new PoolScheduler(time, time);
    private final AtomicInteger runs = new AtomicInteger();

    @Test
    void timer_runsOnce_unlessItIsCancelled() {
        timers.schedule(runs::incrementAndGet, Duration.ofSeconds(1));
        timers.schedule(runs::incrementAndGet, Duration.ofSeconds(1)).cancel();
        time.advance(Duration.ofSeconds(2));
        assertThat(runs).hasValue(1);
    }

    @Test
    void close_cancelsAll_andTakesNoMore() {
        timers.schedule(runs::incrementAndGet, Duration.ofSeconds(1));
        timers.close();
        timers.schedule(runs::incrementAndGet, Duration.ofSeconds(1));
        assertThat(time.pendingTimers()).isZero();
        time.advance(Duration.ofSeconds(2));
        assertThat(runs).hasValue(0);
    }

    @Test
    void timerThatThrows_isLogged_andTheOthersRun() {
        timers.schedule(
                () -> {
                    throw new IllegalStateException("broken");
                },
                Duration.ofSeconds(1));
        timers.schedule(runs::incrementAndGet, Duration.ofSeconds(1));
        try (LogLines log = new LogLines("a pool's timers")) {
            time.advance(Duration.ofSeconds(2));
            assertThat(log.lines()).containsExactly("WARNING a pool's timers: one of them failed");
        }
        assertThat(runs).hasValue(1);
    }

    @Test
    void closeWhileATimerIsSet_cancelsIt() {
        AtomicInteger cancelled = new AtomicInteger();
        AtomicReference<PoolScheduler> own = new AtomicReference<>();
        own.set(new PoolScheduler(
                (task, delay) -> {
                    own.get().close();
                    return cancelled::incrementAndGet;
                },
                time));
        own.get().schedule(runs::incrementAndGet, Duration.ofSeconds(1));
        assertThat(cancelled).hasValue(1);
    }

    @Test
    void errorOfTheVirtualMachine_isLogged_andReachesTheScheduler() {
        timers.schedule(
                () -> {
                    throw new OutOfMemoryError("test");
                },
                Duration.ofSeconds(1));
        try (LogLines log = new LogLines("a pool's timers")) {
            assertThatThrownBy(() -> time.advance(Duration.ofSeconds(2))).isInstanceOf(OutOfMemoryError.class);
            assertThat(log.lines()).containsExactly("WARNING a pool's timers: one of them failed");
        }
    }
}
