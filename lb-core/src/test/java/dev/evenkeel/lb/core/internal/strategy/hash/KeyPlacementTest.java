package dev.evenkeel.lb.core.internal.strategy.hash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.core.internal.strategy.support.Weights;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class KeyPlacementTest {

    @Test
    void placements_searchReachesEveryBackend() {
        Random random = new Random(1);
        for (KeyPlacement.Layout layout : new KeyPlacement.Layout[] {new Maglev.Table(0), HashRing.Size.DEFAULT}) {
            KeyPlacement placement = layout.place(ids(5), equal(5));
            Set<Integer> met = new HashSet<>();
            long place = placement.locate(random.nextLong());
            for (int i = 0; i < 200; i++) {
                met.add(placement.owner(place));
                place = placement.next(place);
            }
            assertThat(met).hasSize(5);
        }
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
