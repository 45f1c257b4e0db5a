package dev.evenkeel.lb.okhttp.internal.steering;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import okhttp3.Connection;
import okhttp3.Protocol;
import org.jspecify.annotations.Nullable;

/**
 * Checks whether the backend has closed a pooled HTTP/1 connection, before a request that must not be sent twice is
 * written to it.
 *
 * <p>A request that is written to such a connection vanishes, and afterwards the client cannot tell whether it was
 * processed. OkHttp repeats it, which is right for idempotent methods only; for the others {@code AttemptSender}
 * switches that off, and this class looks before the write. OkHttp's own look comes only after 10 seconds of idleness,
 * since it repeats what it loses before.
 *
 * <p>The look is a read with the least timeout that Java has, a millisecond: it returns at once if the connection has
 * ended, and takes that millisecond if it has not. The JDK's own HTTP client looks in the same way before it streams a
 * POST. There is no idle time below which the look could be left out: a server that stops closes connections that were
 * used a moment ago. HTTP/2 needs no look: its connections have a reader that learns of the end at once.
 */
public final class StaleConnection {
    private StaleConnection() {}

    /** What a look at a connection has shown. */
    public enum State {
        /** It is open, or cannot be looked at. */
        OPEN,
        /** It is open, and has been idle for so long that the backend may be about to close it. */
        NEAR_ITS_END,
        /** The backend has closed it. */
        ENDED
    }

    /**
     * Looks at a connection. Called by the thread that has just acquired it, and no other call uses it.
     *
     * @param lane which the connection belongs to; null for none
     */
    public static State of(Connection connection, @Nullable ConnectionLane lane) {
        // An interrupted virtual thread cannot read, and a connection that may be well is not to be closed for it.
        if (connection.protocol() != Protocol.HTTP_1_1 || Thread.currentThread().isInterrupted()) {
            return State.OPEN;
        }
        boolean ended = hasEnded(connection.socket());
        boolean isNear = lane != null && lane.looked(connection, ended);
        if (ended) {
            return State.ENDED;
        }
        return isNear ? State.NEAR_ITS_END : State.OPEN;
    }

    private static boolean hasEnded(Socket socket) {
        try {
            int soTimeoutMillis = socket.getSoTimeout();
            try {
                socket.setSoTimeout(1);
                // An end, or a byte that was not asked for, such as a 408's first: of no use for a request either way.
                socket.getInputStream().read();
                return true;
            } catch (SocketTimeoutException alive) {
                return false;
            } finally {
                socket.setSoTimeout(soTimeoutMillis);
            }
        } catch (IOException e) {
            return true;
        }
    }

    /** Closes the connection, so that OkHttp finds it unusable and releases it. */
    public static void close(Connection connection) {
        try {
            connection.socket().close();
        } catch (IOException e) {
            // It had ended, and the client sends nothing over it any more.
        }
    }
}
