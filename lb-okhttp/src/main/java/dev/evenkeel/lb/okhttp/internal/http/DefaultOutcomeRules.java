package dev.evenkeel.lb.okhttp.internal.http;

import dev.evenkeel.lb.Outcome;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedByInterruptException;
import javax.net.ssl.SSLException;
import okhttp3.Headers;
import okhttp3.Response;

/** The default outcomes of responses and exceptions. */
public final class DefaultOutcomeRules {
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
     * 429, and 503 that says when to come back, are a healthy backend's refusal for want of capacity; 502, 503 and 504
     * are a gateway's, every other 5xx is a fault of its own. 4xx is the caller's fault.
     */
    private static Outcome of(Response response) {
        int code = response.code();
        if (code == 429 || (code == 503 && response.header("Retry-After") != null)) {
            return Outcome.THROTTLED;
        }
        if (code >= 502 && code <= 504) {
            return Outcome.GATEWAY_ERROR;
        }
        return code >= 500 ? Outcome.SERVER_ERROR : Outcome.SUCCESS;
    }

    /** The outcome of an exchange that broke after the request was sent. */
    public static Outcome ofBrokenExchange(IOException e) {
        if (isInterrupt(e)) {
            return Outcome.CANCELLED;
        }
        return e instanceof InterruptedIOException ? Outcome.TIMED_OUT : Outcome.FAILED;
    }

    /**
     * Whether an exchange failed because its thread was interrupted: the caller gave up. Called by that thread.
     *
     * <p>The thread's flag decides, for the exceptions differ: {@link InterruptedIOException} with a text (HTTP/1) or
     * without one (HTTP/2), and on a virtual thread {@code SocketException} or what TLS makes of it. Where the flag has
     * been cleared, the first two are known still; timeouts are of that type too, and have another text.
     */
    public static boolean isInterrupt(IOException e) {
        return Thread.currentThread().isInterrupted()
                || e instanceof ClosedByInterruptException
                || (e instanceof InterruptedIOException
                        && !(e instanceof SocketTimeoutException)
                        && (e.getMessage() == null || e.getMessage().equals("interrupted")));
    }

    /** The exception for a caller that was interrupted. */
    public static InterruptedIOException interrupted(Throwable e) {
        if (e instanceof InterruptedIOException interrupted) {
            return interrupted;
        }
        InterruptedIOException interrupted = new InterruptedIOException("interrupted");
        interrupted.initCause(e);
        return interrupted;
    }

    /**
     * Whether only the close of the connection was incomplete: when a WebSocket has exchanged its close frames, OkHttp
     * closes the input of its socket, and the JDK's TLS complains that the peer has not said goodbye on that layer,
     * too.
     */
    public static boolean isHastyClose(IOException e) {
        return e instanceof SSLException
                && "closing inbound before receiving peer's close_notify".equals(e.getMessage());
    }

    // Both types are in a package that OkHttp's module does not export, hence their names.

    public static boolean isRefusedStream(IOException e) {
        String message = e.getMessage();
        return e.getClass().getName().equals("okhttp3.internal.http2.StreamResetException")
                && message != null
                && message.endsWith("REFUSED_STREAM");
    }

    public static boolean isConnectionShutdown(IOException e) {
        return e.getClass().getName().equals("okhttp3.internal.http2.ConnectionShutdownException");
    }

    public static String describe(Throwable e, boolean sent) {
        Throwable told = e;
        if (e instanceof ConnectException && e.getCause() instanceof ConnectException cause) {
            // OkHttp's own text names the logical host and port.
            told = cause;
        }
        String message = told.getMessage();
        if (message == null || message.isBlank()) {
            message = told.getClass().getSimpleName();
        } else if (told instanceof UnknownHostException) {
            message = "unknown host " + message;
        }
        return sent ? message : message + " (never sent)";
    }
}
