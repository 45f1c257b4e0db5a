package dev.evenkeel.lb.core.internal.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Subset;
import dev.evenkeel.lb.core.topology.SubsetPolicy.Fallback;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Where a call with a subset, and one without, may go. */
class SubsetIndexTest {
    private static final Subset V1 = Subset.of("version", "1");
    private static final Subset V2 = Subset.of("version", "2");
    private static final Subset V3 = Subset.of("version", "3");
    private static final Subset RED = Subset.of("color", "red");
    private static final Backend OF_V1 = backend("1");
    private static final Backend OF_V2 = backend("2");

    private static final SelectionPlan WHOLE = plan();
    private static final SelectionPlan FIRST = plan();
    private static final SelectionPlan SECOND = plan();

    private static SelectionPlan plan() {
        return new SelectionPlan(List.of(new PriorityLevel(List.of(), WeightedChoice.FIRST, "")), WeightedChoice.FIRST);
    }

    private static Backend backend(String version) {
        return Backend.builder("http://v" + version + ":1")
                .metadata("version", version)
                .build();
    }

    /** Versions 1 and 2 have backends; version 1 is the default subset, if there is one. */
    private static SubsetIndex index(Fallback ofVersions, Fallback ofUndeclared, boolean hasDefault) {
        return new SubsetIndex(
                Map.of(V1, FIRST, V2, SECOND),
                Map.of(Set.of("version"), ofVersions),
                WHOLE,
                hasDefault ? FIRST : SelectionPlan.NONE,
                hasDefault ? V1 : null,
                ofUndeclared);
    }

    private static void assertCandidates(
            SubsetIndex index, @Nullable Subset subset, boolean isFirst, boolean isSecond) {
        assertThat(index.isCandidate(subset, OF_V1)).isEqualTo(isFirst);
        assertThat(index.isCandidate(subset, OF_V2)).isEqualTo(isSecond);
    }

    @ParameterizedTest
    @EnumSource
    void subsetWithBackends_isServedByThemAlone_whateverTheFallback(Fallback fallback) {
        SubsetIndex index = index(fallback, fallback, true);

        assertThat(index.find(V2)).isSameAs(SECOND);
        assertCandidates(index, V2, false, true);
        assertCandidates(index, V1, true, false);
        assertThat(index.allows(V2, OF_V1)).isFalse();
        assertThat(index.allows(V2, OF_V2)).isTrue();
    }

    @Test
    void callWithoutASubset_mayGoToAnyBackend_unlessTheFallbackIsTheDefaultSubset() {
        for (Fallback fallback : List.of(Fallback.NO_FALLBACK, Fallback.ANY_ENDPOINT)) {
            SubsetIndex index = index(Fallback.NO_FALLBACK, fallback, true);
            assertThat(index.unspecified()).isSameAs(WHOLE);
            assertCandidates(index, null, true, true);
        }

        SubsetIndex toDefault = index(Fallback.NO_FALLBACK, Fallback.DEFAULT_SUBSET, true);
        assertThat(toDefault.unspecified()).isSameAs(FIRST);
        assertCandidates(toDefault, null, true, false);
    }

    @Test
    void subsetWithoutBackends_goesByTheFallbackOfItsKeys() {
        SubsetIndex fails = index(Fallback.NO_FALLBACK, Fallback.ANY_ENDPOINT, true);
        assertThat(fails.find(V3)).isSameAs(SelectionPlan.NONE);
        assertCandidates(fails, V3, false, false);
        assertThat(fails.allows(V3, OF_V1)).isFalse();

        SubsetIndex anywhere = index(Fallback.ANY_ENDPOINT, Fallback.NO_FALLBACK, true);
        assertThat(anywhere.find(V3)).isSameAs(WHOLE);
        assertCandidates(anywhere, V3, true, true);
        assertThat(anywhere.allows(V3, OF_V1)).isTrue();

        SubsetIndex toDefault = index(Fallback.DEFAULT_SUBSET, Fallback.NO_FALLBACK, true);
        assertThat(toDefault.find(V3)).isSameAs(FIRST);
        assertCandidates(toDefault, V3, true, false);
        assertThat(toDefault.allows(V3, OF_V2)).isTrue();
    }

    @Test
    void subsetByUndeclaredKeys_goesByTheFallbackOfThePolicy() {
        SubsetIndex anywhere = index(Fallback.NO_FALLBACK, Fallback.ANY_ENDPOINT, true);

        assertThat(anywhere.find(RED)).isSameAs(WHOLE);
        assertCandidates(anywhere, RED, true, true);
        assertThat(anywhere.isUndeclared(RED)).isTrue();
        assertThat(anywhere.isUndeclared(V3)).isFalse();
        assertCandidates(index(Fallback.ANY_ENDPOINT, Fallback.NO_FALLBACK, true), RED, false, false);
    }

    @Test
    void fallbackToADefaultSubset_withoutOne_leadsToNoBackend() {
        SubsetIndex index = index(Fallback.DEFAULT_SUBSET, Fallback.NO_FALLBACK, false);

        assertThat(index.find(V3)).isSameAs(SelectionPlan.NONE);
        assertCandidates(index, V3, false, false);
    }

    @Test
    void detail_saysWhatIsMissing() {
        SubsetIndex index = index(Fallback.NO_FALLBACK, Fallback.NO_FALLBACK, false);

        assertThat(index.detail(V2)).isEqualTo("asked for version=2");
        assertThat(index.detail(V3)).isEqualTo("none has version=3");
        assertThat(index.detail(RED))
                .isEqualTo(
                        "asked for color=red, but subsets by [color] are not declared ([version] is); declare them by"
                                + " SubsetPolicy.withSelector(\"color\"), in a document by \"selectors\" of \"subsets\"");
    }
}
