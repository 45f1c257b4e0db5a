package dev.evenkeel.lb.core.internal.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class CallsInFlightTest {
    private static final long START = 1_000_000_000L;

    private final CallsInFlight calls = new CallsInFlight() {};

    @Test
    void call_isInFlightUntilItEnds_andWaitsUntilItIsAnswered() {
        assertThat(calls.started(START)).isZero();
        assertThat(calls.started(START)).isEqualTo(1);
        assertThat(calls.inFlight()).isEqualTo(2);
        calls.answered(START);
        assertThat(calls.inFlight()).isEqualTo(2);
        assertThat(calls.streams()).isEqualTo(1);
        assertThat(calls.started(START)).as("waiting").isEqualTo(1);
        calls.ended(START, true);
        calls.ended(START, false);
        assertThat(calls.inFlight()).isEqualTo(1);
        calls.ended(START, false);
        assertThat(calls.inFlight()).isZero();
        assertThat(calls.streams()).isZero();
    }

    @Test
    void waitingTime_isOfCallsWithoutAResponse() {
        calls.started(START);
        calls.started(START);
        calls.answered(START);
        assertThat(calls.waitingNanos(START + 50_000_000L)).isCloseTo(50e6, within(2e6));
        calls.ended(START, false);
        assertThat(calls.waitingNanos(START + 50_000_000L)).isZero();
    }
}
