package dev.evenkeel.lb.core;

import static dev.evenkeel.lb.core.PoolFixture.lease;
import static dev.evenkeel.lb.core.PoolFixture.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerEvent.BackendAdded;
import dev.evenkeel.lb.LoadBalancerEvent.BackendRemoved;
import dev.evenkeel.lb.LoadBalancerEvent.BackendUpdated;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.health.BreakerPolicy;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.core.health.OutlierDetectors;
import dev.evenkeel.lb.core.limit.LimitPolicy;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.spi.BackendDiscovery;
import dev.evenkeel.lb.spi.HealthCheck;
import dev.evenkeel.lb.spi.HealthResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A builder is applied to a pool that runs: what differs changes, what is the same goes on. */
class LoadBalancerBuilderTest {
    private final PoolFixture fixture = new PoolFixture();

    @Test
    void backends_thatStay_keepWhatIsKnownOfThem() {
        LoadBalancer pool = fixture.builder("http://a:1", "http://b:1").build();
        PoolFixture.call(pool, 10);
        Lease open = lease(pool);
        long called = status(pool, "a:1").requests();
        fixture.events.clear();

        builder("http://a:1", "http://c:1").strategy(Strategies.roundRobin()).applyTo(pool);

        assertThat(status(pool, "a:1").requests()).isEqualTo(called);
        assertThat(pool.snapshot().strategy()).isEqualTo("roundRobin");
        assertThat(PoolFixture.call(pool, 4)).containsOnlyKeys("a:1", "c:1");
        assertThat(open.complete(Outcome.SUCCESS)).isTrue();
        assertThat(fixture.events(BackendAdded.class))
                .extracting(event -> event.backend().id())
                .containsExactly("c:1");
        assertThat(fixture.events(BackendRemoved.class))
                .extracting(event -> event.backend().id())
                .containsExactly("b:1");
        assertThat(fixture.events(BackendUpdated.class)).isEmpty();
    }

    @Test
    void operatorsWord_holdsWhereTheTwoListsAgree() {
        LoadBalancer pool =
                fixture.builder("http://a:1", "http://b:1", "http://c:1").build();
        pool.registry().add(Backend.of("http://extra:1"));
        pool.registry().setWeight("a:1", 7);
        pool.registry().maintenance("b:1");

        LoadBalancerBuilder next = LoadBalancers.builder("users")
                .backends("http://a:1", "http://b:1")
                .backend(Backend.builder("http://c:1").weight(3).build());
        next.applyTo(pool);

        assertThat(status(pool, "extra:1").backend().weight()).isEqualTo(1);
        assertThat(status(pool, "a:1").backend().weight()).isEqualTo(7);
        assertThat(status(pool, "b:1").adminState()).isEqualTo(AdminState.MAINTENANCE);
        assertThat(status(pool, "c:1").backend().weight()).isEqualTo(3);
    }

    @Test
    void sameSettings_changeNothing() {
        LoadBalancerBuilder builder =
                fixture.builder("http://a:1", "http://b:1").healthCheck(new Answers());
        LoadBalancer pool = builder.build();
        fixture.time.advance(Duration.ofSeconds(1));
        fixture.events.clear();

        builder.applyTo(pool);

        assertThat(fixture.events).isEmpty();
    }

    @Test
    void openBreaker_staysOpenUnderAnotherPolicy_andGoesWithTheLast() {
        LoadBalancer pool = fixture.builder("http://a:1", "http://b:1")
                .strategy(Strategies.roundRobin())
                .outlierDetection(OutlierDetectors.none())
                .build();
        for (int i = 0; i < 200 && status(pool, "a:1").breaker() == BreakerState.CLOSED; i++) {
            Lease lease = lease(pool);
            lease.complete(lease.backend().id().equals("a:1") ? Outcome.FAILED : Outcome.SUCCESS);
        }
        assertThat(status(pool, "a:1").breaker()).isEqualTo(BreakerState.OPEN);

        builder("http://a:1", "http://b:1")
                .strategy(Strategies.roundRobin())
                .circuitBreaker(BreakerPolicy.builder().windowSize(20).build())
                .applyTo(pool);
        assertThat(status(pool, "a:1").breaker()).isEqualTo(BreakerState.OPEN);

        builder("http://a:1", "http://b:1").circuitBreaker(BreakerPolicy.off()).applyTo(pool);
        assertThat(status(pool, "a:1").breaker()).isEqualTo(BreakerState.CLOSED);
    }

    @Test
    void checks_begin_change_andEnd() {
        LoadBalancer pool = fixture.builder("http://a:1", "http://b:1").build();
        Answers sick = new Answers();
        sick.healthy = false;

        builder("http://a:1", "http://b:1").healthCheck(sick).applyTo(pool);
        fixture.time.advance(Duration.ofSeconds(3));
        assertThat(status(pool, "a:1").health()).isEqualTo(HealthState.DOWN);
        assertThat(sick.users).hasValue(1);

        Answers well = new Answers();
        builder("http://a:1", "http://b:1")
                .healthCheck(HealthCheckPolicy.builder(well)
                        .interval(Duration.ofSeconds(5))
                        .build())
                .applyTo(pool);
        assertThat(status(pool, "a:1").health()).isEqualTo(HealthState.DOWN);
        fixture.time.advance(Duration.ofSeconds(6));
        assertThat(status(pool, "a:1").health()).isEqualTo(HealthState.UP);
        assertThat(sick.users).hasValue(0);

        builder("http://a:1", "http://b:1").applyTo(pool);
        assertThat(status(pool, "a:1").health()).isEqualTo(HealthState.UNKNOWN);
        assertThat(well.users).hasValue(0);
        int asked = well.asked.get();
        fixture.time.advance(Duration.ofMinutes(1));
        assertThat(well.asked).hasValue(asked);
    }

    @Test
    void limits_changeInPlace() {
        LoadBalancer pool = fixture.builder("http://a:1").build();
        Lease before = lease(pool);

        builder("http://a:1").limits(LimitPolicy.maxInFlight(1)).applyTo(pool);
        Lease only = lease(pool);
        assertThat(PoolFixture.refusal(pool)).contains("full");
        builder("http://a:1").limits(LimitPolicy.maxInFlight(2)).applyTo(pool);
        Lease second = lease(pool);
        builder("http://a:1").applyTo(pool);
        Lease third = lease(pool);

        List.of(before, only, second, third).forEach(lease -> lease.complete(Outcome.SUCCESS));
        assertThat(status(pool, "a:1").inFlight()).isZero();
    }

    @Test
    void discovery_isStopped_andAnotherBegins() {
        Source first = new Source("http://a:1");
        Source second = new Source("http://b:1");
        LoadBalancer pool = fixture.builder().discovery(first).build();

        LoadBalancers.builder("users").discovery(first).applyTo(pool);
        assertThat(first.running).hasValue(1);
        LoadBalancers.builder("users").discovery(second).applyTo(pool);

        assertThat(first.running).hasValue(0);
        assertThat(second.running).hasValue(1);
        assertThat(PoolFixture.call(pool, 2)).containsOnlyKeys("b:1");
        builder("http://b:1", "http://c:1").strategy(Strategies.roundRobin()).applyTo(pool);
        assertThat(second.running).hasValue(0);
        assertThat(PoolFixture.call(pool, 4)).containsOnlyKeys("b:1", "c:1");
    }

    @Test
    void poolThatCannotBeChanged_isRefused() {
        LoadBalancer pool = fixture.builder("http://a:1").build();

        assertThatThrownBy(() -> LoadBalancers.builder("other").applyTo(pool))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a pool keeps its name: \"users\" cannot become \"other\"");
        assertThatThrownBy(() -> builder("http://x:1", "http://x:1").applyTo(pool))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(((Lease) pool.acquire(RequestContext.NONE)).backend().id()).isEqualTo("a:1");
        pool.close();
        assertThatThrownBy(() -> builder("http://b:1").applyTo(pool)).isInstanceOf(IllegalStateException.class);
    }

    private static LoadBalancerBuilder builder(String... backends) {
        return LoadBalancers.builder("users").backends(backends);
    }

    private static final class Answers implements HealthCheck {
        private final AtomicInteger users = new AtomicInteger();
        private final AtomicInteger asked = new AtomicInteger();
        private boolean healthy = true;

        @Override
        public CompletableFuture<HealthResult> check(Backend backend, Duration timeout) {
            asked.incrementAndGet();
            return CompletableFuture.completedFuture(
                    healthy ? HealthResult.healthy("well") : HealthResult.unhealthy("sick"));
        }

        @Override
        public void retain() {
            users.incrementAndGet();
        }

        @Override
        public void release() {
            users.decrementAndGet();
        }
    }

    private static final class Source implements BackendDiscovery {
        private final AtomicInteger running = new AtomicInteger();
        private final List<Backend> list = new ArrayList<>();

        Source(String uri) {
            list.add(Backend.of(uri));
        }

        @Override
        public Watch start(Receiver receiver) {
            running.incrementAndGet();
            receiver.backends(list);
            return running::decrementAndGet;
        }
    }
}
