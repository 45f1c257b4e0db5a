package dev.evenkeel.lb.core.internal.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.spi.Scheduler;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SharedSchedulerTest {
    private final AtomicInteger runs = new AtomicInteger();

    @Test
    void timer_runsOnTheTimerThread_afterItsDelay() {
        try (SharedScheduler timers = new SharedScheduler()) {
            AtomicReference<Thread> thread = new AtomicReference<>();
            timers.schedule(() -> thread.set(Thread.currentThread()), Duration.ofMillis(1));
            await().untilAsserted(() -> assertThat(thread.get()).isNotNull());
            assertThat(thread.get().getName()).startsWith("evenkeel-timer");
            assertThat(thread.get().isDaemon()).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({
        // now, ms of delay, slack: to the next millisecond, from 100 ms on
        "0, 100, 0",
        "1, 100, 999999",
        "999999, 100, 1",
        "-1, 1000, 1",
        "-999999, 1000, 999999",
        "1, 99, 0"
    })
    void longTimers_ofOneMillisecond_runTogether(long nowNanos, long delayMillis, long slackNanos) {
        assertThat(SharedScheduler.slack(nowNanos, Duration.ofMillis(delayMillis)))
                .isEqualTo(slackNanos);
    }

    @Test
    void cancelledTimer_doesNotRun() throws InterruptedException {
        try (SharedScheduler timers = new SharedScheduler()) {
            CountDownLatch later = new CountDownLatch(1);
            CountDownLatch held = new CountDownLatch(1);
            timers.schedule(() -> waitFor(held), Duration.ZERO);
            Scheduler.Cancellable timer = timers.schedule(runs::incrementAndGet, Duration.ofMillis(1));
            timers.schedule(later::countDown, Duration.ofMillis(2));
            timer.cancel();
            held.countDown();
            assertThat(later.await(1, TimeUnit.MINUTES)).isTrue();
            assertThat(runs).hasValue(0);
        }
    }

    @Test
    void closedUser_setsNoTimer_andAnotherUserKeepsTheThread() throws InterruptedException {
        try (SharedScheduler other = new SharedScheduler()) {
            SharedScheduler timers = new SharedScheduler();
            timers.close();
            timers.close();
            timers.schedule(runs::incrementAndGet, Duration.ZERO).cancel();
            CountDownLatch later = new CountDownLatch(1);
            other.schedule(later::countDown, Duration.ofMillis(1));
            assertThat(later.await(1, TimeUnit.MINUTES)).isTrue();
            assertThat(runs).hasValue(0);
        }
    }

    private static void waitFor(CountDownLatch latch) {
        try {
            boolean unused = latch.await(1, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
