package dev.evenkeel.lb.core.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.AttemptObserver.CallOutcome;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.spi.BackendDiscovery;
import dev.evenkeel.lb.spi.HealthResult;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PoolMetricsTest {
    private final LoadBalancer users = LoadBalancers.builder("users")
            .backend(Backend.builder("http://10.0.0.1:8080").id("one").build())
            .backend(Backend.builder("http://10.0.0.2:8080").id("two").build())
            .strategy(Strategies.roundRobin())
            .build();
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    @AfterEach
    void stop() {
        users.close();
        registry.close();
    }

    private void call(Outcome outcome) {
        ((Lease) users.acquire(RequestContext.NONE)).complete(outcome);
    }

    private List<String> names() {
        return registry.getMeters().stream()
                .map(Meter::getId)
                .map(id -> id.getName() + id.getTags())
                .toList();
    }

    @Test
    void calls_areTimedByOutcome_andThoseWithoutAnAttemptAreCounted() {
        PoolMetrics metrics = new PoolMetrics(users);
        metrics.bindTo(registry);
        new PoolMetrics(users).bindTo(registry);
        assertThat(registry.scrape().lines().filter(line -> line.startsWith("evenkeel_calls_seconds_count")))
                .as("zeros before the first call")
                .hasSize(CallOutcome.values().length)
                .allMatch(line -> line.endsWith(" 0"));

        users.callEnded(CallOutcome.SUCCESS, 2_000_000_000L);
        users.callEnded(CallOutcome.CLIENT_ERROR, 1);
        users.callEnded(CallOutcome.NO_BACKEND, 1);
        users.callEnded(CallOutcome.POOL_FULL, 1);

        assertThat(registry.scrape())
                .contains("evenkeel_calls_seconds_count{outcome=\"success\",pool=\"users\"} 1\n")
                .contains("evenkeel_calls_seconds_sum{outcome=\"success\",pool=\"users\"} 2.0\n")
                .contains("evenkeel_calls_seconds_count{outcome=\"client error\",pool=\"users\"} 1\n")
                .contains("evenkeel_calls_seconds_count{outcome=\"no backend\",pool=\"users\"} 1\n")
                .contains("evenkeel_calls_seconds_count{outcome=\"pool full\",pool=\"users\"} 1\n")
                .contains("evenkeel_calls_seconds_count{outcome=\"failed\",pool=\"users\"} 0\n")
                .contains("evenkeel_calls_refused_total{pool=\"users\"} 2.0\n");
    }

    @Test
    void prometheus_getsWhatHappened() {
        new PoolMetrics(users, Tags.of("region", "eu")).bindTo(registry);
        for (int i = 0; i < 6; i++) {
            call(Outcome.SUCCESS);
        }
        call(Outcome.SERVER_ERROR);
        Lease open = (Lease) users.acquire(RequestContext.NONE);

        String scrape = registry.scrape();
        assertThat(scrape)
                .contains(
                        "evenkeel_attempts_seconds_count{backend=\"one\",outcome=\"success\",pool=\"users\",region=\"eu\"} 3")
                .contains(
                        "evenkeel_attempts_seconds_count{backend=\"two\",outcome=\"success\",pool=\"users\",region=\"eu\"} 3")
                .containsPattern("evenkeel_attempts_seconds_count\\{backend=\"(one|two)\",outcome=\"server_error\","
                        + "pool=\"users\",region=\"eu\"} 1")
                .contains("evenkeel_inflight{backend=\"" + open.backend().id() + "\",pool=\"users\",region=\"eu\"} 1.0")
                .contains("evenkeel_backend_picks_total{backend=\"one\",pool=\"users\",region=\"eu\","
                        + "strategy=\"roundRobin\"} 4.0")
                .contains("evenkeel_backends{pool=\"users\",region=\"eu\",state=\"eligible\"} 2.0")
                .contains("evenkeel_queue_size{pool=\"users\",region=\"eu\"} 0.0")
                .contains("evenkeel_discovery_age_seconds{pool=\"users\",region=\"eu\"} NaN");
        open.complete(Outcome.CANCELLED);
    }

    @Test
    void backendThatLeaves_takesItsMetersWithIt() {
        new PoolMetrics(users).bindTo(registry);
        call(Outcome.SUCCESS);
        call(Outcome.SUCCESS);
        assertThat(names()).anyMatch(name -> name.contains("backend,value=two") || name.contains("two"));

        users.registry().remove("two");
        users.registry().add(Backend.builder("http://10.0.0.3:8080").id("three").build());
        call(Outcome.SUCCESS);

        assertThat(names()).noneMatch(name -> name.contains("two")).anyMatch(name -> name.contains("three"));
    }

    @Test
    void poolThatCloses_leavesNothing_andCountsNothingMore() {
        PoolMetrics metrics = new PoolMetrics(users);
        metrics.bindTo(registry);
        metrics.bindTo(registry);
        Lease open = (Lease) users.acquire(RequestContext.NONE);
        call(Outcome.SUCCESS);

        users.close();
        open.complete(Outcome.SUCCESS);

        assertThat(registry.getMeters()).isEmpty();
    }

    @Test
    void close_leavesThePoolAsItIs() {
        PoolMetrics metrics = new PoolMetrics(users);
        metrics.bindTo(registry);
        metrics.close();
        call(Outcome.SUCCESS);

        assertThat(registry.getMeters()).isEmpty();
    }

    @Test
    void tooManyBackends_shareTheMetersOfOther() {
        try (LoadBalancer large = LoadBalancers.builder("large")
                .backends(IntStream.range(0, PoolMetrics.MAX_BACKENDS + 50)
                        .mapToObj(i ->
                                Backend.builder("http://10.0.0.1:" + (i + 1)).build())
                        .toList())
                .strategy(Strategies.roundRobin())
                .build()) {
            SimpleMeterRegistry simple = new SimpleMeterRegistry();
            new PoolMetrics(large).bindTo(simple);
            for (int i = 0; i < PoolMetrics.MAX_BACKENDS + 50; i++) {
                ((Lease) large.acquire(RequestContext.NONE)).complete(Outcome.SUCCESS);
            }

            assertThat(simple.get("evenkeel.attempts")
                            .tag("backend", "other")
                            .timer()
                            .count())
                    .isEqualTo(50);
            assertThat(simple.find("evenkeel.inflight").gauges()).hasSize(PoolMetrics.MAX_BACKENDS);
        }
    }

    @Test
    void everyMeter_hasItsNameAndType() {
        new PoolMetrics(users).bindTo(registry);
        call(Outcome.SUCCESS);

        assertThat(Scrape.of(registry.scrape()).types)
                .containsExactlyInAnyOrderEntriesOf(new TreeMap<>(Map.ofEntries(
                        Map.entry("evenkeel_attempts_seconds", "summary"),
                        Map.entry("evenkeel_attempts_seconds_max", "gauge"),
                        Map.entry("evenkeel_inflight", "gauge"),
                        Map.entry("evenkeel_backend_eligible", "gauge"),
                        Map.entry("evenkeel_backend_weight", "gauge"),
                        Map.entry("evenkeel_backend_picks_total", "counter"),
                        Map.entry("evenkeel_backends", "gauge"),
                        Map.entry("evenkeel_faults_total", "counter"),
                        Map.entry("evenkeel_tiers_panic", "gauge"),
                        Map.entry("evenkeel_retries_total", "counter"),
                        Map.entry("evenkeel_hedges_total", "counter"),
                        Map.entry("evenkeel_ejections_total", "counter"),
                        Map.entry("evenkeel_health_changes_total", "counter"),
                        Map.entry("evenkeel_breaker_changes_total", "counter"),
                        Map.entry("evenkeel_calls_seconds", "summary"),
                        Map.entry("evenkeel_calls_seconds_max", "gauge"),
                        Map.entry("evenkeel_calls_refused_total", "counter"),
                        Map.entry("evenkeel_discovery_failures_total", "counter"),
                        Map.entry("evenkeel_latency_p95_seconds", "gauge"),
                        Map.entry("evenkeel_queue_size", "gauge"),
                        Map.entry("evenkeel_discovery_failing", "gauge"),
                        Map.entry("evenkeel_discovery_age_seconds", "gauge"))));
    }

    @Test
    void counters_equalTheCallsThatManyThreadsHaveMade() throws Exception {
        new PoolMetrics(users).bindTo(registry);
        Map<Outcome, Integer> made = new EnumMap<>(Outcome.class);
        List<Thread> threads = new ArrayList<>();
        // No failures: they would have backends ejected, and calls turned away.
        Outcome[] outcomes = {Outcome.SUCCESS, Outcome.SUCCESS, Outcome.DISCARDED, Outcome.CANCELLED};
        for (Outcome outcome : outcomes) {
            made.merge(outcome, 500, Integer::sum);
            threads.add(new Thread(() -> {
                for (int i = 0; i < 500; i++) {
                    call(outcome);
                    registry.scrape();
                }
            }));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }

        Scrape scrape = Scrape.of(registry.scrape());
        made.forEach((outcome, count) -> assertThat(scrape.sum(
                        "evenkeel_attempts_seconds_count",
                        "pool",
                        "users",
                        "outcome",
                        outcome.name().toLowerCase(Locale.ROOT)))
                .isEqualTo((double) count));
        assertThat(scrape.sum("evenkeel_attempts_seconds_count")).isEqualTo(2_000);
        assertThat(scrape.sum("evenkeel_retries_total")).isZero();
    }

    /** A function counter holds what it reads weakly. */
    @Test
    void picks_afterACollection_areCountedOn() {
        new PoolMetrics(users).bindTo(registry);
        call(Outcome.SUCCESS);
        WeakReference<Object> garbage = new WeakReference<>(new Object());
        await().until(() -> {
            System.gc();
            return garbage.refersTo(null);
        });

        call(Outcome.SUCCESS);

        await().untilAsserted(() -> assertThat(
                        Scrape.of(registry.scrape()).sum("evenkeel_backend_picks_total", "pool", "users"))
                .isEqualTo(2));
        assertThat(Scrape.of(registry.scrape()).sum("evenkeel_inflight", "pool", "users"))
                .isZero();
        assertThat(Scrape.of(registry.scrape()).sum("evenkeel_backends", "pool", "users"))
                .isEqualTo(2);
    }

    @Test
    void otherStrategy_countsItsOwnPicks() {
        new PoolMetrics(users).bindTo(registry);
        call(Outcome.SUCCESS);
        call(Outcome.SUCCESS);
        // What a scrape shows may be a tenth of a second old.
        await().untilAsserted(() -> assertThat(
                        Scrape.of(registry.scrape()).sum("evenkeel_backend_picks_total", "strategy", "roundRobin"))
                .isEqualTo(2));

        LoadBalancers.builder("users")
                .backend(Backend.builder("http://10.0.0.1:8080").id("one").build())
                .backend(Backend.builder("http://10.0.0.2:8080").id("two").build())
                .strategy(Strategies.random())
                .applyTo(users);
        // The next scrape that takes a new look notices.
        await().until(() ->
                !Double.isNaN(Scrape.of(registry.scrape()).sum("evenkeel_backend_picks_total", "strategy", "random")));
        call(Outcome.SUCCESS);

        await().untilAsserted(() -> {
            Scrape scrape = Scrape.of(registry.scrape());
            assertThat(scrape.sum("evenkeel_backend_picks_total", "strategy", "random"))
                    .isEqualTo(1);
            assertThat(scrape.sum("evenkeel_backend_picks_total", "strategy", "roundRobin"))
                    .isNaN();
        });
    }

    @Test
    void furtherAttempts_areCounted() {
        new PoolMetrics(users).bindTo(registry);
        Lease first = (Lease) users.acquire(RequestContext.NONE);
        first.complete(Outcome.FAILED);
        ((Lease) users.acquire(RequestContext.NONE.withTried(List.of(first.backend())))).complete(Outcome.SUCCESS);

        Scrape scrape = Scrape.of(registry.scrape());
        assertThat(scrape.sum("evenkeel_retries_total", "pool", "users")).isEqualTo(1);
        assertThat(scrape.sum("evenkeel_hedges_total", "pool", "users")).isZero();
    }

    @Test
    void events_areCounted() {
        BackendDiscovery.Receiver[] source = new BackendDiscovery.Receiver[1];
        try (LoadBalancer sick = LoadBalancers.builder("sick")
                .backends("http://10.0.0.1:8080", "http://10.0.0.2:8080")
                .discovery(receiver -> {
                    source[0] = receiver;
                    return () -> {};
                })
                .healthCheck(
                        (backend, timeout) -> CompletableFuture.completedFuture(HealthResult.unhealthy("it is sick")))
                .build()) {
            new PoolMetrics(sick).bindTo(registry);
            source[0].error(new IOException("nobody knows"));
            await().until(() ->
                    sick.snapshot().backends().stream().noneMatch(status -> status.health() == HealthState.UNKNOWN));

            Scrape scrape = Scrape.of(registry.scrape());
            assertThat(scrape.sum("evenkeel_discovery_failures_total", "pool", "sick"))
                    .isEqualTo(1);
            assertThat(scrape.sum("evenkeel_discovery_age_seconds", "pool", "sick"))
                    .isNaN();
            assertThat(scrape.sum("evenkeel_discovery_failing", "pool", "sick")).isEqualTo(1);
            source[0].backends(List.of(Backend.of("http://10.0.0.3:8080")));
            assertThat(Scrape.of(registry.scrape()).sum("evenkeel_discovery_age_seconds", "pool", "sick"))
                    .isGreaterThanOrEqualTo(0);
            assertThat(Scrape.of(registry.scrape()).sum("evenkeel_discovery_failing", "pool", "sick"))
                    .isZero();
        }
    }

    @Test
    void samePoolBoundTwice_isCountedOnce_untilTheLastOneCloses() {
        PoolMetrics one = new PoolMetrics(users);
        PoolMetrics two = new PoolMetrics(users);
        one.bindTo(registry);
        two.bindTo(registry);
        two.bindTo(registry);
        ((Lease) users.acquire(RequestContext.NONE.withTried(
                        List.of(users.snapshot().backends().get(0).backend()))))
                .complete(Outcome.SUCCESS);

        assertThat(registry.get("evenkeel.attempts").timers().stream()
                        .mapToLong(Timer::count)
                        .sum())
                .isEqualTo(1);
        assertThat(registry.get("evenkeel.retries").counter().count()).isEqualTo(1);
        one.close();
        call(Outcome.SUCCESS);
        assertThat(registry.get("evenkeel.attempts").timers().stream()
                        .mapToLong(Timer::count)
                        .sum())
                .isEqualTo(2);
        two.close();
        assertThat(registry.getMeters()).isEmpty();
        two.bindTo(registry);
        assertThat(registry.getMeters()).isNotEmpty();
    }

    @Test
    void picks_countFromTheBindingOn_asAttemptsDo() {
        call(Outcome.SUCCESS);
        call(Outcome.SUCCESS);
        new PoolMetrics(users).bindTo(registry);
        call(Outcome.SUCCESS);
        call(Outcome.SUCCESS);
        await().untilAsserted(() -> assertThat(picks("one")).isEqualTo(1));

        users.registry().remove("one");
        await().until(() ->
                registry.find("evenkeel.backend.picks").tag("backend", "one").functionCounter() == null);
        users.registry().add(Backend.builder("http://10.0.0.1:8080").id("one").build());
        await().until(() ->
                registry.find("evenkeel.backend.picks").tag("backend", "one").functionCounter() != null);
        assertThat(picks("one")).isZero();
        call(Outcome.SUCCESS);
        call(Outcome.SUCCESS);
        await().untilAsserted(() -> assertThat(picks("one")).isEqualTo(1));
    }

    private double picks(String id) {
        return registry.get("evenkeel.backend.picks")
                .tag("backend", id)
                .functionCounter()
                .count();
    }
}
