package dev.evenkeel.lb.core.internal.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Numbers that look random, and that each client derives alike. */
class DeterministicRandomTest {
    private static final int HASHES = 10_000;

    /**
     * Clients of two versions lead a key to the same tier and zone: the numbers never change. They are those of SplitMix64's
     * finalizer, computed by a program of its own.
     */
    @ParameterizedTest
    @CsvSource({
        "0, 0, 0.8833108082136426",
        "1, 0, 0.43152799704850997",
        "0, 1, 0.17601256256594233",
        "-1, -1, 0.40470913367466355",
        "2147483647, 3, 0.9721043398223606",
        "-2147483648, -2, 0.1600981351632772",
        "-836032228, 0, 0.9742678858792334"
    })
    void numberOfAHash_isTheSameInEveryVersion(int hash, int salt, double number) {
        assertThat(DeterministicRandom.of(hash, salt)).isEqualTo(number);
    }

    @Test
    void numbersOfConsecutiveHashes_areSpreadEvenly() {
        int[] tenths = new int[10];
        for (int hash = 0; hash < HASHES; hash++) {
            tenths[(int) (10 * DeterministicRandom.of(hash, 0))]++;
        }

        assertThat(tenths).satisfies(counts -> {
            for (int count : counts) {
                assertThat(count).isBetween(900, 1_100);
            }
        });
    }

    /** Of the keys in the lower half by one salt, half are in the lower half by another one. */
    @ParameterizedTest
    @ValueSource(ints = {-2, -1, 1, 2, 3})
    void numbersOfTwoSalts_areIndependent(int salt) {
        int low = 0;
        int lowByBoth = 0;
        for (int hash = 0; hash < HASHES; hash++) {
            if (DeterministicRandom.of(hash, 0) < 0.5) {
                low++;
                lowByBoth += DeterministicRandom.of(hash, salt) < 0.5 ? 1 : 0;
            }
        }

        assertThat(lowByBoth).isBetween(low / 2 - 200, low / 2 + 200);
    }

    /** With a hundred consecutive turns, each hundredth gets one, or its neighbour gets two. */
    @Test
    void goldenRatio_spreadsConsecutiveNumbers_withNeighboursFarApart() {
        BitSet fiftieths = new BitSet();
        for (int number = 0; number < 100; number++) {
            double here = DeterministicRandom.ofGoldenRatio(number);
            double next = DeterministicRandom.ofGoldenRatio(number + 1);
            assertThat(Math.abs(next - here)).isBetween(0.38, 0.62);
            fiftieths.set((int) (50 * here));
        }

        assertThat(fiftieths.cardinality()).isEqualTo(50);
        assertThat(DeterministicRandom.ofGoldenRatio(0)).isZero();
        assertThat(DeterministicRandom.ofGoldenRatio(1)).isEqualTo(0.6180339887498948);
    }
}
