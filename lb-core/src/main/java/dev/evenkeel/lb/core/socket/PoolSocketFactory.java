package dev.evenkeel.lb.core.socket;

import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.RequestContext;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.function.Supplier;
import javax.net.SocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * Creates sockets that connect to a backend of a pool, for any client that takes a {@link SocketFactory}: database
 * drivers, caches, mail, directories.
 *
 * <pre>{@code
 * SocketFactory sockets = PoolSocketFactory.of(redis);
 * Socket socket = sockets.createSocket("redis", 6379);   // name and port are the caller's; the pool says where it goes
 * }</pre>
 *
 * <p>The host and port of a connect are ignored: the pool chooses. A connect that fails moves on to the next backend
 * within the connect timeout. A connection is a lease of the pool until it is closed, so least connections counts open
 * connections. For breakers and outlier detection a backend has failed if it refuses, does not respond in time, resets,
 * or closes a connection before it has sent anything. A drain closes nothing, and connections end when the client ends
 * them, unless the pool's {@link dev.evenkeel.lb.BackendRegistry.DrainPolicy} closes what is left at the deadline, or the pool has a
 * maximum duration of streams. Then the socket is closed, and a read or write throws {@link
 * dev.evenkeel.lb.Lease.StreamClosedException}; under TLS it is the cause of what the JDK throws.
 *
 * <p>Thread-safe. Connecting does I/O on the caller's thread and may look up the names of backends there.
 */
public final class PoolSocketFactory extends SocketFactory {
    private final FailoverConnector connector;

    private PoolSocketFactory(FailoverConnector connector) {
        this.connector = connector;
    }

    /**
     * A factory with default settings.
     *
     * @param pool chooses; its backends' URIs are best {@code tcp://host:port}
     * @return a factory; it does not own the pool
     */
    public static PoolSocketFactory of(LoadBalancer pool) {
        return builder(pool).build();
    }

    /**
     * Creates a builder of a factory.
     *
     * @param pool chooses
     * @return a builder with default settings
     */
    public static Builder builder(LoadBalancer pool) {
        return new Builder(pool);
    }

    /**
     * The pool that chooses.
     *
     * @return as given
     */
    public LoadBalancer pool() {
        return connector.pool();
    }

    FailoverConnector connector() {
        return connector;
    }

    /**
     * An unconnected socket. Its {@code connect} goes to a backend, whatever address it is given; with timeout 0 the
     * factory's own timeout applies.
     */
    @Override
    public Socket createSocket() throws IOException {
        return new BalancedSocket(connector);
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        return connected(null, 0);
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        return connected(null, 0);
    }

    @Override
    public Socket createSocket(String host, int port, @Nullable InetAddress localHost, int localPort)
            throws IOException {
        return connected(localHost, localPort);
    }

    @Override
    public Socket createSocket(InetAddress host, int port, @Nullable InetAddress localHost, int localPort)
            throws IOException {
        return connected(localHost, localPort);
    }

    private Socket connected(@Nullable InetAddress localHost, int localPort) throws IOException {
        Socket socket = createSocket();
        try {
            if (localHost != null || localPort != 0) {
                socket.bind(new InetSocketAddress(localHost, localPort));
            }
            socket.connect(InetSocketAddress.createUnresolved(connector.pool().name(), 0), 0);
            return socket;
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    @Override
    public String toString() {
        return "PoolSocketFactory[" + connector.pool().name() + "]";
    }

    /** Builds a factory. Reusable; not thread-safe. */
    public static final class Builder {
        private static final Duration MAX_DURATION = Duration.ofHours(1);

        private final LoadBalancer pool;
        private SocketFactory sockets = SocketFactory.getDefault();
        private AddressResolver resolver = AddressResolver.system();
        private Supplier<RequestContext> context = () -> RequestContext.NONE;
        private Duration connectTimeout = Duration.ofSeconds(10);
        private Duration attemptTimeout = Duration.ofSeconds(2);
        private int maxAttempts = 10;

        private Builder(LoadBalancer pool) {
            this.pool = pool;
        }

        /**
         * Sets how long a connect may take, all attempts together, when its caller sets no timeout.
         *
         * @param timeout 1 ms to 1 h; default 10 s
         * @return this
         */
        public Builder connectTimeout(Duration timeout) {
            connectTimeout = checked("connectTimeout", timeout);
            return this;
        }

        /**
         * Sets the timeout of a connect to one backend, after which the next one is tried.
         *
         * @param timeout 1 ms to 1 h; default 2 s; what is left of the connect timeout if that is shorter
         * @return this
         */
        public Builder attemptTimeout(Duration timeout) {
            attemptTimeout = checked("attemptTimeout", timeout);
            return this;
        }

        /**
         * Sets the maximum number of backends that a connect tries.
         *
         * @param maxAttempts 1 to 100; default 10
         * @return this
         */
        public Builder maxAttempts(int maxAttempts) {
            if (maxAttempts < 1 || maxAttempts > 100) {
                throw new IllegalArgumentException("maxAttempts must be 1..100: " + maxAttempts);
            }
            this.maxAttempts = maxAttempts;
            return this;
        }

        /**
         * Sets the factory of the underlying sockets.
         *
         * @param factory its {@code createSocket()} is used; default {@link SocketFactory#getDefault()}
         * @return this
         */
        public Builder sockets(SocketFactory factory) {
            sockets = factory;
            return this;
        }

        /**
         * Sets the resolver of backends' host names.
         *
         * @param addresses default {@link AddressResolver#system()}
         * @return this
         */
        public Builder resolver(AddressResolver addresses) {
            resolver = addresses;
            return this;
        }

        /**
         * Sets the request context of a connection, such as an affinity key for consistent hashing.
         *
         * @param perConnection called for each connect, on its thread; must be cheap; default
         *     {@link RequestContext#NONE}
         * @return this
         */
        public Builder context(Supplier<RequestContext> perConnection) {
            context = perConnection;
            return this;
        }

        /**
         * Builds the factory.
         *
         * @return a factory; it does not own the pool
         */
        public PoolSocketFactory build() {
            return new PoolSocketFactory(new FailoverConnector(
                    pool, sockets, resolver, context, connectTimeout, attemptTimeout, maxAttempts));
        }

        private static Duration checked(String what, Duration timeout) {
            if (timeout.compareTo(Duration.ofMillis(1)) < 0 || timeout.compareTo(MAX_DURATION) > 0) {
                throw new IllegalArgumentException(what + " must be PT0.001S to PT1H: " + timeout);
            }
            return timeout;
        }
    }
}
