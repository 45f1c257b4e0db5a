package dev.evenkeel.lb.core.internal.strategy.adaptive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.core.internal.strategy.support.CoarseClock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How many picks of a pool count, and how they are halved every 10 s. */
final class PickCounterTest {
    private static final int TEN_SECONDS = CoarseClock.ofMillis(10_000);
    private static final int START = 77;

    private final PickCounter turns = new PickCounter(5, START);

    private void pick(int times, int atTick) {
        for (int i = 0; i < times; i++) {
            turns.next(atTick);
        }
    }

    @Test
    void turn_isOneMoreWithEachPick() {
        assertThat(turns.turn()).isEqualTo(5);
        assertThat(turns.next(START)).isEqualTo(6);
        assertThat(turns.next(START)).isEqualTo(7);
        assertThat(turns.turn()).isEqualTo(7);
    }

    @Test
    void picks_areAtLeastOne() {
        assertThat(turns.picks()).isEqualTo(1);
        pick(1, START);
        assertThat(turns.picks()).isEqualTo(1);
        pick(1, START);
        assertThat(turns.picks()).isEqualTo(2);
    }

    @Test
    void picks_amongUnevenWeights_beginWithOneOfEachBackend() {
        turns.remember(20, 5);
        assertThat(turns.picks()).isEqualTo(5);

        pick(1, START);
        turns.remember(30, 7);
        assertThat(turns.picks()).as("a pool that has picked").isEqualTo(6);
    }

    @Test
    void picks_amongEvenWeights_beginWithNone() {
        turns.remember(0, 5);
        pick(2, START);

        assertThat(turns.isUneven()).isFalse();
        assertThat(turns.picks()).isEqualTo(2);
    }

    @Test
    void picks_areHalvedAfterTenSeconds_andNotBefore() {
        pick(7, START + TEN_SECONDS - 1);
        assertThat(turns.picks()).isEqualTo(7);
        assertThat(turns.halvings()).isZero();

        pick(1, START + TEN_SECONDS);
        assertThat(turns.picks()).as("without the fraction, and one more").isEqualTo(3 + 1);
        assertThat(turns.halvings()).isEqualTo(1);

        pick(1, START + 2 * TEN_SECONDS - 1);
        assertThat(turns.halvings()).isEqualTo(1);
        pick(1, START + 2 * TEN_SECONDS);
        assertThat(turns.halvings()).isEqualTo(2);
    }

    @Test
    void picks_amongUnevenWeights_areHalvedOnlyBeyondTwiceTheMemory() {
        turns.remember(4, 2);
        pick(6, START);
        pick(1, START + TEN_SECONDS);
        assertThat(turns.picks()).as("8 were not more than 2 x 4").isEqualTo(9);
        assertThat(turns.halvings()).isZero();

        pick(1, START + 2 * TEN_SECONDS);
        assertThat(turns.picks()).isEqualTo(4.5f + 1);
        assertThat(turns.halvings()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"8, 1, 4", "8, 3, 1", "7, 1, 3", "1, 1, 0", "4294967296, 31, 4"})
    void countAmongEvenWeights_isHalvedWithoutFractions(float count, int times, float halved) {
        assertThat(turns.halved(count, times)).isEqualTo(halved);
    }

    @ParameterizedTest
    @CsvSource({"8, 1, 4", "7, 1, 3.5", "1, 2, 0.25"})
    void countAmongUnevenWeights_isHalvedWithFractions(float count, int times, float halved) {
        turns.remember(1, 2);

        assertThat(turns.halved(count, times)).isEqualTo(halved);
    }

    @Test
    void pool_isAtWork_onceItHasPicked() {
        assertThat(turns.hasBegun()).isFalse();
        pick(1, START);
        assertThat(turns.hasBegun()).isTrue();
    }

    @Test
    void poolOfUnevenWeights_isAtWork_onceTheLightestBackendHasHadItsTurn() {
        turns.remember(8, 2);
        pick(6, START);
        assertThat(turns.hasBegun()).as("8 picks").isFalse();
        pick(1, START);
        assertThat(turns.hasBegun()).as("9 picks").isTrue();
    }
}
