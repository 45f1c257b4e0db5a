package dev.evenkeel.lb.core.socket;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.core.internal.socket.DelegatingSocket;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.ref.Cleaner;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A socket that connects to a backend of the pool, whatever address it is given. Options that are set before the
 * connect apply to every socket that is tried.
 */
final class BalancedSocket extends DelegatingSocket {
    private final FailoverConnector connector;
    private final List<Setting> settings = new ArrayList<>();
    private volatile @Nullable ConnectionLease lease;
    private volatile Cleaner.@Nullable Cleanable watch;
    private volatile boolean closed;

    BalancedSocket(FailoverConnector connector) throws IOException {
        super(connector.newSocket());
        this.connector = connector;
    }

    @Override
    public void connect(SocketAddress ignored, int timeoutMillis) throws IOException {
        connect(timeoutMillis, List.of());
    }

    /**
     * Connects to a backend.
     *
     * @param tried the backends that were tried already
     */
    void connect(int timeoutMillis, List<Backend> tried) throws IOException {
        if (timeoutMillis < 0) {
            throw new IllegalArgumentException("connect timeout must not be negative: " + timeoutMillis);
        }
        if (closed) {
            throw new SocketException("Socket is closed");
        }
        if (lease != null) {
            throw new SocketException("already connected");
        }
        ConnectionLease connected = connector.connect(this, timeoutMillis, tried);
        lease = connected;
        watch = connected.watch(this);
        connected.closeWith(socket());
        if (closed) {
            // Closed meanwhile by another thread, which had no lease to end.
            close();
            throw new SocketException("Socket closed");
        }
    }

    /** The socket for one attempt: the first one exists; a further one gets the options of the first. */
    Socket forAttempt(boolean first) throws IOException {
        if (!first) {
            socket().close();
            Socket fresh = connector.newSocket();
            for (Setting setting : settings) {
                setting.apply(fresh);
            }
            replace(fresh);
        }
        return socket();
    }

    /** The lease of the connection; null before it is connected. */
    @Nullable
    ConnectionLease lease() {
        return lease;
    }

    boolean isAbandoned() {
        return closed;
    }

    @Override
    public InputStream getInputStream() throws IOException {
        InputStream in = super.getInputStream();
        ConnectionLease held = lease;
        return held == null
                ? in
                : new TrackedInputStream(in, held) {
                    @Override
                    public void close() throws IOException {
                        BalancedSocket.this.close();
                    }
                };
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
        OutputStream out = super.getOutputStream();
        ConnectionLease held = lease;
        return held == null
                ? out
                : new TrackedOutputStream(out, held) {
                    @Override
                    public void close() throws IOException {
                        BalancedSocket.this.close();
                    }
                };
    }

    @Override
    @SuppressWarnings("UnsynchronizedOverridesSynchronized") // Closing ends a connect that hangs: no lock.
    public void close() throws IOException {
        closed = true;
        ConnectionLease held = lease;
        if (held != null) {
            held.closing();
        }
        try {
            super.close();
        } finally {
            if (held != null) {
                held.closed();
            }
            Cleaner.Cleanable watching = watch;
            if (watching != null) {
                watching.clean();
            }
        }
    }

    // Options.

    private interface Setting {
        void apply(Socket socket) throws IOException;
    }

    /** Records a setting made before the connect, for the next socket that is tried. */
    private void remember(Setting setting) {
        if (lease == null) {
            settings.add(setting);
        }
    }

    @Override
    public void setTcpNoDelay(boolean on) throws SocketException {
        super.setTcpNoDelay(on);
        remember(socket -> socket.setTcpNoDelay(on));
    }

    @Override
    public void setSoLinger(boolean on, int linger) throws SocketException {
        super.setSoLinger(on, linger);
        remember(socket -> socket.setSoLinger(on, linger));
    }

    @Override
    public void setOOBInline(boolean on) throws SocketException {
        super.setOOBInline(on);
        remember(socket -> socket.setOOBInline(on));
    }

    @Override
    @SuppressWarnings("UnsynchronizedOverridesSynchronized") // the other socket has its own locks
    public void setSoTimeout(int timeoutMillis) throws SocketException {
        super.setSoTimeout(timeoutMillis);
        remember(socket -> socket.setSoTimeout(timeoutMillis));
    }

    @Override
    @SuppressWarnings("UnsynchronizedOverridesSynchronized")
    public void setSendBufferSize(int sizeBytes) throws SocketException {
        super.setSendBufferSize(sizeBytes);
        remember(socket -> socket.setSendBufferSize(sizeBytes));
    }

    @Override
    @SuppressWarnings("UnsynchronizedOverridesSynchronized")
    public void setReceiveBufferSize(int sizeBytes) throws SocketException {
        super.setReceiveBufferSize(sizeBytes);
        remember(socket -> socket.setReceiveBufferSize(sizeBytes));
    }

    @Override
    public void setKeepAlive(boolean on) throws SocketException {
        super.setKeepAlive(on);
        remember(socket -> socket.setKeepAlive(on));
    }

    @Override
    public void setTrafficClass(int trafficClass) throws SocketException {
        super.setTrafficClass(trafficClass);
        remember(socket -> socket.setTrafficClass(trafficClass));
    }

    @Override
    public void setReuseAddress(boolean on) throws SocketException {
        super.setReuseAddress(on);
        remember(socket -> socket.setReuseAddress(on));
    }

    @Override
    public void bind(SocketAddress local) throws IOException {
        super.bind(local);
        remember(socket -> socket.bind(local));
    }

    @Override
    public <T> Socket setOption(SocketOption<T> name, T value) throws IOException {
        super.setOption(name, value);
        remember(socket -> socket.setOption(name, value));
        return this;
    }

    @Override
    public String toString() {
        ConnectionLease held = lease;
        return held == null
                ? super.toString()
                : super.toString() + " to backend " + held.backend().id();
    }
}
