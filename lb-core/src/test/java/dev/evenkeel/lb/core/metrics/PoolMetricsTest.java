package dev.evenkeel.lb.core.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.strategy.Strategies;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;
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

    private List<String> lines(String name) {
        return registry.scrape().lines().filter(line -> line.startsWith(name)).toList();
    }

    private List<String> names() {
        return registry.getMeters().stream()
                .map(Meter::getId)
                .map(id -> id.getName() + id.getTags())
                .toList();
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
    void events_areCounted() {
        new PoolMetrics(users).bindTo(registry);
        try (LoadBalancer sick = LoadBalancers.builder("sick")
                .backends("http://10.0.0.1:8080", "http://10.0.0.2:8080")
                .healthCheck((backend, timeout) -> {
                    throw new IllegalStateException("sick");
                })
                .discovery(receiver -> {
                    receiver.error(new java.io.IOException("nobody knows"));
                    return () -> {};
                })
                .build()) {
            new PoolMetrics(sick).bindTo(registry);
            await().until(() -> registry.get("evenkeel.health.changes")
                                    .tag("pool", "sick")
                                    .counter()
                                    .count()
                            >= 0
                    && sick.snapshot().backends().stream()
                            .noneMatch(status -> status.health() == dev.evenkeel.lb.HealthState.UNKNOWN));

            assertThat(lines("evenkeel_backend_eligible{")).hasSize(4);
        }
    }
}
