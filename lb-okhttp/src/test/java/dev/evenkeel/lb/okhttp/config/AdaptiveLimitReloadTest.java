package dev.evenkeel.lb.okhttp.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Another document keeps an adaptive limit where it is. Each window with ten refusals lowers it by a tenth: 20, 18, 16.2, 14.58, 13.122.
 * A limit that is set anew is 20, one that is kept as a whole number is 12 after the fourth window.
 */
@Timeout(120)
class AdaptiveLimitReloadTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    /** So few that no window has enough of them twice. */
    private static final int REFUSALS = 10;

    private static String document(String limits, String more) {
        return """
                { "pools": [ {
                  "name": "users", "backends": [ "http://127.0.0.1:9" ], "strategy": "roundRobin",
                  "outlierDetection": "none", "circuitBreaker": { "enabled": false }, "limits": { %s }%s
                } ] }
                """.formatted(limits, more);
    }

    /** How many calls the pool takes at a time. Discarded calls say nothing to the limit. */
    private static int limit(LoadBalancer pool) {
        List<Lease> in = new ArrayList<>();
        while (pool.acquire(RequestContext.NONE) instanceof Lease lease) {
            in.add(lease);
        }
        in.forEach(lease -> lease.complete(Outcome.DISCARDED));
        return in.size();
    }

    private static void refuse(LoadBalancer pool, int expectedLimit) {
        for (int i = 0; i < REFUSALS; i++) {
            ((Lease) pool.acquire(RequestContext.NONE)).complete(Outcome.THROTTLED);
        }
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(limit(pool)).isEqualTo(expectedLimit));
    }

    private static void lower(LoadBalancer pool) {
        assertThat(limit(pool)).isEqualTo(20);
        refuse(pool, 18);
        refuse(pool, 16);
        refuse(pool, 14);
    }

    @ParameterizedTest
    @ValueSource(strings = {"adaptive", "adaptivePerBackend"})
    void documentThatChangesAnotherField_keepsTheLimitExactly(String field) {
        String limits = "\"" + field + "\": { \"window\": \"100ms\" }";
        try (LiveConfig config = LiveConfig.start(document(limits, ""))) {
            LoadBalancer pool = config.pool("users");
            lower(pool);

            assertThat(config.reload(document(limits, ", \"maxRetryAfter\": \"5s\"")))
                    .isTrue();
            assertThat(config.pool("users")).isSameAs(pool);
            assertThat(limit(pool)).isEqualTo(14);
            refuse(pool, 13);
        }
    }

    @Test
    void documentWithAnotherRange_movesTheLimitIntoIt_andNoFurther() {
        String adaptive = "\"adaptive\": { \"window\": \"100ms\"%s }";
        try (LiveConfig config = LiveConfig.start(document(adaptive.formatted(""), ""))) {
            LoadBalancer pool = config.pool("users");
            lower(pool);

            config.reload(document(adaptive.formatted(", \"initialLimit\": 50"), ""));
            assertThat(limit(pool)).isEqualTo(14);
            config.reload(document(adaptive.formatted(", \"minLimit\": 17"), ""));
            assertThat(limit(pool)).isEqualTo(17);
        }
    }
}
