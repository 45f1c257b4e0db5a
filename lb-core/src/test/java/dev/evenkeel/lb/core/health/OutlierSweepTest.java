package dev.evenkeel.lb.core.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.strategy.FakeCandidate;
import dev.evenkeel.lb.core.strategy.FakePool;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Comparisons at the end of an interval. */
class OutlierSweepTest {
    private static final OutlierSweep.Volume VOLUME = new OutlierSweep.Volume(3, 10);

    private final List<FakeCandidate> backends = FakePool.ofSize(5);
    private final Map<String, String> ejected = new LinkedHashMap<>();

    private void calls(int index, int calls, int failures) {
        OutlierCounts counts = backends.get(index).state(OutlierCounts.class, OutlierCounts::new);
        for (int i = 0; i < calls; i++) {
            counts.add(i < failures ? Outcome.FAILED : Outcome.SUCCESS);
        }
    }

    private OutlierSweep sweep() {
        return new OutlierSweep(backends, (backend, cause) -> ejected.put(backend.toString(), cause));
    }

    @Test
    void limitOfTheSuccessRate_isMeanMinusFactorTimesDeviation() {
        assertThat(OutlierSweep.successRateLimit(new double[] {100, 100, 100, 40}, 1))
                .isEqualTo(85 - Math.sqrt(675), within(1e-9));
        assertThat(OutlierSweep.successRateLimit(new double[] {}, 1)).isZero();
    }

    @Test
    void successRate_farBelowTheMean_isProposed() {
        for (int i = 0; i < 4; i++) {
            calls(i, 100, 0);
        }
        calls(4, 100, 50);
        sweep().bySuccessRate(1.9, VOLUME);
        assertThat(ejected).containsExactly(Map.entry("b4", "success rate 50.0 %, below 52.0 %"));
    }

    @Test
    void failurePercent_atTheBound_isProposed_theWorstFirst() {
        calls(0, 10, 5);
        calls(1, 10, 9);
        calls(2, 10, 4);
        sweep().byFailurePercent(50, VOLUME);
        assertThat(ejected)
                .containsExactly(
                        Map.entry("b1", "90.0 % of 10 calls failed, at least 50.0 %"),
                        Map.entry("b0", "50.0 % of 10 calls failed, at least 50.0 %"));
        assertThat(new ArrayList<>(ejected.keySet())).containsExactly("b1", "b0");
    }

    @Test
    void fewBackendsWithEnoughCalls_areNotCompared() {
        calls(0, 10, 10);
        calls(1, 10, 10);
        calls(2, 9, 9);
        sweep().byFailurePercent(50, VOLUME);
        assertThat(ejected).isEmpty();
    }

    @Test
    void latency_aboveTheFactorOfTheMedian_isProposed() {
        for (int i = 0; i < 5; i++) {
            calls(i, 10, 0);
            backends.get(i).withLatencyMillis(10);
        }
        backends.get(2).withLatencyMillis(51);
        backends.get(3).withLatencyMillis(50);
        sweep().byLatency(5, VOLUME);
        assertThat(ejected).containsExactly(Map.entry("b2", "51.0 ms to the answer, 5.1 times the pool's median"));
    }

    @Test
    void sweep_endsTheInterval() {
        calls(0, 10, 10);
        calls(1, 10, 0);
        calls(2, 10, 0);
        sweep();
        sweep().byFailurePercent(50, VOLUME);
        assertThat(ejected).isEmpty();
    }
}
