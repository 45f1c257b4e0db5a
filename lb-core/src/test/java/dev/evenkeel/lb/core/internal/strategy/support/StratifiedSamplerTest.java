package dev.evenkeel.lb.core.internal.strategy.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** One draw from each of d arcs of a circle: all distinct, each equally likely. */
class StratifiedSamplerTest {
    @Test
    void draws_areDistinct_andInRange() {
        Random random = new Random(3);
        StratifiedSampler sampler = new StratifiedSampler(10, 3);
        for (int i = 0; i < 1_000; i++) {
            int origin = random.nextInt(10);
            Set<Integer> drawn = new HashSet<>();
            for (int arc = 0; arc < sampler.draws(); arc++) {
                drawn.add(sampler.draw(arc, origin, random.nextLong()));
            }
            assertThat(drawn).hasSize(3).allMatch(index -> index >= 0 && index < 10);
        }
    }

    @Test
    void fewerCandidatesThanDraws_areAllDrawn() {
        StratifiedSampler sampler = new StratifiedSampler(2, 5);

        assertThat(sampler.draws()).isEqualTo(2);
        assertThat(sampler.draw(0, 1, 0) + sampler.draw(1, 1, 0)).isEqualTo(1);
    }
}
