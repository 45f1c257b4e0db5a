package dev.evenkeel.lb.core.health;

import static dev.evenkeel.lb.core.PoolFixture.lease;
import static dev.evenkeel.lb.core.PoolFixture.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerEvent.BackendEjected;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.PoolFixture;
import dev.evenkeel.lb.core.strategy.FakeCandidate;
import dev.evenkeel.lb.core.strategy.FakePool;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.spi.EjectionPolicy;
import dev.evenkeel.lb.spi.OutlierDetector;
import dev.evenkeel.lb.spi.OutlierDetector.Detection;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rule for failures within a time: nginx's {@code max_fails} and {@code fail_timeout}. */
class FailuresWithinTest {
    private static final Duration WINDOW = Duration.ofSeconds(10);
    private static final long WINDOW_NANOS = WINDOW.toNanos();
    private static final String CAUSE = "3 failures within PT10S";

    private final List<FakeCandidate> peers = FakePool.ofSize(2);
    private final Detection detection = OutlierDetectors.failures(3, WINDOW).newDetection(() -> 0);

    private @Nullable String observe(Outcome outcome, long nowNanos) {
        return detection.observe(peers.get(0), outcome, 1, nowNanos, peers);
    }

    private @Nullable String fails(long nowNanos) {
        return observe(Outcome.SERVER_ERROR, nowNanos);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, Long.MAX_VALUE - 5, Long.MIN_VALUE, -7})
    void lastOfSoManyFailures_inLessThanTheWindow_isAReason(long start) {
        assertThat(fails(start)).isNull();
        assertThat(fails(start + 1)).isNull();
        assertThat(fails(start + WINDOW_NANOS - 1)).isEqualTo(CAUSE);
    }

    @Test
    void windowSlides_soThatOldFailuresCountNoMore() {
        assertThat(fails(0)).isNull();
        assertThat(fails(9_000_000_000L)).isNull();
        assertThat(fails(WINDOW_NANOS)).as("the first one is too old").isNull();
        assertThat(fails(19_000_000_000L)).as("so is the second").isNull();
        assertThat(fails(WINDOW_NANOS + WINDOW_NANOS - 1)).isEqualTo(CAUSE);
    }

    @Test
    void successesInBetween_changeNothing() {
        for (int i = 0; i < 2; i++) {
            assertThat(fails(i)).isNull();
            for (int success = 0; success < 100; success++) {
                assertThat(observe(Outcome.SUCCESS, i)).isNull();
            }
        }
        assertThat(fails(2)).isEqualTo(CAUSE);
    }

    @Test
    void failuresThatLedToAnEjection_areForgotten() {
        IntStream.range(0, 3).forEach(this::fails);
        assertThat(fails(3)).isNull();
        assertThat(fails(4)).isNull();
        assertThat(fails(5)).isEqualTo(CAUSE);
    }

    @Test
    void everyKindOfFailure_counts_andEachBackendForItself() {
        assertThat(observe(Outcome.NEVER_SENT, 0)).isNull();
        assertThat(observe(Outcome.TIMED_OUT, 1)).isNull();
        assertThat(detection.observe(peers.get(1), Outcome.FAILED, 1, 2, peers)).isNull();
        assertThat(observe(Outcome.FAILED, 3)).isEqualTo(CAUSE);
    }

    @Test
    void oneFailure_asInNginxByDefault() {
        Detection one = OutlierDetectors.failures(1, WINDOW).newDetection(() -> 0);
        for (int i = 0; i < 3; i++) {
            assertThat(one.observe(peers.get(0), Outcome.FAILED, 1, i * WINDOW_NANOS, peers))
                    .isEqualTo("1 failures within PT10S");
        }
    }

    @Test
    void anotherDetection_beginsWithoutHistory() {
        fails(0);
        fails(1);
        Detection next = OutlierDetectors.failures(2, WINDOW).newDetection(() -> 0);
        assertThat(next.observe(peers.get(0), Outcome.FAILED, 1, 2, peers)).isNull();
        assertThat(next.observe(peers.get(0), Outcome.FAILED, 1, 3, peers)).isEqualTo("2 failures within PT10S");
    }

    @Test
    void rulesInARow_comeFirst_andTheRestCountOn() {
        Detection both = XdsOutlierDetector.builder()
                .errorsInARow(2)
                .failures(3, WINDOW)
                .build()
                .newDetection(() -> 0);
        Outcome[] outcomes = {Outcome.FAILED, Outcome.SUCCESS, Outcome.FAILED, Outcome.SUCCESS, Outcome.FAILED};
        String cause = null;
        for (Outcome outcome : outcomes) {
            assertThat(cause).isNull();
            cause = both.observe(peers.get(0), outcome, 1, 0, peers);
        }
        assertThat(cause).isEqualTo(CAUSE);
        assertThat(both.observe(peers.get(0), Outcome.FAILED, 1, 0, peers)).isEqualTo("2 failures in a row");
    }

    @RepeatedTest(20)
    void threads_findNoFewerCallsThanTheRuleSays() throws Exception {
        Detection many = OutlierDetectors.failures(100, WINDOW).newDetection(() -> 0);
        AtomicInteger found = new AtomicInteger();
        CountDownLatch start = new CountDownLatch(1);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<? extends Future<?>> ends = IntStream.range(0, 4)
                    .mapToObj(thread -> threads.submit(() -> {
                        start.await();
                        for (int i = 0; i < 5_000; i++) {
                            if (many.observe(peers.get(0), Outcome.FAILED, 1, 0, peers) != null) {
                                found.incrementAndGet();
                            }
                        }
                        return null;
                    }))
                    .toList();
            start.countDown();
            for (Future<?> end : ends) {
                end.get();
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(found.get()).isBetween(1, 200);
    }

    // The ejection.

    @Test
    void onlyRule_ejectsForTheWindow_eachTime_withATrialAndWithoutAMaximum() {
        EjectionPolicy policy = OutlierDetectors.failures(3, WINDOW).ejectionPolicy();
        assertThat(policy)
                .isEqualTo(EjectionPolicy.builder()
                        .baseDuration(WINDOW)
                        .maxDuration(WINDOW)
                        .jitterPercent(0)
                        .maxEjectionPercent(100)
                        .build());
        assertThat(policy.trial()).isTrue();
        assertThat(XdsOutlierDetector.builder()
                        .failures(3, WINDOW)
                        .errorsInARow(5)
                        .build()
                        .ejectionPolicy())
                .isEqualTo(EjectionPolicy.envoy());
        EjectionPolicy own = EjectionPolicy.builder().maxEjectionPercent(50).build();
        assertThat(XdsOutlierDetector.builder()
                        .failures(3, WINDOW)
                        .ejection(own)
                        .build()
                        .ejectionPolicy())
                .isEqualTo(own);
    }

    @Test
    void pool_ejectsBackendForTheWindow_triesIt_andEjectsItForAsLongAgain() {
        PoolFixture fixture = new PoolFixture();
        LoadBalancer pool = fixture.builder("http://a", "http://b", "http://c")
                .strategy(Strategies.roundRobin())
                .circuitBreaker(BreakerPolicy.off())
                .outlierDetection(OutlierDetectors.failures(3, WINDOW))
                .build();
        for (int i = 0; i < 3; i++) {
            assertThat(ejected(pool)).isFalse();
            callA(pool, Outcome.FAILED);
            if (i < 2) {
                callA(pool, Outcome.SUCCESS);
            }
        }
        for (int round = 1; round <= 3; round++) {
            assertThat(ejected(pool)).isTrue();
            fixture.time.advance(WINDOW.minusMillis(1));
            assertThat(ejected(pool)).isTrue();
            fixture.time.advance(Duration.ofMillis(1));
            assertThat(ejected(pool)).isFalse();
            callA(pool, round < 3 ? Outcome.FAILED : Outcome.SUCCESS);
        }
        callA(pool, Outcome.FAILED);
        callA(pool, Outcome.FAILED);
        assertThat(ejected(pool)).as("the trial's success counts anew").isFalse();
        assertThat(fixture.events(BackendEjected.class))
                .extracting(ejection -> ejection.duration() + " " + ejection.cause())
                .containsExactly(
                        "PT10S " + CAUSE,
                        "PT10S failed again on its return: FAILED",
                        "PT10S failed again on its return: FAILED");
    }

    private static boolean ejected(LoadBalancer pool) {
        return status(pool, "a:80").ejectedFor() != null;
    }

    private static void callA(LoadBalancer pool, Outcome outcome) {
        for (int i = 0; i < 20; i++) {
            Lease lease = lease(pool);
            boolean isA = lease.backend().id().equals("a:80");
            lease.complete(isA ? outcome : Outcome.SUCCESS);
            if (isA) {
                return;
            }
        }
        throw new AssertionError("no call met a:80");
    }

    @Test
    void sameRules_areEqual() {
        OutlierDetector detector = OutlierDetectors.failures(3, WINDOW);
        assertThat(detector).isEqualTo(OutlierDetectors.failures(3, WINDOW));
        assertThat(detector).isNotEqualTo(OutlierDetectors.failures(4, WINDOW));
        assertThat(detector).isNotEqualTo(OutlierDetectors.failures(3, WINDOW.plusMillis(1)));
    }

    @Test
    void valuesOutOfRange_areRefused() {
        for (int count : new int[] {0, -1, 1_001}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> OutlierDetectors.failures(count, WINDOW))
                    .withMessage("outlier failures must be 1..1000: " + count);
        }
        for (Duration window : List.of(
                Duration.ZERO, Duration.ofNanos(999_999), Duration.ofDays(1).plusNanos(1))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> OutlierDetectors.failures(3, window))
                    .withMessage("outlier failures window must be 1 ms to 1 day: " + window);
        }
        assertThat(OutlierDetectors.failures(1_000, Duration.ofDays(1))).isNotNull();
        assertThat(OutlierDetectors.failures(1, Duration.ofMillis(1))).isNotNull();
    }
}
