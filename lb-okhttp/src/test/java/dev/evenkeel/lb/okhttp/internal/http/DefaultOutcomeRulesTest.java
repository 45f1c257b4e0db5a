package dev.evenkeel.lb.okhttp.internal.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Outcome;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import okhttp3.Headers;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The outcomes that count without a classifier of the user's. */
class DefaultOutcomeRulesTest {
    private static Response response(int code, String... headers) {
        return new Response.Builder()
                .request(new Request.Builder().url("http://users/").build())
                .protocol(Protocol.HTTP_1_1)
                .code(code)
                .message("")
                .headers(Headers.of(headers))
                .build();
    }

    @ParameterizedTest
    @CsvSource({
        "200, SUCCESS",
        "404, SUCCESS",
        "429, THROTTLED",
        "499, SUCCESS",
        "500, SERVER_ERROR",
        "501, SERVER_ERROR",
        "502, GATEWAY_ERROR",
        "503, GATEWAY_ERROR",
        "504, GATEWAY_ERROR",
        "505, SERVER_ERROR",
        "599, SERVER_ERROR",
    })
    void status_isAnOutcome(int code, Outcome expected) {
        assertThat(DefaultOutcomeRules.of(response(code), Headers.EMPTY)).isEqualTo(expected);
    }

    /** An answer of gRPC with a message has its status in the trailers: it cannot be retried any more. */
    @ParameterizedTest
    @CsvSource({"14, 503", "8, 429", "0, 200", "13, 200", "4, 200"})
    void grpcAnswerWithoutAMessage_isRetriedByItsStatus(String status, int expected) {
        assertThat(DefaultOutcomeRules.retryStatus(
                        response(200, "Content-Type", "application/grpc", "grpc-status", status)))
                .isEqualTo(expected);
        assertThat(DefaultOutcomeRules.retryStatus(response(200, "grpc-status", status)))
                .isEqualTo(200);
        assertThat(DefaultOutcomeRules.retryStatus(response(200, "Content-Type", "application/grpc")))
                .isEqualTo(200);
        assertThat(DefaultOutcomeRules.retryStatus(response(502))).isEqualTo(502);
    }

    @Test
    void unavailable_thatSaysWhenToComeBack_isThrottled() {
        assertThat(DefaultOutcomeRules.of(response(503, "Retry-After", "1"), Headers.EMPTY))
                .isEqualTo(Outcome.THROTTLED);
        assertThat(DefaultOutcomeRules.of(response(502, "Retry-After", "1"), Headers.EMPTY))
                .isEqualTo(Outcome.GATEWAY_ERROR);
    }

    @Test
    void statusOfGrpc_goesBeforeHttps_onlyWhereGrpcIsSpoken() {
        Headers failed = Headers.of("grpc-status", "13");

        assertThat(DefaultOutcomeRules.of(response(200, "Content-Type", "application/grpc"), failed))
                .isEqualTo(Outcome.SERVER_ERROR);
        assertThat(DefaultOutcomeRules.of(response(200, "Content-Type", "text/plain"), failed))
                .isEqualTo(Outcome.SUCCESS);
        assertThat(DefaultOutcomeRules.of(response(503, "Content-Type", "application/grpc"), Headers.EMPTY))
                .isEqualTo(Outcome.GATEWAY_ERROR);
    }

    @Test
    void brokenExchange_isTimedOut_failedOrCancelled() {
        assertThat(DefaultOutcomeRules.ofBrokenExchange(new SocketTimeoutException("timeout")))
                .isEqualTo(Outcome.TIMED_OUT);
        assertThat(DefaultOutcomeRules.ofBrokenExchange(new EOFException())).isEqualTo(Outcome.FAILED);
        Thread.currentThread().interrupt();
        try {
            assertThat(DefaultOutcomeRules.ofBrokenExchange(OkHttpQuirks.interrupted(null)))
                    .isEqualTo(Outcome.CANCELLED);
        } finally {
            Thread.interrupted();
        }
    }

    @Test
    void whatABackendSaid_isDescribed_boundedAndPrintable() {
        IOException said = new IOException("Unexpected status line: \u001B[2J\r\n\u202E\u009B" + "x".repeat(9_000));

        assertThat(DefaultOutcomeRules.describe(said, true))
                .startsWith("Unexpected status line: \uFFFD[2J\uFFFD\uFFFD\uFFFD\uFFFDxx")
                .endsWith("x…")
                .hasSize(501);
    }

    @Test
    void failure_isDescribed_withWhatItLacks() {
        assertThat(DefaultOutcomeRules.describe(new IOException("reset"), true)).isEqualTo("reset");
        assertThat(DefaultOutcomeRules.describe(new IOException("reset"), false))
                .isEqualTo("reset (never sent)");
        assertThat(DefaultOutcomeRules.describe(new EOFException(), true)).isEqualTo("EOFException");
        assertThat(DefaultOutcomeRules.describe(new UnknownHostException("a.internal"), true))
                .isEqualTo("unknown host a.internal");
    }
}
