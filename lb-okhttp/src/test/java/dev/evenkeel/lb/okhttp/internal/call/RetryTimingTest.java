package dev.evenkeel.lb.okhttp.internal.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.okhttp.retry.RetryPolicy;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When a backend that was tried may be tried again. */
class RetryTimingTest {
    private static final RetryPolicy NO_BACKOFF = RetryPolicy.standard();
    private static final RetryPolicy BACKOFF = RetryPolicy.builder()
            .backoff(Duration.ofMillis(100), Duration.ofMillis(400))
            .maxRetryAfter(Duration.ofSeconds(2))
            .build();

    private static Response unavailable(String retryAfter) {
        Response.Builder response = new Response.Builder()
                .request(new Request.Builder().url("http://users/").build())
                .protocol(Protocol.HTTP_1_1)
                .code(503)
                .message("");
        return (retryAfter == null ? response : response.header("Retry-After", retryAfter)).build();
    }

    @ParameterizedTest
    @CsvSource({
        "SHUT_DOWN,   0,  0", // at once, with or without a back-off
        "REFUSED,     0,  0",
        "TIMED_OUT,   -1, -1",
        "GIVEN_UP,    -1, -1",
        "INTERRUPTED, -1, -1",
        "OWN_FAULT,   -1, -1",
    })
    void failure_isTriedAgainAtOnce_orNever(AttemptFailure failure, long without, long with) {
        RetryTiming timing = RetryTiming.after(failure, new IOException());

        assertThat(timing.nanos(NO_BACKOFF, 0)).isEqualTo(without);
        assertThat(timing.nanos(BACKOFF, 0)).isEqualTo(with);
        assertThat(timing.isNever()).isEqualTo(with < 0);
        assertThat(timing.isAsked()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"NEVER_SENT", "BROKEN"})
    void failedExchange_isTriedInAnotherRound_ifThereIsABackoff(AttemptFailure failure) {
        RetryTiming timing = RetryTiming.after(failure, new IOException());

        assertThat(timing.isNever()).isFalse();
        assertThat(timing.nanos(NO_BACKOFF, 0)).isNegative();
        for (int i = 0; i < 100; i++) {
            assertThat(timing.nanos(BACKOFF, 0)).isBetween(0L, 100_000_000L);
            assertThat(timing.nanos(BACKOFF, 1)).isBetween(0L, 200_000_000L);
            assertThat(timing.nanos(BACKOFF, 40)).isBetween(0L, 400_000_000L);
        }
        assertThat(RetryTiming.after(failure, new SocketTimeoutException()).isNever())
                .isTrue();
    }

    @Test
    void retryAfter_withinTheMaximum_isWaitedFor_neverLess() {
        RetryTiming timing = RetryTiming.after(unavailable("2"), BACKOFF);

        assertThat(timing.isAsked()).isTrue();
        for (int i = 0; i < 100; i++) {
            assertThat(timing.nanos(BACKOFF, 0)).isBetween(2_010_000_000L, 2_100_000_000L);
        }
    }

    @Test
    void retryAfter_thatIsTooLong_absent_orNotWanted_isNever() {
        assertThat(RetryTiming.after(unavailable("3"), BACKOFF).isNever()).isTrue();
        assertThat(RetryTiming.after(unavailable(null), BACKOFF).isNever()).isTrue();
        assertThat(RetryTiming.after(unavailable("1"), NO_BACKOFF).isNever()).isTrue();
    }
}
