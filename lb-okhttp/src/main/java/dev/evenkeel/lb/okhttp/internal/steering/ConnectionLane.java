package dev.evenkeel.lb.okhttp.internal.steering;

import dev.evenkeel.lb.Backend;
import java.net.ProxySelector;
import java.net.Socket;
import java.net.URI;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.Interceptor.Chain;
import okio.AsyncTimeout;
import org.jspecify.annotations.Nullable;

/**
 * One lane to one backend at one URI: its routes, its open sockets and the number of calls that
 * are under way on them.
 *
 * <p>When the backend has been drained or has gone, or the lane is too old, this object is retired: no call can enter
 * it any more, and when the last one has left, its sockets are closed. A backend that comes back gets a new object, and
 * with it a new Dns, so that no new call can be on a connection that is being closed. That is what makes the closing
 * free of races.
 */
public final class ConnectionLane {
    /**
     * Beyond this many combinations of Dns, SocketFactory and verifier the oldest is dropped.
     */
    private static final int MAX_ROUTES = 8;

    private static final long EXIT_DELAY_MILLIS = 500;

    /** Far enough below zero that stray {@link #enter}s cannot bring the counter back. */
    private static final int CLOSED = Integer.MIN_VALUE / 2;

    private final String logicalHost;
    private final BackendAddress endpoint;
    private final URI httpUri;
    private final Set<SteeredSocket> sockets = ConcurrentHashMap.newKeySet();
    private final AtomicInteger calls = new AtomicInteger();
    private volatile SteeredRoute[] routes = {};
    private volatile boolean retired;
    private volatile boolean proxied;
    /** When the lane becomes too old for new calls; 0 for never. */
    private volatile long expiresNanos;

    ConnectionLane(String logicalHost, Backend backend) {
        this.logicalHost = logicalHost;
        this.endpoint = BackendAddress.of(backend);
        this.httpUri = URI.create((backend.isTls() ? "https://" : "http://") + endpoint + "/");
    }

    /** Counts a call in, unless this object is closed. */
    boolean enter() {
        return calls.incrementAndGet() > 0;
    }

    /** Counts a call out. */
    public void exit() {
        if (calls.decrementAndGet() == 0 && retired) {
            closeIfIdle();
        }
    }

    /**
     * Counts a call out after a while. The end of a cancelled HTTP/2 stream is written by another thread, and must be
     * written before the connection is closed.
     */
    public void exitLater() {
        AsyncTimeout exit = new AsyncTimeout() {
            @Override
            protected void timedOut() {
                ConnectionLane.this.exit();
            }
        };
        exit.timeout(EXIT_DELAY_MILLIS, TimeUnit.MILLISECONDS);
        exit.enter();
    }

    /** Lets no new call in, and closes the sockets as soon as no call is under way. */
    void retire() {
        retired = true;
        closeIfIdle();
    }

    private void closeIfIdle() {
        if (calls.compareAndSet(0, CLOSED)) {
            for (SteeredSocket socket : sockets) {
                socket.closeQuietly();
            }
            for (SteeredRoute route : routes) {
                route.dns().retire();
            }
        }
    }

    /** Returns the route for what the user configured on this chain; made when it is first needed. */
    public SteeredRoute route(Chain chain, @Nullable ProxySelector proxies) {
        for (SteeredRoute route : routes) {
            if (route.isFor(chain, proxies)) {
                return route;
            }
        }
        return addRoute(chain, proxies);
    }

    private synchronized SteeredRoute addRoute(Chain chain, @Nullable ProxySelector proxies) {
        SteeredRoute[] present = routes;
        for (SteeredRoute route : present) {
            if (route.isFor(chain, proxies)) {
                return route;
            }
        }
        int kept = Math.min(present.length, MAX_ROUTES - 1);
        SteeredRoute[] more = Arrays.copyOf(present, kept + 1);
        System.arraycopy(present, present.length - kept, more, 0, kept);
        SteeredRoute added = new SteeredRoute(this, chain, proxies);
        more[kept] = added;
        routes = more;
        return added;
    }

    String logicalHost() {
        return logicalHost;
    }

    BackendAddress endpoint() {
        return endpoint;
    }

    /** The URI by which a ProxySelector is asked about the backend. */
    URI httpUri() {
        return httpUri;
    }

    /** Whether the user's ProxySelector demanded a proxy for this backend when it was last asked. */
    boolean proxied() {
        return proxied;
    }

    void proxied(boolean demanded) {
        proxied = demanded;
    }

    void opened(SteeredSocket socket) {
        sockets.add(socket);
    }

    void closed(SteeredSocket socket) {
        sockets.remove(socket);
    }

    /**
     * Finds our socket that is, or is below, a connection's socket.
     *
     * @param socket plain, or a TLS socket on top of a plain one, which it does not give away except by its port
     */
    public @Nullable SteeredSocket socketUnder(Socket socket) {
        if (socket instanceof SteeredSocket steered) {
            return steered;
        }
        int localPort = socket.getLocalPort();
        for (SteeredSocket open : sockets) {
            if (open.getLocalPort() == localPort) {
                return open;
            }
        }
        return null;
    }

    /** The approximate number of calls under way. */
    int calls() {
        return calls.get();
    }

    void expireAt(long nanos) {
        expiresNanos = nanos == 0 ? 1 : nanos;
    }

    boolean isExpired(long nowNanos) {
        long expires = expiresNanos;
        return expires != 0 && nowNanos - expires >= 0;
    }

    public int openSockets() {
        return sockets.size();
    }
}
