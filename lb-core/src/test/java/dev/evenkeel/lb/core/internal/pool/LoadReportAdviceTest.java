package dev.evenkeel.lb.core.internal.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadReport;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.LogLines;
import dev.evenkeel.lb.core.PoolFixture;
import dev.evenkeel.lb.core.VirtualTime;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class LoadReportAdviceTest {
    private static final int MANY = 40;

    private static final AtomicInteger NAMES = new AtomicInteger();

    /** Of this test alone: other tests log at the same time. */
    private final String name = "reports-" + NAMES.incrementAndGet();

    private final VirtualTime time = new VirtualTime();

    static Stream<LoadBalancingStrategy> strategiesThatGoByReports() {
        return Stream.of(
                Strategies.resourceBased(),
                Strategies.resourceBased().errorPenalty(2),
                Strategies.adaptiveWithLoadReports());
    }

    private LoadBalancer pool(LoadBalancingStrategy strategy) {
        return LoadBalancers.builder(name)
                .backends("http://a", "http://b")
                .timeSource(time)
                .scheduler(time)
                .strategy(strategy)
                .build();
    }

    private static void calls(LoadBalancer pool) {
        for (int i = 0; i < MANY; i++) {
            PoolFixture.lease(pool).complete(Outcome.SUCCESS);
        }
    }

    @ParameterizedTest
    @MethodSource("strategiesThatGoByReports")
    void noReportInAMinute_isToldOnce(LoadBalancingStrategy strategy) {
        try (LoadBalancer pool = pool(strategy);
                LogLines log = new LogLines("pool " + name + ":")) {
            calls(pool);
            time.advance(Duration.ofSeconds(59));
            calls(pool);
            assertThat(log.lines()).isEmpty();
            time.advance(Duration.ofSeconds(1));
            calls(pool);
            time.advance(Duration.ofMinutes(10));
            calls(pool);
            assertThat(log.lines())
                    .containsExactly("WARNING pool " + name + ": the strategy " + strategy.name()
                            + " goes by load reports, and no backend has sent one in 60 s: ask the backends by loadReports(…),"
                            + " let them answer with endpoint-load-metrics, or choose another strategy");
        }
    }

    @ParameterizedTest
    @MethodSource("strategiesThatGoByReports")
    void oneReport_isEnough(LoadBalancingStrategy strategy) {
        try (LoadBalancer pool = pool(strategy);
                LogLines log = new LogLines("pool " + name + ":")) {
            calls(pool);
            Lease lease = PoolFixture.lease(pool);
            lease.report(LoadReport.builder().cpuUtilization(0.5).qps(10).build());
            lease.complete(Outcome.SUCCESS);
            time.advance(Duration.ofMinutes(10));
            calls(pool);
            assertThat(log.lines()).isEmpty();
        }
    }

    @Test
    void strategyThatNeedsNone_isNotTold() {
        for (LoadBalancingStrategy strategy : List.of(Strategies.adaptive(), Strategies.leastConnections())) {
            try (LoadBalancer pool = pool(strategy);
                    LogLines log = new LogLines("pool " + name + ":")) {
                calls(pool);
                time.advance(Duration.ofMinutes(10));
                calls(pool);
                assertThat(log.lines()).isEmpty();
            }
        }
    }
}
