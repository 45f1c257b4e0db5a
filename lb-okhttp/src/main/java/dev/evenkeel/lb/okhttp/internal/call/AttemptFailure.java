package dev.evenkeel.lb.okhttp.internal.call;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.okhttp.internal.call.AttemptState.Phase;
import dev.evenkeel.lb.okhttp.internal.http.OkHttpQuirks;
import dev.evenkeel.lb.okhttp.retry.RetryPolicy;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.UnknownServiceException;
import okhttp3.Connection;
import okhttp3.Request;
import okhttp3.RequestBody;
import org.jspecify.annotations.Nullable;

/**
 * The kind of an attempt's failure, which decides whether the request may be sent again. It follows from how far the
 * exchange was, not from the exception's type: a stalled TLS handshake and a missing response throw the same type.
 */
public enum AttemptFailure {
    /** No request line had been written: any method, any body may be sent elsewhere. */
    NEVER_SENT(Outcome.NEVER_SENT),
    /** The backend said that it has not processed the request: any method with a body that can be sent again. */
    REFUSED(Outcome.THROTTLED),
    /**
     * The connection was shut down before the request was written; says nothing of the backend. Any method, any body.
     */
    SHUT_DOWN(Outcome.DISCARDED),
    /** No answer in time; the backend may have processed the request: idempotent methods only. */
    TIMED_OUT(Outcome.TIMED_OUT),
    /** The exchange failed; the backend may have processed the request: idempotent methods only. */
    BROKEN(Outcome.FAILED),
    /** The application's code failed while the request was under way. */
    GIVEN_UP(Outcome.CANCELLED),
    /** The calling thread was interrupted. */
    INTERRUPTED(Outcome.CANCELLED),
    /** The application's own fault, before anything was sent: a bug or a wrong configuration. */
    OWN_FAULT(Outcome.DISCARDED);

    final Outcome outcome;

    AttemptFailure(Outcome outcome) {
        this.outcome = outcome;
    }

    /**
     * Finds the kind of a failure.
     *
     * @param held the connection that the call holds; null if it has none
     */
    static AttemptFailure of(IOException e, Attempt attempt, @Nullable Connection held) {
        if (OkHttpQuirks.isInterrupt(e)) {
            return INTERRUPTED;
        }
        if (attempt.isOverdue()) {
            return TIMED_OUT;
        }
        // Once a response has come in this attempt, an exchange before this one has been processed.
        boolean isFirst = attempt.status() == 0 && !attempt.exchange().isSentInDoubt();
        if (isFirst && OkHttpQuirks.isConnectionShutdown(e)) {
            return SHUT_DOWN;
        }
        if (!attempt.isSent()) {
            // With a connection in hand and nothing written, it was a network interceptor that threw.
            return e instanceof UnknownServiceException || held != null ? OWN_FAULT : NEVER_SENT;
        }
        if (isFirst && attempt.isStreamRefused()) {
            return REFUSED;
        }
        if (!attempt.hasExchangeFailed() && !(OkHttpQuirks.isUnreportedViolation(e) && attempt.phase() == Phase.BODY)) {
            // Neither reading nor writing failed: a request body, an interceptor, a cookie jar threw.
            return GIVEN_UP;
        }
        return e instanceof InterruptedIOException ? TIMED_OUT : BROKEN;
    }

    /** The retry policy's cause for this failure; null if it is never retried. */
    RetryPolicy.@Nullable Cause cause() {
        return switch (this) {
            case NEVER_SENT -> RetryPolicy.Cause.NEVER_SENT;
            case REFUSED, SHUT_DOWN -> RetryPolicy.Cause.REFUSED;
            case TIMED_OUT -> RetryPolicy.Cause.TIMEOUT;
            case BROKEN -> RetryPolicy.Cause.BROKEN;
            case GIVEN_UP, INTERRUPTED, OWN_FAULT -> null;
        };
    }

    /** Whether no backend has processed the request. */
    boolean isUnprocessed() {
        return this == NEVER_SENT || isRefusedByHttp2();
    }

    /** Whether HTTP/2 said that the request was not processed. */
    boolean isRefusedByHttp2() {
        return this == REFUSED || this == SHUT_DOWN;
    }

    /** Whether the body can be written to another backend: none of it was written, or it can be written twice. */
    boolean hasWholeBody(Request request) {
        return this == NEVER_SENT || this == SHUT_DOWN || isReplayable(request);
    }

    /** Whether the body can be written a second time. */
    public static boolean isReplayable(Request request) {
        RequestBody body = request.body();
        return body == null || (!body.isOneShot() && !body.isDuplex());
    }
}
