package dev.evenkeel.lb.core.socket;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.NoBackendAvailableException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * TLS over the connections of a {@link PoolSocketFactory}. The name that the caller connects to is the name of the TLS
 * handshake, for SNI and for the certificate: backends present the certificate of the logical name. Unlike the JDK's
 * own factory, it checks the certificate's name by default.
 *
 * <p>The handshake is part of the connect: a backend whose TLS fails has failed, and the next one is tried. Unconnected
 * sockets are not supported, as the JDK's contract allows; a client that needs a connect timeout connects a socket of
 * {@link PoolSocketFactory} and adds TLS with {@link #createSocket(Socket, String, int, boolean)}.
 *
 * <p>Thread-safe.
 */
public final class PoolSslSocketFactory extends SSLSocketFactory {
    private final PoolSocketFactory sockets;
    private final SSLSocketFactory tls;
    private final boolean checksName;

    private PoolSslSocketFactory(PoolSocketFactory sockets, SSLSocketFactory tls, boolean checksName) {
        this.sockets = sockets;
        this.tls = tls;
        this.checksName = checksName;
    }

    /**
     * A factory that checks names.
     *
     * @param sockets creates the connections
     * @param tls such as that of an {@code SSLContext}
     * @return a factory
     */
    public static PoolSslSocketFactory of(PoolSocketFactory sockets, SSLSocketFactory tls) {
        return new PoolSslSocketFactory(sockets, tls, true);
    }

    /**
     * The same factory without the check of the certificate's name, for clients that check it themselves.
     *
     * @return a factory
     */
    public PoolSslSocketFactory withoutNameCheck() {
        return new PoolSslSocketFactory(sockets, tls, false);
    }

    /**
     * The pool that chooses.
     *
     * @return as given
     */
    public LoadBalancer pool() {
        return sockets.pool();
    }

    @Override
    public Socket createSocket() throws IOException {
        SocketException refusal =
                new SocketException("unconnected TLS sockets are not made: call createSocket(host, port),"
                        + " or connect a socket of the plain factory and put TLS on top of it");
        refusal.initCause(new UnsupportedOperationException());
        throw refusal;
    }

    /** Adds TLS to a connected socket. The caller performs the handshake. */
    @Override
    public Socket createSocket(Socket socket, String host, int port, boolean autoClose) throws IOException {
        return layered(socket, host, port, autoClose);
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        return connected(host, port, null, 0);
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        return connected(pool().name(), port, null, 0);
    }

    @Override
    public Socket createSocket(String host, int port, @Nullable InetAddress localHost, int localPort)
            throws IOException {
        return connected(host, port, localHost, localPort);
    }

    @Override
    public Socket createSocket(InetAddress host, int port, @Nullable InetAddress localHost, int localPort)
            throws IOException {
        return connected(pool().name(), port, localHost, localPort);
    }

    private Socket connected(String host, int port, @Nullable InetAddress localHost, int localPort) throws IOException {
        FailoverConnector connector = sockets.connector();
        long deadlineNanos = System.nanoTime() + connector.timeout().toNanos();
        List<Backend> tried = new ArrayList<>();
        IOException failure = null;
        do {
            BalancedSocket plain = new BalancedSocket(connector);
            try {
                if (localHost != null || localPort != 0) {
                    plain.bind(new InetSocketAddress(localHost, localPort));
                }
                plain.connect(FailoverConnector.leftMillis(deadlineNanos), tried);
                return secured(plain, host, port, deadlineNanos);
            } catch (IOException e) {
                ConnectionLease lease = plain.lease();
                plain.close();
                if (lease == null) {
                    throw failure == null ? e : e instanceof NoBackendAvailableException ? failure : after(failure, e);
                }
                tried.add(lease.backend());
                failure = failure == null ? e : after(failure, e);
            } catch (Throwable e) {
                plain.close();
                throw e;
            }
        } while (tried.size() < connector.maxAttempts() && FailoverConnector.leftMillis(deadlineNanos) > 0);
        throw failure;
    }

    private static IOException after(IOException earlier, IOException last) {
        last.addSuppressed(earlier);
        return last;
    }

    private SSLSocket secured(BalancedSocket plain, String host, int port, long deadlineNanos) throws IOException {
        ConnectionLease lease = Objects.requireNonNull(plain.lease());
        lease.shakingHands(true);
        SSLSocket secured = layered(plain, host, port, true);
        plain.setSoTimeout(Math.max(1, FailoverConnector.leftMillis(deadlineNanos)));
        secured.startHandshake();
        plain.setSoTimeout(0);
        lease.shakingHands(false);
        return secured;
    }

    private SSLSocket layered(Socket socket, String host, int port, boolean autoClose) throws IOException {
        SSLSocket secured = (SSLSocket) tls.createSocket(socket, host, port, autoClose);
        if (checksName) {
            SSLParameters parameters = secured.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            secured.setSSLParameters(parameters);
        }
        return secured;
    }

    @Override
    public String[] getDefaultCipherSuites() {
        return tls.getDefaultCipherSuites();
    }

    @Override
    public String[] getSupportedCipherSuites() {
        return tls.getSupportedCipherSuites();
    }

    @Override
    public String toString() {
        return "PoolSslSocketFactory[" + pool().name() + "]";
    }
}
