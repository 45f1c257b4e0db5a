package dev.evenkeel.lb.okhttp.internal.http;

import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.reflect.Field;
import java.net.ConnectException;
import java.net.ProtocolException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import okhttp3.Call;
import okhttp3.ConnectionPool;
import org.jspecify.annotations.Nullable;

/**
 * What OkHttp and Okio do and their API does not say: names of internal classes, texts of exceptions, the name of a
 * thread. Each method was seen to be right with OkHttp 5.5.1 and Okio 3.18.1; {@code OkHttpQuirksTest} provokes each
 * behaviour and fails if a later version behaves differently.
 *
 * <p>Behaviour that no text or name reveals has a class of its own: {@link OkHttpClassPathCheck}, and in the packages
 * {@code steering} and {@code call} ConnectionRelease, ExclusiveDns, SteeredDns, StaleConnection, SingleSendBody and
 * TrailerAwareResponse.
 */
public final class OkHttpQuirks {
    private static final String REFUSED_STREAM = "REFUSED_STREAM";
    private static final String INTERRUPTED = "interrupted";
    private static final String CANCELED = "Canceled";
    private static final String TIMEOUT = "timeout";
    private static final String WATCHDOG = "Okio Watchdog";

    private OkHttpQuirks() {}

    // HTTP/2: both types are in a package that OkHttp's module does not export, hence their names.

    /**
     * Whether the backend refused the stream of a request, which it has therefore not processed (RFC 9113, 8.7).
     *
     * <p>OkHttp 5.5.1 throws an internal exception whose text ends with the error code. Needed to send the request
     * again, whatever its method.
     */
    public static boolean isRefusedStream(IOException e) {
        String message = e.getMessage();
        return e.getClass().getName().equals("okhttp3.internal.http2.StreamResetException")
                && message != null
                && message.endsWith(REFUSED_STREAM);
    }

    /**
     * Whether the connection was shut down before a stream was made for the request: by a GOAWAY, or by its end.
     *
     * <p>OkHttp 5.5.1 throws an internal exception if that happens between the choice of the connection and the write.
     * Needed to send the request again, even one with a body that can be written only once.
     */
    public static boolean isConnectionShutdown(IOException e) {
        return e.getClass().getName().equals("okhttp3.internal.http2.ConnectionShutdownException");
    }

    // The end of a connection.

    /**
     * Whether a connection was reset while both sides had it open: the other side aborted it, or closed it with bytes that
     * it had not read.
     *
     * <p>The JDK has no type for it. This is the text of its sockets on Linux and macOS; TLS wraps the exception.
     */
    public static boolean isAborted(IOException e) {
        return hasSocketException(e, "Connection reset");
    }

    /**
     * Whether a connection was reset after the other side had closed it in good order: what was sent after that met a
     * closed socket. On Linux the first call after such a reset fails with this text, and not with "Connection reset".
     */
    public static boolean isResetAfterItsEnd(IOException e) {
        return hasSocketException(e, "Broken pipe");
    }

    private static boolean hasSocketException(IOException e, String start) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            String message = cause.getMessage();
            if (cause instanceof SocketException && message != null && message.startsWith(start)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether an HTTP/1 connection ended in good order before the first byte of a response.
     *
     * <p>OkHttp 5.5.1 wraps the exception of Okio 3.18.1, whose text has the number of bytes of the status line. Needed
     * to look for the reset that tells a lost request from one that was read.
     */
    public static boolean isEndWithoutResponse(IOException e) {
        return e.getCause() instanceof EOFException end
                && end.getMessage() != null
                && end.getMessage().contains("limit=0 ");
    }

    // Interrupts, cancellations and timeouts.

    /**
     * Whether an exchange failed because its thread was interrupted: the caller gave up. Called by that thread.
     *
     * <p>The thread's flag decides, for the exceptions of OkHttp 5.5.1 differ: {@link InterruptedIOException} with the
     * text "interrupted" (HTTP/1, by Okio) or without one (HTTP/2), and on a virtual thread {@code SocketException} or
     * what TLS makes of it. Where the flag has been cleared, the first two are known still; timeouts are of that type
     * too, and have another text. Needed to count the attempt as the caller's end and not as the backend's failure.
     */
    public static boolean isInterrupt(IOException e) {
        return Thread.currentThread().isInterrupted()
                || e instanceof ClosedByInterruptException
                || (e instanceof InterruptedIOException
                        && !(e instanceof SocketTimeoutException)
                        && (e.getMessage() == null || e.getMessage().equals(INTERRUPTED)));
    }

    /**
     * Whether a call ended with an {@link InterruptedException}, which no signature declares.
     *
     * <p>OkHttp 5.5.1 lets it out, with the thread's flag cleared, if the thread is interrupted while it waits for a
     * new connection: Kotlin knows no checked exceptions. Needed to restore the flag and to throw what callers catch.
     */
    public static boolean isInterruptedConnect(Throwable e) {
        return e instanceof InterruptedException;
    }

    /**
     * Makes the exception for a caller that was interrupted, as Okio 3.18.1 does.
     *
     * @param cause returned itself if it is such an exception already; null for none
     */
    public static InterruptedIOException interrupted(@Nullable Throwable cause) {
        if (cause instanceof InterruptedIOException interrupted) {
            return interrupted;
        }
        InterruptedIOException interrupted = new InterruptedIOException(INTERRUPTED);
        if (cause != null) {
            interrupted.initCause(cause);
        }
        return interrupted;
    }

    /**
     * Makes the exception of a cancelled call, with the text that OkHttp 5.5.1 gives it and that applications compare.
     *
     * @param cause null for none
     */
    public static IOException cancelled(@Nullable Throwable cause) {
        return new IOException(CANCELED, cause);
    }

    /** Makes the exception of a read that took too long, as Okio 3.18.1 does. */
    public static SocketTimeoutException readTimeout() {
        return new SocketTimeoutException(TIMEOUT);
    }

    /**
     * Whether the cancellation of a call was its timeout. Asked in {@link okhttp3.EventListener#canceled}, on the
     * thread that cancels.
     *
     * <p>OkHttp 5.5.1 reports a call timeout and a caller's cancellation by the same event; the timeout comes on the
     * thread on which Okio 3.18.1 lets timeouts expire. Needed since a timeout counts against the backend.
     *
     * @param startNanos when we first saw the call, which may be later than the timeout's start: hence the thread's
     *     name
     */
    public static boolean isCallTimeout(Call call, long startNanos) {
        long timeoutNanos = call.timeout().timeoutNanos();
        return timeoutNanos != 0
                && (Thread.currentThread().getName().equals(WATCHDOG)
                        || System.nanoTime() - startNanos >= timeoutNanos);
    }

    // Limits of a ConnectionPool.

    /**
     * The limits of a ConnectionPool.
     *
     * @param maxIdleConnections the number of idle connections that it keeps
     * @param keepAlive the time that it keeps them
     */
    public record PoolLimits(int maxIdleConnections, Duration keepAlive) {
        /** The limits of {@code new ConnectionPool()} in OkHttp 5.5.1. */
        public static final PoolLimits DEFAULT = new PoolLimits(5, Duration.ofMinutes(5));

        /** Whether these are the limits of {@code new ConnectionPool()}. */
        public boolean isDefault() {
            return maxIdleConnections == DEFAULT.maxIdleConnections && keepAlive.equals(DEFAULT.keepAlive);
        }
    }

    /**
     * Reads the limits of a ConnectionPool; empty if they cannot be read, as where OkHttp is a named module.
     *
     * <p>OkHttp 5.5.1 has no getters for them: they are fields of an object behind the pool. Needed to keep a pool whose
     * limits the application has set, and its keep-alive where the pool is too small.
     */
    public static Optional<PoolLimits> limits(ConnectionPool pool) {
        try {
            Object real = field(pool, "delegate");
            int maxIdleConnections = (Integer) field(real, "maxIdleConnections");
            long keepAliveNanos = (Long) field(real, "keepAliveDurationNs");
            return Optional.of(new PoolLimits(maxIdleConnections, Duration.ofNanos(keepAliveNanos)));
        } catch (ReflectiveOperationException | RuntimeException e) {
            return Optional.empty();
        }
    }

    private static Object field(Object owner, String name) throws ReflectiveOperationException {
        Field field = owner.getClass().getDeclaredField(name);
        field.setAccessible(true);
        return Objects.requireNonNull(field.get(owner), name);
    }

    // Failures that mean less, or more, than they seem to.

    /**
     * Whether only the close of the connection failed: nothing was read at that moment.
     *
     * <p>When a WebSocket has exchanged its close frames, OkHttp 5.5.1 closes the input of its socket and reports what
     * that throws as a failed response: the JDK's TLS complains that the peer has not said goodbye on that layer, too,
     * and a socket whose output was closed in the meantime says that it is closed. Needed to count the stream as a
     * success. The texts are the same as those of a read that failed; the method that threw is not.
     */
    public static boolean isHastyClose(IOException e) {
        for (StackTraceElement frame : e.getStackTrace()) {
            if ("shutdownInput".equals(frame.getMethodName())) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether OkHttp found the response of an open exchange to violate HTTP.
     *
     * <p>OkHttp 5.5.1 throws for a 204 with a body, and sends no {@code responseFailed} event for it. Needed to blame
     * the backend: every other exception without such an event is the application's.
     */
    public static boolean isUnreportedViolation(IOException e) {
        return e instanceof ProtocolException;
    }

    /**
     * Returns the JDK's exception for a connection that could not be opened; any other exception itself.
     *
     * <p>OkHttp 5.5.1 wraps it in one of the same type, whose text names the URL's host and port: of a steered
     * connection these are the pool's. Needed to name the backend alone.
     */
    public static Throwable connectFailure(Throwable e) {
        return e instanceof ConnectException && e.getCause() instanceof ConnectException cause ? cause : e;
    }

    /**
     * Whether the backend's certificate is for another name than the URL's host.
     *
     * <p>OkHttp 5.5.1 throws the JDK's exception for several reasons, and only the text tells this one. Needed to add
     * advice to the message.
     */
    public static boolean isNameMismatch(IOException e) {
        String message = e.getMessage();
        return e instanceof SSLPeerUnverifiedException && message != null && message.startsWith("Hostname ");
    }

    /**
     * Finds an exception that one of our sockets threw; null if there is none.
     *
     * <p>OkHttp 5.5.1 throws what the first of a host's addresses failed with; what the later ones failed with is
     * suppressed in it. Needed to recognize our own exception whichever address it came from.
     */
    public static <T extends IOException> @Nullable T find(Class<T> type, IOException e) {
        if (type.isInstance(e)) {
            return type.cast(e);
        }
        for (Throwable suppressed : e.getSuppressed()) {
            if (type.isInstance(suppressed)) {
                return type.cast(suppressed);
            }
        }
        return null;
    }
}
