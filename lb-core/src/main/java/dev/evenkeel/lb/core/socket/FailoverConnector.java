package dev.evenkeel.lb.core.socket;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.NoBackendAvailableException;
import dev.evenkeel.lb.PickResult;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.Unavailable;
import dev.evenkeel.lb.core.internal.socket.IpLiterals;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.net.SocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * Connects to a backend, and to the next one if that fails, within one timeout.
 *
 * @param pool chooses
 * @param sockets creates the sockets
 * @param resolver resolves backends' host names
 * @param context properties of the request for a pick
 * @param timeout bounds all attempts of a connect that has no timeout of its own
 * @param attemptTimeout bounds each of them
 * @param maxAttempts the maximum number of them
 */
record FailoverConnector(
        LoadBalancer pool,
        SocketFactory sockets,
        AddressResolver resolver,
        Supplier<RequestContext> context,
        Duration timeout,
        Duration attemptTimeout,
        int maxAttempts) {

    Socket newSocket() throws IOException {
        return sockets.createSocket();
    }

    /**
     * Connects; the lease lasts until the socket is closed.
     *
     * @param before the backends that were tried already
     */
    ConnectionLease connect(BalancedSocket socket, int timeoutMillis, List<Backend> before) throws IOException {
        long deadlineNanos = deadlineNanos(timeoutMillis);
        List<Backend> tried = new ArrayList<>(before);
        List<IOException> failures = new ArrayList<>();
        RequestContext request = context.get();
        while (true) {
            PickResult pick = pool.acquire(
                    tried.isEmpty() ? request : request.withTried(tried).withPassiveHealthIgnored(true));
            if (pick instanceof Unavailable unavailable) {
                if (failures.isEmpty()) {
                    throw new NoBackendAvailableException(unavailable);
                }
                throw failure(tried.subList(before.size(), tried.size()), failures, "no other backend is available");
            }
            ConnectionLease lease = new ConnectionLease((Lease) pick);
            try {
                connect(socket, lease, failures.isEmpty(), deadlineNanos);
                return lease;
            } catch (IOException e) {
                lease.notConnected(socket.isAbandoned());
                tried.add(lease.backend());
                failures.add(e);
                if (socket.isAbandoned()) {
                    throw new SocketException("Socket closed");
                }
            } catch (Throwable e) {
                lease.notConnected(true);
                throw e;
            }
            if (failures.size() == maxAttempts) {
                throw failure(
                        tried.subList(before.size(), tried.size()),
                        failures,
                        "that is the most that one connect may try");
            }
            if (leftMillis(deadlineNanos) <= 0) {
                throw failure(tried.subList(before.size(), tried.size()), failures, "the connect timeout has passed");
            }
        }
    }

    private void connect(BalancedSocket socket, ConnectionLease lease, boolean first, long deadlineNanos)
            throws IOException {
        Backend backend = lease.backend();
        List<InetAddress> addresses = addresses(backend.host(), resolver);
        long attemptDeadlineNanos =
                Math.min(deadlineNanos - System.nanoTime(), attemptTimeout.toNanos()) + System.nanoTime();
        IOException failure = null;
        for (InetAddress address : addresses) {
            int leftMillis = leftMillis(attemptDeadlineNanos);
            if (leftMillis <= 0) {
                break;
            }
            try {
                socket.forAttempt(first && failure == null)
                        .connect(new InetSocketAddress(address, backend.port()), leftMillis);
                lease.connected();
                return;
            } catch (IOException e) {
                failure = e;
                if (socket.isAbandoned()) {
                    break;
                }
            }
        }
        throw failure == null ? new SocketTimeoutException("no time was left to connect") : failure;
    }

    /** The addresses of a backend, in the order in which they are to be tried: at least one. */
    static List<InetAddress> addresses(String host, AddressResolver resolver) throws IOException {
        List<InetAddress> addresses =
                IpLiterals.isLiteral(host) ? List.of(InetAddress.getByName(host)) : resolver.resolve(host);
        if (addresses.isEmpty()) {
            throw new UnknownHostException(resolver + " found no address for " + host);
        }
        return addresses;
    }

    private long deadlineNanos(int timeoutMillis) {
        long nanos = timeoutMillis == 0 ? timeout.toNanos() : TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        return System.nanoTime() + nanos;
    }

    static int leftMillis(long deadlineNanos) {
        return (int)
                Math.min(Integer.MAX_VALUE, TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime() + 999_999));
    }

    /** One exception of the last kind; the earlier ones are suppressed in it. */
    private IOException failure(List<Backend> tried, List<IOException> failures, String why) {
        StringBuilder text = new StringBuilder("pool \"").append(pool.name()).append("\": cannot connect to ");
        for (int i = 0; i < tried.size(); i++) {
            Backend backend = tried.get(i);
            text.append(i == 0 ? "" : ", ").append("backend ").append(backend.id());
            String address = backend.host() + ":" + backend.port();
            if (!backend.id().equals(address)) {
                text.append(" at ").append(address);
            }
            text.append(" (").append(reason(failures.get(i))).append(')');
        }
        text.append("; ").append(why);
        IOException last = failures.get(failures.size() - 1);
        IOException failure = last instanceof SocketTimeoutException
                ? new SocketTimeoutException(text.toString())
                : new ConnectException(text.toString());
        failure.initCause(last);
        failures.subList(0, failures.size() - 1).forEach(failure::addSuppressed);
        return failure;
    }

    private static String reason(IOException e) {
        @Nullable String message = e.getMessage();
        return message == null ? e.getClass().getSimpleName() : message;
    }
}
