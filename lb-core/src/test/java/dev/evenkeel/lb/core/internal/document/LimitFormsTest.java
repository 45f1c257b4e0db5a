package dev.evenkeel.lb.core.internal.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.VirtualTime;
import dev.evenkeel.lb.core.config.ConfigException;
import dev.evenkeel.lb.core.internal.document.schema.ConfigDocument;
import dev.evenkeel.lb.core.internal.pool.Pool;
import dev.evenkeel.lb.core.internal.runtime.PoolConfig;
import dev.evenkeel.lb.core.limit.AdaptiveLimit;
import dev.evenkeel.lb.core.limit.LimitPolicy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Limits as documents have them. */
class LimitFormsTest {
    private static LimitPolicy limits(String json) {
        return read("\"limits\": " + json).limits();
    }

    static PoolConfig read(String field) {
        String document = "{\"pools\": [{\"name\": \"users\", \"backends\": [\"http://a:1\"], " + field + "}]}";
        PoolDefinition pool = new ConfigDocument("test", document.getBytes(StandardCharsets.UTF_8))
                .read(PoolForm.document())
                .value()
                .get(0);
        try (LoadBalancer built = pool.builder().scheduler(new VirtualTime()).build()) {
            return ((Pool) built).config();
        }
    }

    @Test
    void fields_areThoseOfThePolicy_whateverTheirOrder() {
        LimitPolicy expected = LimitPolicy.maxInFlight(7).withQueue(3, Duration.ofSeconds(2));
        assertThat(limits("{\"maxInFlight\": 7, \"queueSize\": 3, \"queueTimeout\": \"2s\"}"))
                .isEqualTo(expected);
        assertThat(limits("{\"queueTimeout\": \"2s\", \"queueSize\": 3, \"maxInFlight\": 7}"))
                .isEqualTo(expected);
    }

    @Test
    void adaptiveLimits_areOfThePoolOrOfEachBackend() {
        AdaptiveLimit small = new AdaptiveLimit(2, 5, 9, 50, Duration.ofMillis(100));
        String json = "{\"minLimit\": 2, \"initialLimit\": 5, \"maxLimit\": 9, \"tolerancePercent\": 50,"
                + " \"window\": \"100ms\"}";
        assertThat(limits("{\"adaptive\": " + json + "}").adaptive()).isEqualTo(small);
        assertThat(limits("{\"adaptive\": " + json + "}").adaptivePerBackend()).isNull();
        assertThat(limits("{\"adaptivePerBackend\": {}}").adaptivePerBackend()).isEqualTo(AdaptiveLimit.standard());
    }

    @Test
    void limitsThatContradictEachOther_areRefused() {
        assertThatThrownBy(() -> limits("{\"adaptive\": {\"minLimit\": 5, \"initialLimit\": 4}}"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("$.pools[0].limits.adaptive");
    }
}
