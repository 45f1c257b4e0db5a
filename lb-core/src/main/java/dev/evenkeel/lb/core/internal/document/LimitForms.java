package dev.evenkeel.lb.core.internal.document;

import dev.evenkeel.lb.core.internal.document.schema.Default;
import dev.evenkeel.lb.core.internal.document.schema.ObjectSchema;
import dev.evenkeel.lb.core.internal.document.schema.Type;
import dev.evenkeel.lb.core.internal.document.schema.Types;
import dev.evenkeel.lb.core.limit.AdaptiveLimit;
import dev.evenkeel.lb.core.limit.LimitPolicy;
import java.time.Duration;

/** The forms of limits: a fixed one, the queue before it, and limits that adapt. */
final class LimitForms {
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

    static final Type<LimitPolicy> LIMITS = ObjectSchema.of(
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

    private LimitForms() {}

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

    private static final class Limits {
        private LimitPolicy policy = LimitPolicy.none();
    }
}
