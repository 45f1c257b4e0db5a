package dev.evenkeel.lb.core.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PoolFigures;
import dev.evenkeel.lb.PoolSnapshot;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The fields that the page's script reads. */
class StatsJsonTest {
    @Test
    void pools_areNumbered_andTheirBackendsToo() throws IOException {
        BackendStatus status =
                BackendRowTest.status(Set.of(), "used", Map.of(Outcome.FAILED, 2L), Duration.ofNanos(2_500_000));
        PoolSnapshot users = new PoolSnapshot("users", "random", 1, false, List.of(), List.of(status));
        PoolSnapshot images = new PoolSnapshot("images", "random", 1, true, List.of(), List.of());

        JsonNode page = new ObjectMapper()
                .readTree(StatsJson.of(
                        42, List.of(new PoolRow(users, PoolFigures.NONE), new PoolRow(images, PoolFigures.NONE))));

        assertThat(page.get("atMillis").asLong()).isEqualTo(42);
        JsonNode first = page.get("pools").get(0);
        assertThat(first.get("key").asText()).isEqualTo("p0");
        assertThat(first.get("discoveryAgeMillis").isNull()).isTrue();
        JsonNode backend = first.get("backends").get(0);
        assertThat(backend.get("key").asText()).isEqualTo("p0-0");
        assertThat(backend.get("kind").asText()).isEqualTo("used");
        assertThat(backend.get("failures").asInt()).isEqualTo(2);
        assertThat(backend.get("outcomes").get("FAILED").asInt()).isEqualTo(2);
        assertThat(backend.get("outcomes").get("SUCCESS").asInt()).isZero();
        assertThat(backend.get("latencyMillis").asDouble()).isEqualTo(2.5);
        assertThat(page.get("pools").get(1).get("summary").asText()).isEqualTo("random, closed");
    }
}
