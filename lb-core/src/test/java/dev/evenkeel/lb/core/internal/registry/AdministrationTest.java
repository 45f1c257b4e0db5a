package dev.evenkeel.lb.core.internal.registry;

import static dev.evenkeel.lb.core.PoolFixture.lease;
import static dev.evenkeel.lb.core.PoolFixture.status;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.BackendRegistry.DrainReport;
import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerEvent.AdminStateChanged;
import dev.evenkeel.lb.LoadBalancerEvent.DrainEnded;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.PoolFixture;
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
}
