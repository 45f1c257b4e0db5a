package dev.evenkeel.lb.okhttp.retry;

import dev.evenkeel.lb.Outcome;
import java.io.IOException;
import okhttp3.Headers;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * Decides the outcome of an attempt, which the backend's breaker, its ejection and the strategy use. Retries do not
 * depend on it, but on the status and on how far the request was ({@link RetryPolicy}).
 *
 * <pre>{@code
 * LoadBalancing.builder()
 *         .pools(users)
 *         .outcomes(OutcomeClassifier.standard().countingStatus(404, 404, Outcome.SERVER_ERROR))
 *         .attach(client)
 * }</pre>
 *
 * <p>Called by the threads that run calls and read bodies: no lock, no I/O. One that throws or returns null is logged
 * once, and the standard outcome counts.
 */
@FunctionalInterface
public interface OutcomeClassifier {

    /**
     * Names the outcome of an attempt. Called once the head of a response has come; once more if trailers follow its
     * body and the application reads it to its end; and when an attempt fails. The last answer counts. What the
     * application cancelled, and what fails before it reaches a backend by the application's own fault, is not asked
     * about.
     *
     * @param ending what is known of the end
     * @return the outcome
     */
    Outcome classify(Ending ending);

    /**
     * The default.
     *
     * <ul>
     *   <li>429, 421, and 503 with {@code Retry-After}: throttled. 502, 503, 504: a gateway error. Any other 5xx: a
     *       server error. The rest, 4xx included: success.
     *   <li>gRPC ({@code content-type: application/grpc…}, not grpc-web) goes by {@code grpc-status}, in the trailers
     *       or in a head without a body: {@code UNKNOWN}, {@code INTERNAL}, {@code DATA_LOSS} and numbers that do not
     *       exist are server errors, {@code UNAVAILABLE} is a gateway error (HTTP's 503, as Envoy maps it),
     *       {@code DEADLINE_EXCEEDED} is timed out, {@code RESOURCE_EXHAUSTED} throttled, {@code CANCELLED} cancelled;
     *       {@code OK} and the caller's faults are successes. A {@code grpc-retry-pushback-ms} speaks of that call's
     *       repetition only, and is not looked at. A body that is not read to its end counts by its head.
     *   <li>No answer in time: timed out. Broken off: failed. Refused, unreachable, no TLS: never sent.
     * </ul>
     *
     * @return always the same classifier
     */
    static OutcomeClassifier standard() {
        return StandardOutcomeClassifier.INSTANCE;
    }

    /**
     * This classifier, but with a fixed outcome for some statuses.
     *
     * @param from the first status, 100 to 999
     * @param to the last status, at least the first
     * @param outcome what they count as
     * @return another classifier
     * @throws IllegalArgumentException if the range is not one of statuses
     */
    default OutcomeClassifier countingStatus(int from, int to, Outcome outcome) {
        if (from < 100 || to > 999 || from > to) {
            throw new IllegalArgumentException("statuses must be a range within 100..999: " + from + ".." + to);
        }
        return ending -> {
            Response response = ending.response();
            return response != null && ending.failure() == null && response.code() >= from && response.code() <= to
                    ? outcome
                    : classify(ending);
        };
    }

    /**
     * How an attempt ended, or is about to end.
     *
     * @param request the request as the pool got it
     * @param response the response, of which only the head may be looked at; null if none came, or not known any more
     * @param trailers what followed the body; empty if nothing did, or not yet
     * @param failure why there is no whole response; null if nothing failed
     * @param standard what {@link #standard()} says
     */
    record Ending(
            Request request,
            @Nullable Response response,
            Headers trailers,
            @Nullable IOException failure,
            Outcome standard) {}
}
