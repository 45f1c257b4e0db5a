package dev.evenkeel.lb.core.socket;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.Lease.StreamClosedException;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.internal.concurrent.DaemonThreads;
import java.io.IOException;
import java.lang.ref.Cleaner;
import java.net.Socket;
import java.net.SocketTimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The lease of one connection: in flight from the connect to the close. The events on its streams determine the
 * outcome. A connection that breaks, or that the backend closes before it has sent anything, is the backend's failure;
 * one that the application closes while it waits in vain has timed out; one that the pool closes is cancelled; every
 * other end is a success.
 *
 * <p>Holds no socket, so that a socket that is dropped unclosed can be detected.
 */
final class ConnectionLease implements Runnable {
    private static final Cleaner DROPPED = Cleaner.create(DaemonThreads.ofProcess("evenkeel-leaked-sockets"));

    private final Lease lease;
    private volatile boolean heard;
    private volatile boolean answered;
    private volatile boolean waitsInVain;
    private volatile boolean shakingHands;
    private volatile boolean closed;
    /** Why the pool has closed the connection; null if it has not. */
    private volatile @Nullable StreamClosedException why;

    ConnectionLease(Lease lease) {
        this.lease = lease;
    }

    static Cleaner cleaner() {
        return DROPPED;
    }

    /** Ends the lease when a socket is dropped without a close. */
    Cleaner.Cleanable watch(Object socket) {
        return DROPPED.register(socket, this);
    }

    Backend backend() {
        return lease.backend();
    }

    /** Records that the connection is established; the time up to here is its latency. */
    void connected() {
        lease.responded();
    }

    /**
     * Lets the pool close the connection.
     *
     * @param socket the socket beneath the application's: a reference to that one would keep it from being detected
     */
    void closeWith(Socket socket) {
        lease.onClose(reason -> {
            why = reason;
            closed = true;
            lease.complete(Outcome.CANCELLED);
            try {
                socket.close();
            } catch (IOException e) {
                // The connection is closed for its reader all the same.
            }
        });
    }

    /** The exception for the application: the pool's if the pool has closed the connection. */
    IOException explained(IOException e) {
        StreamClosedException reason = why;
        return reason == null ? e : reason.causedBy(e);
    }

    /** Records that TLS begins, or is done: a connection that ends in between was never established. */
    void shakingHands(boolean now) {
        shakingHands = now;
    }

    void notConnected(boolean abandoned) {
        lease.complete(abandoned ? Outcome.CANCELLED : Outcome.NEVER_SENT);
    }

    void read(int count) {
        if (count > 0) {
            heard = true;
            answers();
            waitsInVain = false;
        } else if (count < 0 && !heard && !closed && !shakingHands) {
            lease.complete(Outcome.FAILED);
        }
    }

    /** Records the first byte, after the TLS handshake if there is one: the backend works, whatever follows. */
    private void answers() {
        if (!answered && !shakingHands) {
            answered = true;
            lease.responded(Outcome.SUCCESS);
        }
    }

    void broke(IOException e) {
        if (e instanceof SocketTimeoutException) {
            waitsInVain = true;
        } else if (!closed && !shakingHands) {
            lease.complete(Outcome.FAILED);
        }
    }

    /** Records that the close begins: later events on the streams are its effect. */
    void closing() {
        closed = true;
    }

    void closed() {
        if (shakingHands) {
            lease.complete(Outcome.NEVER_SENT);
        } else {
            lease.complete(waitsInVain ? Outcome.TIMED_OUT : Outcome.SUCCESS);
        }
    }

    @Override
    public void run() {
        lease.complete(Outcome.SUCCESS);
    }
}
