package dev.evenkeel.lb.core.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.Subset;
import dev.evenkeel.lb.core.topology.SubsetPolicy.Fallback;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which subsets a pool has, and where the requests go whose subset has no backend. */
class SubsetPolicyTest {
    @Test
    void selectors_areAdded_withFallbacksOfTheirOwn() {
        SubsetPolicy policy = SubsetPolicy.noFallback()
                .withSelector("version", "stage")
                .withSelector(Fallback.ANY_ENDPOINT, "zone")
                .withMaxSubsets(7);

        assertThat(policy.selectors())
                .containsExactly(
                        new SubsetPolicy.Selector(Set.of("stage", "version"), null),
                        new SubsetPolicy.Selector(Set.of("zone"), Fallback.ANY_ENDPOINT));
        assertThat(policy.maxSubsets()).isEqualTo(7);
        assertThat(policy.fallback()).isEqualTo(Fallback.NO_FALLBACK);
    }

    @Test
    void selectors_areFew() {
        SubsetPolicy policy = SubsetPolicy.anyEndpoint();
        for (int i = 0; i < SubsetPolicy.MAX_SELECTORS; i++) {
            policy = policy.withSelector("key " + i);
        }
        SubsetPolicy full = policy;

        assertThatThrownBy(() -> full.withSelector("one more"))
                .hasMessage("subset selectors must be at most 16: there are 17");
    }

    @Test
    void defaultSubset_isNeededByTheFallbackThatLeadsThere() {
        assertThat(SubsetPolicy.defaultSubset(Subset.of("stage", "prod")).defaultSubset())
                .isEqualTo(Subset.of("stage", "prod"));
        assertThatThrownBy(() -> SubsetPolicy.noFallback().withSelector(Fallback.DEFAULT_SUBSET, "stage"))
                .hasMessageStartingWith("fall-back DEFAULT_SUBSET must have a default subset");
    }
}
