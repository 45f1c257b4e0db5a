package dev.evenkeel.lb.core.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.PoolSnapshot;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Samples of a backend's latency, at most one in two seconds, for 90 seconds. */
class LatencyHistoryTest {
    private final LatencyHistory history = new LatencyHistory();

    private static PoolSnapshot snapshot(double millis) {
        BackendStatus status =
                BackendRowTest.status(Set.of(), "used", Map.of(), Duration.ofNanos((long) (millis * 1e6)));
        return new PoolSnapshot("users", "random", 1, false, List.of(), List.of(status));
    }

    private String course(long nowMillis) {
        StringBuilder html = new StringBuilder();
        history.append(html, "users", "a:1", nowMillis);
        String text = html.toString();
        return text.substring(text.indexOf("data-course=\"") + 13, text.indexOf("\"><polyline"));
    }

    @Test
    void samples_areTwoSecondsApart() {
        history.look(10_000, List.of(snapshot(1)));
        history.look(11_800, List.of(snapshot(2)));
        history.look(11_900, List.of(snapshot(3)));
        assertThat(course(12_000)).isEqualTo("10000:1.00 11900:3.00");
    }

    @Test
    void samplesOlderThan90Seconds_areNotShown() {
        history.look(10_000, List.of(snapshot(1)));
        history.look(20_000, List.of(snapshot(2)));
        assertThat(course(100_000)).isEqualTo("10000:1.00 20000:2.00");
        assertThat(course(100_001)).isEqualTo("20000:2.00");
    }

    @Test
    void backendThatHasLeft_isForgotten() {
        history.look(10_000, List.of(snapshot(1)));
        history.look(20_000, List.of());
        assertThat(course(20_000)).isEmpty();
    }

    @Test
    void highestLatency_isToldToScreenReaders() {
        history.look(10_000, List.of(snapshot(7)));
        history.look(20_000, List.of(snapshot(3)));
        StringBuilder html = new StringBuilder();
        history.append(html, "users", "a:1", 20_000);
        assertThat(html).contains("aria-label=\"latency over the last 90 s, highest 7.00 ms\"");
    }
}
