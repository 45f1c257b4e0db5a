package dev.evenkeel.lb.okhttp.internal.http;

import dev.evenkeel.lb.Lease.StreamClosedException;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import okhttp3.Response;
import okio.AsyncTimeout;
import okio.Buffer;
import okio.ForwardingSink;
import okio.ForwardingSource;
import okio.Sink;
import okio.Socket;
import okio.Source;
import okio.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * The connection of a WebSocket, or of another upgrade, that the pool can close.
 *
 * <p>OkHttp gives an interceptor the connection beneath the WebSocket, and not the WebSocket. So the close handshake of
 * RFC 6455 (7.1.2) is done here, and OkHttp's own objects see a server that goes away:
 *
 * <ol>
 *   <li>A close frame with the code 1001 is written to the server, between two frames of the application. What the
 *       application writes after it is dropped, its own close frame as well.
 *   <li>The server answers with a close frame. The application gets one with the code 1001 and the reason in its place:
 *       OkHttp calls {@code onClosing} and, when the application closes, {@code onClosed}.
 *   <li>If the server, or the application, has not answered in time, the connection is closed, and the reader gets the
 *       pool's exception.
 * </ol>
 *
 * <p>One thread reads, one at a time writes, and any thread may close.
 */
public final class ClosableSocket implements Socket {
    private static final int GOING_AWAY = 1001;

    /** How long a close frame may take to be written: longer only if the server does not read. */
    private static final long WRITE_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Socket socket;
    private final boolean webSocket;
    private final ClosableSink sink;
    private final ClosableSource source;
    private volatile @Nullable StreamClosedException why;

    private ClosableSocket(Socket socket, boolean webSocket) {
        this.socket = socket;
        this.webSocket = webSocket;
        this.sink = new ClosableSink(socket.getSink());
        this.source = new ClosableSource(socket.getSource());
    }

    /** Wraps the connection of an upgrade's response. */
    public static ClosableSocket of(Response upgrade, Socket connection) {
        return new ClosableSocket(connection, "websocket".equalsIgnoreCase(upgrade.header("Upgrade")));
    }

    /** Whether the pool has begun to close the connection, and why; null if it has not. */
    public @Nullable StreamClosedException closedBy() {
        return why;
    }

    /**
     * Closes the connection: a WebSocket by its handshake, another one at once.
     *
     * @param timeoutNanos how long the handshake may take
     * @param onCut called when the connection is closed without a complete handshake
     */
    public void close(StreamClosedException reason, long timeoutNanos, Runnable onCut) {
        why = reason;
        if (!webSocket) {
            onCut.run();
            socket.cancel();
            return;
        }
        CloseTimeout timeout = new CloseTimeout(onCut);
        timeout.timeout(timeoutNanos, TimeUnit.NANOSECONDS);
        timeout.enter();
        sink.sendClose();
    }

    @Override
    public Source getSource() {
        return source;
    }

    @Override
    public Sink getSink() {
        return sink;
    }

    @Override
    public void cancel() {
        socket.cancel();
    }

    private IOException explained(IOException e) {
        StreamClosedException reason = why;
        return reason == null ? e : reason.causedBy(e);
    }

    /** Ends a handshake that takes too long. Both ends may have closed by then: it has no effect on them. */
    private final class CloseTimeout extends AsyncTimeout {
        private final Runnable onCut;

        CloseTimeout(Runnable onCut) {
            this.onCut = onCut;
        }

        @Override
        protected void timedOut() {
            onCut.run();
            socket.cancel();
        }
    }

    /** Writes what the application writes, and the pool's close frame between two frames of it. */
    private final class ClosableSink extends ForwardingSink {
        private final ReentrantLock writing = new ReentrantLock();
        private final WebSocketFrames frames = new WebSocketFrames();
        private volatile boolean closeWanted;
        private volatile boolean closeSent;

        ClosableSink(Sink connection) {
            super(connection);
        }

        @Override
        public void write(Buffer buffer, long byteCount) throws IOException {
            writing.lock();
            try {
                if (closeSent) {
                    buffer.skip(byteCount); // Nothing may follow a close frame.
                    return;
                }
                if (webSocket) {
                    frames.advance(buffer, byteCount);
                }
                super.write(buffer, byteCount);
            } catch (IOException e) {
                throw explained(e);
            } finally {
                writing.unlock();
            }
            if (closeWanted) {
                trySendClose();
            }
        }

        @Override
        public void flush() throws IOException {
            writing.lock();
            try {
                super.flush();
            } catch (IOException e) {
                throw explained(e);
            } finally {
                writing.unlock();
            }
            if (closeWanted) {
                trySendClose();
            }
        }

        /** Sends the close frame, or leaves it to the thread that is just writing. */
        void sendClose() {
            closeWanted = true;
            trySendClose();
        }

        private void trySendClose() {
            if (!writing.tryLock()) {
                return; // The thread that has the lock tries it after its write.
            }
            try {
                StreamClosedException reason = why;
                if (reason != null && !closeSent && !frames.isClosed() && frames.isAtBoundary()) {
                    closeSent = true;
                    write(WebSocketFrames.close(GOING_AWAY, reason.reason().text(), true));
                }
            } catch (IOException e) {
                socket.cancel(); // The reader gets the reason.
            } finally {
                writing.unlock();
            }
        }

        private void write(Buffer frame) throws IOException {
            Timeout timeout = timeout();
            long usualNanos = timeout.timeoutNanos();
            timeout.timeout(WRITE_TIMEOUT_NANOS, TimeUnit.NANOSECONDS);
            try {
                super.write(frame, frame.size());
                super.flush();
            } finally {
                timeout.timeout(usualNanos, TimeUnit.NANOSECONDS);
            }
        }

        /** Whether the pool's close frame was sent, and not the application's before it. */
        boolean isClosedByPool() {
            return closeSent;
        }
    }

    /** Reads what the server sends; its close frame is replaced if it answers the pool's. */
    private final class ClosableSource extends ForwardingSource {
        private final WebSocketFrames frames = new WebSocketFrames();
        private final Buffer incoming = new Buffer();
        /** What the application reads in place of the server's close frame; null until that has come. */
        private @Nullable Buffer close;

        ClosableSource(Source connection) {
            super(connection);
        }

        @Override
        public long read(Buffer buffer, long byteCount) throws IOException {
            if (close != null) {
                return close.read(buffer, byteCount);
            }
            try {
                return webSocket ? readFrames(buffer, byteCount) : super.read(buffer, byteCount);
            } catch (IOException e) {
                throw explained(e);
            }
        }

        private long readFrames(Buffer buffer, long byteCount) throws IOException {
            long count = super.read(incoming, byteCount);
            StreamClosedException reason = why;
            if (reason == null || !sink.isClosedByPool() || frames.isClosed()) {
                if (count > 0) {
                    frames.advance(incoming, count);
                    buffer.write(incoming, count);
                }
                return count;
            }
            long before = count < 0 ? 0 : frames.advanceToClose(incoming, count);
            if (before > 0) {
                buffer.write(incoming, before);
            }
            if (before == count || !frames.isAtBoundary()) {
                return count;
            }
            // The server's close frame, or its end without one.
            incoming.clear();
            Buffer ours = WebSocketFrames.close(
                    GOING_AWAY,
                    "backend " + reason.backend().id() + ": " + reason.reason().text(),
                    false);
            close = ours;
            return before > 0 ? before : ours.read(buffer, byteCount);
        }
    }
}
