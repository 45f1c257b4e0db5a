package dev.evenkeel.lb.core.session;

import static dev.evenkeel.lb.core.PoolFixture.lease;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BackendRegistry;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.Subset;
import dev.evenkeel.lb.core.LoadBalancerBuilder;
import dev.evenkeel.lb.core.PoolFixture;
import dev.evenkeel.lb.core.Vectors;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.core.topology.SubsetPolicy;
import dev.evenkeel.lb.core.topology.SubsetPolicy.Fallback;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What other balancers expect of sessions, drains and subsets, shown on whole pools. */
class SessionVectorsTest {
    private final PoolFixture fixture = new PoolFixture();

    static Stream<Vectors> subsets() {
        return Vectors.of("sessions.json", "subset/content-routing");
    }

    @ParameterizedTest
    @MethodSource("subsets")
    void subset_isServedByThoseThatEnvoyTakes(Vectors vector) {
        LoadBalancerBuilder builder = fixture.builder()
                .strategy(Strategies.roundRobin())
                .subsets(SubsetPolicy.defaultSubset(Subset.of("stage", "prod"))
                        .withSelector("v", "stage")
                        .withSelector(Fallback.NO_FALLBACK, "stage"));
        vector.given().get("hosts").fields().forEachRemaining(host -> {
            Backend.Builder backend =
                    Backend.builder("http://" + host.getKey() + ":1").id(host.getKey());
            text(host.getValue()).forEach(backend::metadata);
            builder.backend(backend.build());
        });
        LoadBalancer pool = builder.build();
        RequestContext context =
                RequestContext.NONE.withSubset(Subset.of(text(vector.given().get("metadataMatch"))));

        TreeSet<String> met = new TreeSet<>();
        for (int i = 0; i < 20; i++) {
            Lease lease = lease(pool, context);
            met.add(lease.backend().id());
            lease.complete(Outcome.SUCCESS);
        }

        List<String> expected = new ArrayList<>();
        vector.expect().get("eligible").forEach(id -> expected.add(id.asText()));
        assertThat(met).containsExactlyElementsOf(expected);
    }

    static Stream<Vectors> drains() {
        return Vectors.of("sessions.json", "drain+sticky");
    }

    @ParameterizedTest
    @MethodSource("drains")
    void drainingBackend_servesItsSessions_asInNginx(Vectors vector) {
        int servers = vector.given().get("servers").asInt();
        LoadBalancerBuilder builder = fixture.builder().strategy(Strategies.roundRobin());
        for (int i = 1; i <= servers; i++) {
            builder.backend(Backend.builder("http://s" + i + ":1").id("" + i).build());
        }
        LoadBalancer pool = builder.build();
        JsonNode steps = vector.given().get("steps");
        assertThat(steps).isNotEmpty();
        for (int step = 0; step < steps.size(); step++) {
            String action = steps.get(step).get("do").asText();
            if (action.equals("drain server 1")) {
                pool.registry().drain("1");
                continue;
            }
            RequestContext context =
                    action.endsWith("sticky=1") ? RequestContext.NONE.withBoundBackend("1") : RequestContext.NONE;
            int[] counts = new int[servers];
            for (int i = Integer.parseInt(action.split(" ")[0]); i > 0; i--) {
                Lease lease = lease(pool, context);
                counts[Integer.parseInt(lease.backend().id()) - 1]++;
                lease.complete(Outcome.SUCCESS);
            }
            assertThat(counts)
                    .as(action)
                    .containsExactly(
                            Vectors.integers(vector.expect().get("counts").get(step)).stream()
                                    .mapToInt(Integer::intValue)
                                    .toArray());
        }
    }

    static Stream<Vectors> delays() {
        return Vectors.of("sessions.json", "drain");
    }

    @ParameterizedTest
    @MethodSource("delays")
    void drain_waitsByDefaultAsLongAsAws_andEndsEarlyWhenIdle(Vectors vector) {
        Duration delay = Duration.ofSeconds(vector.expect().get("delaySeconds").asLong());
        assertThat(BackendRegistry.DEFAULT_DRAIN_DEADLINE).isEqualTo(delay);
        LoadBalancer pool = fixture.builder("http://a:1", "http://b:1").build();

        Lease open = lease(pool, RequestContext.NONE.withBoundBackend("a:1"));
        var drained = pool.registry().drain("a:1").toCompletableFuture();
        fixture.time.advance(delay.minusNanos(1));
        assertThat(drained).isNotDone();
        fixture.time.advance(Duration.ofNanos(1));
        assertThat(drained.join().remaining()).isEqualTo(1);
        open.complete(Outcome.SUCCESS);

        assertThat(pool.registry().drain("b:1").toCompletableFuture()).isCompleted();
    }

    static Stream<Vectors> stickiness() {
        return Vectors.of("sessions.json", "sticky");
    }

    @ParameterizedTest
    @MethodSource("stickiness")
    void session_isRememberedAsLongAsByAws_andMovesOnce(Vectors vector) {
        List<Integer> range = Vectors.integers(vector.given().get("durationSeconds"));
        for (int seconds : range) {
            SessionTable.builder().idleTimeout(Duration.ofSeconds(seconds));
        }
        assertThatThrownBy(() -> SessionTable.builder().idleTimeout(Duration.ofSeconds(range.get(0) - 1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> SessionTable.builder().idleTimeout(Duration.ofSeconds(range.get(1) + 1)))
                .isInstanceOf(IllegalArgumentException.class);
        SessionTable sessions = SessionTable.builder().timeSource(fixture.time).build();
        sessions.bind("ann", null, "a:1");
        Duration remembered = Duration.ofSeconds(vector.expect().get("default").asLong());
        fixture.time.advance(remembered.minusNanos(1));
        assertThat(sessions.backendOf("ann")).isEqualTo("a:1");
        fixture.time.advance(remembered);
        assertThat(sessions.backendOf("ann")).isNull();

        LoadBalancer pool = fixture.builder("http://a:1", "http://b:1", "http://c:1")
                .strategy(Strategies.roundRobin())
                .build();
        String first = SessionTableTest.visit(pool, sessions, "ann");
        pool.registry().maintenance(first);
        String second = SessionTableTest.visit(pool, sessions, "ann");
        assertThat(second).isNotEqualTo(first);
        pool.registry().activate(first);
        for (int i = 0; i < 6; i++) {
            assertThat(SessionTableTest.visit(pool, sessions, "ann")).isEqualTo(second);
        }
    }

    private static Map<String, String> text(JsonNode object) {
        Map<String, String> map = new HashMap<>();
        object.fields()
                .forEachRemaining(
                        field -> map.put(field.getKey(), field.getValue().asText()));
        return map;
    }
}
