package dev.evenkeel.lb.core.internal.limit;

import static dev.evenkeel.lb.core.PoolFixture.lease;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PickResult;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.Unavailable;
import dev.evenkeel.lb.core.PoolFixture;
import dev.evenkeel.lb.core.limit.AdaptiveLimit;
import dev.evenkeel.lb.core.limit.LimitPolicy;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** When an adaptive limit moves, and who hears of it. On virtual time. */
class AdaptiveLimitUpdaterTest {
    private static final Duration WINDOW = Duration.ofMillis(250);

    private final PoolFixture fixture = new PoolFixture();

    private LoadBalancer pool(LimitPolicy limits) {
        return fixture.builder("http://a").limits(limits).build();
    }

    /** So many answers, one call at a time, a millisecond each. */
    private void answers(LoadBalancer pool, int count) {
        for (int i = 0; i < count; i++) {
            Lease lease = lease(pool);
            fixture.time.advance(Duration.ofMillis(1));
            lease.complete(Outcome.SUCCESS);
        }
    }

    /** How many calls the pool takes at a time. */
    private static int room(LoadBalancer pool) {
        int taken = 0;
        while (pool.acquire(RequestContext.NONE) instanceof Lease) {
            taken++;
        }
        return taken;
    }

    @Test
    void queuedCall_getsInWhenTheLimitOfThePoolRises_althoughNoCallEnds() {
        LoadBalancer pool = pool(LimitPolicy.none()
                .withAdaptive(AdaptiveLimit.standard().withRange(1, 1, 10))
                .withQueue(5, Duration.ofMinutes(1)));
        answers(pool, 10);
        lease(pool);
        CompletableFuture<PickResult> waiting = pool.acquireOrWait(RequestContext.NONE);
        assertThat(waiting).isNotDone();

        fixture.time.advance(WINDOW);

        assertThat(waiting).isCompletedWithValueMatching(Lease.class::isInstance);
        assertThat(pool.snapshot().inFlight()).isEqualTo(2);
    }

    @Test
    void limitOfABackend_growsWithCallsThatFillHalfOfIt_countingTheCallThatEnds() {
        LoadBalancer pool = pool(LimitPolicy.none()
                .withAdaptivePerBackend(AdaptiveLimit.standard().withRange(1, 2, 10)));
        answers(pool, 10);
        fixture.time.advance(WINDOW);

        // 2 + √2, and the call that is refused is told the new limit.
        assertThat(room(pool)).isEqualTo(3);
        Unavailable refused = (Unavailable) pool.acquire(RequestContext.NONE);
        assertThat(refused.occupancy()).isEqualTo(new Unavailable.Occupancy(3, 3, 0, 0, Duration.ZERO));
    }

    @Test
    void limit_moves_onlyWithTenAnswers_countedOverSeveralWindows() {
        LoadBalancer pool = pool(LimitPolicy.none()
                .withAdaptivePerBackend(AdaptiveLimit.standard().withRange(1, 2, 10)));
        answers(pool, 9);
        fixture.time.advance(WINDOW.multipliedBy(3));
        answers(pool, 1);
        fixture.time.advance(WINDOW);
        assertThat(room(pool)).isEqualTo(3);
    }

    @Test
    void windows_stop_whenAReloadTakesTheLimitAway() {
        LimitPolicy adaptive =
                LimitPolicy.none().withAdaptive(AdaptiveLimit.standard().withRange(1, 2, 10));
        LoadBalancer pool = pool(adaptive);
        assertThat(fixture.time.pendingTimers()).isEqualTo(1);
        fixture.builder("http://a").limits(adaptive).applyTo(pool);
        assertThat(fixture.time.pendingTimers()).as("the same window goes on").isEqualTo(1);

        fixture.builder("http://a").applyTo(pool);
        fixture.time.advance(WINDOW);

        assertThat(fixture.time.pendingTimers()).isZero();
        for (int i = 0; i < 100; i++) {
            lease(pool);
        }
    }
}
