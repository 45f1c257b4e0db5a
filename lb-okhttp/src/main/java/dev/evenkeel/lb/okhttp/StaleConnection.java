package dev.evenkeel.lb.okhttp;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.concurrent.TimeUnit;
import okhttp3.Connection;
import okhttp3.Protocol;

/**
 * Finds out whether the backend has closed an idle HTTP/1 connection.
 *
 * <p>A request that is written to such a connection vanishes, and afterwards nobody can tell whether it was processed.
 * OkHttp repeats it, which is right for idempotent methods only; for the others we switch that off, and look before we
 * write. Java has no way to look that costs less than a read with the least timeout, a millisecond. Hence only after
 * {@link #MIN_IDLE_NANOS}: the look never takes more than a fiftieth of a connection's time. (OkHttp looks in the same way,
 * after 10 seconds.) HTTP/2 needs no look: its connections have a reader that hears of the end at once.
 */
final class StaleConnection {
    static final long MIN_IDLE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private StaleConnection() {}

    /** Called by the thread that has just acquired the connection: it is nobody else's. */
    static boolean isStale(Connection connection, Attempt attempt) {
        if (connection.protocol() != Protocol.HTTP_1_1 || attempt.steered == null) {
            return false;
        }
        Socket socket = connection.socket();
        SteeredSocket steered = attempt.steered.socketUnder(socket);
        return steered != null && steered.idleNanos() >= MIN_IDLE_NANOS && hasEnded(socket);
    }

    private static boolean hasEnded(Socket socket) {
        try {
            int soTimeoutMillis = socket.getSoTimeout();
            try {
                socket.setSoTimeout(1);
                // An end, or a byte that nobody has asked for, such as a 408's first: of no use for a request either
                // way.
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

    /** OkHttp finds it closed and lets go of it. */
    static void close(Connection connection, Attempt attempt) {
        SteeredSocket steered = attempt.steered == null ? null : attempt.steered.socketUnder(connection.socket());
        if (steered != null) {
            steered.closeQuietly();
        }
    }
}
