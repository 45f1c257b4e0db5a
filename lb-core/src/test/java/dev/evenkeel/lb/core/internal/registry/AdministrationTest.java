package dev.evenkeel.lb.core.internal.registry;

import static dev.evenkeel.lb.core.PoolFixture.status;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerEvent.AdminStateChanged;
import dev.evenkeel.lb.core.PoolFixture;
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
}
