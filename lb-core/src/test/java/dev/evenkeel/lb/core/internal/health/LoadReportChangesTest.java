package dev.evenkeel.lb.core.internal.health;

import static dev.evenkeel.lb.core.PoolFixture.lease;
import static dev.evenkeel.lb.core.PoolFixture.status;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadReport;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.LoadBalancerBuilder;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.LogLines;
import dev.evenkeel.lb.core.PoolFixture;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.LoadReading;
import dev.evenkeel.lb.spi.LoadReportSource;
import dev.evenkeel.lb.spi.PickRequest;
import dev.evenkeel.lb.spi.Picker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

/** What changes by a load report, by its repetition, by silence, and by a reload of the sources. */
class LoadReportChangesTest {
    private static final String A = "a:1";
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

    private LoadBalancerBuilder configured(LoadBalancerBuilder builder) {
        return builder.backends("http://a:1", "http://b:1").strategy(Strategies.weightedRoundRobin());
    }

    private LoadBalancer pool() {
        return configured(fixture.builder()).loadReports(source).build();
    }

    private static LoadReading reading(Integer weight, Integer limit, AdminState admin, HealthState health) {
        return new LoadReading(null, weight, limit, admin, health, "");
    }

    private void says(LoadReading reading) {
        said.put(A, reading);
        fixture.time.advance(ROUND);
    }

    @Test
    void reading_causesASnapshot_onlyIfItSaysSomethingNew() {
        LoadBalancer pool = pool();
        List<LoadReading> readings = List.of(
                reading(50, null, null, null),
                reading(null, 7, null, null),
                reading(null, null, null, HealthState.DOWN),
                reading(null, null, null, HealthState.UP),
                reading(null, null, AdminState.MAINTENANCE, null));
        for (LoadReading reading : readings) {
            long version = pool.snapshot().version();
            says(reading);
            assertThat(pool.snapshot().version()).as(reading.toString()).isEqualTo(version + 1);
            says(reading);
            says(reading);
            assertThat(pool.snapshot().version()).as("again " + reading).isEqualTo(version + 1);
        }
        says(reading(50, 7, AdminState.MAINTENANCE, HealthState.UP));
        assertThat(status(pool, A).adminState()).isEqualTo(AdminState.MAINTENANCE);
        says(reading(25, null, AdminState.ACTIVE, null));
        assertThat(status(pool, A).adminState()).isEqualTo(AdminState.ACTIVE);
        assertThat(status(pool, A).effectiveWeight()).isEqualTo(0.25);
    }

    @Test
    void downWithoutACause_isExplained() {
        LoadBalancer pool = pool();
        says(reading(null, null, null, HealthState.DOWN));
        assertThat(status(pool, A).healthCause()).isEqualTo("it says so");
    }

    @Test
    void silence_isLoggedOnce_andSoIsItsEnd() {
        try (LogLines log = new LogLines("its load");
                LoadBalancer pool = pool()) {
            said.put("b:1", reading(100, null, null, null));
            said.put(A, reading(100, null, null, null));
            fixture.time.advance(Duration.ofMinutes(1));
            assertThat(log.lines()).isEmpty();

            said.remove(A);
            fixture.time.advance(Duration.ofMinutes(5));
            said.put(A, reading(100, null, null, null));
            fixture.time.advance(Duration.ofMinutes(5));
            assertThat(log.lines())
                    .containsExactly(
                            "WARNING pool users: backend a:1 does not report its load: java.io.IOException: silent",
                            "INFO pool users: backend a:1 reports its load again");
            assertThat(status(pool, A).isEligible()).isTrue();
        }
    }

    @Test
    void reload_withoutASource_dropsTheReports_andAsksNoMore() {
        LoadBalancer pool = pool();
        says(reading(50, null, null, null));
        assertThat(status(pool, A).effectiveWeight()).isEqualTo(0.5);
        says(reading(null, null, null, HealthState.DOWN));
        assertThat(status(pool, A).isEligible()).isFalse();

        configured(LoadBalancers.builder("users")).applyTo(pool);
        assertThat(status(pool, A).effectiveWeight()).isEqualTo(1);
        assertThat(status(pool, A).isEligible()).isTrue();
        int before = askedOf.get(A);
        fixture.time.advance(Duration.ofMinutes(1));
        assertThat(askedOf.get(A)).isEqualTo(before);
        assertThat(fixture.time.pendingTimers()).isZero();
    }

    @Test
    void reload_withAnotherSource_keepsTheReports_untilItAnswers() {
        LoadBalancer pool = pool();
        Lease held = lease(pool, RequestContext.NONE.withBoundBackend("b:1"));
        says(reading(50, null, null, null));
        pool.registry().remove("b:1");
        Map<String, Integer> askedLater = new ConcurrentHashMap<>();
        LoadReportSource later = (backend, timeout) -> {
            askedLater.merge(backend.id(), 1, Integer::sum);
            return new CompletableFuture<>();
        };
        fixture.time.advance(Duration.ofMillis(1));
        LoadBalancers.builder("users")
                .backends("http://a:1")
                .strategy(Strategies.weightedRoundRobin())
                .loadReports(later)
                .applyTo(pool);
        int before = askedOf.get(A);
        fixture.time.advance(ROUND);

        assertThat(status(pool, A).effectiveWeight()).isEqualTo(0.5);
        assertThat(askedOf.get(A)).isEqualTo(before);
        assertThat(askedLater).as("not of the one that leaves").containsOnlyKeys(A);
        held.complete(Outcome.SUCCESS);
    }

    @Test
    void reload_ofTheSame_asksNoOftener() {
        LoadBalancer pool = pool();
        fixture.time.advance(Duration.ofMillis(1));
        int before = askedOf.get(A);
        configured(LoadBalancers.builder("users")).loadReports(source).applyTo(pool);
        fixture.time.advance(Duration.ofMillis(1));
        assertThat(askedOf.get(A)).isEqualTo(before);
    }

    @Test
    void backendThatLeaves_isAskedNoMore() {
        LoadBalancer pool = pool();
        says(reading(50, null, null, null));
        pool.registry().remove(A);
        int before = askedOf.get(A);
        fixture.time.advance(Duration.ofMinutes(1));
        assertThat(askedOf.get(A)).isEqualTo(before);
    }

    @Test
    void backendThatComesBackWhileItsCallsGoOn_hasNoReport() {
        LoadBalancer pool = pool();
        Lease held = lease(pool, RequestContext.NONE.withBoundBackend(A));
        says(reading(50, 7, null, HealthState.DOWN));
        assertThat(status(pool, A).isEligible()).isFalse();
        pool.registry().remove(A);
        said.clear();

        pool.registry().add(Backend.of("http://a:1"));

        assertThat(status(pool, A).inFlight()).isEqualTo(1);
        assertThat(status(pool, A).effectiveWeight()).isEqualTo(1);
        assertThat(status(pool, A).isEligible()).isTrue();
        held.complete(Outcome.SUCCESS);
    }

    @Test
    void report_reachesTheStrategy_withTheTimeOfNow() {
        List<Long> reported = new ArrayList<>();
        LoadBalancer pool = fixture.builder("http://a:1")
                .strategy(context -> new Picker() {
                    @Override
                    public Candidate pick(PickRequest request) {
                        return context.candidates().get(0);
                    }

                    @Override
                    public void reported(Candidate candidate, LoadReport report, long nowNanos) {
                        reported.add(nowNanos);
                    }
                })
                .build();
        Lease lease = lease(pool);
        fixture.time.advance(Duration.ofMillis(7));
        lease.report(LoadReport.builder().cpuUtilization(0.5).build());

        assertThat(reported).containsExactly(fixture.time.nanoTime());
        lease.complete(Outcome.SUCCESS);
    }
}
