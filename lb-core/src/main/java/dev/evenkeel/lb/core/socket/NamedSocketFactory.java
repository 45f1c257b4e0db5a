package dev.evenkeel.lb.core.socket;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.SocketFactory;

/**
 * A {@link PoolSocketFactory} by name, for clients that take the name of a class and a text, such as PostgreSQL's
 * driver:
 *
 * <pre>{@code
 * AutoCloseable published = NamedSocketFactory.publish("orders", PoolSocketFactory.of(orders));
 * properties.setProperty("socketFactory", NamedSocketFactory.class.getName());
 * properties.setProperty("socketFactoryArg", "orders");
 * }</pre>
 *
 * <p>Thread-safe.
 */
public final class NamedSocketFactory extends SocketFactory {
    private static final ConcurrentHashMap<String, SocketFactory> PUBLISHED = new ConcurrentHashMap<>();

    private final SocketFactory factory;

    /**
     * Finds a published factory.
     *
     * @param name as given to {@link #publish}
     * @throws IllegalArgumentException if no factory is published under this name
     */
    public NamedSocketFactory(String name) {
        SocketFactory found = PUBLISHED.get(name);
        if (found == null) {
            throw new IllegalArgumentException("no socket factory is published as \"" + name + "\"; published are "
                    + new TreeSet<>(PUBLISHED.keySet()) + "; call NamedSocketFactory.publish first");
        }
        factory = found;
    }

    /**
     * Publishes a factory under a name, in this process.
     *
     * @param name not in use
     * @param factory such as {@link PoolSocketFactory#of}
     * @return releases the name when closed; existing sockets and factories stay as they are
     * @throws IllegalArgumentException if the name is in use
     */
    public static Publication publish(String name, SocketFactory factory) {
        if (PUBLISHED.putIfAbsent(name, factory) != null) {
            throw new IllegalArgumentException("a socket factory is already published as \"" + name + "\"");
        }
        return () -> PUBLISHED.remove(name, factory);
    }

    @Override
    public Socket createSocket() throws IOException {
        return factory.createSocket();
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        return factory.createSocket(host, port);
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        return factory.createSocket(host, port);
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort) throws IOException {
        return factory.createSocket(host, port, localHost, localPort);
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort) throws IOException {
        return factory.createSocket(host, port, localHost, localPort);
    }

    /** A name that is in use until this object is closed. */
    @FunctionalInterface
    public interface Publication extends AutoCloseable {
        @Override
        void close();
    }
}
