package dev.evenkeel.lb.core.internal.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.internal.stats.PoolStats;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which used backends work well, and how many are enough to pass the ceiling. */
class CeilingGuardTest {
    private static final long MILLISECOND = 1_000_000;

    private final PoolStats stats = new PoolStats();
    private final CeilingGuard guard = new CeilingGuard(stats);
    private final List<BackendState> nodes = IntStream.range(0, 4)
            .mapToObj(i -> new BackendState(Backend.of("http://b" + i + ":1"), stats))
            .toList();
    private long nowNanos;

    /** Each backend gets a call in 10 ms. */
    private void call(Outcome outcome, long latencyMillis, int rounds, BackendState... backends) {
        for (int i = 0; i < rounds; i++) {
            nowNanos += 10 * MILLISECOND;
            for (BackendState node : backends) {
                node.completed(outcome, latencyMillis * MILLISECOND, nowNanos);
                guard.completed(node, outcome, latencyMillis * MILLISECOND);
            }
        }
    }

    private int workingWell() {
        return guard.workingWell(nodes, null, 1, nowNanos);
    }

    private void warmUp() {
        call(Outcome.SUCCESS, 10, 1_000, nodes.toArray(BackendState[]::new));
    }

    @Test
    void backendsWithoutCalls_proveNothing() {
        assertThat(workingWell()).isZero();
    }

    @Test
    void backendThatBecomesSlow_doesNotWorkWell_beforeItFails() {
        warmUp();
        assertThat(workingWell()).isEqualTo(4);

        call(Outcome.SUCCESS, 200, 200, nodes.get(0), nodes.get(1));

        assertThat(workingWell()).isEqualTo(2);
        assertThat(guard.workingWell(nodes, nodes.get(2), 1, nowNanos)).isEqualTo(1);
    }

    @Test
    void timeouts_areSlowAnswers_andFailuresAreNoFastOnes() {
        warmUp();
        for (int i = 0; i < 200; i++) {
            guard.completed(nodes.get(0), Outcome.TIMED_OUT, 1_000 * MILLISECOND);
        }
        assertThat(workingWell()).isEqualTo(3);

        for (int i = 0; i < 400; i++) {
            guard.completed(nodes.get(0), Outcome.SERVER_ERROR, MILLISECOND);
        }
        assertThat(workingWell()).isEqualTo(3);
    }

    @Test
    void slowHalf_doesNotHideThatTheOtherHalfIsFast() {
        warmUp();
        for (int i = 0; i < 500; i++) {
            call(Outcome.SUCCESS, 1_000, 1, nodes.get(0), nodes.get(1), nodes.get(2));
            call(Outcome.SUCCESS, 5, 1, nodes.get(3));
        }

        assertThat(stats.calmness()).isLessThan(0.5);
        assertThat(workingWell()).isEqualTo(1);
    }

    @Test
    void backendThatFails_isComparedWithTheOneInQuestion() {
        warmUp();
        nodes.get(0).completed(Outcome.FAILED, MILLISECOND, nowNanos);

        double share = nodes.get(0).failureRate(nowNanos);
        assertThat(share).isBetween(0.01, 0.3);
        assertThat(guard.workingWell(nodes, null, 3 * share, nowNanos)).isEqualTo(4);
        assertThat(guard.workingWell(nodes, null, 1.5 * share, nowNanos)).isEqualTo(3);
    }

    @Test
    void backendThatIsOutOrRefuses_isNotCounted() {
        warmUp();
        nodes.get(0).ownCircuit().state(BreakerState.HALF_OPEN, nowNanos);
        nodes.get(1).ownCircuit().refusing(true);
        nodes.get(2).ownCooldown().begin(nowNanos + MILLISECOND);

        assertThat(workingWell()).isEqualTo(1);
    }

    @Test
    void forget_bringsBackTheMedianOfTheBackend() {
        warmUp();
        call(Outcome.SUCCESS, 200, 200, nodes.get(0));
        assertThat(workingWell()).isEqualTo(3);

        guard.forget(nodes);

        assertThat(nodes.get(0).latencyNanos()).isLessThan(20.0 * MILLISECOND);
        assertThat(workingWell()).isEqualTo(4);
    }

    @ParameterizedTest
    @CsvSource({"0, 3, false", "1, 3, true", "1, 10, true", "1, 11, false", "2, 20, true", "2, 21, false"})
    void tenthOfThePool_atLeastOne_isEnough(int well, int serving, boolean enough) {
        assertThat(CeilingGuard.isEnough(well, serving)).isEqualTo(enough);
    }
}
