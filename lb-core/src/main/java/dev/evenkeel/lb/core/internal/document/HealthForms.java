package dev.evenkeel.lb.core.internal.document;

import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.core.health.BreakerPolicy;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.core.health.HealthChecks;
import dev.evenkeel.lb.core.internal.document.schema.Default;
import dev.evenkeel.lb.core.internal.document.schema.ObjectSchema;
import dev.evenkeel.lb.core.internal.document.schema.ObjectType;
import dev.evenkeel.lb.core.internal.document.schema.TaggedUnionType;
import dev.evenkeel.lb.core.internal.document.schema.Type;
import dev.evenkeel.lb.core.internal.document.schema.Types;
import dev.evenkeel.lb.spi.HealthCheck;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The forms of active checks and circuit breakers. */
final class HealthForms {
    private static final HealthCheck STAND_IN = HealthChecks.tcp();

    static final ObjectType<?, Function<String, HealthCheck>> TCP = ObjectSchema.of(
                    "healthCheck.tcp", "connects to the backend's host and port.", ArrayList::new)
            .form()
            .as(nothing -> pool -> HealthChecks.tcp());

    static final Type<BreakerPolicy> BREAKER = ObjectSchema.of(
                    "circuitBreaker",
                    "When a backend that fails gets nothing for a while, and how it comes back.",
                    BreakerPolicy::builder)
            .optional("enabled", Types.flag(), true, "whether there are breakers", BreakerPolicy.Builder::enabled)
            .optional(
                    "windowSize",
                    Types.integer(1, 10_000),
                    50,
                    "how many calls count, the latest ones since a first failure",
                    BreakerPolicy.Builder::windowSize)
            .optional(
                    "windowDuration",
                    Types.duration("1ms", ""),
                    "1m",
                    "after this time without a failure earlier failures do not count any more",
                    BreakerPolicy.Builder::windowDuration)
            .optional(
                    "minCalls",
                    Types.integer(1, 10_000),
                    Default.text("10, or as many that five are the failure rate"),
                    "how many calls there must be before it can open; at most `windowSize`",
                    BreakerPolicy.Builder::minCalls)
            .optional(
                    "failureRatePercent",
                    Types.numberAbove(0, 100),
                    50,
                    "it opens at this share of failures",
                    BreakerPolicy.Builder::failureRatePercent)
            .optional(
                    "openDuration",
                    Types.duration("1ms", ""),
                    "1s",
                    "how long it stays open the first time; doubles each time",
                    BreakerPolicy.Builder::openDuration)
            .optional(
                    "maxOpenDuration",
                    Types.duration("1ms", ""),
                    "1m",
                    "the longest time it stays open; at least `openDuration`",
                    BreakerPolicy.Builder::maxOpenDuration)
            .optional(
                    "halfOpenCalls",
                    Types.integer(1, 1_000),
                    3,
                    "trial calls after that",
                    BreakerPolicy.Builder::halfOpenCalls)
            .optional(
                    "halfOpenTimeout",
                    Types.duration("1ms", ""),
                    "10s",
                    "if the trial calls have not been answered by then, it opens again",
                    BreakerPolicy.Builder::halfOpenTimeout)
            .optional(
                    "maxOpenPercent",
                    Types.numberAbove(0, 100),
                    30,
                    "at most this share of the pool, but at least one backend, is out by breakers and ejections together, unless"
                            + " a tenth of the pool works well without them",
                    BreakerPolicy.Builder::maxOpenPercent)
            .form()
            .as(BreakerPolicy.Builder::build);

    private HealthForms() {}

    /** Checks of these kinds. They are built when the name of their pool is known. */
    static Type<Function<String, HealthCheckPolicy>> checks(
            Map<String, ObjectType<?, Function<String, HealthCheck>>> kinds) {
        return new TaggedUnionType<>(
                "health check", kinds, common(), (checks, check) -> checks.check = check, Checks::build);
    }

    /** Fields of every kind of check. */
    private static ObjectSchema<Checks> common() {
        ObjectSchema.Builder<Checks> form =
                ObjectSchema.of("healthCheck", "Active checks. Without it there are none.", Checks::new);
        intervals(form);
        decisions(form);
        return form.form();
    }

    private static void intervals(ObjectSchema.Builder<Checks> form) {
        form.optional(
                        "interval",
                        Types.duration("1ms", ""),
                        "2s",
                        "from the end of a check to the next one of that backend",
                        (checks, value) -> checks.set(policy -> policy.interval(value)))
                .optional(
                        "fastInterval",
                        Types.duration("1ms", ""),
                        Default.text("a quarter of `interval`"),
                        "the same while the state is in doubt; at most `interval`",
                        (checks, value) -> checks.set(policy -> policy.fastInterval(value)))
                .optional(
                        "downInterval",
                        Types.duration("1ms", ""),
                        Default.text("`interval`"),
                        "the same while the backend is down and no check contradicts; HAProxy's `downinter`",
                        (checks, value) -> checks.set(policy -> policy.downInterval(value)))
                .optional(
                        "timeout",
                        Types.duration("1ms", "1h"),
                        "1s",
                        "a check without a result by then has failed; its connection's set-up counts",
                        (checks, value) -> checks.set(policy -> policy.timeout(value)));
    }

    /** Fields of what the results of checks decide, and when checks may be left out. */
    private static void decisions(ObjectSchema.Builder<Checks> form) {
        form.optional(
                        "rise",
                        Types.integer(1, 100),
                        2,
                        "successes in a row that bring a backend up",
                        (checks, value) -> checks.set(policy -> policy.rise(value)))
                .optional(
                        "fall",
                        Types.integer(1, 100),
                        3,
                        "failures in a row that bring a backend down",
                        (checks, value) -> checks.set(policy -> policy.fall(value)))
                .optional(
                        "samples",
                        SamplesForm.SAMPLES,
                        Default.text("off"),
                        "how many of the last checks must succeed, instead of `rise` and `fall`",
                        (checks, value) -> checks.set(policy -> policy.samples(value.required(), value.size())))
                .optional(
                        "jitterPercent",
                        Types.number(0, 50),
                        10,
                        "by how much an interval varies",
                        (checks, value) -> checks.set(policy -> policy.jitterPercent(value)))
                .optional(
                        "initialState",
                        Types.constant("initial state", HealthState.UNKNOWN, HealthState.DOWN),
                        "unknown",
                        "what a backend is until its first success, or `fall` failures; unknown counts as up",
                        (checks, value) -> checks.set(policy -> policy.initialState(value)))
                .optional(
                        "skipProven",
                        Types.flag(),
                        false,
                        "whether a backend is not checked while live calls prove it healthy",
                        (checks, value) -> checks.set(policy -> policy.skipProven(value)))
                .optional(
                        "maxConcurrent",
                        Types.integer(1, 10_000),
                        256,
                        "most checks of the pool at a time",
                        (checks, value) -> checks.set(policy -> policy.maxConcurrent(value)));
    }

    /** Settings of a check. The check is built for its pool; earlier settings are then applied again. */
    private static final class Checks {
        private final HealthCheckPolicy.Builder tried = HealthCheckPolicy.builder(STAND_IN);
        private final List<Consumer<HealthCheckPolicy.Builder>> settings = new ArrayList<>();
        private @Nullable Function<String, HealthCheck> check;

        void set(Consumer<HealthCheckPolicy.Builder> setting) {
            setting.accept(tried);
            settings.add(setting);
        }

        @Nullable
        Function<String, HealthCheckPolicy> build() {
            HealthCheckPolicy unused = tried.build(); // The builder refuses contradictory values.
            Function<String, HealthCheck> made = check;
            return made == null
                    ? null
                    : pool -> {
                        HealthCheckPolicy.Builder policy = HealthCheckPolicy.builder(made.apply(pool));
                        settings.forEach(setting -> setting.accept(policy));
                        return policy.build();
                    };
        }
    }
}
