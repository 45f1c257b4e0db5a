package dev.evenkeel.lb.okhttp.internal.discovery.registry;

import static dev.evenkeel.lb.okhttp.internal.discovery.registry.WatchFixture.A;
import static dev.evenkeel.lb.okhttp.internal.discovery.registry.WatchFixture.B;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.okhttp.discovery.VirtualTime;
import dev.evenkeel.lb.spi.BackendDiscovery;
import dev.evenkeel.lb.spi.Scheduler;
import dev.evenkeel.lb.spi.TimeSource;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When lists and errors reach a pool, on a clock of the test's own. */
@Timeout(60)
class ListPublisherTest {
    private static final Duration TICK = Duration.ofMillis(20);

    private final VirtualTime time = new VirtualTime();
    /** Lists, and texts of errors, in the order in which they came. */
    private final List<Object> told = new ArrayList<>();

    private Runnable whileTold = () -> {};

    private final ListPublisher publisher = new ListPublisher(new BackendDiscovery.Receiver() {
        @Override
        public void backends(List<Backend> backends) {
            whileTold.run();
            told.add(backends);
        }

        @Override
        public void error(Throwable cause) {
            told.add(String.valueOf(cause.getMessage()));
        }

        @Override
        public Scheduler scheduler() {
            return time;
        }

        @Override
        public TimeSource timeSource() {
            return time;
        }

        @Override
        public RandomGenerator random() {
            return new Random(1);
        }

        @Override
        public Executor executor() {
            return Runnable::run;
        }
    });

    private void list(Backend... backends) {
        publisher.list(List.of(backends), false);
    }

    @Test
    void entryThatFlapsFiftyTimesASecond_isTenListsASecond_andTheLastIsTheState() {
        for (int i = 0; i < 500; i++) {
            list(i % 2 == 0 ? new Backend[] {A} : new Backend[] {A, B});
            list(B);
            list(i % 3 == 0 ? new Backend[] {A, B} : new Backend[] {A});
            time.advance(TICK);
        }
        list(A, B);
        time.advance(ListPublisher.INTERVAL);

        assertThat(told).hasSizeBetween(10, 102).endsWith(List.of(A, B));
    }

    @Test
    void firstChangeAfterAQuietTime_isToldAtOnce_andTheNextWhenTheIntervalIsOver() {
        list(A);
        time.advance(ListPublisher.INTERVAL);
        list(A, B);
        assertThat(told).containsExactly(List.of(A), List.of(A, B));

        time.advance(TICK);
        list(B); // A has gone.
        time.advance(ListPublisher.INTERVAL.minus(TICK).minusNanos(1));
        assertThat(told).hasSize(2);
        time.advance(Duration.ofNanos(1));
        assertThat(told).hasSize(3).endsWith(List.of(B));
    }

    @Test
    void entryThatIsBackBeforeTheIntervalIsOver_isNoList() {
        list(A, B);
        list(A);
        list(A, B);
        time.advance(ListPublisher.INTERVAL);

        assertThat(told).containsExactly(List.of(A, B));
    }

    @Test
    void listThatIsWantedAgain_isToldAgain_evenIfAnotherCameBetween() {
        list(A);
        publisher.list(List.of(A), true);
        list(B);
        list(A);
        time.advance(ListPublisher.INTERVAL);

        assertThat(told).containsExactly(List.of(A), List.of(A));
    }

    @Test
    void error_comesBehindTheListsThatWereFoundBefore_andAheadOfThoseAfter() {
        list(A);
        list(B);
        publisher.error(new IOException("away"));
        publisher.list(List.of(B), true);
        assertThat(told).containsExactly(List.of(A), List.of(B), "away");

        time.advance(ListPublisher.INTERVAL);
        assertThat(told).containsExactly(List.of(A), List.of(B), "away", List.of(B));
    }

    @Test
    void nothing_isToldAfterTheClose() {
        list(A);
        list(B);
        publisher.close();
        publisher.error(new IOException("away"));
        time.advance(ListPublisher.INTERVAL);

        assertThat(told).containsExactly(List.of(A));
    }

    @Test
    void listFromAnotherThread_whileOneIsTold_isToldBehindIt() throws Exception {
        CountDownLatch telling = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        whileTold = () -> {
            telling.countDown();
            try {
                assertThat(goOn.await(60, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        };
        Thread slow = new Thread(() -> list(A));
        slow.start();
        assertThat(telling.await(60, TimeUnit.SECONDS)).isTrue();
        list(B);
        publisher.error(new IOException("away"));
        assertThat(told).isEmpty();

        goOn.countDown();
        slow.join();
        assertThat(told).containsExactly(List.of(A), List.of(B), "away");
    }
}
