package dev.evenkeel.lb.core.internal.concurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class SerialLoopTest {
    private static final int THREADS = 4;
    private static final int REQUESTS = 20_000;

    private final SerialLoop loop = new SerialLoop();

    @Test
    void requestsOfManyThreads_areServedOneAtATime_andNoneIsLost() throws Exception {
        AtomicLong requested = new AtomicLong();
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger together = new AtomicInteger();
        AtomicLong served = new AtomicLong();
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        CountDownLatch ended = new CountDownLatch(THREADS);
        for (int i = 0; i < THREADS; i++) {
            threads.execute(() -> {
                for (int j = 0; j < REQUESTS; j++) {
                    requested.incrementAndGet();
                    loop.run(() -> {
                        if (inside.incrementAndGet() > 1) {
                            together.incrementAndGet();
                        }
                        served.addAndGet(requested.getAndSet(0));
                        inside.decrementAndGet();
                    });
                }
                ended.countDown();
            });
        }
        assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
        threads.shutdown();

        assertThat(together).hasValue(0);
        assertThat(served).hasValue((long) THREADS * REQUESTS);
    }

    @Test
    void requestFromWithin_isServedAfterwards() {
        AtomicInteger runs = new AtomicInteger();
        loop.run(() -> {
            int now = runs.incrementAndGet();
            if (now < 3) {
                loop.run(() -> runs.addAndGet(100));
                assertThat(runs).hasValue(now);
            }
        });
        assertThat(runs).hasValue(3);
    }

    @Test
    void bodyThatThrows_isRunAgainForTheRequestsThatCameMeanwhile() {
        AtomicInteger runs = new AtomicInteger();
        assertThatThrownBy(() -> loop.run(() -> {
                    if (runs.incrementAndGet() == 1) {
                        loop.run(() -> {});
                        throw new StackOverflowError("first");
                    }
                    throw new IllegalStateException("second");
                }))
                .isInstanceOf(StackOverflowError.class)
                .hasMessage("first");
        assertThat(runs).hasValue(2);

        loop.run(runs::incrementAndGet);
        assertThat(runs).hasValue(3);
    }
}
