package dev.evenkeel.lb.okhttp.internal.steering;

import dev.evenkeel.lb.okhttp.internal.http.OkHttpQuirks;
import java.io.IOException;
import java.net.Socket;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLSocket;
import okhttp3.Connection;
import okhttp3.Protocol;

/**
 * Whether a request that is not idempotent was lost because its backend had closed a kept connection before the request
 * arrived (RFC 9112, 9.5). Belongs to one attempt, whose thread alone uses it.
 *
 * <p>The bytes of such a request reach a socket that is closed, and the backend's system answers them with a reset, which
 * arrives within a round trip after the orderly end. An orderly end alone says that all bytes were read: the backend may have
 * processed the request, and ended after that. So does a reset alone: the backend may have aborted the connection after its
 * work. On HTTP/2 the two cannot be told apart, since another thread reads; there GOAWAY says what was not processed.
 */
public final class CloseRace {
    /** A round trip on the longest routes, and the time in which a thread of a busy machine notices the end. */
    public static final long MAX_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    /** How long after an orderly end a reset is waited for: a round trip in a network of one site. */
    private static final long RESET_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    /** An empty line, which a server that still reads skips (RFC 9112, 2.2). */
    private static final byte[] PROBE = {'\r', '\n'};

    private long writtenNanos;
    private boolean aborted;
    private boolean ended;
    private boolean lost;
    private boolean near;
    private boolean repeated;

    /** The request, or the last part of it, is being written. */
    public void written() {
        writtenNanos = System.nanoTime();
        aborted = false;
        ended = false;
        lost = false;
    }

    /**
     * The exchange failed, and its connection is not closed yet.
     *
     * @param connection a kept one
     */
    public void failed(IOException e, Connection connection) {
        if (aborted || System.nanoTime() - writtenNanos > MAX_NANOS) {
            return;
        }
        aborted = OkHttpQuirks.isAborted(e);
        boolean isOrderly = OkHttpQuirks.isEndWithoutResponse(e);
        boolean isLate = OkHttpQuirks.isResetAfterItsEnd(e);
        ended = aborted || isOrderly || isLate;
        lost = !aborted && !isHttp2(connection.protocol()) && (isLate || (isOrderly && isReset(connection.socket())));
    }

    private static boolean isHttp2(Protocol protocol) {
        return protocol == Protocol.HTTP_2 || protocol == Protocol.H2_PRIOR_KNOWLEDGE;
    }

    /**
     * Whether a connection that has ended was reset besides: only a write tells. Not over TLS, where the JDK answers the
     * end, and writes nothing after it.
     */
    private static boolean isReset(Socket socket) {
        if (socket instanceof SSLSocket) {
            return false;
        }
        awaitReset();
        // Only the first write counts, since it may cause a reset itself.
        try {
            socket.getOutputStream().write(PROBE);
            return false;
        } catch (IOException e) {
            return OkHttpQuirks.isResetAfterItsEnd(e);
        }
    }

    /** An interrupt ends the wait. */
    private static void awaitReset() {
        long startNanos = System.nanoTime();
        long leftNanos = RESET_NANOS;
        while (leftNanos > 0 && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(leftNanos);
            leftNanos = RESET_NANOS - (System.nanoTime() - startNanos);
        }
    }

    /** Whether the connection ended within {@link #MAX_NANOS}, before a response began. */
    public boolean hasEnded() {
        return ended;
    }

    /** Whether the request was lost with a connection that the backend had closed. */
    public boolean isLost() {
        return lost;
    }

    /** Notes whether the connection that was found may be about to end: then the request gets one of its own. */
    public void isNear(boolean is) {
        near = is;
    }

    public boolean isNear() {
        return near;
    }

    /** The request is sent again: from here on it may have been processed, whatever becomes of the repetition. */
    public void repeat() {
        repeated = true;
    }

    public boolean isRepeated() {
        return repeated;
    }
}
