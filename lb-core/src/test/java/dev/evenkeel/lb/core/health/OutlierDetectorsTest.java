package dev.evenkeel.lb.core.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.strategy.FakeCandidate;
import dev.evenkeel.lb.core.strategy.FakePool;
import dev.evenkeel.lb.spi.OutlierDetector;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class OutlierDetectorsTest {
    private static final long NOW = 1;

    private final List<FakeCandidate> peers = FakePool.ofSize(3);

    private @Nullable String failures(OutlierDetector detector, int count) {
        OutlierDetector.Detection detection = detector.newDetection(() -> NOW);
        String cause = null;
        for (int i = 0; i < count; i++) {
            cause = detection.observe(peers.get(0), Outcome.SERVER_ERROR, 1, NOW, peers);
        }
        return cause;
    }

    @Test
    void envoy_ejectsAfterFiveFailuresInARow_grpcNever() {
        assertThat(failures(OutlierDetectors.envoy(), 4)).isNull();
        assertThat(failures(OutlierDetectors.envoy(), 1)).isEqualTo("5 failures in a row");
        assertThat(failures(OutlierDetectors.grpc(), 50)).isNull();
        assertThat(failures(OutlierDetectors.none(), 50)).isNull();
    }

    @Test
    void envoyAndGrpc_compareEveryTenSeconds() {
        assertThat(OutlierDetectors.envoy().newDetection(() -> NOW).sweepInterval())
                .isEqualTo(Duration.ofSeconds(10));
        assertThat(OutlierDetectors.grpc().newDetection(() -> NOW).sweepInterval())
                .isEqualTo(Duration.ofSeconds(10));
        assertThat(OutlierDetectors.none().newDetection(() -> NOW).sweepInterval())
                .isNull();
    }

    @Test
    void sameRules_areEqual_soThatAReloadKeepsTheirCounts() {
        assertThat(OutlierDetectors.envoy()).isEqualTo(OutlierDetectors.envoy()).isNotEqualTo(OutlierDetectors.grpc());
        assertThat(OutlierDetectors.relative()).isSameAs(OutlierDetectors.relative());
    }
}
