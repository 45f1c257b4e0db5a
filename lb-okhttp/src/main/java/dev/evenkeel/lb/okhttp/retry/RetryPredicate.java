package dev.evenkeel.lb.okhttp.retry;

import dev.evenkeel.lb.Backend;
import java.io.IOException;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/** An application's own rule for what may be retried. */
@FunctionalInterface
public interface RetryPredicate {

    /** The possible decisions. */
    enum Verdict {
        /**
         * Retry, even if the request is not idempotent: the application knows that processing it twice does no harm.
         * The number of attempts, the budget and a body that cannot be written again still prevent it.
         */
        RETRY,
        /** Do not try again. */
        STOP,
        /** The policy's other rules decide. */
        UNDECIDED
    }

    /**
     * Judges a failed attempt. Called for every exception before a response, for every response of 400 or more, and for
     * an answer of gRPC without a message that is UNAVAILABLE or RESOURCE_EXHAUSTED: {@code grpc-status} is in its head.
     *
     * @param failure what happened
     * @return the verdict; null counts as undecided
     */
    @Nullable
    Verdict judge(Failure failure);

    /**
     * A failed attempt.
     *
     * @param request as the application wrote it
     * @param backend where it was sent
     * @param attempt its number in the call, from 1
     * @param sent whether the backend may have processed it
     * @param response the response, whose body must not be read; null if there is none
     * @param exception why there is no response; null if there is one
     */
    record Failure(
            Request request,
            Backend backend,
            int attempt,
            boolean sent,
            @Nullable Response response,
            @Nullable IOException exception) {}
}
