package dev.evenkeel.lb.core.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.evenkeel.lb.AttemptObserver.AttemptKind;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.PoolFixture;
import dev.evenkeel.lb.core.health.BreakerPolicy;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.core.topology.SlowStart;
import dev.evenkeel.lb.spi.BackendDiscovery;
import dev.evenkeel.lb.spi.EjectionPolicy;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Where weights, retries, incidents and lists come from, as the page, JSON and CSV have it. */
class StatsOriginsTest {
    private static final RequestContext RETRY = new RequestContext() {
        @Override
        public AttemptKind attemptKind() {
            return AttemptKind.RETRY;
        }
    };

    private final PoolFixture fixture = new PoolFixture();

    private static JsonNode pool(LoadBalancer pool) throws IOException {
        return new ObjectMapper()
                .readTree(StatsPage.of(pool).json())
                .path("pools")
                .path(0);
    }

    private static JsonNode backend(LoadBalancer pool) throws IOException {
        return pool(pool).path("backends").path(0);
    }

    private static String text(LoadBalancer pool, String cell) throws IOException {
        return backend(pool).path("texts").path(cell).asText();
    }

    private static List<String> header(LoadBalancer pool) {
        return List.of(
                StatsPage.of(pool).csv().lines().findFirst().orElseThrow().split(","));
    }

    @Test
    void retries_areCountedAtTheBackendThatGetsThem_andInAll() throws IOException {
        LoadBalancer pool = fixture.builder("http://a:1").build();
        PoolFixture.call(pool, 3);
        PoolFixture.lease(pool, RETRY).complete(Outcome.SUCCESS);
        PoolFixture.lease(pool, RETRY).complete(Outcome.FAILED);

        assertThat(backend(pool).path("requests").asInt()).isEqualTo(5);
        assertThat(backend(pool).path("retries").asInt()).isEqualTo(2);
        assertThat(pool(pool).path("total").path("retries").asInt()).isEqualTo(2);
        assertThat(StatsPage.of(pool).html()).contains("data-cell=\"retries\" class=\"num\">2</td>");
        assertThat(header(pool))
                .contains(
                        "retries",
                        "latencyP99Millis",
                        "weightSetBy",
                        "weightChangedBy",
                        "ejectionsTotal",
                        "breakerOpeningsTotal");
        pool.close();
    }

    @Test
    void p99_standsBesideTheMedian() throws IOException {
        LoadBalancer pool = fixture.builder("http://a:1").build();
        assertThat(text(pool, "latency")).isEqualTo("\u2013");
        assertThat(backend(pool).path("latencyP99Millis").isNull()).isTrue();

        for (int i = 0; i < 3_000; i++) {
            Lease lease = PoolFixture.lease(pool);
            fixture.time.advance(Duration.ofMillis(i % 25 == 0 ? 80 : 4));
            lease.complete(Outcome.SUCCESS);
        }
        assertThat(backend(pool).path("latencyMillis").asDouble()).isBetween(3.5, 4.5);
        assertThat(backend(pool).path("latencyP99Millis").asDouble()).isBetween(70.0, 80.01);
        assertThat(text(pool, "latency")).matches("[34]\\.\\d\\d\u00a0/ \\d\\d\\.\\d\\d");
        pool.close();
    }

    @Test
    void weight_isOfTheConfiguration_untilAnOperatorSetsAnotherOne_orAReload() throws IOException {
        LoadBalancer pool = fixture.builder().backends(weighing(5)).build();
        assertThat(text(pool, "weight")).isEqualTo("5 config");

        pool.registry().setWeight("a:1", 7);
        assertThat(text(pool, "weight")).isEqualTo("7 operator");
        assertThat(backend(pool).path("weightSetBy").asText()).isEqualTo("OPERATOR");

        fixture.builder().backends(weighing(5)).slowStart(SlowStart.off()).applyTo(pool);
        assertThat(text(pool, "weight")).as("a reload that does not name it").isEqualTo("7 operator");

        fixture.builder().backends(weighing(9)).applyTo(pool);
        assertThat(text(pool, "weight")).isEqualTo("9 config");
        pool.close();
    }

    private static List<Backend> weighing(int weight) {
        return List.of(Backend.builder("http://a:1").weight(weight).build());
    }

    @Test
    void weight_isOfTheRegistry_andReducedBySlowStart() throws IOException {
        LoadBalancer pool = fixture.builder("http://b:1")
                .strategy(Strategies.roundRobin())
                .slowStart(SlowStart.of(Duration.ofSeconds(100)))
                .build();
        PoolFixture.call(pool, 3);
        pool.registry().add(Backend.builder("http://a:1").weight(100).build());
        fixture.time.advance(Duration.ofSeconds(50));

        JsonNode added = pool(pool).path("backends").path(1);
        assertThat(added.path("weightSetBy").asText()).isEqualTo("REGISTRY");
        assertThat(added.path("weightChangedBy").asText()).isEqualTo("slow start");
        assertThat(added.path("texts").path("weight").asText()).matches("100 registry, now \\d\\d\\.\\d slow start");

        fixture.time.advance(Duration.ofSeconds(60));
        assertThat(pool(pool)
                        .path("backends")
                        .path(1)
                        .path("texts")
                        .path("weight")
                        .asText())
                .isEqualTo("100 registry");
        pool.close();
    }

    /** A source that says what it is. */
    private record NamedSource(List<BackendDiscovery.Receiver> receivers) implements BackendDiscovery {
        @Override
        public Watch start(Receiver receiver) {
            receivers.add(receiver);
            receiver.backends(List.of(Backend.of("http://a:1")));
            return () -> {};
        }

        @Override
        public String toString() {
            return "Consul service users";
        }
    }

    @Test
    void discovery_saysItsSource_andItsLastErrorAlsoWhenItWorksAgain() throws IOException {
        List<BackendDiscovery.Receiver> receivers = new ArrayList<>();
        LoadBalancer pool =
                fixture.builder().discovery(new NamedSource(receivers)).build();
        assertThat(pool(pool).path("facts").asText()).contains("discovery Consul service users works");
        assertThat(pool(pool).path("discoverySource").asText()).isEqualTo("Consul service users");
        assertThat(pool(pool).path("discoveryError").isNull()).isTrue();
        assertThat(text(pool, "weight")).isEqualTo("1 registry");

        receivers.get(0).error(new IOException("no route"));
        fixture.time.advance(Duration.ofSeconds(7));
        assertThat(pool(pool).path("facts").asText())
                .contains("discovery Consul service users fails: no route, 7 s ago");

        receivers.get(0).backends(List.of(Backend.of("http://a:1")));
        fixture.time.advance(Duration.ofMinutes(2));
        assertThat(pool(pool).path("facts").asText())
                .contains("discovery Consul service users works, last error 2 min ago: no route");
        assertThat(pool(pool).path("discoveryError").asText()).isEqualTo("no route");
        assertThat(pool(pool).path("discoveryErrorAgeMillis").asLong()).isEqualTo(127_000);
        pool.close();
    }

    @Test
    void drainAndMaintenance_saySinceWhen_andSoDoesTheirEnd() throws IOException {
        LoadBalancer pool = fixture.builder("http://a:1", "http://b:1").build();
        assertThat(text(pool, "since")).isEqualTo("\u2013");
        Lease open = PoolFixture.lease(pool);
        String id = open.backend().id();
        int index = id.equals("a:1") ? 0 : 1;

        pool.registry().drain(id);
        fixture.time.advance(Duration.ofSeconds(30));
        assertThat(since(pool, index)).isEqualTo(30_000);
        open.complete(Outcome.SUCCESS);
        fixture.time.advance(Duration.ofSeconds(30));
        assertThat(since(pool, index)).as("the drain has ended").isEqualTo(60_000);

        pool.registry().maintenance(id);
        fixture.time.advance(Duration.ofSeconds(5));
        assertThat(since(pool, index)).isEqualTo(5_000);

        pool.registry().activate(id);
        fixture.time.advance(Duration.ofSeconds(9));
        assertThat(since(pool, index)).isEqualTo(9_000);
        pool.close();
    }

    private static long since(LoadBalancer pool, int index) throws IOException {
        return pool(pool).path("backends").path(index).path("stateForMillis").asLong();
    }

    @Test
    void ejectionsAndOpenings_areTotals_thatOutliveADeparture() throws IOException {
        LoadBalancer pool = fixture.builder("http://a:1", "http://b:1", "http://c:1")
                .strategy(Strategies.roundRobin())
                .circuitBreaker(BreakerPolicy.off())
                .ejection(EjectionPolicy.builder()
                        .baseDuration(Duration.ofSeconds(10))
                        .jitterPercent(0)
                        .build())
                .build();
        PoolFixture.call(pool, 30, Map.of("a:1", Outcome.SERVER_ERROR));
        fixture.time.advance(Duration.ofSeconds(11));
        PoolFixture.lease(pool, RETRY).complete(Outcome.SUCCESS);
        PoolFixture.call(pool, 30);
        for (int i = 0; i < 20; i++) {
            fixture.time.advance(Duration.ofMinutes(1));
            PoolFixture.call(pool, 6);
        }
        PoolFixture.call(pool, 30, Map.of("a:1", Outcome.SERVER_ERROR));

        assertThat(backend(pool).path("ejections").asInt())
                .as("time in service makes up for one")
                .isEqualTo(1);
        assertThat(backend(pool).path("ejectionsTotal").asInt()).isEqualTo(2);
        assertThat(text(pool, "outs")).isEqualTo("2 / 0");

        Backend a = pool.snapshot().backend("a:1").backend();
        pool.registry().remove("a:1");
        pool.registry().add(a);
        JsonNode again = pool(pool).path("backends").path(2);
        assertThat(again.path("id").asText()).isEqualTo("a:1");
        assertThat(again.path("ejectionsTotal").asInt()).isEqualTo(2);
        assertThat(again.path("ejections").asInt()).isZero();
        assertThat(pool(pool).path("total").path("ejectionsTotal").asInt()).isEqualTo(2);
        pool.close();
    }
}
