package dev.evenkeel.lb.core.internal.health;

import static dev.evenkeel.lb.core.PoolFixture.call;
import static dev.evenkeel.lb.core.PoolFixture.lease;
import static dev.evenkeel.lb.core.PoolFixture.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerEvent.AdminStateChanged;
import dev.evenkeel.lb.LoadBalancerEvent.HealthChanged;
import dev.evenkeel.lb.LoadReport;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.LoadBalancerBuilder;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.PoolFixture;
import dev.evenkeel.lb.core.load.LoadReportPolicy;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.core.topology.SlowStart;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.HealthResult;
import dev.evenkeel.lb.spi.LoadReading;
import dev.evenkeel.lb.spi.LoadReportSource;
import dev.evenkeel.lb.spi.PickRequest;
import dev.evenkeel.lb.spi.Picker;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What backends say of themselves when they are asked beside the calls, and what a pool makes of it. */
@Timeout(60)
class LoadReportPollerTest {
    private static final String A = "a:1";
    private static final String B = "b:1";
    private static final String C = "c:1";
    private static final Duration ROUND = Duration.ofMillis(2_300);

    private final PoolFixture fixture = new PoolFixture();
    private final Map<String, LoadReading> said = new ConcurrentHashMap<>();
    private final Map<String, Integer> askedOf = new ConcurrentHashMap<>();

    private final LoadReportSource source = (backend, timeout) -> {
        askedOf.merge(backend.id(), 1, Integer::sum);
        LoadReading reading = said.get(backend.id());
        return reading == null
                ? CompletableFuture.failedFuture(new java.io.IOException("silent"))
                : CompletableFuture.completedFuture(reading);
    };

    private static LoadReading weight(int percent) {
        return new LoadReading(null, percent, null, null, null, "");
    }

    private static LoadReading limit(int calls) {
        return new LoadReading(null, null, calls, null, null, "");
    }

    private static LoadReading admin(AdminState state) {
        return new LoadReading(null, null, null, state, null, "");
    }

    private static LoadReading health(HealthState state, String cause) {
        return new LoadReading(null, null, null, null, state, cause);
    }

    private LoadBalancerBuilder builder() {
        return fixture.builder("http://a:1", "http://b:1", "http://c:1")
                .strategy(Strategies.weightedRoundRobin())
                .loadReports(source);
    }

    private void says(String id, LoadReading reading) {
        said.put(id, reading);
        fixture.time.advance(ROUND);
    }

    // The weight.

    static Stream<String> strategies() {
        return Strategies.names().stream();
    }

    private static RequestContext anyone(Random random) {
        byte[] address = new byte[4];
        random.nextBytes(address);
        String key = Long.toString(random.nextLong());
        return new RequestContext() {
            @Override
            public String affinityKey() {
                return key;
            }

            @Override
            public InetAddress clientAddress() {
                try {
                    return InetAddress.getByAddress(address);
                } catch (UnknownHostException e) {
                    throw new AssertionError(e);
                }
            }
        };
    }

    private double shareOfB(LoadBalancer pool) {
        Random random = new Random(7);
        int ofB = 0;
        int calls = 6_000;
        Deque<Lease> inFlight = new ArrayDeque<>();
        for (int i = 0; i < calls; i++) {
            Lease lease = lease(pool, anyone(random));
            ofB += lease.backend().id().equals(B) ? 1 : 0;
            inFlight.add(lease);
            fixture.time.advance(Duration.ofNanos(10_000));
            if (inFlight.size() > 60) {
                inFlight.remove().complete(Outcome.SUCCESS);
            }
        }
        inFlight.forEach(lease -> lease.complete(Outcome.SUCCESS));
        return ofB / (double) calls;
    }

    @ParameterizedTest
    @MethodSource("strategies")
    void weightInPercent_reachesEveryStrategy(String strategy) {
        LoadBalancer pool = builder().strategy(Strategies.byName(strategy)).build();
        said.put(A, weight(100));
        says(B, weight(25));
        double quarter = shareOfB(pool);
        says(B, weight(0));
        double nothing = shareOfB(pool);
        says(B, weight(100));
        double whole = shareOfB(pool);

        // 1 in 9 where weights are exact; somewhat less by admission, more where the calls in flight count beside
        // weights.
        assertThat(quarter).as(strategy).isBetween(0.05, 0.17);
        assertThat(nothing).isZero();
        assertThat(whole).isBetween(0.25, 0.42);
    }

    @Test
    void weightInPercent_isOfTheConfiguredOne_andSurvivesARefresh() {
        LoadBalancer pool = builder().build();
        says(B, weight(50));
        assertThat(call(pool, 50)).isEqualTo(Map.of(A, 20, B, 10, C, 20));

        pool.registry()
                .replaceAll(List.of(
                        Backend.builder("http://b:1").weight(4).build(),
                        Backend.of("http://a:1"),
                        Backend.of("http://c:1")));
        assertThat(status(pool, B).effectiveWeight()).isEqualTo(2);
        assertThat(call(pool, 40)).isEqualTo(Map.of(A, 10, B, 20, C, 10));
    }

    @Test
    void weightOf0_isADrain_thatEndsWithoutARamp() {
        LoadBalancer pool =
                builder().slowStart(SlowStart.of(Duration.ofMinutes(10))).build();
        says(B, weight(0));
        assertThat(status(pool, B).ineligibilities()).isEqualTo(Set.of(Ineligibility.DRAINING));
        assertThat(status(pool, B).explanation()).isEqualTo("draining: it asks for 0 % of its weight");

        says(B, weight(100));
        assertThat(call(pool, 30)).containsEntry(B, 10);
    }

    @Test
    void removedAndAddedAgain_itStartsWithACleanSlate() {
        LoadBalancer pool = builder().build();
        says(B, weight(0));
        said.remove(B);
        pool.registry().remove(B);
        pool.registry().add(Backend.of("http://b:1"));
        assertThat(call(pool, 30)).containsEntry(B, 10);
    }

    // The limit.

    @Test
    void maxInFlight_takesThePlaceOfTheConfiguredOne() {
        LoadBalancer pool = fixture.builder()
                .backend(Backend.builder("http://a:1").maxInFlight(1).build())
                .backend(Backend.builder("http://b:1").maxInFlight(5).build())
                .strategy(Strategies.roundRobin())
                .loadReports(source)
                .build();
        said.put(A, limit(3));
        says(B, limit(2));
        List<Lease> leases = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            leases.add(lease(pool));
        }
        assertThat(status(pool, A).inFlight()).isEqualTo(3);
        assertThat(status(pool, B).inFlight()).isEqualTo(2);
        assertThat(PoolFixture.refusal(pool)).contains("full");
        leases.forEach(lease -> lease.complete(Outcome.SUCCESS));

        says(A, limit(Integer.MAX_VALUE));
        for (int i = 0; i < 100; i++) {
            leases.add(lease(pool));
        }
        assertThat(status(pool, A).inFlight()).isEqualTo(98);
    }

    // Health.

    @Test
    void whatAnAgentSays_isBoundedAndPrintable() {
        LoadBalancer pool = builder().build();
        says(
                B,
                health(
                        HealthState.DOWN,
                        "its agent says fail (\u001B[2J\r\nx\u202Ey\u009Bz" + "!".repeat(5_000) + ")"));

        assertThat(status(pool, B).healthCause())
                .startsWith("its agent says fail (\uFFFD[2J\uFFFD\uFFFDx\uFFFDy\uFFFDz!!")
                .endsWith("!…")
                .hasSize(501);
    }

    @Test
    void down_takesItOut_untilItSaysUp() {
        LoadBalancer pool = builder().build();
        says(B, health(HealthState.DOWN, "its agent says fail (disk)"));
        assertThat(call(pool, 10)).doesNotContainKey(B);
        assertThat(status(pool, B).health()).isEqualTo(HealthState.DOWN);
        assertThat(status(pool, B).healthCause()).isEqualTo("its agent says fail (disk)");
        assertThat(status(pool, B).ineligibilities()).isEqualTo(Set.of(Ineligibility.DOWN));

        says(B, weight(100));
        assertThat(call(pool, 10)).doesNotContainKey(B);
        said.remove(B);
        fixture.time.advance(Duration.ofMinutes(1));
        assertThat(call(pool, 10)).doesNotContainKey(B);

        says(B, health(HealthState.UP, ""));
        assertThat(call(pool, 30)).containsEntry(B, 10);
        assertThat(fixture.events(HealthChanged.class))
                .extracting(HealthChanged::after)
                .containsExactly(HealthState.DOWN, HealthState.UNKNOWN);
    }

    @Test
    void up_doesNotOverruleHealthChecks() {
        LoadBalancer pool = builder()
                .healthCheck((backend, timeout) -> CompletableFuture.completedFuture(
                        backend.id().equals(B) ? HealthResult.unhealthy("no") : HealthResult.healthy("yes")))
                .build();
        says(B, health(HealthState.UP, ""));
        assertThat(call(pool, 10)).doesNotContainKey(B);
        assertThat(status(pool, B).healthCause()).isEqualTo("no");
    }

    @Test
    void healthChecks_doNotOverruleDown() {
        LoadBalancer pool = builder()
                .healthCheck((backend, timeout) -> CompletableFuture.completedFuture(HealthResult.healthy("yes")))
                .build();
        says(B, health(HealthState.DOWN, "stopped"));
        fixture.time.advance(Duration.ofMinutes(1));
        assertThat(call(pool, 10)).doesNotContainKey(B);
        assertThat(status(pool, B).healthCause()).isEqualTo("stopped");
    }

    // The admin state.

    @Test
    void adminState_isSetAsByAnOperator() {
        LoadBalancer pool = builder().build();
        says(B, admin(AdminState.DRAINING));
        assertThat(status(pool, B).adminState()).isEqualTo(AdminState.DRAINING);
        says(B, admin(AdminState.MAINTENANCE));
        assertThat(status(pool, B).adminState()).isEqualTo(AdminState.MAINTENANCE);
        assertThat(call(pool, 10)).doesNotContainKey(B);
        says(B, admin(AdminState.ACTIVE));
        assertThat(call(pool, 30)).containsEntry(B, 10);
        assertThat(fixture.events(AdminStateChanged.class))
                .extracting(AdminStateChanged::after)
                .containsExactly(AdminState.DRAINING, AdminState.MAINTENANCE, AdminState.ACTIVE);
    }

    @Test
    void ready_endsAnOperatorsMaintenance_andSilenceDoesNot() {
        LoadBalancer pool = builder().build();
        pool.registry().maintenance(B);
        fixture.time.advance(ROUND);
        assertThat(status(pool, B).adminState()).isEqualTo(AdminState.MAINTENANCE);
        says(B, admin(AdminState.ACTIVE));
        assertThat(status(pool, B).adminState()).isEqualTo(AdminState.ACTIVE);
    }

    @Test
    void drainAfterMaintenance_isCheckedAgain() {
        Map<String, Integer> checks = new ConcurrentHashMap<>();
        LoadBalancer pool = builder()
                .healthCheck((backend, timeout) -> {
                    checks.merge(backend.id(), 1, Integer::sum);
                    return CompletableFuture.completedFuture(HealthResult.healthy("yes"));
                })
                .build();
        fixture.time.advance(ROUND);
        pool.registry().maintenance(B);
        pool.registry().drain(B, Duration.ofMinutes(1));
        pool.registry().activate(B);
        int before = checks.get(B);
        fixture.time.advance(ROUND.multipliedBy(2));
        assertThat(checks.get(B)).isGreaterThan(before);
    }

    // Reports.

    @Test
    void report_reachesTheStrategy() {
        List<String> reports = new ArrayList<>();
        LoadBalancer pool = builder()
                .strategy(context -> new Picker() {
                    @Override
                    public Candidate pick(PickRequest request) {
                        return context.candidates().get(0);
                    }

                    @Override
                    public void reported(Candidate candidate, LoadReport report, long nowNanos) {
                        reports.add(candidate.backend().id() + " " + report.cpuUtilization());
                    }
                })
                .build();
        says(B, LoadReading.of(LoadReport.builder().cpuUtilization(0.5).build()));
        assertThat(reports).contains("b:1 0.5").allMatch("b:1 0.5"::equals);
        pool.close();
    }

    @Test
    void resourceBased_followsReportsFromBesideTheCalls() {
        LoadBalancer pool = builder()
                .strategy(Strategies.resourceBased().blackoutDuration(Duration.ZERO))
                .loadReports(LoadReportPolicy.of(LoadReportSource.of(backend -> LoadReport.builder()
                                .qps(100)
                                .cpuUtilization(backend.id().equals(B) ? 0.8 : 0.2)
                                .build()))
                        .withInterval(Duration.ofMillis(500)))
                .build();
        fixture.time.advance(Duration.ofSeconds(10));
        assertThat(call(pool, 900).get(B)).isBetween(80, 120);
    }

    @Test
    void strategyThatThrowsAtAReport_isTold_andTheCallGoesOn() {
        LoadBalancer pool = fixture.builder("http://a:1")
                .strategy(context -> new Picker() {
                    @Override
                    public Candidate pick(PickRequest request) {
                        return context.candidates().get(0);
                    }

                    @Override
                    public void reported(Candidate candidate, LoadReport report, long nowNanos) {
                        throw new IllegalStateException("no");
                    }
                })
                .build();
        Lease lease = lease(pool);
        lease.report(LoadReport.builder().build());
        assertThat(lease.complete(Outcome.SUCCESS)).isTrue();
        assertThat(fixture.events(dev.evenkeel.lb.LoadBalancerEvent.StrategyFailed.class))
                .hasSize(1);
    }

    // The asking.

    @Test
    void hostileOrFailingSources_changeNothing() {
        LoadBalancer pool = builder()
                .loadReports((backend, timeout) -> switch (backend.id()) {
                    case A -> throw new IllegalStateException("bug");
                    case B ->
                        CompletableFuture.completedFuture(LoadReading.of(
                                LoadReport.builder().cpuUtilization(Double.NaN).build()));
                    default -> null;
                })
                .build();
        fixture.time.advance(Duration.ofMinutes(1));
        assertThat(call(pool, 30)).isEqualTo(Map.of(A, 10, B, 10, C, 10));
    }

    @Test
    void readings_comeAtTheInterval_withJitter() {
        builder().build();
        fixture.time.advance(Duration.ofSeconds(60));
        assertThat(askedOf.get(A)).isBetween(27, 34);
    }

    @Test
    void readingWithoutEnd_isGivenUpAtTheTimeout_andCancelled() {
        List<CompletableFuture<LoadReading>> open = new ArrayList<>();
        LoadBalancer pool = fixture.builder("http://a:1")
                .loadReports((backend, timeout) -> {
                    CompletableFuture<LoadReading> reading = new CompletableFuture<>();
                    open.add(reading);
                    return reading;
                })
                .build();
        fixture.time.advance(Duration.ofMillis(1_100));
        assertThat(open).hasSize(1);
        assertThat(open.get(0)).isCancelled();
        fixture.time.advance(ROUND);
        assertThat(open).hasSize(2);
        pool.close();
        assertThat(fixture.time.pendingTimers()).isZero();
    }

    @Test
    void lateReading_ofABackendThatHasGone_isIgnored() {
        List<CompletableFuture<LoadReading>> open = new ArrayList<>();
        LoadBalancer pool = builder()
                .loadReports((backend, timeout) -> {
                    CompletableFuture<LoadReading> reading = new CompletableFuture<>() {
                        @Override
                        public boolean cancel(boolean interrupt) {
                            return false;
                        }
                    };
                    open.add(reading);
                    return reading;
                })
                .build();
        fixture.time.advance(Duration.ofMillis(10));
        pool.registry().remove(B);
        pool.registry().add(Backend.of("http://b:1"));
        open.forEach(reading -> reading.complete(weight(0)));
        assertThat(call(pool, 30)).containsEntry(B, 30);
        assertThat(status(pool, B).effectiveWeight()).isEqualTo(1);
    }

    @Test
    void blockedSource_delaysNoOther() {
        CountDownLatch release = new CountDownLatch(1);
        try (LoadBalancer pool = LoadBalancers.builder("users")
                .backends("http://a:1", "http://b:1")
                .loadReports(LoadReportPolicy.of((backend, timeout) -> {
                            if (backend.id().equals(A)) {
                                try {
                                    release.await();
                                } catch (InterruptedException e) {
                                    Thread.currentThread().interrupt();
                                }
                            }
                            return CompletableFuture.completedFuture(weight(50));
                        })
                        .withInterval(Duration.ofMillis(20)))
                .build()) {
            await().untilAsserted(
                            () -> assertThat(status(pool, B).effectiveWeight()).isEqualTo(0.5));
            release.countDown();
            await().untilAsserted(
                            () -> assertThat(status(pool, A).effectiveWeight()).isEqualTo(0.5));
        }
    }

    @Test
    void closedPool_asksNobody() {
        LoadBalancer pool = builder().build();
        fixture.time.advance(ROUND);
        pool.close();
        int before = askedOf.get(A);
        fixture.time.advance(Duration.ofMinutes(1));
        assertThat(askedOf.get(A)).isEqualTo(before);
    }

    @Test
    void badSettings_areRefused() {
        LoadReportPolicy policy = LoadReportPolicy.of(source);
        assertThatThrownBy(() -> policy.withInterval(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("load reports' interval must be 1 ms to 1 h: PT0S");
        assertThatThrownBy(() -> policy.withTimeout(Duration.ofDays(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("load reports' timeout must be 1 ms to 1 h: PT24H");
        assertThatThrownBy(() -> weight(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("load reading's weightPercent must be 0..25600: -1");
        assertThatThrownBy(() -> limit(0)).hasMessage("load reading's maxInFlight must be at least 1: 0");
        assertThatThrownBy(() -> health(HealthState.DEGRADED, ""))
                .hasMessage("load reading's health must be UP or DOWN: DEGRADED");
        assertThatThrownBy(() -> LoadReading.of(null)).hasMessage("load report must not be null");
    }
}
