package dev.evenkeel.lb.okhttp.internal.http;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.internal.log.Printable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.UnknownHostException;
import okhttp3.Headers;
import okhttp3.Response;

/** The default outcomes of responses and exceptions. */
public final class DefaultOutcomeRules {
    private static final int MAX_MESSAGE = 500;
    private static final int MISDIRECTED = 421;

    private DefaultOutcomeRules() {}

    /**
     * Returns the outcome of a response: by its gRPC status if it has one, else by HTTP's.
     *
     * @param trailers empty if there are none, or not yet
     */
    public static Outcome of(Response response, Headers trailers) {
        if (GrpcStatus.isSpoken(response)) {
            Outcome byStatus = GrpcStatus.outcome(response, trailers);
            if (byStatus != null) {
                return byStatus;
            }
        }
        return of(response);
    }

    /**
     * The status by which a response is retried: HTTP's; for an answer of gRPC that has no message, 503 if it is
     * UNAVAILABLE and 429 if it is RESOURCE_EXHAUSTED. Its status is in the head then, which says 200.
     */
    public static int retryStatus(Response response) {
        if (response.code() == 200 && GrpcStatus.isSpoken(response)) {
            Outcome byHead = GrpcStatus.outcome(response, Headers.EMPTY);
            if (byHead == Outcome.GATEWAY_ERROR) {
                return 503;
            }
            return byHead == Outcome.THROTTLED ? 429 : 200;
        }
        return response.code();
    }

    /**
     * 429, 503 that says when to come back, and 421 (it does not serve the host) are a healthy backend's refusal; 502, 503
     * and 504 are a gateway's, every other 5xx is a fault of its own. Every other 4xx is the caller's fault.
     */
    private static Outcome of(Response response) {
        int code = response.code();
        if (code == 429 || code == MISDIRECTED || (code == 503 && response.header("Retry-After") != null)) {
            return Outcome.THROTTLED;
        }
        if (code >= 502 && code <= 504) {
            return Outcome.GATEWAY_ERROR;
        }
        return code >= 500 ? Outcome.SERVER_ERROR : Outcome.SUCCESS;
    }

    /** The outcome of an exchange that broke after the request was sent. */
    public static Outcome ofBrokenExchange(IOException e) {
        if (OkHttpQuirks.isInterrupt(e)) {
            return Outcome.CANCELLED;
        }
        return e instanceof InterruptedIOException ? Outcome.TIMED_OUT : Outcome.FAILED;
    }

    /** Describes a failure for messages and traces. */
    public static String describe(Throwable e, boolean sent) {
        Throwable cause = OkHttpQuirks.connectFailure(e);
        String message = cause.getMessage();
        if (message == null || message.isBlank()) {
            message = cause.getClass().getSimpleName();
        } else if (cause instanceof UnknownHostException) {
            message = "unknown host " + message;
        }
        // It may quote what a backend said, such as a status line.
        String shown = Printable.of(message, MAX_MESSAGE);
        return sent ? shown : shown + " (never sent)";
    }
}
