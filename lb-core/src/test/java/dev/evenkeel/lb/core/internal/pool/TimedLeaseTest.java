package dev.evenkeel.lb.core.internal.pool;

import static dev.evenkeel.lb.core.PoolFixture.lease;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.AttemptObserver;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PickResult;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.LoadBalancerBuilder;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.PoolFixture;
import dev.evenkeel.lb.core.internal.time.TimedLease;
import dev.evenkeel.lb.core.limit.LimitPolicy;
import dev.evenkeel.lb.spi.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which readings of the clock a lease takes from its holder, with a limit, which makes another kind of lease, and without. */
class TimedLeaseTest {
    private static final int UNLIMITED = 0;

    private final List<String> heard = new ArrayList<>();

    private LoadBalancer started(LoadBalancerBuilder builder, int limit) {
        if (limit != UNLIMITED) {
            builder.limits(LimitPolicy.maxInFlight(limit));
        }
        LoadBalancer pool = builder.build();
        pool.addObserver(new AttemptObserver() {
            @Override
            public void attemptEnded(Backend backend, Outcome outcome, long latencyNanos) {
                heard.add(outcome + " " + latencyNanos);
            }
        });
        return pool;
    }

    private static LoadBalancerBuilder bySystemClock() {
        return LoadBalancers.builder("users").backend(Backend.of("http://a:1"));
    }

    @ParameterizedTest
    @ValueSource(ints = {UNLIMITED, 1})
    void bySystemClock_theHolderAndTheLeaseShareTheBeginAndTheEnd(int limit) {
        try (LoadBalancer pool = started(bySystemClock(), limit)) {
            TimedLease lease = (TimedLease) lease(pool);
            assertThat(lease.isBySystemClock()).isTrue();
            assertThat(TimedLease.startNanos(lease)).isEqualTo(lease.startNanos());

            TimedLease.complete(lease, Outcome.SUCCESS, lease.startNanos() + 7);
            assertThat(heard).containsExactly("SUCCESS 7");
            assertThat(lease.complete(Outcome.FAILED)).isFalse();
            assertThat(lease.complete(Outcome.FAILED, lease.startNanos() + 9)).isFalse();
            assertThat(heard).hasSize(1);
            assertThat(pool.snapshot().inFlight()).isZero();
            assertThat(pool.acquire(RequestContext.NONE)).isInstanceOf(Lease.class);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {UNLIMITED, 1})
    void bySystemClock_theAnswerStillEndsTheLatency(int limit) {
        try (LoadBalancer pool = started(bySystemClock(), limit)) {
            TimedLease lease = (TimedLease) lease(pool);
            lease.responded();
            TimedLease.complete(
                    lease,
                    Outcome.SUCCESS,
                    lease.startNanos() + Duration.ofHours(1).toNanos());
            assertThat(heard).hasSize(1);
            long latencyNanos = Long.parseLong(heard.get(0).substring("SUCCESS ".length()));
            assertThat(latencyNanos).isBetween(0L, Duration.ofMinutes(30).toNanos());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {UNLIMITED, 1})
    void byAClockOfItsOwn_aLeaseTakesNoTimesOfTheProcess(int limit) {
        PoolFixture fixture = new PoolFixture();
        try (LoadBalancer pool = started(fixture.builder("http://a:1"), limit)) {
            TimedLease lease = (TimedLease) lease(pool);
            assertThat(lease.isBySystemClock()).isFalse();
            long before = System.nanoTime();
            assertThat(TimedLease.startNanos(lease)).isBetween(before, System.nanoTime());

            fixture.time.advance(Duration.ofNanos(5));
            TimedLease.complete(lease, Outcome.SUCCESS, System.nanoTime());
            assertThat(heard).containsExactly("SUCCESS 5");
            PickResult next = pool.acquire(RequestContext.NONE);
            assertThat(next).isInstanceOf(Lease.class);
        }
    }

    /** A clock that only happens to give the system's time is one of its own: it might not, the next time. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void systemsClock_isKnownByWhatItIs(boolean given) {
        TimeSource clock = given ? TimeSource.system() : () -> System.nanoTime();
        try (LoadBalancer pool = started(bySystemClock().timeSource(clock), UNLIMITED)) {
            assertThat(((TimedLease) lease(pool)).isBySystemClock()).isEqualTo(given);
        }
    }
}
