package dev.evenkeel.lb.core.internal.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.VirtualTime;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.internal.stats.GradientLimit;
import dev.evenkeel.lb.core.internal.stats.PoolStats;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DepartedBackendsTest {
    private final VirtualTime time = new VirtualTime();
    private final List<Duration> timers = new ArrayList<>();
    private final DepartedBackends departed = new DepartedBackends(new PoolStats(), time, timers::add);
    private final Backend backend = Backend.of("http://a:1");
    private final BackendState known = new BackendState(backend, new PoolStats());

    private void call(Outcome outcome) {
        known.count(outcome);
        known.completed(outcome, 3_000_000, time.nanoTime());
        time.advance(Duration.ofMillis(10));
    }

    private BackendState again() {
        return departed.stateOf(backend);
    }

    @Test
    void backendThatReturnsWithinTenMinutes_goesOnWhereItLeft_once() {
        for (int i = 0; i < 300; i++) {
            call(Outcome.SUCCESS);
        }
        call(Outcome.SERVER_ERROR);
        call(Outcome.CANCELLED);
        known.adaptiveLimit(new GradientLimit(5, 77, 100, 1.5));
        departed.remember(known);
        double failures = known.failureRate(time.nanoTime());

        time.advance(Duration.ofSeconds(5));
        BackendState back = again();

        assertThat(back).isNotSameAs(known);
        assertThat(back.counted(Outcome.SUCCESS)).isEqualTo(300);
        assertThat(back.counted(Outcome.SERVER_ERROR)).isEqualTo(1);
        assertThat(back.counted(Outcome.CANCELLED)).isEqualTo(1);
        assertThat(back.counted(Outcome.FAILED)).isZero();
        assertThat(back.latencySamples()).isEqualTo(300);
        assertThat(back.latencyNanos()).isEqualTo(Math.round(known.latencyNanos()));
        assertThat(back.latencyGapNanos()).isEqualTo(Math.round(known.latencyGapNanos()));
        assertThat(back.latencySampleNanos()).isEqualTo(known.latencySampleNanos());
        assertThat(failures).isPositive();
        assertThat(back.failureRate(time.nanoTime()))
                .isCloseTo(known.failureRate(time.nanoTime()), org.assertj.core.data.Offset.offset(1e-6));
        assertThat(back.adaptiveLimit().within(1, 1_000, 2).current()).isEqualTo(77);

        assertThat(again().counted(Outcome.SUCCESS)).isZero();
    }

    @Test
    void backendWithoutCalls_goesOnWithout() {
        departed.remember(known);
        BackendState back = again();
        assertThat(back.latencySamples()).isZero();
        assertThat(back.failureRate(time.nanoTime())).isZero();
        assertThat(back.adaptiveLimit()).isNull();
    }

    @Test
    void backendWhoseCallsGoOn_isTheSame_soThatTheyAreCounted() {
        int unused = known.started(time.nanoTime());
        departed.remember(known);
        assertThat(again()).isSameAs(known);
    }

    @Test
    void after10Minutes_itIsANewOne() {
        call(Outcome.SUCCESS);
        departed.remember(known);
        time.advance(Duration.ofMinutes(10));
        assertThat(again().counted(Outcome.SUCCESS)).isZero();
    }

    @Test
    void expiry_isDueForTheEldest_andThenNotAgain() {
        departed.remember(known);
        time.advance(Duration.ofSeconds(1));
        departed.remember(new BackendState(Backend.of("http://b:1"), new PoolStats()));
        assertThat(timers).containsExactly(Duration.ofMinutes(10));

        time.advance(Duration.ofSeconds(598));
        assertThat(departed.isDue(time.nanoTime())).isFalse();
        time.advance(Duration.ofSeconds(1));
        assertThat(departed.isDue(time.nanoTime())).isTrue();
        departed.forgetExpired();
        assertThat(departed.isDue(time.nanoTime())).isFalse();
        time.advance(Duration.ofSeconds(1));
        assertThat(departed.isDue(time.nanoTime())).isTrue();
        departed.timerExpired();
        assertThat(departed.isDue(time.nanoTime())).isFalse();
        assertThat(timers).hasSize(1);
    }

    @Test
    void tenThousand_areRemembered_theLatest() {
        for (int i = 0; i < 10_001; i++) {
            BackendState node = new BackendState(Backend.of("http://h" + i + ":1"), new PoolStats());
            node.count(Outcome.SUCCESS);
            departed.remember(node);
        }
        assertThat(departed.stateOf(Backend.of("http://h0:1")).counted(Outcome.SUCCESS))
                .isZero();
        assertThat(departed.stateOf(Backend.of("http://h1:1")).counted(Outcome.SUCCESS))
                .isOne();
    }
}
