package dev.evenkeel.lb.core.internal.strategy.load;

import static dev.evenkeel.lb.core.PoolFixture.lease;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.LoadBalancerBuilder;
import dev.evenkeel.lb.core.PoolFixture;
import dev.evenkeel.lb.core.health.BreakerPolicy;
import dev.evenkeel.lb.core.strategy.AllStrategies;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A backend of five that answers 500 in 1 ms, where the others take 10 ms: it always looks idle. */
class FastFailurePenaltyTest {
    private static final String BAD = "b0:80";
    private static final Duration FAST = Duration.ofMillis(1);
    private static final Duration USUAL = Duration.ofMillis(10);
    private static final int CALLS = 5_000;

    private final PoolFixture fixture = new PoolFixture();
    private int badCalls;
    private int badAnswers;

    static List<Named<LoadBalancingStrategy>> strategies() {
        return AllStrategies.all();
    }

    private LoadBalancerBuilder builder(LoadBalancingStrategy strategy) {
        return fixture.builder("http://b0", "http://b1", "http://b2", "http://b3", "http://b4")
                .strategy(strategy);
    }

    private void call(LoadBalancer pool) {
        Lease lease = lease(pool);
        boolean bad = lease.backend().id().equals(BAD);
        if (bad) {
            badCalls++;
        }
        fixture.time.schedule(
                () -> {
                    if (bad) {
                        badAnswers++;
                    }
                    lease.complete(bad ? Outcome.SERVER_ERROR : Outcome.SUCCESS);
                },
                bad ? FAST : USUAL);
        fixture.time.advance(Duration.ofMillis(1));
    }

    private double shareAfterHundredAnswers(LoadBalancer pool) {
        for (int i = 0; i < CALLS && badAnswers < 100; i++) {
            call(pool);
        }
        badCalls = 0;
        for (int i = 0; i < CALLS; i++) {
            call(pool);
        }
        fixture.time.advance(USUAL);
        assertThat(pool.snapshot().inFlight()).isZero();
        return 100.0 * badCalls / CALLS;
    }

    @ParameterizedTest
    @MethodSource("strategies")
    void shareIsBelowTwoPercent_whateverTheStrategy(LoadBalancingStrategy strategy) {
        assertThat(shareAfterHundredAnswers(builder(strategy).build())).isLessThan(2);
    }

    @Test
    void adaptive_needsNoBreakerForIt() {
        LoadBalancer pool = builder(Strategies.adaptive())
                .circuitBreaker(BreakerPolicy.off())
                .build();
        assertThat(shareAfterHundredAnswers(pool)).isLessThan(2);
    }
}
