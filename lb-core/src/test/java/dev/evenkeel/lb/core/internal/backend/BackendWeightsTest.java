package dev.evenkeel.lb.core.internal.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.core.internal.stats.PoolStats;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BackendWeightsTest {
    private static BackendState node(int index, double weight) {
        BackendState node = new BackendState(Backend.of("http://b" + index + ":1"), new PoolStats());
        node.ramp(weight, Integer.MAX_VALUE, 1);
        return node;
    }

    private static BackendWeights of(double... weights) {
        return BackendWeights.of(IntStream.range(0, weights.length)
                .mapToObj(i -> node(i, weights[i]))
                .toList());
    }

    @Test
    void weights_areThoseOfTheBackends() {
        assertThat(of(2, 2).get(1)).isEqualTo(2);
        assertThat(of(2, 3, 4).get(2)).isEqualTo(4);
    }

    @Test
    void evenWeights_areAlsoThoseOfOthersOfTheSameWeight() {
        assertThat(of(2, 2).areAlso(List.of(node(7, 2)))).isTrue();
        assertThat(of(2, 2).areAlso(List.of(node(7, 2), node(8, 3)))).isFalse();
        assertThat(of(2, 3).areAlso(List.of(node(7, 2)))).isFalse();
    }

    @Test
    void runs_areCopied() {
        double[] to = new double[4];
        of(5, 5).copy(0, to, 0, 2);
        of(1, 2, 3).copy(1, to, 2, 2);
        assertThat(to).containsExactly(5, 5, 2, 3);
    }

    @Test
    void comparison_isOfTheFirstWeights() {
        assertThat(of(1, 2, 3).isSame(of(1, 2, 4), 2)).isTrue();
        assertThat(of(1, 2, 3).isSame(of(1, 2, 4), 3)).isFalse();
        assertThat(of(2, 2).isSame(of(2, 2), 2)).isTrue();
        assertThat(of(2, 2).isSame(of(3, 3), 2)).isFalse();
        assertThat(of(2, 2).isSame(BackendWeights.ofEach(new double[] {2, 3}), 2))
                .isFalse();
    }
}
