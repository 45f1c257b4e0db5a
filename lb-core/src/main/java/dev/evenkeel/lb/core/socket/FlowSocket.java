package dev.evenkeel.lb.core.socket;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.NoBackendAvailableException;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PickResult;
import dev.evenkeel.lb.Unavailable;
import dev.evenkeel.lb.core.socket.FlowQueries.Query;
import java.io.IOException;
import java.lang.ref.Cleaner;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A socket whose local port is a flow. It is not connected to its backend in the kernel, since that could not be
 * changed while another thread receives: datagrams of other senders are dropped here.
 */
@SuppressWarnings("UnsynchronizedOverridesSynchronized") // has locks of its own
final class FlowSocket extends DatagramSocket {
    private static final Cleaner DROPPED = ConnectionLease.cleaner();

    private final DatagramFlows flows;
    private final FlowQueries queries = new FlowQueries();
    private final Cleaner.Cleanable watch;
    private final ReentrantLock receiving = new ReentrantLock();
    private volatile @Nullable String bound;
    private volatile @Nullable InetSocketAddress peer;
    /** The address that the application sends to. */
    private volatile @Nullable SocketAddress logical;

    private volatile boolean connected;
    private volatile int soTimeoutMillis;

    FlowSocket(DatagramFlows flows) throws SocketException {
        this.flows = flows;
        this.watch = DROPPED.register(this, queries);
    }

    @Override
    public void send(DatagramPacket packet) throws IOException {
        SocketAddress target = packet.getPort() > 0 && packet.getAddress() != null ? packet.getSocketAddress() : null;
        if (target != null) {
            logical = target;
        } else if (!connected) {
            throw new IllegalArgumentException("Address not set");
        }
        expire();
        byte[] payload =
                Arrays.copyOfRange(packet.getData(), packet.getOffset(), packet.getOffset() + packet.getLength());
        if (!send(payload, List.of())) {
            throw new IOException("nothing was sent");
        }
    }

    /** Sends a query to the flow's backend, or to another one. Returns false if all were tried. */
    private boolean send(byte[] payload, List<Backend> tried) throws IOException {
        PickResult pick = flows.acquire(bound, null, tried);
        if (pick instanceof Unavailable unavailable) {
            if (tried.isEmpty()) {
                throw new NoBackendAvailableException(unavailable);
            }
            return false;
        }
        Lease lease = (Lease) pick;
        Query query = new Query(payload, lease, System.nanoTime(), tried);
        try {
            InetSocketAddress address = flows.address(lease.backend());
            bound = lease.backend().id();
            peer = address;
            queries.sent(query);
            super.send(new DatagramPacket(payload, payload.length, address));
            return true;
        } catch (IOException | RuntimeException e) {
            queries.remove(query);
            lease.complete(Outcome.NEVER_SENT);
            throw e;
        }
    }

    @Override
    public void receive(DatagramPacket packet) throws IOException {
        receiving.lock();
        try {
            int timeoutMillis = soTimeoutMillis;
            long deadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
            int length = packet.getLength();
            while (true) {
                long leftNanos = timeoutMillis == 0 ? Long.MAX_VALUE : deadlineNanos - System.nanoTime();
                if (leftNanos <= 0) {
                    expire();
                    throw new SocketTimeoutException("Receive timed out");
                }
                long patienceNanos = queries.leftNanos(System.nanoTime(), flows.answerNanos());
                if (patienceNanos <= 0) {
                    repeat();
                    continue;
                }
                if (receive(packet, Math.min(leftNanos, patienceNanos))) {
                    return;
                }
                packet.setLength(length);
            }
        } finally {
            receiving.unlock();
        }
    }

    private boolean receive(DatagramPacket packet, long nanos) throws IOException {
        try {
            super.setSoTimeout((int) Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos + 999_999)));
            super.receive(packet);
        } catch (SocketTimeoutException e) {
            return false;
        }
        if (!packet.getSocketAddress().equals(peer)) {
            return false;
        }
        queries.answered();
        SocketAddress from = logical;
        if (from instanceof InetSocketAddress address && !address.isUnresolved()) {
            packet.setSocketAddress(address);
        }
        return true;
    }

    /** Sends the query of a silent backend to the next one. */
    private void repeat() throws IOException {
        Query query = queries.takeOverdue(System.nanoTime(), flows.answerNanos());
        if (query == null) {
            return;
        }
        bound = null;
        List<Backend> tried = query.triedAndThis();
        if (tried.size() >= flows.maxAttempts() || !send(query.payload, tried)) {
            throw new SocketTimeoutException(
                    "no answer from any of " + tried.stream().map(Backend::id).toList());
        }
    }

    /** Ends queries that have waited too long, without asking another backend; the flow moves with its next query. */
    private void expire() {
        while (queries.takeOverdue(System.nanoTime(), flows.answerNanos()) != null) {
            bound = null;
        }
    }

    @Override
    public void close() {
        // Called by the constructor of the superclass, too, if that fails.
        if (watch != null) {
            expire();
            watch.clean();
        }
        super.close();
    }

    @Override
    public void setSoTimeout(int timeoutMillis) throws SocketException {
        if (timeoutMillis < 0) {
            throw new IllegalArgumentException("timeout < 0");
        }
        soTimeoutMillis = timeoutMillis;
    }

    @Override
    public int getSoTimeout() {
        return soTimeoutMillis;
    }

    @Override
    public void connect(InetAddress address, int port) {
        logical = new InetSocketAddress(address, port);
        connected = true;
    }

    @Override
    public void connect(SocketAddress address) {
        logical = address;
        connected = true;
    }

    @Override
    public void disconnect() {
        connected = false;
    }

    @Override
    public boolean isConnected() {
        return connected;
    }

    @Override
    public @Nullable SocketAddress getRemoteSocketAddress() {
        return connected ? logical : null;
    }

    @Override
    public @Nullable InetAddress getInetAddress() {
        return connected && logical instanceof InetSocketAddress address ? address.getAddress() : null;
    }

    @Override
    public int getPort() {
        return connected && logical instanceof InetSocketAddress address ? address.getPort() : -1;
    }
}
