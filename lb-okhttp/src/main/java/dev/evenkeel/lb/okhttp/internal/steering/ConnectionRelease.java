package dev.evenkeel.lb.okhttp.internal.steering;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Proxy;
import java.net.UnknownHostException;
import java.util.List;
import okhttp3.Connection;
import okhttp3.CookieJar;
import okhttp3.Dns;
import okhttp3.Interceptor.Chain;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/**
 * Makes a call release its connection.
 *
 * <p>A call keeps its connection from one {@code proceed} to the next, and takes it again if host and port are the
 * same; it does not compare the Dns. Under steering they are the same for every backend: a failover after a 503 or a
 * refused stream would go back to the backend that failed. OkHttp's API has no way to release the connection, but a
 * proceed to another host does it: to one that never resolves, it costs no I/O and no connection.
 */
public final class ConnectionRelease {
    private static final Request NOWHERE =
            new Request.Builder().url("http://connection-release.invalid/").build();
    private static final Dns UNRESOLVABLE = new Unresolvable();

    private ConnectionRelease() {}

    /**
     * Releases the connection that a call holds, unless the next request may use it: it is under the same Dns, and
     * needs no look.
     */
    @SuppressWarnings("ReferenceEquality") // as in OkHttp's pool
    public static void before(Chain chain, @Nullable Connection held, Dns next, boolean checksConnection) {
        // Only a connection that comes from the pool is checked (StaleConnection).
        if (held != null && (checksConnection || held.route().address().dns() != next)) {
            release(chain);
        }
    }

    /** Releases the connection that a call holds, if it holds one. */
    public static void always(Chain chain, @Nullable Connection held) {
        if (held != null) {
            release(chain);
        }
    }

    private static void release(Chain chain) {
        try {
            chain.withDns(UNRESOLVABLE)
                    .withProxy(Proxy.NO_PROXY)
                    .withRetryOnConnectionFailure(false)
                    .withCache(null)
                    .withCookieJar(CookieJar.NO_COOKIES)
                    .proceed(NOWHERE)
                    .close();
        } catch (IOException expected) {
            // Expected: the name does not resolve, or the call was cancelled, which the next proceed reports, too.
            return;
        }
        throw new IllegalStateException("a response came from " + NOWHERE.url());
    }

    private static final class Unresolvable implements Dns {
        @Override
        public List<InetAddress> lookup(String hostname) throws UnknownHostException {
            throw new Nowhere(hostname);
        }

        @Override
        public String toString() {
            return "Dns that resolves no name";
        }
    }

    /** An expected exception, which no caller sees: without a stack trace. */
    private static final class Nowhere extends UnknownHostException {
        private static final long serialVersionUID = 1L;

        Nowhere(String hostname) {
            super(hostname);
        }

        @Override
        public synchronized Throwable fillInStackTrace() {
            return this;
        }
    }
}
