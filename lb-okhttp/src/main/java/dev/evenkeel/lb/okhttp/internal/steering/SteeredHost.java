package dev.evenkeel.lb.okhttp.internal.steering;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.okhttp.connection.ConnectionPolicy;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What steering keeps of a pool's backends for one logical host. A backend that is reached under two hosts is two
 * places, each with a Dns and sockets of its own: TLS, and so the connection, is the host's.
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

    /** The place of a backend at its present URI. */
    public SteeredBackend place(Backend backend) {
        SteeredBackend place = steered.get(backend.id());
        return place != null && place.serves(backend) ? place : newPlace(backend);
    }

    /**
     * A lane to a backend, with a call counted in. Calls that still come when these places have been left get lanes
     * whose sockets are closed behind the last of them: nobody else would.
     */
    public ConnectionLane enter(Backend backend) {
        while (true) {
            SteeredBackend place = place(backend);
            ConnectionLane lane = place.enter();
            if (lane != null) {
                if (left) {
                    place.retire();
                }
                return lane;
            }
            steered.remove(backend.id(), place);
        }
    }

    private SteeredBackend newPlace(Backend backend) {
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
        SteeredBackend place = steered.remove(backend.id());
        if (place != null) {
            place.retire();
        }
    }

    /** Leaves these places for good. */
    void leave() {
        left = true;
        steered.values().forEach(SteeredBackend::retire);
        steered.clear();
    }

    /** Notes that the host is asked for. */
    void touch() {
        if (!used) {
            used = true;
        }
    }

    /** Whether the host was asked for since this was last asked. */
    boolean wasUsed() {
        boolean was = used;
        used = false;
        return was;
    }
}
