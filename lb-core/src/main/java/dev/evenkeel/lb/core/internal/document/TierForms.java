package dev.evenkeel.lb.core.internal.document;

import dev.evenkeel.lb.core.internal.document.schema.Default;
import dev.evenkeel.lb.core.internal.document.schema.ObjectSchema;
import dev.evenkeel.lb.core.internal.document.schema.Type;
import dev.evenkeel.lb.core.internal.document.schema.Types;
import dev.evenkeel.lb.core.topology.PanicPolicy;
import dev.evenkeel.lb.core.topology.PriorityPolicy;
import dev.evenkeel.lb.core.topology.SlowStart;
import dev.evenkeel.lb.core.topology.ZonePolicy;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The forms of tiers, panic, zones and slow start. */
final class TierForms {
    static final Type<PriorityPolicy> PRIORITIES = ObjectSchema.of(
                    "priorities", "How tiers of lower priority stand in for those before them.", Priorities::new)
            .optional(
                    "spillsOver",
                    Types.flag(),
                    true,
                    "true: in proportion to what is missing; false: all or nothing, as backups of NGINX and HAProxy",
                    (draft, value) -> draft.policy =
                            new PriorityPolicy(value, draft.policy.factorPercent(), draft.policy.byWeight()))
            .optional(
                    "factorPercent",
                    Types.integer(100, 1_000),
                    140,
                    "by how much a tier is overprovisioned",
                    (draft, value) -> draft.policy =
                            new PriorityPolicy(draft.policy.spillsOver(), value, draft.policy.byWeight()))
            .optional(
                    "byWeight",
                    Types.flag(),
                    true,
                    "whether health is measured in weights, and not in backends",
                    (draft, value) -> draft.policy =
                            new PriorityPolicy(draft.policy.spillsOver(), draft.policy.factorPercent(), value))
            .form()
            .as(draft -> draft.policy);

    static final Type<PanicPolicy> PANIC = ObjectSchema.of(
                    "panic",
                    "What a tier does when little of it is healthy and the other tiers cannot make up for it.",
                    Panic::new)
            .optional(
                    "response",
                    Types.constant("response to panic", PanicPolicy.Response.values()),
                    "useAnswering",
                    "use the backends that answer, use all, or refuse",
                    (draft, value) -> draft.policy = new PanicPolicy(value, draft.policy.thresholdPercent()))
            .optional(
                    "thresholdPercent",
                    Types.integer(0, 100),
                    50,
                    "panic begins below this share of healthy backends, by weight unless byWeight is off; 0 is never",
                    (draft, value) -> draft.policy = new PanicPolicy(draft.policy.response(), value))
            .form()
            .as(draft -> draft.policy);

    static final Type<ZonePolicy> ZONES = ObjectSchema.of("zones", "How traffic is spread over zones.", Zones::new)
            .optional(
                    "mode",
                    Types.constant("mode of zones", ZonePolicy.Mode.values()),
                    "ignore",
                    "as if there were none; the local one first; by weight; or as a factor of the backends' weights",
                    (draft, value) -> draft.mode = value)
            .optional(
                    "localZone",
                    Types.text(),
                    Default.text("none"),
                    "where this process runs; required for `preferLocal`",
                    Zones::localZone)
            .optional(
                    "minBackends",
                    Types.integer(1, 1_000_000),
                    Default.text("6"),
                    "with fewer healthy backends in a tier, `preferLocal` ignores zones",
                    Zones::minBackends)
            .optional(
                    "zones",
                    Types.entries(Types.integer(0, 65_535), "zone"),
                    Default.text("none"),
                    "callers in each zone for `preferLocal`, else its weight (at least 1 for `multiplied`)",
                    (draft, entry) -> draft.zones.put(entry.getKey(), entry.getValue()))
            .form()
            .as(Zones::build);

    static final Type<SlowStart> SLOW_START = ObjectSchema.of(
                    "slowStart", "How a backend that is new, or returns, comes to its full share.", Ramp::new)
            .required(
                    "window",
                    Types.duration("1s", ""),
                    "until then it gets less than its share; `\"0s\"` is no slow start",
                    (draft, value) -> draft.slowStart =
                            new SlowStart(value, draft.slowStart.aggression(), draft.slowStart.minPercent()))
            .optional(
                    "aggression",
                    Types.numberAbove(0, 100),
                    1,
                    "with 1 the share grows linearly, with more it grows faster at first",
                    (draft, value) -> draft.slowStart = draft.slowStart.withAggression(value))
            .optional(
                    "minPercent",
                    Types.number(1, 100),
                    10,
                    "it never gets less",
                    (draft, value) -> draft.slowStart = draft.slowStart.withMinPercent(value))
            .form()
            .as(draft -> draft.slowStart);

    private TierForms() {}

    private static final class Priorities {
        private PriorityPolicy policy = PriorityPolicy.overprovisioned();
    }

    private static final class Panic {
        private PanicPolicy policy = PanicPolicy.useAnswering(50);
    }

    private static final class Ramp {
        private SlowStart slowStart = SlowStart.off();
    }

    private static final class Zones {
        private ZonePolicy.Mode mode = ZonePolicy.Mode.IGNORE;
        private @Nullable String localZone;
        private int minBackends;
        private final Map<String, Integer> zones = new TreeMap<>();

        void localZone(String zone) {
            localZone = ZonePolicy.preferLocal(zone).localZone();
        }

        void minBackends(int backends) {
            minBackends = ZonePolicy.ignore().withMinBackends(backends).minBackends();
        }

        ZonePolicy build() {
            int usual = mode == ZonePolicy.Mode.PREFER_LOCAL ? 6 : 1;
            return new ZonePolicy(mode, localZone, minBackends == 0 ? usual : minBackends, zones);
        }
    }
}
