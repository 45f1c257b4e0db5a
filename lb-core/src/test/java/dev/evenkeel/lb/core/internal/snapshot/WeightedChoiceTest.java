package dev.evenkeel.lb.core.internal.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** In proportion to the weights: at random, in turns, or by the affinity of the request. */
class WeightedChoiceTest {

    private record Lot(@Nullable Object affinity, double number) implements RequestRandom {
        @Override
        public double random(int salt) {
            return number;
        }
    }

    private static RequestRandom lot(double number) {
        return new Lot(null, number);
    }

    @Test
    void random_dividesTheLotsByTheWeights() {
        WeightedChoice choice = WeightedChoice.random(new long[] {1, 0, 2, 1});

        assertThat(choice.next(lot(0), 0)).isZero();
        assertThat(choice.next(lot(Math.nextDown(0.25)), 0)).isZero();
        assertThat(choice.next(lot(0.25), 0)).isEqualTo(2);
        assertThat(choice.next(lot(Math.nextDown(0.75)), 0)).isEqualTo(2);
        assertThat(choice.next(lot(0.75), 0)).isEqualTo(3);
        assertThat(choice.next(lot(Math.nextDown(1.0)), 0)).isEqualTo(3);
    }

    @Test
    void lastOfNoWeight_isNeverChosen() {
        WeightedChoice choice = WeightedChoice.random(new long[] {1, 3, 0});

        assertThat(choice.next(lot(Math.nextDown(1.0)), 0)).isEqualTo(1);
    }

    @Test
    void onlyPositiveWeight_isChosenWithoutALot() {
        WeightedChoice choice = WeightedChoice.random(new long[] {0, 7, 0});

        assertThat(choice.next(lot(0.99), 0)).isEqualTo(1);
        assertThat(choice.next(lot(0), 0)).isEqualTo(1);
    }

    @Test
    void noPositiveWeight_isTheFirst() {
        assertThat(WeightedChoice.random(new long[] {0, 0}).next(lot(0.99), 0)).isZero();
        assertThat(WeightedChoice.FIRST.next(lot(0.99), 0)).isZero();
    }

    @Test
    void turns_areByEarliestDeadline_thenInOrder() {
        WeightedChoice choice = WeightedChoice.inTurns(new long[] {30, 10, 0, 20}, new AtomicInteger());

        assertThat(IntStream.range(0, 12).map(i -> choice.next(lot(0.99), 0)))
                .containsExactly(0, 3, 0, 0, 1, 3, 0, 3, 0, 0, 1, 3);
    }

    @Test
    void turns_goOnWhereTheyWere_andBeyondTheLargestNumber() {
        AtomicInteger turn = new AtomicInteger(-1);
        WeightedChoice choice = WeightedChoice.inTurns(new long[] {1, 1}, turn);

        // 2^32 - 1, without its sign, is odd.
        assertThat(choice.next(lot(0), 0)).isEqualTo(1);
        assertThat(choice.next(lot(0), 0)).isZero();
        assertThat(turn).hasValue(1);
    }

    @Test
    void turns_beyondAThousandPerCycle_areStillEven() {
        AtomicInteger turn = new AtomicInteger();
        WeightedChoice stored = WeightedChoice.inTurns(new long[] {999, 1}, turn);
        WeightedChoice spread = WeightedChoice.inTurns(new long[] {1_000, 1_001}, turn);

        assertThat(IntStream.range(0, 1_000).filter(i -> stored.next(lot(0), 0) == 1))
                .hasSize(1);
        long second = IntStream.range(0, 1_000)
                .filter(i -> spread.next(lot(0), 0) == 1)
                .count();
        assertThat((double) second).isCloseTo(500, within(3.0));
    }

    @Test
    void cycleOfExactlyAThousand_isStored() {
        WeightedChoice choice = WeightedChoice.inTurns(new long[] {999, 1}, new AtomicInteger());

        int[] chosen =
                IntStream.range(0, 2_000).map(i -> choice.next(lot(0), 0)).toArray();

        assertThat(IntStream.range(0, 2_000).filter(i -> chosen[i] == 1)).containsExactly(999, 1_999);
    }

    @Test
    void affinity_choosesByItsNumber_andTakesNoTurn() {
        AtomicInteger turn = new AtomicInteger();
        WeightedChoice choice = WeightedChoice.inTurns(new long[] {1, 1}, turn);

        assertThat(choice.next(new Lot("user-7", 0.6), 0)).isEqualTo(1);
        assertThat(choice.next(new Lot("user-7", 0.6), 0)).isEqualTo(1);
        assertThat(turn).hasValue(0);
    }
}
