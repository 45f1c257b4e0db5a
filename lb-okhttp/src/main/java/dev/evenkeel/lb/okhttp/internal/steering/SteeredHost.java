package dev.evenkeel.lb.okhttp.internal.steering;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.okhttp.connection.ConnectionPolicy;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * The connections to a pool's backends under one logical host. A backend that is reached under two hosts has two
 * entries, each with a Dns and sockets of its own, since TLS, and so the connection, belongs to the host.
 */
public final class SteeredHost {
    private final String host;
    private final ConnectionPolicy connections;
    private final ConcurrentHashMap<String, SteeredBackend> steered = new ConcurrentHashMap<>();
    private volatile boolean used = true;
    private volatile boolean closed;

    SteeredHost(String host, ConnectionPolicy connections) {
        this.host = host;
        this.connections = connections;
    }

    /** The lanes to a backend at its current URI. */
    public SteeredBackend backend(Backend backend) {
        SteeredBackend found = steered.get(backend.id());
        return found != null && found.serves(backend) ? found : newBackend(backend);
    }

    /**
     * Counts a call in at a lane to a backend. After {@link #close} a call gets a lane of its own, whose sockets are
     * closed when the call ends.
     */
    public ConnectionLane enter(Backend backend) {
        while (true) {
            SteeredBackend found = backend(backend);
            ConnectionLane lane = found.enter();
            if (lane != null) {
                if (closed) {
                    found.retire();
                }
                return lane;
            }
            steered.remove(backend.id(), found);
        }
    }

    /** Counts a call out of a lane whose connection may be about to end, and in at one that takes its place. */
    public ConnectionLane renewed(Backend backend, ConnectionLane lane) {
        backend(backend).renew(lane);
        lane.exit();
        return enter(backend);
    }

    private SteeredBackend newBackend(Backend backend) {
        return steered.compute(backend.id(), (id, present) -> {
            if (present != null && present.serves(backend)) {
                return present;
            }
            if (present != null) {
                present.retire();
            }
            return new SteeredBackend(host, backend, connections);
        });
    }

    void forget(Backend backend) {
        SteeredBackend found = steered.remove(backend.id());
        if (found != null) {
            found.retire();
        }
    }

    /** The backends that calls have gone to under this host. */
    Stream<SteeredBackend> backends() {
        return steered.values().stream();
    }

    /** Retires all lanes, for good. */
    void close() {
        closed = true;
        steered.values().forEach(SteeredBackend::retire);
        steered.clear();
    }

    /** Notes that the host was asked for. */
    void touch() {
        if (!used) {
            used = true;
        }
    }

    /** Whether the host was asked for since the last call of this method. */
    boolean wasUsed() {
        boolean was = used;
        used = false;
        return was;
    }
}
