package dev.evenkeel.lb.core.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PoolSnapshot;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The pools as JSON, with the fields that the page's script reads. */
final class StatsJson {
    private static final ObjectMapper JSON = JsonMapper.builder().build();

    private StatsJson() {}

    static String of(long nowMillis, List<PoolRow> pools) {
        Map<String, Object> page = new LinkedHashMap<>();
        page.put("atMillis", nowMillis);
        List<Object> described = new ArrayList<>();
        for (int i = 0; i < pools.size(); i++) {
            described.add(describe("p" + i, pools.get(i)));
        }
        page.put("pools", described);
        try {
            return JSON.writeValueAsString(page);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, Object> describe(String key, PoolRow shown) {
        PoolSnapshot snapshot = shown.snapshot();
        Map<String, Object> pool = new LinkedHashMap<>();
        pool.put("key", key);
        pool.put("name", snapshot.pool());
        pool.put("strategy", snapshot.strategy());
        pool.put("closed", snapshot.closed());
        pool.put("summary", shown.summary());
        pool.put("queued", shown.figures().queued());
        pool.put("latencyP95Millis", shown.figures().latencyP95Nanos() / 1e6);
        long ageNanos = shown.figures().discoveryAgeNanos();
        pool.put("discoveryAgeMillis", ageNanos < 0 ? null : ageNanos / 1_000_000);
        List<Object> backends = new ArrayList<>();
        int index = 0;
        for (BackendStatus status : snapshot.backends()) {
            backends.add(describe(BackendRow.of(key, index++, status)));
        }
        pool.put("backends", backends);
        return pool;
    }

    private static Map<String, Object> describe(BackendRow row) {
        BackendStatus status = row.status();
        Map<String, Object> backend = new LinkedHashMap<>();
        backend.put("key", row.key());
        backend.put("id", status.backend().id());
        backend.put("uri", status.backend().uri().toString());
        backend.put("priority", status.backend().priority());
        backend.put("zone", status.backend().zone());
        backend.put("state", row.state());
        backend.put("kind", row.kind());
        backend.put("explanation", status.explanation());
        backend.put("adminState", status.adminState().name());
        backend.put("health", status.health().name());
        backend.put("healthCause", status.healthCause());
        backend.put("breaker", status.breaker().name());
        backend.put("weight", status.backend().weight());
        backend.put("effectiveWeight", status.effectiveWeight());
        backend.put("inFlight", status.inFlight());
        backend.put("requests", status.requests());
        backend.put("failures", row.failures());
        Map<String, Long> outcomes = new LinkedHashMap<>();
        for (Outcome outcome : Outcome.values()) {
            outcomes.put(outcome.name(), status.count(outcome));
        }
        backend.put("outcomes", outcomes);
        backend.put("latencyMillis", row.latencyMillis());
        backend.put("failureRate", status.failureRate());
        return backend;
    }
}
