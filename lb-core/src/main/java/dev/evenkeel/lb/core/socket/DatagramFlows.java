package dev.evenkeel.lb.core.socket;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.NoBackendAvailableException;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PickResult;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.Unavailable;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * UDP over a pool, for queries with answers, such as DNS.
 *
 * <pre>{@code
 * DatagramFlows dns = DatagramFlows.of(resolvers);
 * byte[] answer = dns.exchange(query);                 // any backend; another one if the first is silent
 * byte[] same = dns.exchange("client-7", query);       // one flow, one backend
 * DatagramSocket socket = dns.socket();                // for code that wants a socket: its local port is the flow
 * }</pre>
 *
 * <p>A flow stays with one backend, chosen by the pool's strategy, while that backend is available, even while it
 * drains. Each query is a lease: an answer is a success and the time to it the backend's latency, silence is a
 * time-out, and a port without a listener is a request that was never sent. Either of the latter moves the flow, and
 * the query is sent again to the next backend: so a query must be safe to process twice.
 *
 * <p>Thread-safe; blocks the calling thread. No thread of its own.
 */
public final class DatagramFlows {
    private final LoadBalancer pool;
    private final Duration answerTimeout;
    private final int maxAttempts;
    private final int maxAnswerBytes;
    private final AddressResolver resolver;
    private final Cache<String, String> flows;

    private DatagramFlows(Builder builder) {
        pool = builder.pool;
        answerTimeout = builder.answerTimeout;
        maxAttempts = builder.maxAttempts;
        maxAnswerBytes = builder.maxAnswerBytes;
        resolver = builder.resolver;
        flows = Caffeine.newBuilder()
                .maximumSize(builder.maxFlows)
                .expireAfterAccess(builder.idleTimeout)
                .executor(Runnable::run)
                .build();
    }

    /**
     * Flows with default settings.
     *
     * @param pool chooses; its backends' URIs are best {@code udp://host:port}
     * @return flows; they do not own the pool
     */
    public static DatagramFlows of(LoadBalancer pool) {
        return builder(pool).build();
    }

    /**
     * Creates a builder with the defaults.
     *
     * @param pool chooses
     * @return a builder
     */
    public static Builder builder(LoadBalancer pool) {
        return new Builder(pool);
    }

    /**
     * Sends a query that belongs to no flow, and waits for its answer.
     *
     * @param query at most 65,507 bytes
     * @return the first datagram that the backend sends back
     * @throws SocketTimeoutException if every backend that was asked was silent
     * @throws NoBackendAvailableException if there is none to be asked
     * @throws IOException if the last attempt failed otherwise
     */
    public byte[] exchange(byte[] query) throws IOException {
        return exchange(null, query);
    }

    /**
     * Sends a query of a flow, and waits for its answer.
     *
     * @param flow the key that assigns queries to one backend; null for none
     * @param query at most 65,507 bytes
     * @return the first datagram that the backend sends back
     * @throws SocketTimeoutException if every backend that was asked was silent
     * @throws NoBackendAvailableException if there is none to be asked
     * @throws IOException if the last attempt failed otherwise
     */
    public byte[] exchange(@Nullable String flow, byte[] query) throws IOException {
        List<Backend> tried = new ArrayList<>();
        IOException failure = null;
        while (tried.size() < maxAttempts) {
            PickResult pick = acquire(flow == null ? null : flows.getIfPresent(flow), flow, tried);
            if (pick instanceof Unavailable unavailable) {
                throw failure == null ? new NoBackendAvailableException(unavailable) : failure;
            }
            Lease lease = (Lease) pick;
            Outcome outcome = Outcome.DISCARDED;
            try {
                byte[] answer = ask(lease, query);
                outcome = Outcome.SUCCESS;
                if (flow != null) {
                    flows.put(flow, lease.backend().id());
                }
                return answer;
            } catch (SocketTimeoutException e) {
                outcome = Outcome.TIMED_OUT;
                failure = failed(
                        new SocketTimeoutException(
                                name(lease) + " gave no answer within " + answerTimeout + after(tried)),
                        e,
                        failure);
            } catch (ProtocolException e) {
                outcome = Outcome.SUCCESS;
                throw e;
            } catch (IOException e) {
                outcome = Outcome.NEVER_SENT;
                failure = failed(new IOException(name(lease) + ": " + e.getMessage() + after(tried)), e, failure);
            } finally {
                lease.complete(outcome);
            }
            tried.add(lease.backend());
        }
        throw failure == null ? new IOException("no attempt was made") : failure;
    }

    private static IOException failed(IOException described, IOException cause, @Nullable IOException earlier) {
        described.initCause(cause);
        if (earlier != null) {
            described.addSuppressed(earlier);
        }
        return described;
    }

    private String name(Lease lease) {
        Backend backend = lease.backend();
        return "pool \"" + pool.name() + "\": backend " + backend.id() + " at " + backend.host() + ":" + backend.port();
    }

    private static String after(List<Backend> tried) {
        return tried.isEmpty()
                ? ""
                : "; tried before: "
                        + String.join(", ", tried.stream().map(Backend::id).toList());
    }

    private byte[] ask(Lease lease, byte[] query) throws IOException {
        // A port of its own for each query, as RFC 5452 requires of resolvers, and connected: datagrams of other
        // senders do not arrive, and a port without a listener is detected at once.
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.connect(address(lease.backend()));
            socket.setSoTimeout(millis(answerTimeout));
            socket.send(new DatagramPacket(query, query.length));
            DatagramPacket answer = new DatagramPacket(new byte[maxAnswerBytes + 1], maxAnswerBytes + 1);
            socket.receive(answer);
            if (answer.getLength() > maxAnswerBytes) {
                throw new ProtocolException(
                        name(lease) + " answered with more than " + maxAnswerBytes + " bytes; raise maxAnswerBytes");
            }
            return Arrays.copyOf(answer.getData(), answer.getLength());
        } catch (PortUnreachableException e) {
            throw (IOException) new IOException("port unreachable").initCause(e);
        }
    }

    /**
     * A socket whose every datagram goes to the backend of one flow, whatever address it is sent to. What it receives
     * seems to come from the address that was last sent to. A query without an answer is sent again to the next backend
     * while {@code receive} waits; of several that are open at a time, answers are taken in their order.
     *
     * @return a new socket on a port of its own; close it
     * @throws IOException if there is no port
     */
    public DatagramSocket socket() throws IOException {
        return new FlowSocket(this);
    }

    /** Chooses a backend for a query of a flow, which may be bound to one. */
    PickResult acquire(@Nullable String bound, @Nullable String key, List<Backend> tried) {
        RequestContext context = key == null ? RequestContext.NONE : RequestContext.ofAffinityKey(key);
        if (bound != null) {
            context = context.withBoundBackend(bound);
        }
        return pool.acquire(tried.isEmpty() ? context : context.withTried(tried));
    }

    InetSocketAddress address(Backend backend) throws IOException {
        return new InetSocketAddress(
                FailoverConnector.addresses(backend.host(), resolver).get(0), backend.port());
    }

    long answerNanos() {
        return answerTimeout.toNanos();
    }

    int maxAttempts() {
        return maxAttempts;
    }

    static int millis(Duration duration) {
        return (int) Math.max(1, TimeUnit.NANOSECONDS.toMillis(duration.toNanos()));
    }

    @Override
    public String toString() {
        return "DatagramFlows[" + pool.name() + "]";
    }

    /** Builds flows. Reusable; not thread-safe. */
    public static final class Builder {
        private final LoadBalancer pool;
        private Duration answerTimeout = Duration.ofSeconds(1);
        private Duration idleTimeout = Duration.ofMinutes(5);
        private int maxAttempts = 3;
        private int maxFlows = 10_000;
        private int maxAnswerBytes = 16_384;
        private AddressResolver resolver = AddressResolver.system();

        private Builder(LoadBalancer pool) {
            this.pool = pool;
        }

        /**
         * Sets how long to wait for an answer before the next backend is asked.
         *
         * @param timeout 1 ms to 1 min; default 1 s
         * @return this
         */
        public Builder answerTimeout(Duration timeout) {
            answerTimeout = checked("answerTimeout", timeout, Duration.ofMinutes(1));
            return this;
        }

        /**
         * Sets after how long without a query a flow is forgotten.
         *
         * @param timeout 1 ms to 1 day; default 5 min
         * @return this
         */
        public Builder idleTimeout(Duration timeout) {
            idleTimeout = checked("idleTimeout", timeout, Duration.ofDays(1));
            return this;
        }

        /**
         * Sets the maximum number of backends that are asked.
         *
         * @param maxAttempts 1 (a query is never repeated) to 100; default 3
         * @return this
         */
        public Builder maxAttempts(int maxAttempts) {
            this.maxAttempts = checked("maxAttempts", maxAttempts, 100);
            return this;
        }

        /**
         * Sets the maximum number of flows that are remembered; beyond it, the least used ones are forgotten and bound
         * anew.
         *
         * @param maxFlows 1 to 10,000,000; default 10,000
         * @return this
         */
        public Builder maxFlows(int maxFlows) {
            this.maxFlows = checked("maxFlows", maxFlows, 10_000_000);
            return this;
        }

        /**
         * Sets the maximum length of an answer. A longer one fails its exchange.
         *
         * @param maxAnswerBytes 1 to 65,507 bytes; default 16,384
         * @return this
         */
        public Builder maxAnswerBytes(int maxAnswerBytes) {
            this.maxAnswerBytes = checked("maxAnswerBytes", maxAnswerBytes, 65_507);
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
         * Builds the flows.
         *
         * @return flows without a memory; they do not own the pool
         */
        public DatagramFlows build() {
            return new DatagramFlows(this);
        }

        private static int checked(String what, int value, int most) {
            if (value < 1 || value > most) {
                throw new IllegalArgumentException(what + " must be 1.." + most + ": " + value);
            }
            return value;
        }

        private static Duration checked(String what, Duration value, Duration longest) {
            if (value.compareTo(Duration.ofMillis(1)) < 0 || value.compareTo(longest) > 0) {
                throw new IllegalArgumentException(what + " must be PT0.001S to " + longest + ": " + value);
            }
            return value;
        }
    }
}
