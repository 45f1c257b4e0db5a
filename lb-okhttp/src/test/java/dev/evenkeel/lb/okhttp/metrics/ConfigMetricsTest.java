package dev.evenkeel.lb.okhttp.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.core.config.ConfigException;
import dev.evenkeel.lb.okhttp.config.LiveConfig;
import dev.evenkeel.lb.okhttp.config.ReloadStatus;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a Prometheus registry shows of reloads. */
class ConfigMetricsTest {
    private static final String ONE = document("http://10.0.0.1:8080");
    private static final String TWO = document("http://10.0.0.2:8080");

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    @AfterEach
    void close() {
        registry.close();
    }

    private static String document(String backend) {
        return """
                { "reloadInterval": "100ms", "pools": [ { "name": "users", "backends": [ "%s" ] } ] }
                """.formatted(backend);
    }

    private double value(String series) {
        return registry.scrape()
                .lines()
                .filter(line -> line.startsWith(series + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .findFirst()
                .orElse(Double.NaN);
    }

    @Test
    void reloads_showTheirSuccess_theirTime_andTheRefusedOnes() {
        Instant before = Instant.now();
        try (LiveConfig config = LiveConfig.start(ONE);
                ConfigMetrics metrics = new ConfigMetrics(config, Tags.of("app", "shop"))) {
            metrics.bindTo(registry);
            metrics.bindTo(registry);
            Instant started = config.reloads().lastSuccess();
            assertThat(started).isBetween(before, Instant.now());
            assertThat(value("evenkeel_reload_success{app=\"shop\"}")).isEqualTo(1);
            assertThat(value("evenkeel_reload_time_seconds{app=\"shop\"}")).isEqualTo(started.toEpochMilli() / 1e3);

            assertThatThrownBy(() -> config.reload("{}")).isInstanceOf(ConfigException.class);
            assertThat(value("evenkeel_reload_success{app=\"shop\"}")).isZero();
            assertThat(value("evenkeel_reloads_refused_total{app=\"shop\"}")).isEqualTo(1);
            assertThat(config.reloads()).isEqualTo(new ReloadStatus(false, started, 0, 1));

            assertThat(config.reload(ONE)).as("the same again").isFalse();
            assertThat(config.reloads()).isEqualTo(new ReloadStatus(true, started, 0, 1));

            assertThat(config.reload(TWO)).isTrue();
            assertThat(value("evenkeel_reload_success{app=\"shop\"}")).isEqualTo(1);
            assertThat(config.reloads().applied()).isEqualTo(1);
            assertThat(config.reloads().lastSuccess()).isAfterOrEqualTo(started);
        }
        assertThat(registry.getMeters()).isEmpty();
    }

    @Test
    void file_thatIsRefused_isCountedOnce_andOneThatIsMissingToo(@TempDir Path directory) throws IOException {
        Path file = written(directory, ONE);
        try (LiveConfig config = LiveConfig.start(file)) {
            written(directory, "{}");
            await().until(() -> config.reloads().refused() == 1);
            Files.delete(file);
            await().until(() -> config.reloads().refused() == 2);
            assertThat(config.reloads().lastSucceeded()).isFalse();
            written(directory, TWO);
            await().until(() -> config.reloads().lastSucceeded());
            assertThat(config.reloads().refused()).isEqualTo(2);
        }
    }

    /** At once: a file that is read while it is written counts as refused, too. */
    private static Path written(Path directory, String text) throws IOException {
        Path fresh = Files.writeString(directory.resolve("fresh.json"), text);
        return Files.move(fresh, directory.resolve("balancing.json"), StandardCopyOption.ATOMIC_MOVE);
    }
}
