package dev.evenkeel.lb.core.internal.document;

import dev.evenkeel.lb.core.health.OutlierDetectors;
import dev.evenkeel.lb.core.health.XdsOutlierDetector;
import dev.evenkeel.lb.core.internal.document.schema.Default;
import dev.evenkeel.lb.core.internal.document.schema.ObjectSchema;
import dev.evenkeel.lb.core.internal.document.schema.Type;
import dev.evenkeel.lb.core.internal.document.schema.Types;
import dev.evenkeel.lb.spi.EjectionPolicy;
import dev.evenkeel.lb.spi.OutlierDetector;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** The forms of outlier detection: the detector, the duration of ejections, and their maximum. */
final class OutlierForms {
    private static final int MAX_CALLS = 1_000_000;
    private static final int MAX_BACKENDS = 10_000;

    static final Type<OutlierDetector> DETECTION = Types.either(Types.word("outlier detection", named()), rules());

    static final Type<EjectionPolicy> EJECTION = ObjectSchema.of(
                    "ejection", "How long ejections last and how many there may be.", EjectionPolicy::builder)
            .optional(
                    "baseDuration",
                    Types.duration("1ms", "1d"),
                    "1s",
                    "the first ejection of a backend; at most `maxDuration`",
                    EjectionPolicy.Builder::baseDuration)
            .optional(
                    "maxDuration",
                    Types.duration("1ms", "1d"),
                    "1m",
                    "the longest ejection",
                    EjectionPolicy.Builder::maxDuration)
            .optional(
                    "growth",
                    Types.constant("growth", EjectionPolicy.Growth.values()),
                    "doubling",
                    "how ejections that follow get longer",
                    EjectionPolicy.Builder::growth)
            .optional(
                    "jitterPercent",
                    Types.number(0, 50),
                    20,
                    "by how much an ejection varies",
                    EjectionPolicy.Builder::jitterPercent)
            .optional(
                    "addedJitter",
                    Types.duration("0s", "1h"),
                    "0ms",
                    "up to so much is added",
                    EjectionPolicy.Builder::addedJitter)
            .optional(
                    "recoveryInterval",
                    Types.duration("1ms", "1d"),
                    "10s",
                    "for each such time back in service one ejection is forgotten; where a detector compares at intervals, for"
                            + " each interval that is longer, and not for the last one",
                    EjectionPolicy.Builder::recoveryInterval)
            .optional(
                    "maxEjectionPercent",
                    Types.numberAbove(0, 100),
                    30,
                    "at most so much of the backends is out at a time, but at least one may be",
                    EjectionPolicy.Builder::maxEjectionPercent)
            .optional(
                    "minBackends",
                    Types.integer(2, MAX_BACKENDS),
                    2,
                    "with fewer backends in service no backend is ejected",
                    EjectionPolicy.Builder::minBackends)
            .optional(
                    "trial",
                    Types.flag(),
                    true,
                    "whether a backend that returns gets one call at a time until one succeeds",
                    EjectionPolicy.Builder::trial)
            .form()
            .as(EjectionPolicy.Builder::build);

    private OutlierForms() {}

    private static Map<String, OutlierDetector> named() {
        Map<String, OutlierDetector> named = new LinkedHashMap<>();
        named.put("relative", OutlierDetectors.relative());
        named.put("envoy", OutlierDetectors.envoy());
        named.put("grpc", OutlierDetectors.grpc());
        named.put("none", OutlierDetectors.none());
        return named;
    }

    private static Type<OutlierDetector> rules() {
        ObjectSchema.Builder<XdsOutlierDetector.Builder> form = ObjectSchema.of(
                "outlierDetection",
                "Rules of one's own, as Envoy, gRPC and nginx have them.",
                XdsOutlierDetector::builder);
        runs(form);
        form.optional(
                "failures",
                failures(),
                Default.text("off"),
                "ejects after so many failures within a time, whatever succeeds in between; as the only rule, for as long as"
                        + " that time, unless `ejection` is set",
                (rules, set) -> rules.failures(set.count, set.window));
        comparisons(form);
        return form.form().as(XdsOutlierDetector.Builder::build);
    }

    /** Fields of the rules that count failures in a row. */
    private static void runs(ObjectSchema.Builder<XdsOutlierDetector.Builder> form) {
        form.optional(
                        "errorsInARow",
                        Types.integer(1, MAX_CALLS),
                        Default.text("off"),
                        "ejects after so many failures without a success in between",
                        XdsOutlierDetector.Builder::errorsInARow)
                .optional(
                        "gatewayErrorsInARow",
                        Types.integer(1, MAX_CALLS),
                        Default.text("off"),
                        "ejects after so many 502, 503, 504, failed connects, timeouts and resets without anything else in"
                                + " between",
                        XdsOutlierDetector.Builder::gatewayErrorsInARow)
                .optional(
                        "failedConnectsInARow",
                        Types.integer(1, MAX_CALLS),
                        Default.text("off"),
                        "ejects after so many failed connects without anything else in between",
                        XdsOutlierDetector.Builder::failedConnectsInARow);
    }

    /** Fields of the rules that compare backends at the end of an interval. */
    private static void comparisons(ObjectSchema.Builder<XdsOutlierDetector.Builder> form) {
        form.optional(
                        "successRate",
                        successRate(),
                        Default.text("off"),
                        "by success rate",
                        (rules, set) -> rules.successRate(set.bound, set.minBackends, set.minCalls))
                .optional(
                        "failurePercentage",
                        failurePercentage(),
                        Default.text("off"),
                        "by share of failures",
                        (rules, set) -> rules.failurePercentage(set.bound, set.minBackends, set.minCalls))
                .optional(
                        "latency",
                        latency(),
                        Default.text("off"),
                        "by latency",
                        (rules, set) -> rules.latency(set.bound, set.minBackends, set.minCalls))
                .optional(
                        "interval",
                        Types.duration("100ms", "1h"),
                        "10s",
                        "how often rates, percentages and latencies are compared",
                        XdsOutlierDetector.Builder::interval);
    }

    private static Type<Failures> failures() {
        return ObjectSchema.of("outlierDetection.failures", "nginx's `max_fails` and `fail_timeout`.", Failures::new)
                .optional(
                        "count",
                        Types.integer(1, XdsOutlierDetector.MAX_FAILURES),
                        1,
                        "the failures",
                        (set, value) -> set.count = value)
                .optional(
                        "window",
                        Types.duration("1ms", "1d"),
                        "10s",
                        "the time in which they happen",
                        (set, value) -> set.window = value)
                .form()
                .as(set -> set);
    }

    private static final class Failures {
        private int count = 1;
        private Duration window = Duration.ofSeconds(10);
    }

    private static Type<Comparison> successRate() {
        return comparison(
                "outlierDetection.successRate",
                "Ejects who succeeds less than mean − factor · standard deviation.",
                "factor",
                Types.numberAbove(0, 1_000),
                1.9,
                100);
    }

    private static Type<Comparison> failurePercentage() {
        return comparison(
                "outlierDetection.failurePercentage",
                "Ejects of whose calls so many failed.",
                "percent",
                Types.numberAbove(0, 100),
                85,
                50);
    }

    private static Type<Comparison> latency() {
        return comparison(
                "outlierDetection.latency",
                "Ejects whose usual latency is more than so many times the median of all.",
                "factor",
                Types.numberAbove(1, 1_000),
                5,
                50);
    }

    private static Type<Comparison> comparison(
            String name, String meaning, String bound, Type<Double> range, Number usual, int volume) {
        return ObjectSchema.of(name, meaning, () -> new Comparison(usual.doubleValue(), volume))
                .optional(bound, range, usual, "the bound", (set, value) -> set.bound = value)
                .optional(
                        "minBackends",
                        Types.integer(1, MAX_BACKENDS),
                        5,
                        "only if so many have enough calls",
                        (set, value) -> set.minBackends = value)
                .optional(
                        "minCalls",
                        Types.integer(1, MAX_CALLS),
                        volume,
                        "enough calls in an interval",
                        (set, value) -> set.minCalls = value)
                .form()
                .as(set -> set);
    }

    private static final class Comparison {
        private double bound;
        private int minBackends = 5;
        private int minCalls;

        Comparison(double bound, int minCalls) {
            this.bound = bound;
            this.minCalls = minCalls;
        }
    }
}
