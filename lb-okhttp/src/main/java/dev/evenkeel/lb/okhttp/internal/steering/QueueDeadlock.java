package dev.evenkeel.lb.okhttp.internal.steering;

import dev.evenkeel.lb.LoadBalancer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.function.Function;
import okhttp3.Call;
import okhttp3.Dispatcher;
import org.jspecify.annotations.Nullable;

/**
 * Finds calls that wait in a full pool for themselves: calls made inside other calls of the pool, by an authenticator or an
 * interceptor, while the outer calls hold all places.
 *
 * <p>Only a call that is about to wait looks, at the calls that run in the attached clients. So calls that find room pay
 * nothing. Each waiting call is noted before it looks: of several that close the circle together, at least one sees it, and
 * its failure makes room for the rest of them.
 */
public final class QueueDeadlock {
    public static final String TEXT =
            "all places are held by calls that wait for this one or for one like it: it was made inside"
                    + " another call of the pool, such as by an authenticator or an interceptor; raise the limit above the number of"
                    + " such calls, or make them through a pool of their own";

    /** The dispatchers of all attached clients; also the lock. An authenticator often has a client of its own. */
    private static final Set<Dispatcher> DISPATCHERS = Collections.newSetFromMap(new WeakHashMap<>());

    /** A call as far as places of pools are concerned. */
    public interface Place {
        /** The thread that runs the call. */
        @Nullable
        Thread thread();

        /** Whether the call waits in the queue of the pool. */
        boolean isWaitingFor(LoadBalancer pool);

        /** Whether an attempt of the call is in flight at the pool. */
        boolean holdsPlaceIn(LoadBalancer pool);
    }

    private QueueDeadlock() {}

    /** Includes the calls of an attached client. */
    public static void watch(Dispatcher dispatcher) {
        synchronized (DISPATCHERS) {
            DISPATCHERS.add(dispatcher);
        }
    }

    /**
     * Whether a call on this thread would wait for itself.
     *
     * @param inFlight the number of places that are held
     * @param places finds the place of a call; null if no pool has claimed it
     */
    public static boolean isClosedBy(
            LoadBalancer pool, int inFlight, Function<Call, ? extends @Nullable Place> places) {
        Set<Thread> blocked = new HashSet<>();
        List<@Nullable Thread> holders = new ArrayList<>();
        for (Place state : running(places)) {
            if (state.isWaitingFor(pool)) {
                blocked.add(state.thread());
            }
            if (state.holdsPlaceIn(pool)) {
                holders.add(state.thread());
            }
        }
        return holders.size() >= inFlight && holders.contains(Thread.currentThread()) && blocked.containsAll(holders);
    }

    private static List<Place> running(Function<Call, ? extends @Nullable Place> places) {
        List<Dispatcher> dispatchers;
        synchronized (DISPATCHERS) {
            dispatchers = new ArrayList<>(DISPATCHERS);
        }
        List<Place> states = new ArrayList<>();
        for (Dispatcher dispatcher : dispatchers) {
            for (Call call : dispatcher.runningCalls()) {
                Place state = places.apply(call);
                if (state != null) {
                    states.add(state);
                }
            }
        }
        return states;
    }
}
