package dev.evenkeel.lb.core.internal.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.internal.backend.BackendSummary.Incidents;
import dev.evenkeel.lb.core.internal.stats.PoolStats;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is packed comes back whole, in few bytes; a backend that joins again goes on with it. */
class BackendSummaryTest {
    private static final int OUTCOMES = Outcome.values().length;

    private static BackendSummary summary(long[] counts, int samples, int adaptiveLimit) {
        return new BackendSummary(
                5_000_000_000L,
                0.25,
                counts,
                new Incidents(11, 3, 2),
                samples,
                3_000_000,
                9_000_000,
                40_000_000,
                4_900_000_000L,
                adaptiveLimit);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 127, 128, 129, 16_383, 16_384, 1L << 40, Long.MAX_VALUE, Long.MIN_VALUE})
    void count_ofAnySize_comesBack(long calls) {
        long[] counts = new long[OUTCOMES];
        counts[Outcome.SUCCESS.ordinal()] = calls;
        counts[OUTCOMES - 1] = 7;

        BackendSummary back = BackendSummary.unpack(summary(counts, 9, 30).pack());

        assertThat(back.counted(Outcome.SUCCESS)).isEqualTo(calls);
        assertThat(back.counted(Outcome.values()[OUTCOMES - 1])).isEqualTo(7);
    }

    @Test
    void everything_comesBack() {
        byte[] packed = summary(new long[OUTCOMES], 9, 30).pack();
        BackendSummary back = BackendSummary.unpack(packed);

        assertThat(BackendSummary.leftNanos(packed)).isEqualTo(5_000_000_000L);
        assertThat(back.leftNanos).isEqualTo(5_000_000_000L);
        assertThat(back.failureRate).isEqualTo(0.25);
        assertThat(back.latencySamples).isEqualTo(9);
        assertThat(back.incidents).isEqualTo(new Incidents(11, 3, 2));
        assertThat(back.latencyNanos).isEqualTo(3_000_000);
        assertThat(back.latencyP99Nanos).isEqualTo(9_000_000);
        assertThat(back.latencyGapNanos).isEqualTo(40_000_000);
        assertThat(back.latencySampleNanos).isEqualTo(4_900_000_000L);
        assertThat(back.adaptiveLimit).isEqualTo(30);
    }

    @Test
    void timesOfNanoTime_mayBeNegative() {
        BackendSummary negative =
                new BackendSummary(-50, 0, new long[OUTCOMES], new Incidents(0, 0, 0), 1, 1, 1, 1, -80, 0);

        BackendSummary back = BackendSummary.unpack(negative.pack());

        assertThat(back.leftNanos).isEqualTo(-50);
        assertThat(back.latencySampleNanos).isEqualTo(-80);
    }

    @Test
    void backendWithoutASample_packsNoTimeOfOne() {
        int without = summary(new long[OUTCOMES], 0, 0).pack().length;
        int with = summary(new long[OUTCOMES], 1, 0).pack().length;

        assertThat(without).isEqualTo(with - 3);
        assertThat(with).isLessThan(60);
    }

    @Test
    void successesAlone_needNoCountsBesides() {
        long[] counts = new long[OUTCOMES];
        counts[Outcome.SUCCESS.ordinal()] = 4;
        assertThat(counted(counts, 0).hasCountedMore()).isFalse();
        assertThat(counted(counts, 1).hasCountedMore()).isTrue();
        counts[Outcome.TIMED_OUT.ordinal()] = 1;
        assertThat(counted(counts, 0).hasCountedMore()).isTrue();
        assertThat(BackendSummary.NONE.hasCountedMore()).isFalse();
    }

    private static BackendSummary counted(long[] counts, int retries) {
        return new BackendSummary(0, 0, counts, new Incidents(retries, 0, 0), 0, 0, 0, 0, 0, 0);
    }

    @Test
    void backendThatJoinsAgain_goesOnWithItsSummary() {
        long[] counts = new long[OUTCOMES];
        for (int i = 0; i < OUTCOMES; i++) {
            counts[i] = 1 + new Random(i).nextInt(1_000);
        }

        BackendState node = new BackendState(Backend.of("http://a:1"), new PoolStats(), summary(counts, 9, 30));

        for (Outcome outcome : Outcome.values()) {
            assertThat(node.counted(outcome)).isEqualTo(counts[outcome.ordinal()]);
        }
        assertThat(node.retries()).isEqualTo(11);
        assertThat(node.latencySamples()).isEqualTo(9);
        assertThat(node.latencyNanos()).isEqualTo(3_000_000);
        assertThat(node.failureRate(5_000_000_000L)).isEqualTo(0.25);
        assertThat(node.adaptiveLimit().current()).isEqualTo(30);
        assertThat(new BackendState(Backend.of("http://a:1"), new PoolStats(), summary(counts, 9, 0)).adaptiveLimit())
                .isNull();
    }
}
