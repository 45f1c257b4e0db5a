package dev.evenkeel.lb.core.internal.strategy.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class TurnCounterTest {

    @Test
    void turns_followEachOther_fromTheFirst() {
        TurnCounter turns = new TurnCounter(-1);

        assertThat(turns.get()).isEqualTo(-1);
        assertThat(turns.next()).isEqualTo(-1);
        assertThat(turns.next()).isZero();
        turns.set(20);
        assertThat(turns.get()).isEqualTo(20);
        assertThat(turns.next()).isEqualTo(20);
    }

    @Test
    void threads_shareNoTurn() {
        TurnCounter turns = new TurnCounter(0);

        long[] taken = IntStream.range(0, 100_000)
                .parallel()
                .mapToLong(i -> turns.next())
                .toArray();

        Arrays.sort(taken);
        assertThat(taken)
                .containsExactly(IntStream.range(0, 100_000).asLongStream().toArray());
    }
}
