package dev.evenkeel.lb.core.internal.health;

import static dev.evenkeel.lb.core.PoolFixture.lease;
import static dev.evenkeel.lb.core.PoolFixture.status;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerEvent.BreakerChanged;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.LoadBalancerBuilder;
import dev.evenkeel.lb.core.PoolFixture;
import dev.evenkeel.lb.core.health.BreakerPolicy;
import dev.evenkeel.lb.core.health.OutlierDetectors;
import dev.evenkeel.lb.core.strategy.Strategies;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which calls a breaker counts: the window's start, its end, and how many calls it takes. */
class CircuitBreakersTest {
    private static final Duration PAUSE = Duration.ofMillis(10);

    private final PoolFixture fixture = new PoolFixture();

    private LoadBalancer pool(BreakerPolicy policy) {
        return builder(policy).build();
    }

    private LoadBalancerBuilder builder(BreakerPolicy policy) {
        return fixture.builder()
                .backend(Backend.builder("http://a").id("a").build())
                .backend(Backend.builder("http://b").id("b").build())
                .strategy(Strategies.roundRobin())
                .outlierDetection(OutlierDetectors.none())
                .circuitBreaker(policy);
    }

    /** Makes calls until this many have met backend a. */
    private void calls(LoadBalancer pool, int count, Outcome outcome) {
        int made = 0;
        while (made < count) {
            Lease lease = lease(pool);
            fixture.time.advance(PAUSE);
            boolean isA = lease.backend().id().equals("a");
            made += isA ? 1 : 0;
            lease.complete(isA ? outcome : Outcome.SUCCESS);
        }
    }

    private static BreakerState breaker(LoadBalancer pool) {
        return status(pool, "a").breaker();
    }

    @Test
    void backendThatDies_isFoundAfterMinCalls_howeverWellItWas() {
        try (LoadBalancer pool = pool(BreakerPolicy.defaults())) {
            calls(pool, 10_000, Outcome.SUCCESS);
            calls(pool, 9, Outcome.SERVER_ERROR);
            assertThat(breaker(pool)).isEqualTo(BreakerState.CLOSED);

            calls(pool, 1, Outcome.SERVER_ERROR);
            assertThat(breaker(pool)).isEqualTo(BreakerState.OPEN);
        }
    }

    /** A breaker that was open went on through trials and timeouts, with its timers and events, for as long as the pool. */
    @Test
    void backendThatLeavesWithAnOpenBreaker_isNotHeardOfAgain() {
        try (LoadBalancer pool = pool(BreakerPolicy.defaults())) {
            int timers = fixture.time.pendingTimers();
            calls(pool, 10, Outcome.SERVER_ERROR);
            assertThat(breaker(pool)).isEqualTo(BreakerState.OPEN);

            pool.registry().remove("a");
            int events = fixture.events(BreakerChanged.class).size();
            fixture.time.advance(Duration.ofHours(1));

            assertThat(fixture.events(BreakerChanged.class)).hasSize(events);
            assertThat(fixture.time.pendingTimers()).isEqualTo(timers);
        }
    }

    @Test
    void longPolls_ofWhichOneFails_doNotOpenTheBreaker() {
        try (LoadBalancer pool = pool(BreakerPolicy.defaults())) {
            List<Lease> polls = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                polls.add(lease(pool));
            }
            fixture.time.advance(Duration.ofSeconds(61));
            boolean failed = false;
            for (Lease poll : polls) {
                boolean fails = !failed && poll.backend().id().equals("a");
                failed |= fails;
                poll.complete(fails ? Outcome.SERVER_ERROR : Outcome.SUCCESS);
            }
            assertThat(breaker(pool)).isEqualTo(BreakerState.CLOSED);
        }
    }

    // What moves an open breaker.

    private void reload(LoadBalancer pool, BreakerPolicy policy) {
        builder(policy).applyTo(pool);
    }

    private BreakerChanged lastChange() {
        List<BreakerChanged> changes = fixture.events(BreakerChanged.class);
        return changes.get(changes.size() - 1);
    }

    /** A call at backend a, which is on trial, with this outcome. */
    private void trial(LoadBalancer pool, Outcome outcome) {
        assertThat(breaker(pool)).isEqualTo(BreakerState.HALF_OPEN);
        calls(pool, 3, outcome);
    }

    @Test
    void reload_ofTheSamePolicy_keepsTheWindow_andAnotherPolicyBeginsANewOne() {
        try (LoadBalancer pool = pool(BreakerPolicy.defaults())) {
            calls(pool, 9, Outcome.SERVER_ERROR);
            reload(
                    pool,
                    BreakerPolicy.builder().openDuration(Duration.ofSeconds(2)).build());
            calls(pool, 9, Outcome.SERVER_ERROR);
            assertThat(breaker(pool)).isEqualTo(BreakerState.CLOSED);

            reload(
                    pool,
                    BreakerPolicy.builder().openDuration(Duration.ofSeconds(2)).build());
            calls(pool, 1, Outcome.SERVER_ERROR);
            assertThat(breaker(pool)).isEqualTo(BreakerState.OPEN);
        }
    }

    @Test
    void reload_thatSwitchesBreakersOff_closesAnOpenOne_andNoneOpensAfterwards() {
        try (LoadBalancer pool = pool(BreakerPolicy.defaults())) {
            calls(pool, 10, Outcome.SERVER_ERROR);
            reload(pool, BreakerPolicy.off());
            assertThat(breaker(pool)).isEqualTo(BreakerState.CLOSED);
            assertThat(lastChange().cause()).isEqualTo("breakers are switched off");

            calls(pool, 20, Outcome.SERVER_ERROR);
            fixture.time.advance(Duration.ofMinutes(1));
            assertThat(breaker(pool)).isEqualTo(BreakerState.CLOSED);
        }
    }

    @Test
    void trialWithoutAnAnswer_opensAgain_forTwiceAsLong() {
        try (LoadBalancer pool = pool(BreakerPolicy.defaults())) {
            calls(pool, 10, Outcome.SERVER_ERROR);
            fixture.time.advance(Duration.ofMillis(1_200));
            assertThat(breaker(pool)).isEqualTo(BreakerState.HALF_OPEN);

            fixture.time.advance(Duration.ofSeconds(10));
            assertThat(breaker(pool)).isEqualTo(BreakerState.OPEN);
            assertThat(lastChange().cause()).isEqualTo("the trial calls were not answered within PT10S");
            for (int i = 0; i < 10; i++) {
                Lease lease = lease(pool);
                assertThat(lease.backend().id()).isEqualTo("b");
                lease.complete(Outcome.SUCCESS);
            }
            fixture.time.advance(Duration.ofMillis(1_150));
            assertThat(breaker(pool)).as("1.6 s to 2.4 s").isEqualTo(BreakerState.OPEN);
            fixture.time.advance(Duration.ofMillis(1_250));
            trial(pool, Outcome.SUCCESS);
            assertThat(breaker(pool)).isEqualTo(BreakerState.CLOSED);
            assertThat(lastChange().cause()).isEqualTo("the trial calls succeeded");
        }
    }

    @Test
    void goodTrial_andMaintenance_forgetHowOftenTheBreakerHasOpened() {
        try (LoadBalancer pool = pool(BreakerPolicy.defaults())) {
            for (int i = 0; i < 3; i++) {
                calls(pool, 10, Outcome.SERVER_ERROR);
                fixture.time.advance(Duration.ofMillis(1_200));
                trial(pool, Outcome.SERVER_ERROR);
                assertThat(breaker(pool)).isEqualTo(BreakerState.OPEN);
                fixture.time.advance(Duration.ofMillis(1_200));
                assertThat(breaker(pool))
                        .as("the second time, for 1.6 s at least")
                        .isEqualTo(BreakerState.OPEN);
                if (i == 0) {
                    fixture.time.advance(Duration.ofMillis(1_200));
                    trial(pool, Outcome.SUCCESS);
                } else {
                    pool.registry().maintenance("a");
                    pool.registry().activate("a");
                    assertThat(lastChange().cause()).isEqualTo("back from maintenance");
                }
                assertThat(breaker(pool)).isEqualTo(BreakerState.CLOSED);
            }
        }
    }

    @Test
    void failuresBeforeALongPause_doNotCount() {
        try (LoadBalancer pool = pool(BreakerPolicy.defaults())) {
            calls(pool, 5, Outcome.SERVER_ERROR);
            fixture.time.advance(Duration.ofHours(1));
            calls(pool, 5, Outcome.SUCCESS);
            assertThat(breaker(pool)).isEqualTo(BreakerState.CLOSED);

            calls(pool, 9, Outcome.SERVER_ERROR);
            assertThat(breaker(pool)).as("a new window").isEqualTo(BreakerState.CLOSED);
            calls(pool, 1, Outcome.SERVER_ERROR);
            assertThat(breaker(pool)).isEqualTo(BreakerState.OPEN);
        }
    }

    @Test
    void failuresWithinTheWindowsDuration_countTogether() {
        try (LoadBalancer pool = pool(
                BreakerPolicy.builder().windowDuration(Duration.ofMinutes(5)).build())) {
            calls(pool, 5, Outcome.SERVER_ERROR);
            fixture.time.advance(Duration.ofMinutes(4));
            calls(pool, 5, Outcome.SERVER_ERROR);
            assertThat(breaker(pool)).isEqualTo(BreakerState.OPEN);
        }
    }

    @Test
    void lowFailureRate_isNotReachedByOneFailureAmongTheFirstCalls() {
        try (LoadBalancer pool = pool(
                BreakerPolicy.builder().windowSize(1_000).failureRatePercent(5).build())) {
            calls(pool, 20_000, Outcome.SUCCESS);
            calls(pool, 1, Outcome.SERVER_ERROR);
            calls(pool, 9, Outcome.SUCCESS);
            assertThat(breaker(pool)).isEqualTo(BreakerState.CLOSED);

            for (int i = 0; i < 20; i++) {
                calls(pool, 1_999, Outcome.SUCCESS);
                calls(pool, 1, Outcome.SERVER_ERROR);
                assertThat(breaker(pool)).as("1 failure in 2,000").isEqualTo(BreakerState.CLOSED);
            }
        }
    }

    @Test
    void lowFailureRate_opensWhenItIsReached() {
        try (LoadBalancer pool = pool(
                BreakerPolicy.builder().windowSize(1_000).failureRatePercent(5).build())) {
            for (int i = 0; i < 10; i++) {
                assertThat(breaker(pool)).isEqualTo(BreakerState.CLOSED);
                calls(pool, 1, Outcome.SERVER_ERROR);
                calls(pool, 9, Outcome.SUCCESS);
            }
            assertThat(breaker(pool)).isEqualTo(BreakerState.OPEN);
        }
    }

    @Test
    void trialThatSucceeds_clearsTheWindow() {
        try (LoadBalancer pool = pool(BreakerPolicy.defaults())) {
            calls(pool, 10, Outcome.SERVER_ERROR);
            assertThat(breaker(pool)).isEqualTo(BreakerState.OPEN);
            fixture.time.advance(Duration.ofSeconds(2));
            calls(pool, 3, Outcome.SUCCESS);
            assertThat(breaker(pool)).isEqualTo(BreakerState.CLOSED);

            calls(pool, 9, Outcome.SERVER_ERROR);
            assertThat(breaker(pool)).isEqualTo(BreakerState.CLOSED);
        }
    }

    @Test
    void windowOfSuccesses_clearsTheFailures() {
        try (LoadBalancer pool = pool(BreakerPolicy.defaults())) {
            calls(pool, 9, Outcome.SERVER_ERROR);
            calls(pool, 50, Outcome.SUCCESS);
            calls(pool, 9, Outcome.SERVER_ERROR);
            assertThat(breaker(pool)).isEqualTo(BreakerState.CLOSED);
        }
    }

    /** Streams end long after they were answered: their successes would meet the failures of before the ejection. */
    @Test
    void trialAfterAnEjection_thatSucceeds_clearsTheWindow() {
        try (LoadBalancer pool = builder(BreakerPolicy.defaults())
                .outlierDetection(OutlierDetectors.relative())
                .build()) {
            calls(pool, 20, Outcome.SUCCESS);
            calls(pool, 3, Outcome.SERVER_ERROR);
            assertThat(status(pool, "a").ejectedFor()).isNotNull();
            fixture.time.advance(Duration.ofMillis(1_300));
            calls(pool, 1, Outcome.SERVER_ERROR);
            fixture.time.advance(Duration.ofSeconds(3));
            calls(pool, 1, Outcome.SERVER_ERROR);
            fixture.time.advance(Duration.ofSeconds(5));
            calls(pool, 1, Outcome.SUCCESS);
            fixture.time.advance(Duration.ofSeconds(40));

            calls(pool, 20, Outcome.SUCCESS);

            assertThat(breaker(pool)).isEqualTo(BreakerState.CLOSED);
            assertThat(fixture.events(BreakerChanged.class)).isEmpty();
        }
    }

    // What causes no snapshot.

    @Test
    void windowOfSuccesses_beginsANewWindow_withoutASnapshot() {
        try (LoadBalancer pool = pool(BreakerPolicy.defaults())) {
            long version = pool.snapshot().version();
            calls(pool, 4, Outcome.SERVER_ERROR);
            calls(pool, 50, Outcome.SUCCESS);
            assertThat(pool.snapshot().version()).isEqualTo(version);

            calls(pool, 9, Outcome.SERVER_ERROR);
            assertThat(breaker(pool)).as("a new window").isEqualTo(BreakerState.CLOSED);
            calls(pool, 1, Outcome.SERVER_ERROR);
            assertThat(breaker(pool)).isEqualTo(BreakerState.OPEN);
        }
    }

    @Test
    void timersOfATrialThatHasEnded_changeNothing() {
        try (LoadBalancer pool = pool(BreakerPolicy.defaults())) {
            calls(pool, 10, Outcome.SERVER_ERROR);
            fixture.time.advance(Duration.ofMillis(1_200));
            trial(pool, Outcome.SUCCESS);
            calls(pool, 10, Outcome.SERVER_ERROR);
            pool.registry().maintenance("a");
            pool.registry().activate("a");
            long version = pool.snapshot().version();
            int events = fixture.events.size();

            fixture.time.advance(Duration.ofHours(1));
            assertThat(pool.snapshot().version()).isEqualTo(version);
            assertThat(fixture.events).hasSize(events);
        }
    }

    @Test
    void breakerThatMayNotOpen_causesNoSnapshot() {
        try (LoadBalancer pool = pool(BreakerPolicy.builder()
                .openDuration(Duration.ofMinutes(1))
                .maxOpenDuration(Duration.ofMinutes(1))
                .build())) {
            calls(pool, 10, Outcome.SERVER_ERROR);
            long version = pool.snapshot().version();
            for (int i = 0; i < 30; i++) {
                Lease lease = lease(pool);
                assertThat(lease.backend().id()).isEqualTo("b");
                fixture.time.advance(PAUSE);
                lease.complete(Outcome.SERVER_ERROR);
            }
            assertThat(status(pool, "b").breaker()).isEqualTo(BreakerState.CLOSED);
            assertThat(pool.snapshot().version()).isEqualTo(version);
        }
    }

    @Test
    void eachMoveOfABreaker_causesOneSnapshot() {
        try (LoadBalancer pool = pool(BreakerPolicy.defaults())) {
            long version = pool.snapshot().version();
            calls(pool, 10, Outcome.SERVER_ERROR);
            assertThat(pool.snapshot().version()).as("open").isEqualTo(version + 1);
            fixture.time.advance(Duration.ofMillis(1_200));
            assertThat(pool.snapshot().version()).as("half-open").isEqualTo(version + 2);
            fixture.time.advance(Duration.ofSeconds(10));
            assertThat(pool.snapshot().version()).as("given up").isEqualTo(version + 3);
            fixture.time.advance(Duration.ofMillis(2_400));
            trial(pool, Outcome.SUCCESS);
            assertThat(pool.snapshot().version()).as("closed").isEqualTo(version + 5);
        }
    }
}
