package dev.evenkeel.lb.core.document;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.core.config.form.Default;
import dev.evenkeel.lb.core.config.form.Form;
import dev.evenkeel.lb.core.config.form.Type;
import dev.evenkeel.lb.core.config.form.Types;
import java.util.ArrayList;
import java.util.List;

/** The form of a pool, and of a document of pools alone. */
public final class PoolForm {
    private static final int MOST_POOLS = 1_000;
    private static final int MOST_BACKENDS = 10_000;

    private PoolForm() {}

    /**
     * A document of pools alone.
     *
     * @return a form with the field {@code pools}
     */
    public static Form<List<PoolDraft>> document() {
        return Form.<List<PoolDraft>>of("document", "Pools.", ArrayList::new)
                .required("pools", pools(new PoolKinds()), "the pools", List::add)
                .form();
    }

    /**
     * The pools of a document, passed on one by one.
     *
     * @param kinds what a pool may have
     * @return the type
     */
    public static Type<PoolDraft> pools(PoolKinds kinds) {
        return Types.each(pool(kinds), 1, MOST_POOLS);
    }

    /**
     * What stands in a document for a backend that no document has named.
     *
     * @param backend the backend
     * @return a URI, or an object's fields
     */
    public static Object write(Backend backend) {
        return BackendForm.write(backend);
    }

    private static Type<PoolDraft> pool(PoolKinds kinds) {
        return Form.knowing("pool", "A named set of backends with one strategy.", PoolDraft::new)
                .requiredAt(
                        "name",
                        Types.text("a host name or an IP literal"),
                        "the host that callers address",
                        PoolDraft::name)
                .optional(
                        "strategy",
                        StrategyForms.TYPE,
                        "adaptive",
                        "how a backend is chosen",
                        (draft, strategy) -> draft.builder().strategy(strategy))
                .requiredAt(
                        "backends", Types.each(BackendForm.TYPE, 1, MOST_BACKENDS), "the replicas", PoolDraft::backend)
                .optional(
                        "healthCheck",
                        HealthForms.checks(kinds.healthChecks()),
                        Default.text("none"),
                        "active checks",
                        (draft, check) -> draft.builder().healthCheck(check.apply(draft.name())))
                .optional(
                        "loadReports",
                        LoadForms.reports(kinds.loadReports()),
                        Default.text("none"),
                        "asks backends how loaded they are",
                        (draft, reports) -> draft.builder().loadReports(reports.apply(draft.name())))
                .optional(
                        "circuitBreaker",
                        HealthForms.BREAKER,
                        Default.text("its defaults"),
                        "when breakers open",
                        (draft, policy) -> draft.builder().circuitBreaker(policy))
                .optional(
                        "outlierDetection",
                        OutlierForms.DETECTION,
                        Default.text("`\"relative\"`, or `\"none\"` under a strategy that avoids failures by itself"),
                        "who proposes ejections",
                        (draft, detector) -> draft.builder().outlierDetection(detector))
                .optional(
                        "ejection",
                        OutlierForms.EJECTION,
                        Default.text("what the outlier detection was designed for"),
                        "how long ejections last and how many there may be",
                        (draft, policy) -> draft.builder().ejection(policy))
                .optional(
                        "maxRest",
                        Types.duration("0s", "1h"),
                        "30s",
                        "the longest rest that a backend gets when it asks for one by `Retry-After`",
                        (draft, longest) -> draft.builder().maxRest(longest))
                .optional(
                        "priorities",
                        TierForms.PRIORITIES,
                        Default.text("its defaults"),
                        "how tiers stand in for each other",
                        (draft, policy) -> draft.builder().priorities(policy))
                .optional(
                        "panic",
                        TierForms.PANIC,
                        Default.text("its defaults"),
                        "what happens when little is healthy",
                        (draft, policy) -> draft.builder().panic(policy))
                .optional(
                        "zones",
                        TierForms.ZONES,
                        Default.text("ignored"),
                        "how traffic is spread over zones",
                        (draft, policy) -> draft.builder().zones(policy))
                .optional(
                        "slowStart",
                        TierForms.SLOW_START,
                        Default.text("off"),
                        "how newcomers come to their share",
                        (draft, ramp) -> draft.builder().slowStart(ramp))
                .form()
                .as(draft -> draft);
    }
}
