package dev.evenkeel.lb.core.internal.document;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.core.internal.document.schema.Default;
import dev.evenkeel.lb.core.internal.document.schema.ObjectSchema;
import dev.evenkeel.lb.core.internal.document.schema.Type;
import dev.evenkeel.lb.core.internal.document.schema.Types;
import dev.evenkeel.lb.core.load.LoadReportPolicy;
import dev.evenkeel.lb.spi.BackendDiscovery;
import java.util.ArrayList;
import java.util.List;

/** The form of a pool, and of a document of pools only. */
public final class PoolForm {
    private static final int MAX_POOLS = 1_000;
    private static final int MAX_BACKENDS = 10_000;

    private PoolForm() {}

    /**
     * A document of pools only.
     *
     * @return a form with the field {@code pools}
     */
    public static ObjectSchema<List<PoolDefinition>> document() {
        return ObjectSchema.<List<PoolDefinition>>of("document", "Pools.", ArrayList::new)
                .required("pools", pools(new PoolExtensions()), "the pools", List::add)
                .form();
    }

    /**
     * The pools of a document, passed on one by one.
     *
     * @param kinds the components that a pool may have
     * @return the type
     */
    public static Type<PoolDefinition> pools(PoolExtensions kinds) {
        return Types.each(pool(kinds), 1, MAX_POOLS);
    }

    /**
     * The document form of a backend that no document contains.
     *
     * @param backend the backend
     * @return a URI, or an object's fields
     */
    public static Object write(Backend backend) {
        return BackendForm.write(backend);
    }

    private static Type<PoolDefinition> pool(PoolExtensions kinds) {
        ObjectSchema.Builder<PoolDefinition> form =
                ObjectSchema.knowing("pool", "A named set of backends with one strategy.", PoolDefinition::new);
        identity(form);
        checks(form, kinds);
        failures(form);
        tiers(form);
        capacity(form);
        operation(form);
        discovery(form, kinds);
        return form.form().as(draft -> draft);
    }

    /** Fields: what the pool is and has. */
    private static void identity(ObjectSchema.Builder<PoolDefinition> form) {
        form.requiredAt(
                        "name",
                        Types.text("a host name or an IP literal"),
                        "the host that callers address",
                        PoolDefinition::name)
                .optional(
                        "strategy",
                        StrategyForms.TYPE,
                        "adaptive",
                        "how a backend is chosen",
                        (draft, strategy) -> draft.set("strategy", pool -> pool.strategy(strategy)))
                .optionalAt(
                        "backends",
                        Types.each(BackendForm.TYPE, 1, MAX_BACKENDS),
                        Default.requiredWithout("discovery"),
                        "the replicas",
                        PoolDefinition::backend);
    }

    /** Fields: what backends are asked beside calls. */
    private static void checks(ObjectSchema.Builder<PoolDefinition> form, PoolExtensions kinds) {
        form.optional(
                        "healthCheck",
                        HealthForms.checks(kinds.healthChecks()),
                        Default.text("none"),
                        "active checks",
                        (draft, check) -> {
                            HealthCheckPolicy policy = check.apply(draft.name());
                            draft.set("healthCheck", pool -> pool.healthCheck(policy));
                        })
                .optional(
                        "loadReports",
                        LoadForms.reports(kinds.loadReports()),
                        Default.text("none"),
                        "asks backends how loaded they are",
                        (draft, reports) -> {
                            LoadReportPolicy policy = reports.apply(draft.name());
                            draft.set("loadReports", pool -> pool.loadReports(policy));
                        });
    }

    /** Fields: what becomes of backends that fail. */
    private static void failures(ObjectSchema.Builder<PoolDefinition> form) {
        form.optional(
                        "circuitBreaker",
                        HealthForms.BREAKER,
                        Default.text("its defaults"),
                        "when breakers open",
                        (draft, policy) -> draft.set("circuitBreaker", pool -> pool.circuitBreaker(policy)))
                .optional(
                        "outlierDetection",
                        OutlierForms.DETECTION,
                        Default.text("`\"relative\"`, or `\"none\"` under a strategy that avoids failures by itself"),
                        "who proposes ejections",
                        (draft, detector) -> draft.set("outlierDetection", pool -> pool.outlierDetection(detector)))
                .optional(
                        "ejection",
                        OutlierForms.EJECTION,
                        Default.text("what the outlier detection was designed for"),
                        "how long ejections last and how many there may be",
                        (draft, policy) -> draft.set("ejection", pool -> pool.ejection(policy)))
                .optional(
                        "maxRetryAfter",
                        Types.duration("0s", "1h"),
                        "30s",
                        "how long a backend that asks for it by `Retry-After` gets no calls, at most",
                        (draft, duration) -> draft.set("maxRetryAfter", pool -> pool.maxRetryAfter(duration)));
    }

    /** Fields: how traffic is divided over tiers and zones. */
    private static void tiers(ObjectSchema.Builder<PoolDefinition> form) {
        form.optional(
                        "priorities",
                        TierForms.PRIORITIES,
                        Default.text("its defaults"),
                        "how tiers stand in for each other",
                        (draft, policy) -> draft.set("priorities", pool -> pool.priorities(policy)))
                .optional(
                        "panic",
                        TierForms.PANIC,
                        Default.text("its defaults"),
                        "what happens when little is healthy",
                        (draft, policy) -> draft.set("panic", pool -> pool.panic(policy)))
                .optional(
                        "zones",
                        TierForms.ZONES,
                        Default.text("ignored"),
                        "how traffic is spread over zones",
                        (draft, policy) -> draft.set("zones", pool -> pool.zones(policy)));
    }

    /** Fields: how much a backend, the pool and a subset get. */
    private static void capacity(ObjectSchema.Builder<PoolDefinition> form) {
        form.optional(
                        "slowStart",
                        TierForms.SLOW_START,
                        Default.text("off"),
                        "how newcomers come to their share",
                        (draft, ramp) -> draft.set("slowStart", pool -> pool.slowStart(ramp)))
                .optional(
                        "limits",
                        LimitForms.LIMITS,
                        Default.text("none"),
                        "how many calls the pool takes, and who waits",
                        (draft, policy) -> draft.set("limits", pool -> pool.limits(policy)))
                .optional(
                        "subsets",
                        SubsetForm.TYPE,
                        Default.text("its defaults"),
                        "what becomes of requests that want a part of the pool",
                        (draft, policy) -> draft.set("subsets", pool -> pool.subsets(policy)));
    }

    /** Fields: drains and logs. */
    private static void operation(ObjectSchema.Builder<PoolDefinition> form) {
        form.optional(
                        "sessionIdleTimeout",
                        Types.duration("0s", "1d"),
                        "1m",
                        "how long a session is believed to go on after its last request: a drain waits for it",
                        (draft, duration) -> draft.set("sessionIdleTimeout", pool -> pool.sessionIdleTimeout(duration)))
                .optional(
                        "drains",
                        DrainForm.TYPE,
                        Default.text("its defaults"),
                        "how drains end, and those of backends that are removed",
                        (draft, policy) -> draft.set("drains", pool -> pool.drains(policy)))
                .optional(
                        "maxStreamDuration",
                        Types.duration("1s", "30d"),
                        Default.text("no maximum"),
                        "how long a WebSocket, a response or a connection of a socket factory may go on before it is"
                                + " closed, so that it is opened anew and reaches backends that were added since",
                        (draft, duration) -> draft.set("maxStreamDuration", pool -> pool.maxStreamDuration(duration)))
                .optional(
                        "logDecisions",
                        Types.integer(0, Integer.MAX_VALUE),
                        0,
                        "writes down one decision of so many, by chance, with the reasons; 1 is all",
                        (draft, oneOf) -> draft.set("logDecisions", pool -> pool.logDecisions(oneOf)));
    }

    /** Fields: where backends come from. */
    private static void discovery(ObjectSchema.Builder<PoolDefinition> form, PoolExtensions kinds) {
        form.optional(
                        "discovery",
                        DiscoveryForms.sources(kinds.discoveries()),
                        Default.text("none"),
                        "where backends come from",
                        (draft, source) -> {
                            BackendDiscovery discovery = source.apply(draft.name());
                            draft.set("discovery", pool -> pool.discovery(discovery));
                        })
                .optional(
                        "honourEmptyDiscovery",
                        Types.flag(),
                        false,
                        "whether an empty list from discovery empties the pool",
                        (draft, honour) -> draft.set("honourEmptyDiscovery", pool -> pool.honourEmptyDiscovery(honour)))
                .optional(
                        "initialDiscoveryTimeout",
                        Types.duration("0s", "1h"),
                        "5s",
                        "how long the start waits for the first list, if there are no `backends`",
                        (draft, duration) ->
                                draft.set("initialDiscoveryTimeout", pool -> pool.initialDiscoveryTimeout(duration)));
    }
}
