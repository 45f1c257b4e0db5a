package dev.evenkeel.lb.okhttp.internal.steering;

import dev.evenkeel.lb.okhttp.internal.http.OkHttpQuirks;
import java.io.IOException;
import java.net.Socket;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLSocket;
import okhttp3.Connection;

/**
 * Whether a request that is not idempotent was lost because its backend closed a kept connection while the request was
 * on its way (RFC 9112, 9.5). Belongs to one attempt, whose thread alone uses it.
 *
 * <p>The bytes of such a request reach a socket that nothing reads any more, and the backend's system answers them with a
 * reset. It arrives within a round trip. An orderly end alone says that all bytes were read: the backend may have
 * processed the request, and ended after that.
 */
public final class CloseRace {
    /** A round trip on the longest routes, and the time in which a thread of a busy machine notices the end. */
    public static final long MAX_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    /** How long after an orderly end a reset is waited for: a round trip in a network of one site. */
    private static final long RESET_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    /** An empty line, which a server that still reads skips (RFC 9112, 2.2). */
    private static final byte[] PROBE = {'\r', '\n'};

    private long writtenNanos;
    private boolean ended;
    private boolean lost;
    private boolean near;
    private boolean repeated;

    /** The request, or the last part of it, is being written. */
    public void written() {
        writtenNanos = System.nanoTime();
        ended = false;
        lost = false;
    }

    /**
     * The exchange failed, and its connection is not closed yet.
     *
     * @param connection a kept one
     */
    public void failed(IOException e, Connection connection) {
        if (System.nanoTime() - writtenNanos <= MAX_NANOS) {
            boolean isOrderly = OkHttpQuirks.isEndWithoutResponse(e);
            lost = OkHttpQuirks.isReset(e) || (isOrderly && isReset(connection.socket()));
            ended = lost || isOrderly;
        }
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
            return OkHttpQuirks.isReset(e);
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

    /** Whether the connection ended within a round trip, before a response began. */
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
