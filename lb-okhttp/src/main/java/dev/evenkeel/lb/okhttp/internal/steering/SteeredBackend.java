package dev.evenkeel.lb.okhttp.internal.steering;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.okhttp.connection.ConnectionPolicy;
import java.net.URI;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The lanes to one backend at one URI, each a {@link ConnectionLane} with connections of its own. A lane that is too
 * old is retired and replaced by a new one.
 */
public final class SteeredBackend {
    private final String logicalHost;
    private final Backend backend;
    private final LaneAge age;
    private final AtomicReferenceArray<ConnectionLane> lanes;
    private final IdleLimit idleLimit = new IdleLimit();
    private final AtomicBoolean warming = new AtomicBoolean();
    private volatile boolean warm;
    private volatile boolean retired;

    public SteeredBackend(String logicalHost, Backend backend, ConnectionPolicy policy) {
        this.logicalHost = logicalHost;
        this.backend = backend;
        this.age = LaneAge.of(policy);
        this.lanes = new AtomicReferenceArray<>(policy.lanes());
        for (int i = 0; i < lanes.length(); i++) {
            lanes.set(i, fresh());
        }
    }

    private ConnectionLane fresh() {
        ConnectionLane lane = new ConnectionLane(logicalHost, backend, idleLimit, age.clock());
        if (age.isLimited()) {
            lane.expireAt(age.nowNanos() + age.nextNanos());
        }
        return lane;
    }

    /** Whether this is still for the backend's current URI: the key is the id, and the URI may have changed. */
    @SuppressWarnings("ReferenceEquality") // the cheap comparison first
    boolean serves(Backend other) {
        URI uri = backend.uri();
        return uri == other.uri() || uri.equals(other.uri());
    }

    /** Counts a call in at the least busy lane; null if this is retired. */
    public @Nullable ConnectionLane enter() {
        while (!retired) {
            int index = lanes.length() == 1 ? 0 : leastBusy();
            ConnectionLane lane = lanes.get(index);
            if (age.isLimited()) {
                lane = young(index, lane);
            }
            if (lane.enter()) {
                return lane;
            }
        }
        return null;
    }

    private int leastBusy() {
        int best = 0;
        int fewest = Integer.MAX_VALUE;
        for (int i = 0; i < lanes.length(); i++) {
            int calls = lanes.get(i).calls();
            if (calls < fewest) {
                best = i;
                fewest = calls;
            }
        }
        return best;
    }

    private ConnectionLane young(int index, ConnectionLane lane) {
        long nowNanos = age.nowNanos();
        if (!lane.isExpired(nowNanos)) {
            return lane;
        }
        if (lane.openSockets() == 0) {
            // Unused, so it need not be replaced. A backend that cannot be reached must not get a new Dns each time:
            // OkHttp remembers failed routes, and with them their Dns, for ever.
            lane.expireAt(nowNanos + age.nextNanos());
            return lane;
        }
        replace(index, lane);
        return lanes.get(index);
    }

    private boolean replace(int index, ConnectionLane lane) {
        ConnectionLane fresh = fresh();
        if (!lanes.compareAndSet(index, lane, fresh)) {
            return false;
        }
        lane.retire();
        if (retired) {
            fresh.retire();
        }
        return true;
    }

    /** Replaces a lane whose connection may be about to end. */
    void renew(ConnectionLane lane) {
        for (int i = 0; i < lanes.length(); i++) {
            if (lanes.get(i) == lane && replace(i, lane)) {
                idleLimit.avoided();
            }
        }
    }

    /** Lets no new call in, and closes each lane's sockets as soon as no call is under way on it. */
    void retire() {
        retired = true;
        for (int i = 0; i < lanes.length(); i++) {
            lanes.get(i).retire();
        }
    }

    /** Counts a warm-up call in at a certain lane; null if that is closed. */
    public @Nullable ConnectionLane enterLane(int number) {
        ConnectionLane lane = lanes.get(number % lanes.length());
        return lane.enter() ? lane : null;
    }

    /** The URI by which a ProxySelector is asked about the backend. */
    public URI httpUri() {
        return lanes.get(0).httpUri();
    }

    /** Whether the user's ProxySelector demanded a proxy for this backend when it was last asked. */
    public boolean proxied() {
        for (int i = 0; i < lanes.length(); i++) {
            if (lanes.get(i).proxied()) {
                return true;
            }
        }
        return false;
    }

    public void proxied(boolean demanded) {
        for (int i = 0; i < lanes.length(); i++) {
            lanes.get(i).proxied(demanded);
        }
    }

    public Backend backend() {
        return backend;
    }

    public boolean isWarm() {
        return warm;
    }

    /** True for the one caller that is to open connections now. */
    public boolean beginWarmUp() {
        return !warm && warming.compareAndSet(false, true);
    }

    public void warm(boolean is) {
        warm = is;
        warming.set(false);
    }
}
