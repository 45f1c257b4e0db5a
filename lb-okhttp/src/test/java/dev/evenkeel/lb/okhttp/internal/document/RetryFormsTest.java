package dev.evenkeel.lb.okhttp.internal.document;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.core.retry.RetryBudget;
import dev.evenkeel.lb.core.retry.RetryBudgets;
import dev.evenkeel.lb.okhttp.retry.HedgePolicy;
import dev.evenkeel.lb.okhttp.retry.RetryBackoff;
import dev.evenkeel.lb.okhttp.retry.RetryPolicy;
import dev.evenkeel.lb.okhttp.retry.RetryPolicy.Cause;
import java.time.Duration;
import java.util.stream.Stream;
import okhttp3.Request;
import okhttp3.RequestBody;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Retries, hedging and their budgets, as documents have them. */
class RetryFormsTest {
    @Test
    void retries_areRead() {
        RetryPolicy policy = FormFixture.read(
                RetryForms.RETRIES,
                "{'maxAttempts': 2, 'on': ['neverSent', 'status'], 'statuses': [418], 'idempotentMethods': ['POST'],"
                        + " 'attemptTimeout': '3s', 'backoff': {'initialInterval': '25ms', 'maxInterval': '1s'},"
                        + " 'maxRetryAfter': '2s', 'resendOnLostConnection': true}");

        assertThat(policy.maxAttempts()).isEqualTo(2);
        assertThat(Stream.of(Cause.values()).filter(policy::retries))
                .containsExactlyInAnyOrder(Cause.NEVER_SENT, Cause.STATUS);
        assertThat(policy.retriesStatus(418)).isTrue();
        assertThat(policy.retriesStatus(503)).isFalse();
        assertThat(policy.isIdempotent(new Request.Builder()
                        .url("http://h/")
                        .post(RequestBody.create(new byte[0]))
                        .build()))
                .isTrue();
        assertThat(policy.isIdempotent(new Request.Builder().url("http://h/").build()))
                .isFalse();
        assertThat(policy.attemptTimeout()).isEqualTo(Duration.ofSeconds(3));
        assertThat(policy.backoff()).isEqualTo(new RetryBackoff(Duration.ofMillis(25), Duration.ofSeconds(1)));
        assertThat(policy.maxRetryAfter()).isEqualTo(Duration.ofSeconds(2));
        assertThat(policy.resendsOnLostConnection()).isTrue();
    }

    static Stream<Arguments> budgets() {
        return Stream.of(
                Arguments.of("{'type': 'standard'}", RetryBudgets.standard()),
                Arguments.of(
                        "{'type': 'percentOfCalls', 'percent': 20, 'minRetriesPerSecond': 3}",
                        RetryBudgets.percentOfCalls(20, 3)),
                Arguments.of("{'type': 'tokens', 'maxTokens': 50, 'tokenRatio': 0.2}", RetryBudgets.tokens(50, 0.2)),
                Arguments.of(
                        "{'type': 'percentInFlight', 'percent': 10, 'minRetries': 4}",
                        RetryBudgets.percentInFlight(10, 4)),
                Arguments.of("{'type': 'unlimited'}", RetryBudgets.unlimited()));
    }

    @ParameterizedTest
    @MethodSource("budgets")
    void budget_isTheOneOfItsType(String json, RetryBudget expected) {
        assertThat(FormFixture.read(RetryForms.RETRIES, "{'budget': " + json + "}")
                        .budget())
                .hasToString(expected.toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "{'type': 'percentOfCalls', 'percent': 1001, 'minRetriesPerSecond': 1} | $.budget.percent",
                "{'type': 'tokens', 'maxTokens': 0, 'tokenRatio': 0.1}                 | $.budget.maxTokens",
                "{'type': 'tokens', 'maxTokens': 1, 'tokenRatio': 2}                   | $.budget",
                "{'type': 'percentInFlight', 'percent': 10}                            | $.budget",
            })
    void budgetOutOfRange_isRefused(String json, String path) {
        assertThat(FormFixture.faults(RetryForms.RETRIES, "{'budget': " + json + "}"))
                .singleElement()
                .asString()
                .startsWith(path);
    }

    @Test
    void hedging_isByADelay_orByThePercentile_notByBoth() {
        HedgePolicy fixed = FormFixture.read(RetryForms.HEDGING, "{'delay': '50ms'}");
        HedgePolicy relative = FormFixture.read(RetryForms.HEDGING, "{'multipleOfP95': 5}");

        assertThat(fixed.delay()).isEqualTo(Duration.ofMillis(50));
        assertThat(relative.delay()).isNull();
        assertThat(relative.multipleOfP95()).isEqualTo(5);
        assertThat(FormFixture.faults(RetryForms.HEDGING, "{'delay': '50ms', 'multipleOfP95': 5}"))
                .containsExactly("$.multipleOfP95: multipleOfP95 must not stand beside delay: leave one of them out");
    }
}
