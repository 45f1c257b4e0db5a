package dev.evenkeel.lb.okhttp.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Pools and their weights. */
class SplitTest {
    @Test
    void pools_areInTheirOrder() {
        Split split = Split.builder().pool("stable", 95).pool("canary", 5).build();

        assertThat(split.pools()).containsExactly("stable", "canary");
        assertThat(split.sticky()).isNull();
    }

    @Test
    void impossibleSplits_areRefused() {
        assertThatThrownBy(() -> Split.builder().build())
                .hasMessage("the number of pools in a split must be 1..1000: 0");
        assertThatThrownBy(() -> Split.builder().pool("a", 0).build())
                .hasMessage("a split must have a pool with a weight above 0");
        assertThatThrownBy(() -> Split.builder().pool("a", 1).pool("a", 2).build())
                .hasMessageStartingWith("a split must name each pool once");
        assertThatThrownBy(() -> Split.builder().pool("a\n", -1))
                .hasMessage("weight of pool \"a\uFFFD\" must be 0..1000000: -1");
    }
}
