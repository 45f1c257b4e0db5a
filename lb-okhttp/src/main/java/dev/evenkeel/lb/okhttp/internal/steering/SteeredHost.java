package dev.evenkeel.lb.okhttp.internal.steering;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.okhttp.connection.ConnectionPolicy;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The connections to a pool's backends under one logical host. A backend that is reached under two hosts has two
 * entries, each with a Dns and sockets of its own, since TLS, and so the connection, belongs to the host.
 */
public final class SteeredHost {
    private final String host;
    private final ConnectionPolicy connections;
    private final ConcurrentHashMap<String, SteeredBackend> steered = new ConcurrentHashMap<>();
    private volatile boolean used = true;
    private volatile boolean left;

    SteeredHost(String host, ConnectionPolicy connections) {
        this.host = host;
        this.connections = connections;
    }

    /** The lanes to a backend at its current URI. */
    public SteeredBackend steered(Backend backend) {
        SteeredBackend known = steered.get(backend.id());
        return known != null && known.serves(backend) ? known : add(backend);
    }

    /**
     * Counts a call in at a lane to a backend. After {@link #leave} a call gets a lane of its own, whose sockets are
     * closed when the call ends.
     */
    public ConnectionLane enter(Backend backend) {
        while (true) {
            SteeredBackend known = steered(backend);
            ConnectionLane lane = known.enter();
            if (lane != null) {
                if (left) {
                    known.retire();
                }
                return lane;
            }
            steered.remove(backend.id(), known);
        }
    }

    private SteeredBackend add(Backend backend) {
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
        SteeredBackend known = steered.remove(backend.id());
        if (known != null) {
            known.retire();
        }
    }

    /** Retires all lanes, for good. */
    void leave() {
        left = true;
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
