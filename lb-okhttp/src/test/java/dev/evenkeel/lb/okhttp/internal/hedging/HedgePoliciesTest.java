package dev.evenkeel.lb.okhttp.internal.hedging;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.retry.RetryBudgets;
import dev.evenkeel.lb.okhttp.connection.ConnectionPolicy;
import dev.evenkeel.lb.okhttp.internal.call.ClientConfig;
import dev.evenkeel.lb.okhttp.internal.call.Destination;
import dev.evenkeel.lb.okhttp.internal.call.SafeOutcomeClassifier;
import dev.evenkeel.lb.okhttp.internal.steering.AttachedPool;
import dev.evenkeel.lb.okhttp.retry.HedgePolicy;
import dev.evenkeel.lb.okhttp.retry.OutcomeClassifier;
import dev.evenkeel.lb.okhttp.retry.RetryBudgetStatus;
import dev.evenkeel.lb.okhttp.route.Route;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The hedge policy of a destination, and its budget's account. */
class HedgePoliciesTest {
    private static final HedgePolicy GENERAL =
            HedgePolicy.builder().delay(Duration.ofMillis(10)).build();
    private static final HedgePolicy ROUTES =
            HedgePolicy.builder().delay(Duration.ofMillis(20)).build();

    private final LoadBalancer users = LoadBalancers.builder("users").build();
    private final LoadBalancer orders = LoadBalancers.builder("orders").build();
    private final AttachedPool pool = AttachedPool.of(users, ConnectionPolicy.standard());
    private final AttachedPool otherPool = AttachedPool.of(orders, ConnectionPolicy.standard());

    @AfterEach
    void close() {
        users.close();
        orders.close();
    }

    private static Destination destination(AttachedPool pool, Route route) {
        return Destination.of(
                pool,
                ClientConfig.DEFAULT,
                route,
                RetryBudgets.unlimited().open(0),
                new SafeOutcomeClassifier(OutcomeClassifier.standard()),
                null);
    }

    private static Route route(HedgePolicy hedging) {
        return hedging == null
                ? Route.builder("r").to("users").build()
                : Route.builder("r").to("users").hedging(hedging).build();
    }

    @Test
    void policyOfTheRoute_goesBeforeTheGeneralOne() {
        HedgePolicies policies = new HedgePolicies(() -> GENERAL);

        assertThat(policies.policy(destination(pool, null))).isSameAs(GENERAL);
        assertThat(policies.policy(destination(pool, route(null)))).isSameAs(GENERAL);
        assertThat(policies.policy(destination(pool, route(ROUTES)))).isSameAs(ROUTES);
        assertThat(new HedgePolicies(() -> null).policy(destination(pool, null)))
                .isNull();
    }

    @Test
    void eachPool_hasAnAccountUnderEachPolicy() {
        HedgePolicies policies = new HedgePolicies(() -> GENERAL);
        var account = policies.account(destination(pool, null), GENERAL);

        assertThat(policies.account(destination(pool, route(null)), GENERAL)).isSameAs(account);
        assertThat(policies.account(destination(pool, null), ROUTES)).isNotSameAs(account);
        assertThat(policies.account(destination(otherPool, null), GENERAL)).isNotSameAs(account);
    }

    @Test
    void status_namesTheRouteThatHasThePolicy() {
        HedgePolicies policies = new HedgePolicies(() -> GENERAL);

        assertThat(status(policies, null).route()).isEmpty();
        assertThat(status(policies, route(null)).route()).isEmpty();
        assertThat(status(policies, route(ROUTES)).route()).isEqualTo("r");
        assertThat(status(policies, null).pool()).isEqualTo("users");
        assertThat(new HedgePolicies(() -> null).status(destination(pool, null), 0))
                .isNull();
    }

    private RetryBudgetStatus status(HedgePolicies policies, Route route) {
        return requireNonNull(policies.status(destination(pool, route), System.nanoTime()));
    }
}
