package dev.evenkeel.lb.okhttp.internal.steering;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.spi.TimeSource;
import java.net.ProxySelector;
import java.net.Socket;
import java.net.URI;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.Connection;
import okhttp3.Interceptor.Chain;
import okhttp3.Protocol;
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

    /** A connection that ends so soon after calls have begun was about to end before. */
    private static final long MAX_RACE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    /** The number of calls of an object that lets no call in. */
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

    /** The sockets whose connections OkHttp has used. */
    private final Map<Connection, SteeredSocket> connections = new ConcurrentHashMap<>();

    private final IdleLimit idleLimit;
    private final TimeSource clock;
    private final boolean replacing;
    /** Whether calls that must not be lost use the lane: without them, nothing has to know how long it is idle. */
    private volatile boolean watchesIdleness;

    private volatile boolean multiplexed;
    /** When a call has left for the last time; 0 if that is not known. */
    private volatile long lastExitNanos;
    /** When a call has entered the lane while no other was in it. */
    private volatile long busySinceNanos;
    /** How long the lane had been idle then; negative if that is not known. */
    private volatile long idleBeforeNanos = -1;
    /** Whether a response has begun since then. */
    private volatile boolean answered = true;

    /**
     * Makes a lane.
     *
     * @param replacing whether it is in place of a lane whose connection was kept
     */
    ConnectionLane(String logicalHost, Backend backend, IdleLimit idleLimit, TimeSource clock, boolean replacing) {
        this.logicalHost = logicalHost;
        this.idleLimit = idleLimit;
        this.clock = clock;
        this.replacing = replacing;
        this.endpoint = BackendAddress.of(backend);
        this.httpUri = URI.create((backend.isTls() ? "https://" : "http://") + endpoint + "/");
    }

    /** Counts a call in, unless this object is closed. */
    boolean enter() {
        return enter(Integer.MAX_VALUE);
    }

    /** Counts a call in, unless this object is closed or has so many calls already. */
    boolean enter(int maxCalls) {
        int present = calls.get();
        while (present >= 0 && present < maxCalls) {
            if (calls.compareAndSet(present, present + 1)) {
                if (present == 0 && watchesIdleness) {
                    becomesBusy();
                }
                return true;
            }
            present = calls.get();
        }
        return false;
    }

    private void becomesBusy() {
        long nowNanos = nowNanos();
        long since = lastExitNanos;
        idleBeforeNanos = since == 0 ? -1 : nowNanos - since;
        busySinceNanos = nowNanos;
        answered = false;
    }

    /** Counts a call out. */
    public void exit() {
        if (watchesIdleness) {
            lastExitNanos = nowNanos();
        }
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
        Connection connection = socket.connection();
        if (connection != null) {
            connections.remove(connection);
        }
        if (sockets.remove(socket) && multiplexed && !retired && lastExitNanos != 0) {
            idleLimit.ended(idleNanosAtEnd(nowNanos()));
        }
    }

    /**
     * How long the lane had been idle when its connection ended: until now, or until calls began that got no answer. These
     * may have left already, since their threads learn of the end before the socket is closed.
     */
    private long idleNanosAtEnd(long nowNanos) {
        if (!answered && nowNanos - busySinceNanos < MAX_RACE_NANOS) {
            return idleBeforeNanos;
        }
        return calls.get() == 0 ? nowNanos - lastExitNanos : -1;
    }

    private long nowNanos() {
        long now = clock.nanoTime();
        return now == 0 ? 1 : now;
    }

    /** Notes the end of exchanges from now on, for calls whose request must not be lost with a connection. */
    public void watchIdleness() {
        if (!watchesIdleness) {
            watchesIdleness = true;
        }
    }

    /** OkHttp has made a connection over a socket of the lane. */
    public void connected(Connection connection) {
        if (connection.protocol() != Protocol.HTTP_1_1) {
            multiplexed = true;
            return;
        }
        SteeredSocket socket = socketUnder(connection.socket());
        if (socket != null) {
            socket.carries(connection);
            connections.put(connection, socket);
            if (!sockets.contains(socket)) {
                connections.remove(connection); // Closed meanwhile.
            }
        }
    }

    /** An exchange over a connection has ended. */
    public void released(Connection connection) {
        if (watchesIdleness && !multiplexed) {
            SteeredSocket socket = connections.get(connection);
            if (socket != null) {
                socket.idleSince(nowNanos());
            }
        }
    }

    /** How long an HTTP/1 connection, or a lane of HTTP/2, has been idle; negative if that is not known. */
    private long idleNanos(Connection connection) {
        long since = lastExitNanos;
        if (!multiplexed) {
            SteeredSocket socket = connections.get(connection);
            since = socket == null ? 0 : socket.idleSinceNanos();
        }
        return since == 0 ? -1 : nowNanos() - since;
    }

    /**
     * Learns from a look at an HTTP/1 connection.
     *
     * @return whether the connection has been idle for so long that the backend may be about to close it
     */
    boolean looked(Connection connection, boolean hasEnded) {
        long idleNanos = idleNanos(connection);
        if (idleNanos < 0) {
            return false;
        }
        if (hasEnded) {
            idleLimit.ended(idleNanos);
        } else {
            idleLimit.outlived(idleNanos);
        }
        return idleLimit.isNear(idleNanos);
    }

    /** A request met the end of a connection. */
    public void ended(Connection connection) {
        idleLimit.ended(idleNanos(connection));
    }

    /** Whether this is in place of a lane whose connection was kept, and would have been used without the exchange. */
    public boolean isReplacing() {
        return replacing;
    }

    /** A response has begun. */
    public void answered() {
        if (!answered) {
            answered = true;
        }
    }

    /** The backend has answered, perhaps with a {@code Keep-Alive} header. */
    public void announced(@Nullable String keepAlive) {
        idleLimit.announced(keepAlive);
    }

    /**
     * Whether this is a lane of HTTP/2 that was idle until just now, and for so long that its connection may be about to
     * end. Asked by a call that has entered it.
     */
    public boolean isNearItsEnd() {
        if (!multiplexed || lastExitNanos == 0 || !idleLimit.isKnown()) {
            return false;
        }
        long nowNanos = nowNanos();
        // Calls that begin together have all found it idle.
        boolean isIdle = calls.get() <= 1 || nowNanos - busySinceNanos < IdleLimit.MIN_NANOS;
        return isIdle && idleLimit.isNear(nowNanos - lastExitNanos);
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

    /** The approximate number of open sockets without a call; of HTTP/2, all or none. */
    int idleSockets() {
        int present = Math.max(0, calls.get());
        int open = sockets.size();
        return multiplexed ? (present == 0 ? open : 0) : Math.max(0, open - present);
    }
}
