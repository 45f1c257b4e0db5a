package dev.evenkeel.lb.core.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.strategy.FakeCandidate;
import dev.evenkeel.lb.core.strategy.FakePool;
import dev.evenkeel.lb.spi.OutlierDetector;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A backend is ejected only if it fails more than its peers. */
class RelativeOutlierDetectorTest {
    private final List<FakeCandidate> peers = FakePool.ofSize(3);
    private final OutlierDetector.Detection detection = RelativeOutlierDetector.INSTANCE.newDetection(() -> 0);
    private long nowNanos = 5;

    private @Nullable String observe(int index, Outcome outcome) {
        return detection.observe(peers.get(index), outcome, 1, nowNanos, peers);
    }

    private @Nullable String observe(int index, Outcome outcome, int times) {
        String cause = null;
        for (int i = 0; i < times; i++) {
            cause = observe(index, outcome);
        }
        return cause;
    }

    @Test
    void threeFailuresInARow_areEnough_andASuccessEndsTheRun() {
        observe(1, Outcome.SUCCESS, 20);
        assertThat(observe(0, Outcome.FAILED, 2)).isNull();
        assertThat(observe(0, Outcome.SUCCESS)).isNull();
        assertThat(observe(0, Outcome.FAILED, 2)).isNull();
        assertThat(observe(0, Outcome.FAILED)).isEqualTo("consecutive failures; the other backends fail 0 %");
    }

    @Test
    void refusedConnection_countsTwice() {
        observe(1, Outcome.SUCCESS, 20);
        assertThat(observe(0, Outcome.NEVER_SENT)).isNull();
        assertThat(observe(0, Outcome.NEVER_SENT)).isNotNull();
    }

    @Test
    void backendWhosePeersFailToo_stays() {
        observe(1, Outcome.SUCCESS, 13);
        observe(1, Outcome.FAILED, 2);
        observe(2, Outcome.FAILED, 5);
        assertThat(observe(0, Outcome.FAILED, 3)).as("7 of 20 others fail").isNull();
    }

    @Test
    void flakyBackend_isFoundAfter20Calls() {
        observe(1, Outcome.SUCCESS, 200);
        observe(0, Outcome.SUCCESS, 9);
        observe(0, Outcome.FAILED);
        observe(0, Outcome.SUCCESS, 9);
        assertThat(observe(0, Outcome.FAILED))
                .as("2 of 20")
                .isEqualTo("flaky, 10 % failures; the other backends fail 0 %");
    }

    @Test
    void counts_fadeAfterTenSeconds() {
        observe(1, Outcome.SUCCESS, 200);
        observe(0, Outcome.SUCCESS, 9);
        observe(0, Outcome.FAILED);
        nowNanos += 40_000_000_000L;
        observe(0, Outcome.SUCCESS, 9);
        assertThat(observe(0, Outcome.FAILED))
                .as("10 of them count a sixteenth")
                .isNull();
    }

    @Test
    void onlyBackend_isNeverEjected() {
        FakeCandidate alone = FakeCandidate.of("alone");
        for (int i = 0; i < 10; i++) {
            assertThat(detection.observe(alone, Outcome.FAILED, 1, nowNanos, List.of(alone)))
                    .isNull();
        }
    }

    /** Beyond 16,384 calls in ten seconds successes are a sample, failures are not. */
    @Test
    void manyCalls_areCountedWithinAFewPercent() {
        observe(1, Outcome.SUCCESS, 1_000);
        for (int i = 0; i < 100_000; i++) {
            nowNanos += 1_003;
            observe(0, Outcome.SUCCESS);
        }
        int failures = 0;
        String cause;
        do {
            nowNanos += 1_003;
            observe(0, Outcome.SUCCESS);
            nowNanos += 1_003;
            cause = observe(0, Outcome.FAILED);
            failures++;
        } while (cause == null && failures < 20_000);

        assertThat(cause).isEqualTo("flaky, 10 % failures; the other backends fail 0 %");
        assertThat(failures).as("f / (100,000 + 2 f) is a tenth").isBetween(11_500, 13_500);
    }

    /** What the pool has beyond the failing backend is the other ones', also where that has nearly all calls. */
    @Test
    void manyCallsOfOne_leaveTheShareOfItsPeersAsItIs() {
        for (int i = 0; i < 300_000; i++) {
            nowNanos += 1_003;
            observe(0, Outcome.SUCCESS);
        }
        observe(1, Outcome.SUCCESS, 30);
        for (int i = 0; i < 5; i++) {
            observe(1, Outcome.FAILED);
            observe(1, Outcome.SUCCESS);
        }
        assertThat(observe(0, Outcome.FAILED, 3)).as("5 of 40 others fail").isNull();
    }
}
