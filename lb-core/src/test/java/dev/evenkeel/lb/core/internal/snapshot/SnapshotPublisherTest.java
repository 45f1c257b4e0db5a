package dev.evenkeel.lb.core.internal.snapshot;

import static dev.evenkeel.lb.core.PoolFixture.call;
import static dev.evenkeel.lb.core.PoolFixture.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BackendRegistry.DrainPolicy;
import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerEvent.BreakerChanged;
import dev.evenkeel.lb.LoadBalancerEvent.PanicChanged;
import dev.evenkeel.lb.LoadBalancerEvent.PoolClosed;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.LoadBalancerBuilder;
import dev.evenkeel.lb.core.PoolFixture;
import dev.evenkeel.lb.core.health.BreakerPolicy;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.core.health.OutlierDetectors;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.core.topology.PriorityPolicy;
import dev.evenkeel.lb.spi.HealthCheck;
import dev.evenkeel.lb.spi.HealthResult;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A pool whose snapshots are expensive: making a picker takes 10 ms of the pool's clock. */
class SnapshotPublisherTest {
    private final PoolFixture fixture = new PoolFixture();
    private final AtomicInteger pickers = new AtomicInteger();
    private final AtomicBoolean expensive = new AtomicBoolean();
    private Runnable whilePickersAreMade = () -> {};
    private Duration pickerTime = Duration.ofMillis(10);
    private final LoadBalancingStrategy slowToMake = context -> {
        pickers.incrementAndGet();
        whilePickersAreMade.run();
        if (expensive.get()) {
            fixture.time.advance(pickerTime);
        }
        return Strategies.roundRobin().newPicker(context);
    };
    private LoadBalancer pool;

    @BeforeEach
    void start() {
        LoadBalancerBuilder builder = fixture.builder()
                .strategy(slowToMake)
                .circuitBreaker(BreakerPolicy.builder()
                        .openDuration(Duration.ofSeconds(10))
                        .build())
                .outlierDetection(OutlierDetectors.none())
                .priorities(PriorityPolicy.overprovisioned().countingBackends());
        for (int i = 0; i < 9; i++) {
            builder.backend(backend(i));
        }
        pool = builder.build();
    }

    private static Backend backend(int i) {
        return Backend.builder("http://h" + i + ":1").id("h" + i).build();
    }

    /** As after a while of expensive snapshots. */
    private void becomeExpensive() {
        expensive.set(true);
        for (int i = 0; i < 12; i++) {
            pool.registry().setWeight("h8", 2 + i);
        }
    }

    private void fail(String id) {
        call(pool, 9 * 12, Map.of(id, Outcome.SERVER_ERROR));
        // Its status would end the delay of the next snapshot.
        assertThat(fixture.events(BreakerChanged.class))
                .last()
                .returns(id, event -> event.backend().id())
                .returns(BreakerState.OPEN, BreakerChanged::after);
    }

    @Test
    void observations_afterAnExpensiveSnapshot_waitForOneAnother_butCloseAtOnce() {
        becomeExpensive();
        int before = pickers.get();
        fail("h0");
        fail("h1");
        fail("h2");

        assertThat(pickers.get()).isEqualTo(before);
        assertThat(call(pool, 60)).doesNotContainKeys("h0", "h1", "h2");
        assertThat(pool.explain(RequestContext.NONE).option("h0").orElseThrow().isEligible())
                .isFalse();

        fixture.time.advance(Duration.ofMillis(90));
        assertThat(pickers.get()).isEqualTo(before + 1);
        assertThat(call(pool, 60)).hasSize(6);
        assertThat(status(pool, "h0").isEligible()).isFalse();
    }

    @Test
    void closingAtOnce_stopsWhereThereIsDoubt() {
        becomeExpensive();
        for (int i = 0; i < 6; i++) {
            fail("h" + i);
        }

        // 5 of 9 have to stay: the fifth waits for the snapshot, which finds panic and uses all.
        assertThat(call(pool, 60)).hasSize(5);
        fixture.time.advance(Duration.ofMillis(100));
        assertThat(call(pool, 90)).hasSize(9);
    }

    /** A client that has read that all backends are down is not sent to one of them. */
    @Test
    void description_endsTheDelay_soThatItShowsWhatCallsFind() {
        becomeExpensive();
        for (int i = 0; i < 6; i++) {
            fail("h" + i);
        }
        assertThat(call(pool, 60)).hasSize(5);

        assertThat(status(pool, "h5").isEligible()).isTrue();
        assertThat(call(pool, 90)).hasSize(9);
        assertThat(fixture.events(PanicChanged.class))
                .as("a reader tells no listener")
                .isEmpty();
        long version = pool.snapshot().version();
        fixture.time.advance(Duration.ofMillis(100));
        assertThat(fixture.events(PanicChanged.class)).hasSize(1);
        assertThat(pool.snapshot().version()).isEqualTo(version);
    }

    @Test
    void description_thatAStrategyAsksFor_whileItsPickerIsMade_showsTheSnapshotBefore() {
        becomeExpensive();
        fail("h0");
        List<Long> seen = new ArrayList<>();
        whilePickersAreMade = () -> seen.add(pool.snapshot().version());
        fixture.time.advance(Duration.ofMillis(90));
        whilePickersAreMade = () -> {};

        assertThat(seen).containsExactly(pool.snapshot().version() - 1);
    }

    @Test
    void whatSomebodyAsksFor_isInForceAtOnce_andTakesInWhatWaits() {
        becomeExpensive();
        fail("h0");
        pool.registry().add(backend(9));
        pool.registry().drain("h1");

        assertThat(call(pool, 60)).containsKey("h9").doesNotContainKeys("h0", "h1");
        int before = pickers.get();
        fixture.time.advance(Duration.ofMillis(500));
        assertThat(pickers.get()).isEqualTo(before);
    }

    @Test
    void cheapSnapshots_areMadeForEachObservation() {
        int before = pickers.get();
        fail("h0");
        fail("h1");

        assertThat(pickers.get()).isEqualTo(before + 2);
    }

    @Test
    void oneSlowSnapshot_isNotTakenForTheUsual() {
        expensive.set(true);
        pool.registry().setWeight("h8", 2);
        expensive.set(false);
        fixture.time.advance(Duration.ofMillis(2));
        int before = pickers.get();
        fail("h0");

        assertThat(pickers.get()).isEqualTo(before + 1);
    }

    /** A thousand changes a second, in a pool in which two milliseconds have to pass. */
    @Test
    void observations_inALargePool_areTakenTogether_howeverCheapASnapshotIs() {
        int size = 2_000;
        int failing = 900;
        AtomicBoolean fail = new AtomicBoolean();
        HealthCheck check = (backend, timeout) -> CompletableFuture.completedFuture(
                fail.get() && Integer.parseInt(backend.id()) < failing
                        ? HealthResult.unhealthy("no")
                        : HealthResult.healthy("up"));
        LoadBalancerBuilder builder = fixture.builder()
                .healthCheck(HealthCheckPolicy.builder(check)
                        .interval(Duration.ofSeconds(1))
                        .rise(1)
                        .fall(1)
                        .build());
        for (int i = 0; i < size; i++) {
            builder.backend(Backend.builder("http://h" + i + ":1")
                    .id(Integer.toString(i))
                    .build());
        }
        try (LoadBalancer large = builder.build()) {
            fixture.time.advance(Duration.ofSeconds(3));
            long before = large.snapshot().version();
            fail.set(true);
            fixture.time.advance(Duration.ofSeconds(2));

            assertThat(large.snapshot().version() - before).isPositive().isLessThan(failing * 2 / 3);
            assertThat(large.snapshot().backends().stream().filter(status -> status.isEligible()))
                    .hasSize(size - failing);
        }
    }

    /** The backends 0 to 4, the last first, with weights 1 to 5; some of them in the second tier. */
    private static List<Backend> reversed(int... standby) {
        List<Backend> backends = new ArrayList<>();
        for (int i = 4; i >= 0; i--) {
            int number = i;
            backends.add(Backend.builder("http://h" + i + ":1")
                    .id("h" + i)
                    .weight(1 + i)
                    .priority(Arrays.stream(standby).anyMatch(other -> other == number) ? 1 : 0)
                    .build());
        }
        return backends;
    }

    @Test
    void changeOfSeveralBackends_inAnotherOrderThanThatOfTheirJoining_losesNoneOfThem() {
        try (LoadBalancer several = fixture.builder(
                        "http://h0:1", "http://h1:1", "http://h2:1", "http://h3:1", "http://h4:1")
                .strategy(Strategies.weightedRoundRobin())
                .build()) {
            several.registry().replaceAll(reversed());
            fixture.time.advance(Duration.ofSeconds(1));
            assertThat(call(several, 150)).isEqualTo(Map.of("h0", 10, "h1", 20, "h2", 30, "h3", 40, "h4", 50));

            several.registry().replaceAll(reversed(4, 1));
            assertThat(call(several, 80)).isEqualTo(Map.of("h0", 10, "h2", 30, "h3", 40));

            several.registry().replaceAll(reversed(3, 0));
            assertThat(call(several, 100)).isEqualTo(Map.of("h1", 20, "h2", 30, "h4", 50));
        }
    }

    @Test
    void close_callsOffWhatWaits() {
        becomeExpensive();
        fail("h0");
        pool.close();

        assertThat(fixture.time.pendingTimers()).isZero();
    }

    @Test
    void observations_waitForASecondAtMost_howeverExpensiveASnapshotIs() {
        pickerTime = Duration.ofMillis(400);
        becomeExpensive();
        int before = pickers.get();
        fail("h0");

        fixture.time.advance(Duration.ofMillis(990));
        assertThat(pickers.get()).isEqualTo(before);
        fixture.time.advance(Duration.ofMillis(10));
        assertThat(pickers.get()).isEqualTo(before + 1);
    }

    @Test
    void close_isToldOnce_andNoChangeFollowsIt() {
        pool.close();
        pool.close();

        assertThat(fixture.events(PoolClosed.class)).hasSize(1);
        long version = pool.snapshot().version();
        assertThatIllegalStateException()
                .isThrownBy(() -> pool.registry().add(backend(9)))
                .withMessage("pool \"users\" is closed");
        assertThat(pool.snapshot().version()).isEqualTo(version);
        assertThat(pool.snapshot().closed()).isTrue();
    }

    /** A drain that an observation has ended, and whose snapshot waits. */
    private CompletableFuture<?> drainedButNotPublished() {
        Lease stream = PoolFixture.lease(
                pool, RequestContext.NONE.withPermitted(backend -> backend.id().equals("h0")));
        CompletableFuture<?> drained = pool.registry()
                .drain("h0", DrainPolicy.of(Duration.ofMinutes(1)))
                .toCompletableFuture();
        becomeExpensive();
        stream.complete(Outcome.SUCCESS);
        assertThat(drained).isNotDone();
        return drained;
    }

    /** The report of a drain says what the snapshot says: it waits for the snapshot that an observation is included in. */
    @Test
    void drainThatEndsByAnObservation_isReportedWithItsSnapshot() {
        CompletableFuture<?> drained = drainedButNotPublished();
        fixture.time.advance(Duration.ofMillis(100));
        assertThat(drained).isDone();
    }

    @Test
    void subsetThatIsDeclared_deliversWhatWaitedForASnapshot() {
        CompletableFuture<?> drained = drainedButNotPublished();
        pool.declareSubsets(Set.of("version"));
        assertThat(drained).isDone();
    }

    @Test
    void snapshotThatWasDue_deliversItsEventsByItself() {
        becomeExpensive();
        for (int i = 0; i < 6; i++) {
            fail("h" + i);
        }
        assertThat(fixture.events(PanicChanged.class)).isEmpty();
        fixture.time.advance(Duration.ofMillis(100));
        assertThat(fixture.events(PanicChanged.class)).hasSize(1);
    }

    private void assertThatAnotherThreadMayChangeThePool(int weight) {
        assertThat(CompletableFuture.runAsync(() -> pool.registry().setWeight("h8", weight)))
                .succeedsWithin(Duration.ofSeconds(30));
        assertThat(status(pool, "h8").effectiveWeight()).isEqualTo(weight);
    }

    @Test
    void changesOfEachKind_letAnotherThreadInAfterwards() {
        pool.registry().add(backend(9));
        assertThatAnotherThreadMayChangeThePool(2);
        pool.declareSubsets(Set.of("version"));
        assertThatAnotherThreadMayChangeThePool(3);
        fail("h0");
        assertThatAnotherThreadMayChangeThePool(4);
        becomeExpensive();
        fail("h1");
        fixture.time.advance(Duration.ofSeconds(1));
        assertThatAnotherThreadMayChangeThePool(5);
        pool.close();
        assertThat(CompletableFuture.runAsync(pool::close)).succeedsWithin(Duration.ofSeconds(30));
    }

    @Test
    void subsetThatIsDeclaredTwice_causesOneSnapshot_andNoneOfAClosedPool() {
        long version = pool.snapshot().version();
        pool.declareSubsets(Set.of("version"));
        pool.declareSubsets(Set.of("version"));
        assertThat(pool.snapshot().version()).isEqualTo(version + 1);

        pool.close();
        long last = pool.snapshot().version();
        pool.declareSubsets(Set.of("shard"));
        assertThat(pool.snapshot().version()).isEqualTo(last);
        assertThat(pool.snapshot().closed()).isTrue();
    }
}
