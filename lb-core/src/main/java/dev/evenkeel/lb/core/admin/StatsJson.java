package dev.evenkeel.lb.core.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.evenkeel.lb.PoolFigures.ErrorFigures;
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
        page.put("process", ProcessFacts.text(nowMillis));
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
        pool.put("facts", shown.facts());
        pool.put("checks", shown.figures().hasChecks());
        pool.put("latencyP50Millis", shown.figures().latencyNanos() / 1e6);
        pool.put("discoveryFault", shown.figures().discoveryFault());
        pool.put("discoverySource", shown.figures().discoverySource());
        ErrorFigures error = shown.figures().discoveryError();
        pool.put("discoveryError", error == null ? null : error.message());
        pool.put("discoveryErrorAgeMillis", error == null ? null : error.age().toMillis());
        long reloadNanos = shown.figures().reloadAgeNanos();
        pool.put("reloadAgeMillis", reloadNanos < 0 ? null : reloadNanos / 1_000_000);
        List<BackendRow> rows = shown.backends(key);
        pool.put("total", PoolTotals.of(rows).values());
        List<Object> backends = new ArrayList<>();
        for (BackendRow row : rows) {
            Map<String, Object> values = row.values();
            values.put("texts", BackendTexts.of(row));
            backends.add(values);
        }
        pool.put("backends", backends);
        return pool;
    }
}
