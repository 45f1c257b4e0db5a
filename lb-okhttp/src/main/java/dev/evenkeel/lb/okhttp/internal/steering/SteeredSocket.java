package dev.evenkeel.lb.okhttp.internal.steering;

import dev.evenkeel.lb.core.internal.socket.DelegatingSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import okhttp3.Connection;
import org.jspecify.annotations.Nullable;

/**
 * A socket that connects to a backend when it is told to connect to the logical host, and elsewhere otherwise (a
 * redirect to another host is not steered). Sets TCP_NODELAY, which OkHttp leaves off: with it, dropping an h2 response
 * costs one millisecond instead of forty.
 */
final class SteeredSocket extends DelegatingSocket {
    private final SteeredRoute route;
    private volatile boolean closed;
    /** OkHttp's object for the connection; null until it is used. */
    private volatile @Nullable Connection connection;
    /** When the last exchange ended, on the lane's clock; 0 if that is not known. */
    private volatile long idleSinceNanos;

    SteeredSocket(SteeredRoute route) throws IOException {
        super(route.userSockets().createSocket());
        this.route = route;
    }

    @Override
    public void connect(SocketAddress endpoint, int timeoutMillis) throws IOException {
        SteeredDns dns = route.dns();
        if (endpoint instanceof InetSocketAddress logical) {
            InetSocketAddress backend = dns.redirect(logical);
            if (backend != null) {
                connectToBackend(backend, timeoutMillis);
                return;
            }
            if (dns.isLogicalLiteral(logical)) {
                connectToAny(dns.backendAddresses(), dns.backend().port(), timeoutMillis);
                return;
            }
        }
        super.connect(endpoint, timeoutMillis);
        setTcpNoDelay(true);
    }

    /** Connects to the backend. OkHttp tries the addresses of a name one by one; for an IP literal it has one only. */
    private void connectToAny(List<InetAddress> addresses, int port, int timeoutMillis) throws IOException {
        long startNanos = System.nanoTime();
        int soTimeoutMillis = getSoTimeout();
        @Nullable IOException failure = null;
        for (InetAddress address : addresses) {
            int leftMillis = left(timeoutMillis, startNanos);
            if (leftMillis < 0 || closed) {
                break;
            }
            try {
                if (failure != null) {
                    // A socket that failed to connect cannot be used again.
                    Socket fresh = route.userSockets().createSocket();
                    fresh.setSoTimeout(soTimeoutMillis);
                    replace(fresh);
                }
                connectToBackend(new InetSocketAddress(address, port), leftMillis);
                return;
            } catch (IOException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        throw failure != null ? failure : new SocketTimeoutException("connect timed out");
    }

    /** What is left of a timeout (0 for none): at least 1, or -1 if it has expired. */
    private static int left(int timeoutMillis, long startNanos) {
        if (timeoutMillis == 0) {
            return 0;
        }
        long left = timeoutMillis - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
        return left > 0 ? (int) left : -1;
    }

    private void connectToBackend(InetSocketAddress backend, int timeoutMillis) throws IOException {
        super.connect(backend, timeoutMillis);
        setTcpNoDelay(true);
        route.target().opened(this);
        if (closed) {
            // Closed meanwhile by another thread, before it was registered.
            close();
        }
    }

    @Override
    @SuppressWarnings("UnsynchronizedOverridesSynchronized") // closing is what ends a connect that hangs: no lock
    public void close() throws IOException {
        closed = true;
        route.target().closed(this);
        super.close();
    }

    /** Closes a socket that is idle and no longer needed; a failure of the close is ignored. */
    void closeQuietly() {
        try {
            close();
        } catch (IOException e) {
            route.target().closed(this);
        }
    }

    /** Notes which connection this is, or is below. */
    void carries(Connection one) {
        connection = one;
    }

    @Nullable
    Connection connection() {
        return connection;
    }

    void idleSince(long nanos) {
        idleSinceNanos = nanos;
    }

    long idleSinceNanos() {
        return idleSinceNanos;
    }
}
