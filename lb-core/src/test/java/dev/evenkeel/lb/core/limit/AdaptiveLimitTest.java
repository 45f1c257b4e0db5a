package dev.evenkeel.lb.core.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.Unavailable;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.PoolFixture;
import dev.evenkeel.lb.core.strategy.Strategies;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Limits that go by latency, before simulated servers whose knee is known: as many calls as they have workers. */
class AdaptiveLimitTest {
    private static final int CALLERS = 150;

    private final PoolFixture fixture = new PoolFixture();
    private final Random random = new Random(7);
    private final Map<String, Server> servers = new HashMap<>();

    /** So many calls at a time, the others in line; the service time varies by half. */
    private final class Server {
        private int workers;
        private double serviceNanos;
        private final PriorityQueue<Long> busyUntil = new PriorityQueue<>();

        Server(int workers, Duration serviceTime) {
            this.workers = workers;
            this.serviceNanos = serviceTime.toNanos();
        }

        /** How long a call takes that comes now. */
        Duration serve() {
            long now = fixture.time.nanoTime();
            while (busyUntil.size() >= workers) {
                now = Math.max(now, busyUntil.poll());
            }
            long end = now + (long) (serviceNanos * (0.75 + random.nextDouble() / 2));
            busyUntil.add(end);
            return Duration.ofNanos(end - fixture.time.nanoTime());
        }
    }

    private LoadBalancer pool(LimitPolicy limits, String... backends) {
        return fixture.builder(backends)
                .strategy(Strategies.leastConnections())
                .limits(limits.withQueue(2 * CALLERS, Duration.ofHours(1)))
                .build();
    }

    /** Somebody who calls again as soon as the last call has ended. */
    private void callForEver(LoadBalancer pool) {
        var unused = pool.acquireOrWait(RequestContext.NONE).thenAccept(result -> {
            if (result instanceof Lease lease) {
                Server server = servers.get(lease.backend().host());
                fixture.time.schedule(
                        () -> {
                            lease.complete(Outcome.SUCCESS);
                            callForEver(pool);
                        },
                        server.serve());
            }
        });
    }

    private static int limit(LoadBalancer pool) {
        return ((Unavailable) pool.acquire(RequestContext.NONE)).occupancy().limit();
    }

    /** The median over a time; for two windows in forty it is halved on purpose. */
    private int usualLimit(LoadBalancer pool, int seconds) {
        int[] limits = new int[seconds * 10];
        for (int i = 0; i < limits.length; i++) {
            fixture.time.advance(Duration.ofMillis(100));
            limits[i] = limit(pool);
        }
        Arrays.sort(limits);
        return limits[limits.length / 2];
    }

    @Test
    void limit_convergesNearTheKnee_followsIt_andRecovers() {
        Server server = new Server(40, Duration.ofMillis(10));
        servers.put("a", server);
        LoadBalancer pool = pool(LimitPolicy.none().withAdaptive(AdaptiveLimit.standard()), "http://a");
        for (int i = 0; i < CALLERS; i++) {
            callForEver(pool);
        }
        fixture.time.advance(Duration.ofSeconds(5));
        assertThat(usualLimit(pool, 6)).isBetween(40, 70);

        server.workers = 10;
        fixture.time.advance(Duration.ofSeconds(15));
        assertThat(usualLimit(pool, 6)).isBetween(10, 22);

        server.workers = 40;
        fixture.time.advance(Duration.ofSeconds(5));
        assertThat(usualLimit(pool, 6)).isBetween(40, 70);

        // Slower for good, with the same knee: not an overload.
        server.serviceNanos *= 3;
        fixture.time.advance(Duration.ofSeconds(20));
        assertThat(usualLimit(pool, 6)).isBetween(40, 75);
        pool.close();
    }

    @Test
    void startUnderOverload_isNotTakenForTheNormalState() {
        servers.put("a", new Server(10, Duration.ofMillis(10)));
        LoadBalancer pool =
                pool(LimitPolicy.none().withAdaptive(AdaptiveLimit.standard().withRange(4, 120, 1_000)), "http://a");
        for (int i = 0; i < CALLERS; i++) {
            callForEver(pool);
        }
        fixture.time.advance(Duration.ofSeconds(30));
        assertThat(usualLimit(pool, 6)).isBetween(10, 40);
        pool.close();
    }

    @Test
    void eachBackend_hasALimitOfItsOwn() {
        servers.put("a", new Server(8, Duration.ofMillis(10)));
        servers.put("b", new Server(40, Duration.ofMillis(10)));
        LoadBalancer pool =
                pool(LimitPolicy.none().withAdaptivePerBackend(AdaptiveLimit.standard()), "http://a", "http://b");
        for (int i = 0; i < CALLERS; i++) {
            callForEver(pool);
        }
        fixture.time.advance(Duration.ofSeconds(20));

        long[] inFlight = new long[2];
        int looks = 100;
        for (int i = 0; i < looks; i++) {
            fixture.time.advance(Duration.ofMillis(100));
            inFlight[0] += PoolFixture.status(pool, "a:80").inFlight();
            inFlight[1] += PoolFixture.status(pool, "b:80").inFlight();
        }
        assertThat(inFlight[0] / looks).isBetween(8L, 20L);
        assertThat(inFlight[1] / looks).isBetween(38L, 70L);
        pool.close();
    }

    @Test
    void refusalsAndTimeouts_lowerIt_neverBelowTheFloor() {
        LoadBalancer pool = pool(LimitPolicy.none().withAdaptive(AdaptiveLimit.standard()), "http://a");
        assertThat(fill(pool)).isEqualTo(20);
        for (int i = 0; i < 100; i++) {
            end(pool, i % 2 == 0 ? Outcome.THROTTLED : Outcome.TIMED_OUT, 20);
        }
        assertThat(fill(pool)).isEqualTo(4);
        pool.close();
    }

    @Test
    void cancelledAndFailedCalls_teachNothing() {
        LoadBalancer pool = pool(LimitPolicy.none().withAdaptive(AdaptiveLimit.standard()), "http://a");
        for (Outcome outcome :
                new Outcome[] {Outcome.CANCELLED, Outcome.DISCARDED, Outcome.NEVER_SENT, Outcome.FAILED}) {
            for (int i = 0; i < 50; i++) {
                end(pool, outcome, 20);
            }
        }
        assertThat(fill(pool)).isEqualTo(20);
        pool.close();
    }

    @Test
    void idlePool_keepsItsLimit() {
        LoadBalancer pool = pool(LimitPolicy.none().withAdaptive(AdaptiveLimit.standard()), "http://a");
        for (int i = 0; i < 200; i++) {
            end(pool, Outcome.SUCCESS, 12);
        }
        assertThat(fill(pool)).as("one call at a time gives no reason for more").isLessThanOrEqualTo(20);
        pool.close();
    }

    @Test
    void poolsOwnLimit_isTheCeiling() {
        LoadBalancer pool = pool(LimitPolicy.maxInFlight(7).withAdaptive(AdaptiveLimit.standard()), "http://a");
        assertThat(fill(pool)).isEqualTo(7);
        pool.close();
    }

    // Another configuration.

    private void reload(LoadBalancer pool, LimitPolicy limits, String... backends) {
        LoadBalancers.builder("users")
                .backends(backends)
                .strategy(Strategies.leastConnections())
                .limits(limits.withQueue(2 * CALLERS, Duration.ofHours(1)))
                .applyTo(pool);
    }

    /** A pool whose limit has been moved from 20 to 4. */
    private LoadBalancer lowered(LimitPolicy limits) {
        LoadBalancer pool = pool(limits, "http://a");
        for (int i = 0; i < 100; i++) {
            end(pool, Outcome.THROTTLED, 20);
        }
        assertThat(fill(pool)).isEqualTo(4);
        return pool;
    }

    private static LimitPolicy ofPool(int minLimit, int initialLimit, int maxLimit) {
        return LimitPolicy.none().withAdaptive(AdaptiveLimit.standard().withRange(minLimit, initialLimit, maxLimit));
    }

    private static LimitPolicy perBackend(int minLimit, int initialLimit, int maxLimit) {
        return LimitPolicy.none()
                .withAdaptivePerBackend(AdaptiveLimit.standard().withRange(minLimit, initialLimit, maxLimit));
    }

    @Test
    void reloadOfTheSame_keepsTheLimit_ofThePoolAndOfBackends() {
        for (LimitPolicy limits : List.of(ofPool(4, 20, 1_000), perBackend(4, 20, 1_000))) {
            LoadBalancer pool = lowered(limits);
            int timers = fixture.time.pendingTimers();
            reload(pool, limits, "http://a");
            assertThat(fill(pool)).isEqualTo(4);
            assertThat(fixture.time.pendingTimers()).isEqualTo(timers);
            pool.close();
        }
    }

    /** A tenth less for each window with refusals: 20, 18, 16.2, 14.58, 13.122. A limit kept as a whole number would be 12. */
    @Test
    void reloadOfAnotherField_keepsTheLimitExactly_withItsFraction() {
        for (LimitPolicy limits : List.of(ofPool(4, 20, 1_000), perBackend(4, 20, 1_000))) {
            LoadBalancer pool = pool(limits, "http://a");
            for (int i = 0; i < 3; i++) {
                end(pool, Outcome.THROTTLED, 20);
            }
            assertThat(fill(pool)).isEqualTo(14);

            reload(pool, limits, "http://a", "http://spare");
            pool.registry().maintenance("spare:80");
            assertThat(fill(pool)).isEqualTo(14);
            end(pool, Outcome.THROTTLED, 20);
            assertThat(fill(pool)).isEqualTo(13);
            pool.close();
        }
    }

    @Test
    void reloadThatAddsABackend_keepsTheLimitOfThePool_andOfTheOtherBackends() {
        LoadBalancer pool = lowered(ofPool(4, 20, 1_000));
        reload(pool, ofPool(4, 20, 1_000), "http://a", "http://b");
        assertThat(fill(pool)).isEqualTo(4);
        pool.close();

        LoadBalancer other = lowered(perBackend(4, 20, 1_000));
        reload(other, perBackend(4, 20, 1_000), "http://a", "http://b");
        assertThat(fill(other)).isEqualTo(4 + 20);
        other.close();
    }

    @Test
    void reloadWithAnotherRange_takesTheNearestLevel() {
        LoadBalancer pool = lowered(ofPool(4, 20, 1_000));
        reload(pool, ofPool(10, 20, 1_000), "http://a");
        assertThat(fill(pool)).isEqualTo(10);
        reload(pool, ofPool(2, 5, 7), "http://a");
        assertThat(fill(pool)).isEqualTo(7);
        reload(pool, ofPool(2, 100, 1_000), "http://a");
        assertThat(fill(pool)).as("where it begins does not matter any more").isEqualTo(7);
        pool.close();

        LoadBalancer other = lowered(perBackend(4, 20, 1_000));
        reload(other, perBackend(10, 20, 1_000), "http://a");
        assertThat(fill(other)).isEqualTo(10);
        other.close();
    }

    @Test
    void limitAfterAReload_goesOnMoving_inItsNewRange() {
        LoadBalancer pool = lowered(ofPool(4, 20, 1_000));
        reload(pool, ofPool(2, 20, 1_000), "http://a");
        for (int i = 0; i < 100; i++) {
            end(pool, Outcome.THROTTLED, 20);
        }
        assertThat(fill(pool)).isEqualTo(2);
        pool.close();
    }

    @Test
    void fixedLimit_becomesAdaptive_andFixedAgain() {
        LoadBalancer pool = pool(LimitPolicy.maxInFlight(50), "http://a");
        assertThat(fill(pool)).isEqualTo(50);

        reload(pool, LimitPolicy.maxInFlight(50).withAdaptive(AdaptiveLimit.standard()), "http://a");
        assertThat(fill(pool)).isEqualTo(20);
        reload(pool, LimitPolicy.maxInFlight(15).withAdaptive(AdaptiveLimit.standard()), "http://a");
        assertThat(fill(pool)).isEqualTo(15);
        reload(pool, LimitPolicy.maxInFlight(60), "http://a");
        assertThat(fill(pool)).isEqualTo(60);
        pool.close();
    }

    @Test
    void window_thatIsAnotherAfterAReload_isTheOnlyOne() {
        LimitPolicy before = ofPool(4, 20, 1_000);
        LoadBalancer pool = pool(before, "http://a");
        int timers = fixture.time.pendingTimers();
        reload(
                pool,
                LimitPolicy.none().withAdaptive(AdaptiveLimit.standard().withWindow(Duration.ofSeconds(5))),
                "http://a");
        fixture.time.advance(Duration.ofMillis(300));
        assertThat(fixture.time.pendingTimers()).isEqualTo(timers);
        reload(pool, LimitPolicy.none(), "http://a");
        fixture.time.advance(Duration.ofSeconds(6));
        assertThat(fixture.time.pendingTimers()).isEqualTo(timers - 1);
        pool.close();
    }

    @Test
    void queuedCalls_areLetIn_whenAReloadRaisesTheLimit() {
        LoadBalancer pool = lowered(ofPool(4, 20, 1_000));
        List<Lease> held = new ArrayList<>();
        while (pool.acquire(RequestContext.NONE) instanceof Lease lease) {
            held.add(lease);
        }
        var waiting = pool.acquireOrWait(RequestContext.NONE).toCompletableFuture();
        assertThat(waiting).isNotDone();

        reload(pool, ofPool(10, 20, 1_000), "http://a");
        assertThat(waiting).isCompletedWithValueMatching(Lease.class::isInstance);
        pool.close();
    }

    /** How many get in at once. */
    private static int fill(LoadBalancer pool) {
        List<Lease> in = new ArrayList<>();
        while (pool.acquire(RequestContext.NONE) instanceof Lease lease) {
            in.add(lease);
        }
        in.forEach(lease -> lease.complete(Outcome.DISCARDED));
        return in.size();
    }

    /** Calls one after the other, of 1 ms each, and time for a window. */
    private void end(LoadBalancer pool, Outcome outcome, int calls) {
        for (int i = 0; i < calls; i++) {
            if (pool.acquire(RequestContext.NONE) instanceof Lease lease) {
                fixture.time.advance(Duration.ofMillis(1));
                lease.complete(outcome);
            }
        }
        fixture.time.advance(Duration.ofMillis(250));
    }

    @Test
    void policy_refusesWhatIsOutOfRange() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AdaptiveLimit.standard().withRange(5, 4, 10))
                .withMessage("adaptive limit must have 1 <= minLimit <= initialLimit <= maxLimit: 5, 4, 10");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AdaptiveLimit.standard().withTolerancePercent(0))
                .withMessage("adaptive limit's tolerance must be 1..400 percent: 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AdaptiveLimit.standard().withWindow(Duration.ZERO))
                .withMessage("adaptive limit's window must be 10 ms to 1 min: PT0S");
    }
}
