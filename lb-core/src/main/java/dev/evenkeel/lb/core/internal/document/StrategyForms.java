package dev.evenkeel.lb.core.internal.document;

import dev.evenkeel.lb.LoadReport;
import dev.evenkeel.lb.core.internal.document.schema.Default;
import dev.evenkeel.lb.core.internal.document.schema.ObjectSchema;
import dev.evenkeel.lb.core.internal.document.schema.ObjectType;
import dev.evenkeel.lb.core.internal.document.schema.TaggedUnionType;
import dev.evenkeel.lb.core.internal.document.schema.Type;
import dev.evenkeel.lb.core.internal.document.schema.Types;
import dev.evenkeel.lb.core.strategy.ConsistentHash;
import dev.evenkeel.lb.core.strategy.ResourceBased;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The forms of strategies: a name, or an object with the strategy's parameters. */
final class StrategyForms {
    private static final int LARGEST_RING = 8_388_608;

    static final Type<LoadBalancingStrategy> TYPE = Types.either(
            Types.parsed("the name of a strategy", Strategies::byName, LoadBalancingStrategy::name),
            new TaggedUnionType<>(
                    "strategy",
                    kinds(),
                    ObjectSchema.of(
                                    "strategy",
                                    "How a backend is chosen, with the parameters of the strategy.",
                                    StrategyDraft::new)
                            .form(),
                    (chosen, strategy) -> chosen.strategy = strategy,
                    chosen -> chosen.strategy));

    private StrategyForms() {}

    private static Map<String, ObjectType<?, LoadBalancingStrategy>> kinds() {
        Map<String, ObjectType<?, LoadBalancingStrategy>> kinds = new LinkedHashMap<>();
        kinds.put("consistentHash", consistentHash());
        kinds.put("resourceBased", resourceBased());
        kinds.put("latencyTiers", latencyTiers());
        kinds.put("powerOfTwo", powerOfTwo());
        kinds.put("leastResponseTime", leastResponseTime());
        kinds.put("adaptive", adaptive());
        kinds.put("roundRobin", plain(Strategies.roundRobin(), "a rotation, blind to weights."));
        kinds.put("weightedRoundRobin", plain(Strategies.weightedRoundRobin(), "a smooth rotation by weight."));
        kinds.put("random", plain(Strategies.random(), "at random, by weight."));
        kinds.put("ipHash", plain(Strategies.ipHash(), "nginx's, by the client's address."));
        kinds.put("leastConnections", plain(Strategies.leastConnections(), "the fewest calls in flight."));
        kinds.put(
                "weightedLeastConnections",
                plain(Strategies.weightedLeastConnections(), "the fewest calls in flight for its weight."));
        return kinds;
    }

    private static ObjectType<?, LoadBalancingStrategy> plain(LoadBalancingStrategy strategy, String meaning) {
        return ObjectSchema.of("strategy." + strategy.name(), meaning, StrategyDraft::new)
                .form()
                .as(chosen -> strategy);
    }

    private static ObjectType<?, LoadBalancingStrategy> adaptive() {
        return ObjectSchema.of("strategy.adaptive", "the default; needs no tuning.", AdaptiveDraft::new)
                .optional(
                        "loadReports",
                        Types.flag(),
                        false,
                        "whether it follows the requests in flight that backends report, where the client has few calls",
                        (adaptive, followed) -> adaptive.loadReports = followed)
                .form()
                .as(adaptive -> adaptive.loadReports ? Strategies.adaptiveWithLoadReports() : Strategies.adaptive());
    }

    private static ObjectType<?, LoadBalancingStrategy> consistentHash() {
        return ObjectSchema.of("strategy.consistentHash", "one affinity key, one backend.", HashDraft::new)
                .optional(
                        "hash",
                        Types.constant("hash", HashLayout.values()),
                        "maglev",
                        "how keys find their backend",
                        (hash, layout) -> hash.layout = layout)
                .optional(
                        "tableSize",
                        Types.integer(2, 5_000_011),
                        Default.text("65537, or more for many backends"),
                        "entries of the Maglev table: a prime",
                        HashDraft::tableSize)
                .optional(
                        "minRingSize",
                        Types.integer(1, LARGEST_RING),
                        Default.text("160 points a backend"),
                        "least points on the ring; gRPC's is 1024",
                        HashDraft::minRingSize)
                .optional(
                        "maxRingSize",
                        Types.integer(1, LARGEST_RING),
                        Default.text("8388608, or 1048576 without minRingSize"),
                        "most points on the ring; gRPC's is 4096",
                        HashDraft::maxRingSize)
                .optional(
                        "loadFactor",
                        Types.number(1, 1_000),
                        Default.text("no bound"),
                        "no backend has more than so many times its share of the calls in flight",
                        HashDraft::loadFactor)
                .form()
                .as(HashDraft::build);
    }

    private static ObjectType<?, LoadBalancingStrategy> resourceBased() {
        return ObjectSchema.of("strategy.resourceBased", "by the backends' own load reports.", ReportsDraft::new)
                .optional(
                        "utilization",
                        Types.text("`application`, `cpu`, `memory`, or the name of a metric"),
                        Default.text("`application`, else `cpu`"),
                        "which number of a report says how much a backend is used",
                        (reports, metric) ->
                                reports.strategy = reports.strategy.utilization(report -> utilization(report, metric)))
                .optional(
                        "errorPenalty",
                        Types.number(0, 1_000),
                        1,
                        "how much errors count: with 1, one that fails everything seems fully used",
                        (reports, penalty) -> reports.strategy = reports.strategy.errorPenalty(penalty))
                .optional(
                        "blackoutDuration",
                        Types.duration("0s", ""),
                        "3s",
                        "how long a backend reports before its reports count",
                        (reports, duration) -> reports.strategy = reports.strategy.blackoutDuration(duration))
                .optional(
                        "reportTtl",
                        Types.duration("1ms", ""),
                        "3m",
                        "how long a backend may be silent before its reports no longer count",
                        (reports, ttl) -> reports.strategy = reports.strategy.reportTtl(ttl))
                .form()
                .as(reports -> reports.strategy);
    }

    private static double utilization(LoadReport report, String metric) {
        return switch (metric) {
            case "application" -> report.applicationUtilization();
            case "cpu" -> report.cpuUtilization();
            case "memory" -> report.memUtilization();
            default -> report.metric(metric);
        };
    }

    private static ObjectType<?, LoadBalancingStrategy> latencyTiers() {
        return ObjectSchema.of("strategy.latencyTiers", "Azure Front Door's: the fastest ones, by weight.", Tiers::new)
                .optional(
                        "sensitivity",
                        Types.duration("0s", ""),
                        "50ms",
                        "as fast as the fastest is who is slower by no more than this",
                        (tiers, sensitivity) -> tiers.sensitivity = sensitivity)
                .form()
                .as(tiers -> Strategies.latencyTiers(tiers.sensitivity));
    }

    private static ObjectType<?, LoadBalancingStrategy> powerOfTwo() {
        return choices("strategy.powerOfTwo", "the one with fewer calls in flight for its weight of some.")
                .as(choices -> Strategies.powerOfTwo(choices.number));
    }

    private static ObjectType<?, LoadBalancingStrategy> leastResponseTime() {
        return choices("strategy.leastResponseTime", "the fastest for its weight and its calls in flight of some.")
                .as(choices -> Strategies.leastResponseTime(choices.number));
    }

    private static ObjectSchema<ChoicesDraft> choices(String name, String meaning) {
        return ObjectSchema.of(name, meaning, ChoicesDraft::new)
                .optional(
                        "choices",
                        Types.integer(1, Integer.MAX_VALUE),
                        2,
                        "how many random candidates are compared",
                        ChoicesDraft::number)
                .form();
    }

    private enum HashLayout {
        MAGLEV,
        RING,
        RENDEZVOUS
    }

    private static final class StrategyDraft {
        private @Nullable LoadBalancingStrategy strategy;
    }

    private static final class AdaptiveDraft {
        private boolean loadReports;
    }

    private static final class HashDraft {
        private ConsistentHash strategy = Strategies.consistentHash();
        private HashLayout layout = HashLayout.MAGLEV;
        private int tableSize;
        private int minRingSize;
        private int maxRingSize;

        void tableSize(int size) {
            strategy = strategy.maglev(size);
            tableSize = size;
        }

        void minRingSize(int size) {
            ConsistentHash unused = strategy.ring(size, LARGEST_RING);
            minRingSize = size;
        }

        void maxRingSize(int size) {
            ConsistentHash unused = strategy.ring(1, size);
            maxRingSize = size;
        }

        void loadFactor(double factor) {
            strategy = strategy.loadFactor(factor);
        }

        LoadBalancingStrategy build() {
            if (tableSize > 0 && layout != HashLayout.MAGLEV) {
                throw new IllegalArgumentException("tableSize is for the hash maglev alone: " + tableSize);
            }
            if ((minRingSize > 0 || maxRingSize > 0) && layout != HashLayout.RING) {
                throw new IllegalArgumentException("minRingSize and maxRingSize are for the hash ring alone: "
                        + minRingSize + " and " + maxRingSize);
            }
            if (maxRingSize > 0 && minRingSize == 0) {
                throw new IllegalArgumentException("maxRingSize must come with minRingSize: " + maxRingSize);
            }
            return switch (layout) {
                case MAGLEV -> strategy;
                case RENDEZVOUS -> strategy.rendezvous();
                case RING ->
                    minRingSize == 0
                            ? strategy.ring()
                            : strategy.ring(minRingSize, maxRingSize == 0 ? LARGEST_RING : maxRingSize);
            };
        }
    }

    private static final class ReportsDraft {
        private ResourceBased strategy = Strategies.resourceBased();
    }

    private static final class Tiers {
        private Duration sensitivity = Duration.ofMillis(50);
    }

    private static final class ChoicesDraft {
        private int number = 2;

        void number(int choices) {
            LoadBalancingStrategy unused = Strategies.powerOfTwo(choices); // The setter checks the range.
            number = choices;
        }
    }
}
