package dev.evenkeel.lb.core.internal.document;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.core.internal.document.schema.Default;
import dev.evenkeel.lb.core.internal.document.schema.ObjectSchema;
import dev.evenkeel.lb.core.internal.document.schema.Type;
import dev.evenkeel.lb.core.internal.document.schema.Types;
import dev.evenkeel.lb.core.limit.AdaptiveLimit;
import dev.evenkeel.lb.core.limit.LimitPolicy;
import dev.evenkeel.lb.core.load.LoadReportPolicy;
import dev.evenkeel.lb.spi.BackendDiscovery;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The form of a pool, and of a document of pools only. */
public final class PoolForm {
    private static final int MAX_POOLS = 1_000;
    private static final int MAX_BACKENDS = 10_000;

    private static final Type<AdaptiveLimit> ADAPTIVE = ObjectSchema.of(
                    "limits.adaptive", "A limit that finds its own level by latency.", AdaptiveDraft::new)
            .optional(
                    "minLimit",
                    Types.integer(1, Integer.MAX_VALUE),
                    4,
                    "never less",
                    (draft, limit) -> draft.minLimit = limit)
            .optional(
                    "initialLimit",
                    Types.integer(1, Integer.MAX_VALUE),
                    20,
                    "to begin with",
                    (draft, limit) -> draft.initialLimit = limit)
            .optional(
                    "maxLimit",
                    Types.integer(1, Integer.MAX_VALUE),
                    1_000,
                    "never more",
                    (draft, limit) -> draft.maxLimit = limit)
            .optional(
                    "tolerancePercent",
                    Types.integer(1, 400),
                    25,
                    "how much longer than without load answers may take before the limit shrinks",
                    (draft, percent) -> draft.tolerancePercent = percent)
            .optional(
                    "window",
                    Types.duration("10ms", "1m"),
                    "250ms",
                    "how often it moves",
                    (draft, window) -> draft.window = window)
            .form()
            .as(AdaptiveDraft::build);

    private static final Type<LimitPolicy> LIMITS = ObjectSchema.of(
                    "limits",
                    "How many calls a pool takes at one time, and whether a request waits for room.",
                    Limits::new)
            .optional(
                    "maxInFlight",
                    Types.integer(1, Integer.MAX_VALUE),
                    Default.text("no limit"),
                    "most calls in flight in the whole pool",
                    (draft, calls) -> draft.policy = new LimitPolicy(
                            calls,
                            draft.policy.queueSize(),
                            draft.policy.queueTimeout(),
                            draft.policy.adaptive(),
                            draft.policy.adaptivePerBackend()))
            .optional(
                    "queueSize",
                    Types.integer(0, 1_000_000),
                    0,
                    "how many requests may wait for room",
                    (draft, size) -> draft.policy = draft.policy.withQueue(size, draft.policy.queueTimeout()))
            .optional(
                    "queueTimeout",
                    Types.duration("1ms", "1h"),
                    "1s",
                    "how long one may wait",
                    (draft, duration) -> draft.policy = draft.policy.withQueue(draft.policy.queueSize(), duration))
            .optional(
                    "adaptive",
                    ADAPTIVE,
                    Default.text("none"),
                    "a limit of the pool that finds its own level by the latency of its calls",
                    (draft, limit) -> draft.policy = draft.policy.withAdaptive(limit))
            .optional(
                    "adaptivePerBackend",
                    ADAPTIVE,
                    Default.text("none"),
                    "the same for each backend",
                    (draft, limit) -> draft.policy = draft.policy.withAdaptivePerBackend(limit))
            .form()
            .as(draft -> draft.policy);

    private PoolForm() {}

    private static final class AdaptiveDraft {
        private int minLimit = AdaptiveLimit.standard().minLimit();
        private int initialLimit = AdaptiveLimit.standard().initialLimit();
        private int maxLimit = AdaptiveLimit.standard().maxLimit();
        private int tolerancePercent = AdaptiveLimit.standard().tolerancePercent();
        private Duration window = AdaptiveLimit.standard().window();

        AdaptiveLimit build() {
            return new AdaptiveLimit(minLimit, initialLimit, maxLimit, tolerancePercent, window);
        }
    }

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
        return ObjectSchema.knowing("pool", "A named set of backends with one strategy.", PoolDefinition::new)
                .requiredAt(
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
                        PoolDefinition::backend)
                .optional(
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
                        })
                .optional(
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
                        (draft, duration) -> draft.set("maxRetryAfter", pool -> pool.maxRetryAfter(duration)))
                .optional(
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
                        (draft, policy) -> draft.set("zones", pool -> pool.zones(policy)))
                .optional(
                        "slowStart",
                        TierForms.SLOW_START,
                        Default.text("off"),
                        "how newcomers come to their share",
                        (draft, ramp) -> draft.set("slowStart", pool -> pool.slowStart(ramp)))
                .optional(
                        "limits",
                        LIMITS,
                        Default.text("none"),
                        "how many calls the pool takes, and who waits",
                        (draft, policy) -> draft.set("limits", pool -> pool.limits(policy)))
                .optional(
                        "subsets",
                        SubsetForm.TYPE,
                        Default.text("its defaults"),
                        "what becomes of requests that want a part of the pool",
                        (draft, policy) -> draft.set("subsets", pool -> pool.subsets(policy)))
                .optional(
                        "sessionIdleTimeout",
                        Types.duration("0s", "1d"),
                        "1m",
                        "how long a session is believed to go on after its last request: a drain waits for it",
                        (draft, duration) -> draft.set("sessionIdleTimeout", pool -> pool.sessionIdleTimeout(duration)))
                .optional(
                        "logDecisions",
                        Types.integer(0, Integer.MAX_VALUE),
                        0,
                        "writes down one decision of so many, by chance, with the reasons; 1 is all",
                        (draft, oneOf) -> draft.set("logDecisions", pool -> pool.logDecisions(oneOf)))
                .optional(
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
                                draft.set("initialDiscoveryTimeout", pool -> pool.initialDiscoveryTimeout(duration)))
                .form()
                .as(draft -> draft);
    }

    private static final class Limits {
        private LimitPolicy policy = LimitPolicy.none();
    }
}
