package dev.evenkeel.lb.okhttp.internal.document;

import dev.evenkeel.lb.core.internal.document.schema.Default;
import dev.evenkeel.lb.core.internal.document.schema.ObjectSchema;
import dev.evenkeel.lb.core.internal.document.schema.ObjectType;
import dev.evenkeel.lb.core.internal.document.schema.TaggedUnionType;
import dev.evenkeel.lb.core.internal.document.schema.Type;
import dev.evenkeel.lb.core.internal.document.schema.Types;
import dev.evenkeel.lb.core.retry.RetryBudget;
import dev.evenkeel.lb.core.retry.RetryBudgets;
import dev.evenkeel.lb.okhttp.retry.HedgePolicy;
import dev.evenkeel.lb.okhttp.retry.RetryPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The forms of retries, hedging and their budgets. */
final class RetryForms {
    private static final Type<RetryBudget> BUDGET = new TaggedUnionType<>(
            "retry budget",
            budgets(),
            ObjectSchema.of(
                            "budget",
                            "How many further attempts there may be. Each pool has an account of its own.",
                            BudgetDraft::new)
                    .form(),
            (chosen, budget) -> chosen.budget = budget,
            chosen -> chosen.budget);

    private static final Type<BackoffDraft> BACKOFF = ObjectSchema.of(
                    "retries.backoff",
                    "The wait before a call that has tried every backend begins another round; doubles each time.",
                    BackoffDraft::new)
            .required(
                    "initialInterval",
                    Types.duration("0s", "1h"),
                    "the longest wait before the second round",
                    (draft, interval) -> draft.initialInterval = interval)
            .required(
                    "maxInterval",
                    Types.duration("0s", "1h"),
                    "the longest wait before any; at least `initialInterval`",
                    (draft, interval) -> draft.maxInterval = interval)
            .form()
            .as(draft -> draft);

    static final Type<RetryPolicy> RETRIES = ObjectSchema.of(
                    "retries", "What is sent again after a failure, how often and when.", RetryPolicy::builder)
            .optional(
                    "maxAttempts",
                    Types.integer(1, 100),
                    Default.text("3, and up to 3 more where connections were refused"),
                    "how often a request is sent at most, refused connections included",
                    RetryPolicy.Builder::maxAttempts)
            .optional(
                    "on",
                    Types.list(
                            Types.constant("cause of a retry", RetryPolicy.Cause.values()),
                            0,
                            RetryPolicy.Cause.values().length),
                    Default.text("all"),
                    "what is tried again: requests that were `neverSent`, that a server `refused` unprocessed, that met a `timeout`, whose"
                            + " connection was `broken`, or whose answer has one of the statuses",
                    (policy, causes) -> policy.on(causes.toArray(RetryPolicy.Cause[]::new)))
            .optional(
                    "statuses",
                    Types.list(Types.integer(400, 599), 0, 200),
                    List.of(429, 500, 502, 503, 504),
                    "the statuses that are tried elsewhere, under the cause `status`",
                    (policy, statuses) -> policy.statuses(
                            statuses.stream().mapToInt(Integer::intValue).toArray()))
            .optional(
                    "idempotentMethods",
                    Types.list(Types.text(), 0, 100),
                    List.of("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "QUERY"),
                    "only these are sent again once a backend may have processed the request",
                    (policy, methods) -> policy.idempotentMethods(methods.toArray(String[]::new)))
            .optional(
                    "attemptTimeout",
                    Types.duration("1ms", "1h"),
                    Default.text("the client's own timeouts"),
                    "how long one attempt may wait for its answer to begin",
                    RetryPolicy.Builder::attemptTimeout)
            .optional(
                    "backoff",
                    BACKOFF,
                    Default.text("no further round"),
                    "further rounds over the backends",
                    (policy, backoff) -> policy.backoff(backoff.initialInterval, backoff.maxInterval))
            .optional(
                    "maxRetryAfter",
                    Types.duration("0s", "1h"),
                    "0s",
                    "how long a call waits at most for a `Retry-After` when every backend was tried",
                    RetryPolicy.Builder::maxRetryAfter)
            .optional(
                    "resendOnLostConnection",
                    Types.flag(),
                    false,
                    "whether a request that is not idempotent is sent once more when a kept connection breaks before a"
                            + " response begins, as plain OkHttp does; the backend may then process it twice",
                    RetryPolicy.Builder::resendOnLostConnection)
            .optional(
                    "budget",
                    BUDGET,
                    Default.text("`\"type\": \"standard\"`"),
                    "how many further attempts there may be",
                    RetryPolicy.Builder::budget)
            .form()
            .as(RetryPolicy.Builder::build);

    static final Type<HedgePolicy> HEDGING = ObjectSchema.of(
                    "hedging",
                    "When a second request is sent to another backend because the first takes long. For calls of"
                            + " `callFactory` alone.",
                    Hedging::new)
            .optional(
                    "delay",
                    Types.duration("1ms", "1h"),
                    Default.text("by `multipleOfP95`"),
                    "after a fixed time",
                    Hedging::delay)
            .optional(
                    "multipleOfP95",
                    Types.number(1, 100),
                    Default.text("3, unless there is a `delay`"),
                    "after a multiple of the pool's running 95th percentile",
                    Hedging::multipleOfP95)
            .optional(
                    "budget",
                    BUDGET,
                    Default.text("`percentOfCalls` with `percent` 2 and `minRetriesPerSecond` 1"),
                    "how many second requests there may be",
                    (draft, budget) -> draft.policy.budget(budget))
            .form()
            .as(draft -> draft.policy.build());

    private RetryForms() {}

    private static Map<String, ObjectType<?, RetryBudget>> budgets() {
        Map<String, ObjectType<?, RetryBudget>> kinds = new LinkedHashMap<>();
        kinds.put(
                "standard",
                plain(
                        "budget.standard",
                        "one for every ten calls and one a second, none while failures prevail.",
                        RetryBudgets.standard()));
        kinds.put("percentOfCalls", percentOfCalls());
        kinds.put("tokens", tokens());
        kinds.put("percentInFlight", percentInFlight());
        kinds.put(
                "unlimited",
                plain("budget.unlimited", "no limit but the attempts of each call.", RetryBudgets.unlimited()));
        return kinds;
    }

    private static ObjectType<?, RetryBudget> percentOfCalls() {
        return ObjectSchema.of(
                        "budget.percentOfCalls",
                        "Finagle's: a part of the calls, and so many a second.",
                        BudgetShareDraft::new)
                .required("percent", Types.number(0, 1_000), "of the calls", BudgetShareDraft::percent)
                .required(
                        "minRetriesPerSecond",
                        Types.number(0, 10_000),
                        "in any case",
                        BudgetShareDraft::minRetriesPerSecond)
                .form()
                .as(draft -> RetryBudgets.percentOfCalls(draft.percent, draft.minRetriesPerSecond));
    }

    private static ObjectType<?, RetryBudget> tokens() {
        return ObjectSchema.of(
                        "budget.tokens", "gRPC's: a failure takes a token, a success gives some back.", Tokens::new)
                .required("maxTokens", Types.integer(1, 1_000), "none below half of them", Tokens::maxTokens)
                .required(
                        "tokenRatio",
                        Types.number(0.001, 1_000),
                        "what a success gives back; at most `maxTokens`",
                        (draft, ratio) -> draft.tokenRatio = ratio)
                .form()
                .as(draft -> RetryBudgets.tokens(draft.maxTokens, draft.tokenRatio));
    }

    private static ObjectType<?, RetryBudget> percentInFlight() {
        return ObjectSchema.of("budget.percentInFlight", "Envoy's: a part of the attempts in flight.", InFlight::new)
                .required("percent", Types.number(0, 100), "of the attempts in flight", InFlight::percent)
                .required(
                        "minRetries",
                        Types.integer(0, Integer.MAX_VALUE),
                        "how many there may be in any case",
                        InFlight::minRetries)
                .form()
                .as(draft -> RetryBudgets.percentInFlight(draft.percent, draft.minRetries));
    }

    private static ObjectType<?, RetryBudget> plain(String name, String meaning, RetryBudget budget) {
        return ObjectSchema.of(name, meaning, ArrayList::new).form().as(nothing -> budget);
    }

    private static final class BudgetDraft {
        private @Nullable RetryBudget budget;
    }

    private static final class BackoffDraft {
        private Duration initialInterval = Duration.ZERO;
        private Duration maxInterval = Duration.ZERO;
    }

    private static final class Hedging {
        private final HedgePolicy.Builder policy = HedgePolicy.builder();
        private boolean delayed;

        void delay(Duration delay) {
            policy.delay(delay);
            delayed = true;
        }

        void multipleOfP95(double multiple) {
            if (delayed) {
                throw new IllegalArgumentException("multipleOfP95 must not stand beside delay: leave one of them out");
            }
            policy.multipleOfP95(multiple);
        }
    }

    // The budgets check their ranges.

    private static final class BudgetShareDraft {
        private double percent;
        private double minRetriesPerSecond;

        void percent(double given) {
            RetryBudget unused = RetryBudgets.percentOfCalls(given, 0);
            percent = given;
        }

        void minRetriesPerSecond(double given) {
            RetryBudget unused = RetryBudgets.percentOfCalls(0, given);
            minRetriesPerSecond = given;
        }
    }

    private static final class Tokens {
        private int maxTokens = 100;
        private double tokenRatio = 0.1;

        void maxTokens(int given) {
            RetryBudget unused = RetryBudgets.tokens(given, 0.001);
            maxTokens = given;
        }
    }

    private static final class InFlight {
        private double percent;
        private int minRetries;

        void percent(double given) {
            RetryBudget unused = RetryBudgets.percentInFlight(given, 0);
            percent = given;
        }

        void minRetries(int given) {
            RetryBudget unused = RetryBudgets.percentInFlight(0, given);
            minRetries = given;
        }
    }
}
