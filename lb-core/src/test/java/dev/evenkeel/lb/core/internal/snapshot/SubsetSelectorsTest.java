package dev.evenkeel.lb.core.internal.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.PoolFigures.WeightSource;
import dev.evenkeel.lb.Subset;
import dev.evenkeel.lb.core.LogLines;
import dev.evenkeel.lb.core.internal.backend.BackendCondition;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.internal.backend.SubsetMembership;
import dev.evenkeel.lb.core.internal.stats.PoolStats;
import dev.evenkeel.lb.core.topology.SubsetPolicy;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The selectors of {@link DeclaredSubsets}, whose maximum and whose members are told in the log and kept. */
class SubsetSelectorsTest {
    private static final Subset V1 = Subset.of("version", "1");
    private static final Subset V2 = Subset.of("version", "2");
    private static final SubsetPolicy BY_VERSION = SubsetPolicy.noFallback().withSelector("version");

    private final PoolStats stats = new PoolStats();
    private final BackendState first = node("a", Map.of("version", "1", "color", "red"));
    private final BackendState second = node("b", Map.of("version", "2"));
    private final BackendState plain = node("c", Map.of());

    private BackendState node(String id, Map<String, String> metadata) {
        BackendState node = new BackendState(backend(id, metadata), stats);
        node.condition(BackendCondition.HEALTHY);
        return node;
    }

    private static Backend backend(String id, Map<String, String> metadata) {
        Backend.Builder builder = Backend.builder("http://" + id + ":1").id(id);
        metadata.forEach(builder::metadata);
        return builder.build();
    }

    private static DeclaredSubsets subsets(SubsetPolicy policy) {
        return new DeclaredSubsets("selectors", policy);
    }

    @Test
    void policyWithoutSelectors_leavesNothingToDo_untilAClientDeclaresOne() {
        DeclaredSubsets subsets = subsets(SubsetPolicy.anyEndpoint());
        assertThat(subsets.isEmpty()).isTrue();
        assertThat(subsets.members(List.of(first, second))).isEmpty();

        assertThat(subsets.declare(Set.of("version"))).isTrue();
        assertThat(subsets.isEmpty()).isFalse();
        assertThat(subsets(BY_VERSION).isEmpty()).isFalse();
        assertThat(subsets(SubsetPolicy.defaultSubset(V1)).isEmpty()).isFalse();
    }

    @Test
    void subsets_areOfTheirPolicy_andOfAnEqualOne() {
        DeclaredSubsets subsets = subsets(BY_VERSION);

        assertThat(subsets.isOf(SubsetPolicy.noFallback().withSelector("version")))
                .isTrue();
        assertThat(subsets.isOf(SubsetPolicy.anyEndpoint().withSelector("version")))
                .isFalse();
        assertThat(subsets.under(SubsetPolicy.anyEndpoint()).isOf(SubsetPolicy.anyEndpoint()))
                .isTrue();
    }

    @Test
    void keysThatThePolicyHas_changeNothing_butAreAClientsUnderTheNextPolicy() {
        DeclaredSubsets subsets = subsets(BY_VERSION);
        assertThat(subsets.declare(Set.of("version"))).isFalse();

        assertThat(subsets.under(SubsetPolicy.anyEndpoint()).members(List.of(first)))
                .containsOnlyKeys(V1);
        assertThat(subsets(BY_VERSION).under(SubsetPolicy.anyEndpoint()).members(List.of(first)))
                .isEmpty();
    }

    @Test
    void client_declaresTheMaximum_andNoMore_andTheLogNamesWhatIsNotServed() {
        DeclaredSubsets subsets = subsets(SubsetPolicy.noFallback());
        try (LogLines log = new LogLines("pool selectors")) {
            for (int i = 0; i < SubsetPolicy.MAX_SELECTORS; i++) {
                assertThat(subsets.declare(Set.of("key " + i))).isTrue();
            }
            assertThat(subsets.declare(Set.of("key 0"))).as("known").isFalse();
            assertThat(log.lines()).isEmpty();

            assertThat(subsets.declare(Set.of("zone", "stage"))).isFalse();
            assertThat(log.lines())
                    .containsExactly("WARNING pool selectors: subsets by [stage, zone] are not served: clients have"
                            + " declared 16 selectors, which is the maximum; declare them in the pool's SubsetPolicy");
        }
    }

    @Test
    void subsetsBeyondTheMaximum_areNotServed_andTheLogSaysSoOnce() {
        DeclaredSubsets subsets = subsets(BY_VERSION.withMaxSubsets(1));
        try (LogLines log = new LogLines("pool \"selectors\"")) {
            assertThat(subsets.members(List.of(first, plain))).isEqualTo(Map.of(V1, List.of(first)));
            assertThat(log.lines()).isEmpty();

            for (int i = 0; i < 3; i++) {
                assertThat(subsets.members(List.of(first, second))).isEqualTo(Map.of(V1, List.of(first)));
            }
            assertThat(log.lines())
                    .containsExactly("WARNING pool \"selectors\" has more than 1 subsets: version=2 and others are not"
                            + " served; declare selectors with fewer values, or raise maxSubsets");
        }
    }

    @Test
    void members_areTheBackendsThatHaveAllKeys_withoutBackendsThatLeave() {
        DeclaredSubsets subsets = subsets(BY_VERSION.withSelector("version", "color"));
        BackendState leaving = node("d", Map.of("version", "2"));
        leaving.condition(BackendCondition.LEAVING);

        assertThat(subsets.members(List.of(first, second, plain, leaving)))
                .isEqualTo(Map.of(V1, List.of(first), V1.and("color", "red"), List.of(first), V2, List.of(second)));
    }

    @Test
    void defaultSubset_isServed_evenWithoutABackend_andBeyondNoMaximum() {
        DeclaredSubsets subsets = subsets(SubsetPolicy.defaultSubset(V1).withMaxSubsets(1));

        assertThat(subsets.members(List.of(plain))).isEqualTo(Map.of(V1, List.of()));
        assertThat(subsets.members(List.of(second, first))).isEqualTo(Map.of(V1, List.of(first)));
    }

    /** With 10,000 backends and 16 selectors, to find them anew for each snapshot would cost more than the snapshot. */
    @Test
    void subsetsOfABackend_areFoundOnce_untilItsMetadataOrTheSelectorsChange() {
        DeclaredSubsets subsets = subsets(BY_VERSION);
        subsets.members(List.of(first));
        SubsetMembership found = first.subsets();
        assertThat(found).isNotNull();
        subsets.members(List.of(first));
        assertThat(first.subsets()).isSameAs(found);

        first.backend(backend("a", Map.of("version", "2", "color", "red")), WeightSource.REGISTRY);
        assertThat(subsets.members(List.of(first))).containsOnlyKeys(V2);
        assertThat(first.subsets()).isNotSameAs(found);

        subsets.declare(Set.of("color"));
        assertThat(subsets.members(List.of(first))).containsOnlyKeys(V2, Subset.of("color", "red"));
    }
}
