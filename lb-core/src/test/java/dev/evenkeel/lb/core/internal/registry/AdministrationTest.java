package dev.evenkeel.lb.core.internal.registry;

import static dev.evenkeel.lb.core.PoolFixture.lease;
import static dev.evenkeel.lb.core.PoolFixture.status;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BackendRegistry.DrainReport;
import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerEvent.AdminStateChanged;
import dev.evenkeel.lb.LoadBalancerEvent.DrainEnded;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.PoolFixture;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.spi.HealthCheck;
import dev.evenkeel.lb.spi.HealthResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class AdministrationTest {
    private final PoolFixture fixture = new PoolFixture();
    private final LoadBalancer pool =
            fixture.builder("http://a:1", "http://b:1").build();

    @Test
    void eachChangeOfState_isToldOnce() {
        pool.registry().maintenance("a:1");
        pool.registry().maintenance("a:1");
        pool.registry().drain("a:1");
        pool.registry().activate("a:1");
        assertThat(fixture.events(AdminStateChanged.class))
                .extracting(AdminStateChanged::after)
                .containsExactly(AdminState.MAINTENANCE, AdminState.DRAINING, AdminState.ACTIVE);
    }

    @Test
    void backendThatIsActivated_isEligibleAgain() {
        pool.registry().drain("a:1");
        assertThat(status(pool, "a:1").ineligibilities()).containsExactly(Ineligibility.DRAINING);
        pool.registry().activate("a:1");
        assertThat(status(pool, "a:1").isEligible()).isTrue();
    }

    @Test
    void backendThatIsActivatedAfterItsDrain_keepsItsSessionsWhenItDrainsAgain() {
        RequestContext bound = RequestContext.NONE.withBoundBackend("a:1");
        assertThat(pool.registry().drain("a:1").toCompletableFuture()).isCompleted();
        pool.registry().activate("a:1");
        lease(pool, bound).complete(Outcome.SUCCESS);

        assertThat(pool.registry().drain("a:1").toCompletableFuture()).isNotDone();
        for (int i = 0; i < 4; i++) {
            Lease lease = lease(pool, bound);
            assertThat(lease.backend().id()).isEqualTo("a:1");
            lease.complete(Outcome.SUCCESS);
        }
    }

    @Test
    void drainUnderWay_isOver_whenTheBackendGoesIntoMaintenance() {
        Lease lease = lease(pool, RequestContext.NONE.withBoundBackend("a:1"));
        CompletableFuture<DrainReport> drained = pool.registry().drain("a:1").toCompletableFuture();
        pool.registry().maintenance("a:1");
        assertThat(drained.join().remaining()).isEqualTo(1);
        assertThat(fixture.time.pendingTimers()).isZero();
        lease.complete(Outcome.SUCCESS);
        assertThat(fixture.events(DrainEnded.class)).isEmpty();
    }

    @Test
    void backendThatJoinsAgain_isActive_whateverItsStateWas() {
        Lease lease = lease(pool, RequestContext.NONE.withBoundBackend("a:1"));
        pool.registry().maintenance("a:1");
        pool.registry().remove("a:1");
        pool.registry().add(Backend.of("http://a:1"));

        assertThat(status(pool, "a:1").adminState()).isEqualTo(AdminState.ACTIVE);
        assertThat(status(pool, "a:1").isEligible()).isTrue();
        lease.complete(Outcome.SUCCESS);
    }

    @Test
    void backendInMaintenance_isNotChecked_untilItIsActive() {
        List<String> checked = new ArrayList<>();
        HealthCheck check = (backend, timeout) -> {
            checked.add(backend.id());
            return CompletableFuture.completedFuture(HealthResult.healthy("up"));
        };
        try (LoadBalancer watched = fixture.builder("http://a:1", "http://b:1")
                .healthCheck(HealthCheckPolicy.builder(check)
                        .interval(Duration.ofSeconds(1))
                        .build())
                .build()) {
            fixture.time.advance(Duration.ofSeconds(2));
            watched.registry().maintenance("a:1");
            checked.clear();
            fixture.time.advance(Duration.ofSeconds(10));
            assertThat(checked).contains("b:1").doesNotContain("a:1");

            watched.registry().activate("a:1");
            fixture.time.advance(Duration.ofSeconds(2));
            assertThat(checked).contains("a:1");
        }
    }
}
