package dev.evenkeel.lb.core.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.PoolFixture;
import dev.evenkeel.lb.core.health.BreakerPolicy;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.spi.BackendDiscovery.Receiver;
import dev.evenkeel.lb.spi.EjectionPolicy;
import dev.evenkeel.lb.spi.HealthResult;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What the page shows of a pool's checks, ejections, limits, discovery and reloads: in HTML, JSON and CSV the same. */
class StatsFiguresTest {
    private final PoolFixture fixture = new PoolFixture();

    private LoadBalancer checked() {
        return fixture.builder("http://a:1", "http://b:1")
                .strategy(Strategies.roundRobin())
                .circuitBreaker(BreakerPolicy.off())
                .healthCheck(HealthCheckPolicy.builder((backend, timeout) -> CompletableFuture.completedFuture(
                                backend.id().equals("a:1")
                                        ? HealthResult.unhealthy("connection refused")
                                        : HealthResult.healthy("200")))
                        .interval(Duration.ofSeconds(1))
                        .fastInterval(Duration.ofSeconds(1))
                        .downInterval(Duration.ofSeconds(1))
                        .jitterPercent(0)
                        .fall(3)
                        .build())
                .build();
    }

    private static JsonNode pool(LoadBalancer pool) throws IOException {
        return new ObjectMapper()
                .readTree(StatsPage.of(pool).json())
                .path("pools")
                .path(0);
    }

    private static JsonNode backend(LoadBalancer pool, int index) throws IOException {
        return pool(pool).path("backends").path(index);
    }

    /** The fields of a line of the CSV, whose values have no comma, by the name of the column. */
    private static Map<String, String> line(LoadBalancer pool, int index) {
        List<String> lines = StatsPage.of(pool).csv().lines().toList();
        String[] names = lines.get(0).split(",", -1);
        String[] values = lines.get(index + 1).split(",", -1);
        assertThat(values).hasSameSizeAs(names);
        Map<String, String> line = new HashMap<>();
        for (int i = 0; i < names.length; i++) {
            line.put(names[i], values[i]);
        }
        return line;
    }

    private void advance(int seconds) {
        for (int i = 0; i < seconds; i++) {
            fixture.time.advance(Duration.ofSeconds(1));
        }
    }

    @Test
    void backendThatIsDown_saysSinceWhenAndByWhichCheck() throws IOException {
        LoadBalancer pool = checked();
        advance(3);
        advance(120);

        JsonNode down = backend(pool, 0);
        assertThat(down.path("state").asText()).isEqualTo("down");
        assertThat(down.path("texts").path("why").asText())
                .isEqualTo("down for 2 min: connection refused, check 3 of 3");
        assertThat(down.path("texts").path("since").asText()).isEqualTo("2 min");
        assertThat(down.path("stateForMillis").asLong()).isBetween(120_000L, 122_000L);
        assertThat(down.path("checkState").asText()).isEqualTo("DOWN");
        assertThat(down.path("checkCause").asText()).isEqualTo("connection refused");
        assertThat(down.path("checkDurationMillis").asDouble()).isZero();
        assertThat(down.path("checkAgeMillis").asLong()).isBetween(0L, 1_000L);
        assertThat(line(pool, 0)).containsEntry("checkState", "DOWN").containsEntry("checkCause", "connection refused");
        assertThat(StatsPage.of(pool).html())
                .contains("data-cell=\"why\" class=\"why\">down for 2 min: connection refused, check 3 of 3</td>")
                .contains("data-cell=\"check\" class=\"text\">down in 0 ms, ");
        pool.close();
    }

    @Test
    void backendThatIsNotDownYet_saysHowManyChecksHaveFailed() throws IOException {
        LoadBalancer pool = checked();
        advance(1);

        assertThat(backend(pool, 0).path("texts").path("check").asText())
                .matches("down in 0 ms, .* ago: connection refused \\(2 of 3\\)");
        assertThat(backend(pool, 1).path("texts").path("check").asText()).matches("up in 0 ms, \\d+ m?s ago");
        pool.close();
    }

    @Test
    void poolWithoutChecks_saysNoCheck() throws IOException {
        LoadBalancer pool = fixture.builder("http://a:1").build();

        assertThat(pool(pool).path("checks").asBoolean()).isFalse();
        assertThat(pool(pool).path("facts").asText()).startsWith("checks off");
        assertThat(backend(pool, 0).path("checkState").isNull()).isTrue();
        assertThat(line(pool, 0)).containsEntry("checkState", "");
        assertThat(StatsPage.of(pool).html()).contains("data-cell=\"check\" class=\"text none\">no check</td>");
        pool.close();
    }

    @Test
    void ejectedBackend_saysForHowLong_andSinceWhen() throws IOException {
        LoadBalancer pool = fixture.builder("http://a:1", "http://b:1", "http://c:1")
                .strategy(Strategies.roundRobin())
                .circuitBreaker(BreakerPolicy.off())
                .ejection(EjectionPolicy.builder()
                        .baseDuration(Duration.ofSeconds(10))
                        .jitterPercent(0)
                        .build())
                .build();
        PoolFixture.call(pool, 9, Map.of("a:1", Outcome.SERVER_ERROR));
        advance(2);

        JsonNode ejected = backend(pool, 0);
        assertThat(ejected.path("texts").path("why").asText()).isEqualTo("ejected for another 8 s");
        assertThat(ejected.path("stateForMillis").asLong()).isEqualTo(2_000);
        assertThat(ejected.path("ejections").asInt()).isEqualTo(1);
        assertThat(ejected.path("ejectedForMillis").asLong()).isPositive();
        assertThat(ejected.path("texts").path("outs").asText()).isEqualTo("1 / 0");
        assertThat(ejected.path("texts").path("responses").asText()).matches("\\d+ server error");
        assertThat(line(pool, 0)).containsEntry("ejections", "1").containsEntry("stateForMillis", "2000");
        JsonNode total = pool(pool).path("total");
        assertThat(total.path("requests").asInt()).isEqualTo(9);
        assertThat(total.path("failures").asInt())
                .isEqualTo(ejected.path("failures").asInt());
        assertThat(StatsPage.of(pool).html())
                .contains("<tr role=\"row\" id=\"p0-total\"><th role=\"rowheader\" scope=\"row\">All 3</th>")
                .contains("data-cell=\"requests\" class=\"num\">9</td>");
        pool.close();
    }

    @Test
    void limit_andEffectiveWeight_areShownBesideWhatIsConfigured() throws IOException {
        LoadBalancer pool = fixture.builder()
                .backends(List.of(Backend.builder("http://a:1")
                        .maxInFlight(7)
                        .weight(5)
                        .zone("z1")
                        .build()))
                .build();

        assertThat(backend(pool, 0).path("limit").asInt()).isEqualTo(7);
        assertThat(backend(pool, 0).path("texts").path("inFlight").asText()).isEqualTo("0 of 7");
        assertThat(line(pool, 0))
                .containsEntry("limit", "7")
                .containsEntry("weight", "5")
                .containsEntry("zone", "z1");
        assertThat(StatsPage.of(pool).html())
                .contains("<span class=\"place\">tier 0, zone z1</span>")
                .contains("data-cell=\"inFlight\" class=\"num\">0 of 7</td>");
        pool.close();
    }

    @Test
    void faultOfDiscovery_isShownUntilItWorks_andSoIsAReload() throws IOException {
        AtomicReference<Receiver> source = new AtomicReference<>();
        LoadBalancer pool = fixture.builder()
                .discovery(receiver -> {
                    source.set(receiver);
                    receiver.backends(List.of(Backend.of("http://a:1")));
                    return () -> {};
                })
                .build();
        assertThat(pool(pool).path("facts").asText())
                .isEqualTo("checks off \u00b7 queue 0 \u00b7 discovery works \u00b7 not reloaded");

        source.get().error(new IOException("no route"));
        assertThat(pool(pool).path("discoveryFault").asText()).isEqualTo("no route");
        assertThat(StatsPage.of(pool).html()).contains("discovery fails: no route");

        source.get().backends(List.of(Backend.of("http://a:1")));
        assertThat(pool(pool).path("discoveryFault").isNull()).isTrue();
        assertThat(pool(pool).path("reloadAgeMillis").isNull()).isTrue();
        pool.close();
    }
}
