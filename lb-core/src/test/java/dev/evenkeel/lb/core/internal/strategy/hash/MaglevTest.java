package dev.evenkeel.lb.core.internal.strategy.hash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.core.internal.strategy.support.Weights;
import dev.evenkeel.lb.core.strategy.Strategies;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The table of Maglev: shares, sizes and refused sizes. */
final class MaglevTest {

    @Test
    void weights_shareTheTableExactly() {
        int[] counts =
                counts(new Maglev.Table(0).place(ids(3), Weights.of(1, 2, 3)).table(), 3);
        assertThat(counts[0]).isBetween(10_922, 10_924);
        assertThat(counts[1]).isBetween(21_845, 21_847);
        assertThat(counts[2]).isBetween(32_767, 32_770);
    }

    @Test
    void hundredBackends_areAsEvenAsThePaperSays() {
        int[] counts = counts(new Maglev.Table(0).place(ids(100), equal(100)).table(), 100);
        assertThat(Arrays.stream(counts).max().orElseThrow()).isLessThanOrEqualTo(656);
        assertThat(Arrays.stream(counts).min().orElseThrow()).isGreaterThanOrEqualTo(655);
    }

    @Test
    void table_growsByDoublingWithTheBackends() {
        assertThat(Maglev.Table.sizeFor(1)).isEqualTo(65_537);
        assertThat(Maglev.Table.sizeFor(655)).isEqualTo(65_537);
        assertThat(Maglev.Table.sizeFor(656)).isEqualTo(131_101);
        assertThat(Maglev.Table.sizeFor(10_000)).isEqualTo(1_048_583);
        assertThat(Maglev.Table.sizeFor(100_000)).isEqualTo(Maglev.MAX_SIZE);
        assertThat(Maglev.Table.sizeFor(6_000_000)).isGreaterThan(6_000_000);
    }

    @Test
    void tableSmallerThanTheBackends_isEnlarged() {
        assertThat(Maglev.Table.ofSize(7).place(ids(7), equal(7)).table()).hasSize(7);
        assertThat(Maglev.Table.ofSize(7).place(ids(8), equal(8)).table()).hasSize(65_537);
    }

    @Test
    void extremeWeights_fillTheTable() {
        Weights weights = Weights.of(Double.MIN_VALUE, 1, 1e300);
        int[] counts = counts(Maglev.Table.ofSize(17).place(ids(3), weights).table(), 3);
        assertThat(counts).containsExactly(1, 1, 15);
    }

    /** As the heavier one has a turn in each iteration, the lighter one is never due again. */
    @Test
    void backendOfNearlyNoWeight_hasOneEntry() {
        Weights weights = Weights.of(Double.MIN_VALUE, 1);
        int[] counts = counts(Maglev.Table.ofSize(17).place(ids(2), weights).table(), 2);
        assertThat(counts).containsExactly(1, 16);
    }

    /**
     * With permutations that are the order of the entries, the table is the order of turns. A backend of half the weight has
     * its turns in Envoy's iterations 1, 2, 4, 6 and 8, as 1 · 1 &gt;= 0, 2 · 1 &gt;= 2, 4 · 1 &gt;= 4 and so on.
     */
    @Test
    void turns_areThoseOfEnvoysIterations() {
        int[] owners = Maglev.populate(new int[] {0, 0}, new int[] {1, 1}, Weights.of(2, 1), 13);
        assertThat(owners).containsExactly(0, 1, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1);
    }

    @Test
    void tableForMoreBackendsThanTheMaximum_hasTheNextPrime() {
        assertThat(Maglev.Table.sizeFor(6_000_000)).isEqualTo(6_000_011);
        assertThat(Maglev.Table.sizeFor(6_000_011)).isEqualTo(6_000_011);
    }

    @Test
    void sizesAtTheBounds_areTaken() {
        assertThat(Maglev.Table.ofSize(2).size()).isEqualTo(2);
        assertThat(Maglev.Table.ofSize(5_000_011).size()).isEqualTo(5_000_011);
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MIN_VALUE, -7, 0, 1, 8, 65_536, 5_000_010, 5_000_021, Integer.MAX_VALUE})
    void sizeNotPrimeOrOutOfRange_isRefused(int size) {
        assertThatThrownBy(() -> Strategies.consistentHash().maglev(size))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("Maglev table size must be a prime of 2..5000011: " + size);
    }

    @Test
    void sizeNotPrime_theNextOneIsSaid() {
        assertThatThrownBy(() -> Strategies.consistentHash().maglev(65_536))
                .hasMessage("Maglev table size must be a prime of 2..5000011: 65536; the next one is 65537");
    }

    private static int[] owners(HashRing ring) {
        return IntStream.range(0, ring.points().length).map(ring::owner).toArray();
    }

    private static int[] counts(int[] owners, int n) {
        int[] counts = new int[n];
        for (int owner : owners) {
            counts[owner]++;
        }
        return counts;
    }

    private static String[] ids(int n) {
        return IntStream.range(0, n)
                .mapToObj(i -> "10.0.0." + i + ":8080")
                .sorted()
                .toArray(String[]::new);
    }

    private static Weights equal(int n) {
        return Weights.even(n, 1);
    }
}
