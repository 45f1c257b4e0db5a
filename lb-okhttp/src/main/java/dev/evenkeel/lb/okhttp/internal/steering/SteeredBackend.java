package dev.evenkeel.lb.okhttp.internal.steering;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.okhttp.connection.ConnectionPolicy;
import java.net.URI;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The lanes to one backend at one URI, each a {@link ConnectionLane} with connections of its own. A lane that is too
 * old is retired and replaced by a new one.
 *
 * <p>A lane has at most {@link #MAX_CALLS} calls at once; further calls go to further lanes, which are made when they
 * are first needed. So a new HTTP/2 connection gets no more streams than that before the backend has said how many it
 * takes.
 */
public final class SteeredBackend {
    /**
     * The number of streams that a backend should take at least (RFC 9113, 6.5.2), and the number that Go's client sends
     * before the backend has named its limit. A backend may give up a connection on which it had to refuse more.
     */
    static final int MAX_CALLS = 100;

    /** How many lanes there can be besides the regular ones. With all of them full, calls share the regular ones. */
    static final int MAX_FURTHER_LANES = 63;

    private final String logicalHost;
    private final Backend backend;
    private final LaneAge age;
    /** The number of lanes that the policy wants. */
    private final int regular;
    /** The regular lanes, then the further ones in the order of their making; null from the first that is not made. */
    private final AtomicReferenceArray<@Nullable ConnectionLane> lanes;

    private final IdleLimit idleLimit = new IdleLimit();
    private final AtomicBoolean warming = new AtomicBoolean();
    private volatile boolean warm;
    private volatile boolean retired;

    public SteeredBackend(String logicalHost, Backend backend, ConnectionPolicy policy) {
        this.logicalHost = logicalHost;
        this.backend = backend;
        this.age = LaneAge.of(policy);
        this.regular = policy.lanes();
        this.lanes = new AtomicReferenceArray<>(regular + MAX_FURTHER_LANES);
        for (int i = 0; i < regular; i++) {
            lanes.set(i, fresh(false));
        }
    }

    private ConnectionLane fresh(boolean replacing) {
        ConnectionLane lane = new ConnectionLane(logicalHost, backend, idleLimit, age.clock(), replacing);
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
            int fewest = fewestCalls();
            ConnectionLane entered = fewest < MAX_CALLS ? null : enterFurther();
            if (entered == null) {
                entered = enterRegular(fewest);
            }
            if (entered != null) {
                return entered;
            }
        }
        return null;
    }

    /**
     * Counts a call in at the first regular lane with no more calls than the least busy one had: of calls that come at once
     * each sees which lanes the others have entered. Null if there is none any more, or it has just been replaced.
     */
    private @Nullable ConnectionLane enterRegular(int fewest) {
        int room = regular == 1 ? Math.max(MAX_CALLS, fewest + 1) : fewest + 1;
        for (int i = 0; i < regular; i++) {
            if (regularLane(i).calls() < room) {
                ConnectionLane lane = lane(i);
                if (lane.enter(room)) {
                    return lane;
                }
            }
        }
        return null;
    }

    /** Counts a call in at the first further lane that has room; null if all are full. */
    private @Nullable ConnectionLane enterFurther() {
        for (int i = regular; i < lanes.length(); i++) {
            ConnectionLane lane = lane(i);
            if (lane.enter(MAX_CALLS)) {
                return lane;
            }
        }
        return null;
    }

    /** A regular lane, perhaps too old. */
    private ConnectionLane regularLane(int index) {
        return Objects.requireNonNull(lanes.get(index));
    }

    /** The lane of a number, made if it is missing, and replaced if it is too old. */
    private ConnectionLane lane(int index) {
        ConnectionLane lane = lanes.get(index);
        if (lane == null) {
            lane = added(index);
        }
        return age.isLimited() ? young(index, lane) : lane;
    }

    private ConnectionLane added(int index) {
        ConnectionLane fresh = fresh(false);
        ConnectionLane present = lanes.compareAndExchange(index, null, fresh);
        if (present != null) {
            return present;
        }
        if (retired) {
            fresh.retire();
        }
        return fresh;
    }

    /** The calls of the least busy regular lane. */
    private int fewestCalls() {
        int fewest = Integer.MAX_VALUE;
        for (int i = 0; i < regular; i++) {
            fewest = Math.min(fewest, regularLane(i).calls());
        }
        return fewest;
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
        return Objects.requireNonNull(lanes.get(index));
    }

    private boolean replace(int index, ConnectionLane lane) {
        ConnectionLane fresh = fresh(true);
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
        made().forEach(ConnectionLane::retire);
    }

    /** Counts a warm-up call in at a certain lane; null if that is closed. */
    public @Nullable ConnectionLane enterLane(int number) {
        ConnectionLane lane = lane(number % regular);
        return lane.enter() ? lane : null;
    }

    /** The URI by which a ProxySelector is asked about the backend. */
    public URI httpUri() {
        return regularLane(0).httpUri();
    }

    /** Whether the user's ProxySelector demanded a proxy for this backend when it was last asked. */
    public boolean proxied() {
        for (int i = 0; i < lanes.length(); i++) {
            ConnectionLane lane = lanes.get(i);
            if (lane == null) {
                return false;
            }
            if (lane.proxied()) {
                return true;
            }
        }
        return false;
    }

    public void proxied(boolean demanded) {
        made().forEach(lane -> lane.proxied(demanded));
    }

    private Stream<ConnectionLane> made() {
        return IntStream.range(0, lanes.length()).mapToObj(lanes::get).filter(Objects::nonNull);
    }

    /** The number of open sockets of all lanes. */
    int openSockets() {
        return made().mapToInt(ConnectionLane::openSockets).sum();
    }

    /** The approximate number of open sockets without a call. */
    int idleSockets() {
        return made().mapToInt(ConnectionLane::idleSockets).sum();
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
