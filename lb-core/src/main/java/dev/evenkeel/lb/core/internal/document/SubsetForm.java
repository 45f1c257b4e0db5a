package dev.evenkeel.lb.core.internal.document;

import dev.evenkeel.lb.Subset;
import dev.evenkeel.lb.core.internal.document.schema.Default;
import dev.evenkeel.lb.core.internal.document.schema.ObjectSchema;
import dev.evenkeel.lb.core.internal.document.schema.Type;
import dev.evenkeel.lb.core.internal.document.schema.Types;
import dev.evenkeel.lb.core.topology.SubsetPolicy;
import dev.evenkeel.lb.core.topology.SubsetPolicy.Fallback;
import dev.evenkeel.lb.core.topology.SubsetPolicy.Selector;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The form of a {@link dev.evenkeel.lb.core.topology.SubsetPolicy}. */
final class SubsetForm {
    private static final Type<Fallback> FALLBACK = Types.constant("fall-back", Fallback.values());

    private static final Type<Selector> SELECTOR = ObjectSchema.of(
                    "subsets.selector", "Keys of metadata that subsets are by.", SelectorDraft::new)
            .required(
                    "keys",
                    Types.list(Types.text(), 1, Subset.MAX_ENTRIES),
                    "one subset for each combination of values that backends have",
                    (draft, keys) -> draft.keys = keys)
            .optional(
                    "fallback",
                    FALLBACK,
                    Default.text("the policy's"),
                    "for requests by these keys",
                    (draft, fallback) -> draft.fallback = fallback)
            .form()
            .as(draft -> draft.keys.isEmpty() ? null : new Selector(new TreeSet<>(draft.keys), draft.fallback));

    static final Type<SubsetPolicy> TYPE = ObjectSchema.of(
                    "subsets", "What becomes of requests that want a subset of the pool.", SubsetDraft::new)
            .optional(
                    "fallback",
                    FALLBACK,
                    "noFallback",
                    "for requests whose subset has no backend: they fail, may go anywhere, or go to the default subset",
                    (draft, fallback) -> draft.fallback = fallback)
            .optional(
                    "defaultSubset",
                    Types.entries(Types.text(), "key of metadata"),
                    Default.text("none"),
                    "where `defaultSubset` leads; required for it",
                    (draft, entry) -> draft.defaultSubset.put(entry.getKey(), entry.getValue()))
            .optional(
                    "selectors",
                    Types.each(SELECTOR, 0, SubsetPolicy.MAX_SELECTORS),
                    Default.text("none"),
                    "the keys that subsets are by; the keys of the default subset, of clients and of routes need none",
                    (draft, selector) -> draft.selectors.add(selector))
            .optional(
                    "maxSubsets",
                    Types.integer(1, 100_000),
                    1_000,
                    "how many subsets are kept ready",
                    SubsetDraft::maxSubsets)
            .form()
            .as(SubsetDraft::build);

    private SubsetForm() {}

    private static final class SelectorDraft {
        private List<String> keys = List.of();
        private @Nullable Fallback fallback;
    }

    private static final class SubsetDraft {
        private Fallback fallback = Fallback.NO_FALLBACK;
        private final Map<String, String> defaultSubset = new HashMap<>();
        private final List<Selector> selectors = new ArrayList<>();
        private int maxSubsets = 1_000;

        void maxSubsets(int given) {
            maxSubsets = new SubsetPolicy(Fallback.NO_FALLBACK, null, List.of(), given).maxSubsets();
        }

        SubsetPolicy build() {
            return new SubsetPolicy(
                    fallback, defaultSubset.isEmpty() ? null : Subset.of(defaultSubset), selectors, maxSubsets);
        }
    }
}
