package dev.evenkeel.lb.okhttp;

import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.PickResult;
import dev.evenkeel.lb.core.retry.RetryBudget;
import dev.evenkeel.lb.event.LoadBalancerEvent;
import dev.evenkeel.lb.event.LoadBalancerListener;
import java.lang.ref.WeakReference;
import java.util.concurrent.ConcurrentHashMap;
import okhttp3.HttpUrl;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/** One pool at one interceptor: the host that it claims, and what steering keeps of its backends. */
final class AttachedPool {
    private final LoadBalancer balancer;
    private final String host;
    private final Classification classification;
    private final RetryBudget.Account budget;
    private final long attemptTimeoutNanos;
    private final ConnectionPolicy connections;
    /** Null if connections are opened when they are needed. */
    private volatile @Nullable Warmer warmer;

    private final ConcurrentHashMap<String, Lanes> steered = new ConcurrentHashMap<>();

    private AttachedPool(
            LoadBalancer balancer, Classification classification, RetryPolicy retries, ConnectionPolicy connections) {
        this.balancer = balancer;
        this.classification = classification;
        this.connections = connections;
        this.host = hostOf(balancer);
        this.budget = retries.budget().open(System.nanoTime());
        this.attemptTimeoutNanos = retries.attemptTimeoutNanos();
    }

    static AttachedPool of(
            LoadBalancer balancer, Classification classification, RetryPolicy retries, ConnectionPolicy connections) {
        AttachedPool pool = new AttachedPool(balancer, classification, retries, connections);
        balancer.addListener(new Departures(balancer, pool));
        return pool;
    }

    /** The host of the URLs that a pool claims: its name as OkHttp writes it. */
    static String hostOf(LoadBalancer balancer) {
        String name = balancer.name();
        try {
            return new HttpUrl.Builder().scheme("http").host(name).build().host();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "a pool's name must be able to be the host of a URL: \"" + name + "\"", e);
        }
    }

    String name() {
        return balancer.name();
    }

    String host() {
        return host;
    }

    LoadBalancer balancer() {
        return balancer;
    }

    Classification classification() {
        return classification;
    }

    /** 0 without one. */
    long attemptTimeoutNanos() {
        return attemptTimeoutNanos;
    }

    /** What the pool has left for further attempts at this client. */
    RetryBudget.Account budget() {
        return budget;
    }

    /** Chooses a backend: one that is ready, if some are still being made so. */
    PickResult acquire(CallState call) {
        PickResult pick = balancer.acquire(call);
        Warmer warming = warmer;
        return warming == null ? pick : warming.ready(pick, call);
    }

    /** Opens connections to backends before they take traffic from now on, and to those that are there. */
    void warmUp(Warmer by) {
        warmer = by;
        for (BackendStatus status : balancer.snapshot().backends()) {
            boolean unused = by.isReady(status.backend());
        }
    }

    /** Starts an attempt whose connection is to be steered; counts it in at the backend's place. */
    Attempt startSteered(Lease lease, Request request, @Nullable Attempt previous) {
        Backend backend = lease.backend();
        while (true) {
            Lanes place = place(backend);
            SteeredBackend lane = place.enter();
            if (lane != null) {
                return new Attempt(this, lease, request, lane, previous);
            }
            steered.remove(backend.id(), place);
        }
    }

    Attempt startRewritten(Lease lease, Request request, @Nullable Attempt previous) {
        return new Attempt(this, lease, request, null, previous);
    }

    /** The place of a backend at its present URI. */
    Lanes place(Backend backend) {
        Lanes place = steered.get(backend.id());
        return place != null && place.serves(backend) ? place : newPlace(backend);
    }

    private Lanes newPlace(Backend backend) {
        return steered.compute(backend.id(), (id, present) -> {
            if (present != null && present.serves(backend)) {
                return present;
            }
            if (present != null) {
                present.retire();
            }
            return new Lanes(host, backend, connections);
        });
    }

    /** Whether a follow-up request (a redirect, an answer to a challenge) goes to the attempt's backend again. */
    boolean leadsTo(Attempt attempt, HttpUrl url) {
        return attempt.rewritten
                ? Rewriting.isBackends(url, attempt.backend())
                : url.host().equals(host);
    }

    /** Closes what is no longer wanted, as soon as it is idle. A place too many costs a new connection, no more. */
    private void follow(LoadBalancerEvent event) {
        Warmer warming = warmer;
        if (warming != null) {
            warming.follow(event);
        }
        if (event instanceof LoadBalancerEvent.DrainEnded drained) {
            forget(drained.backend());
        } else if (event instanceof LoadBalancerEvent.BackendRemoved removed) {
            forget(removed.backend());
        } else if (event instanceof LoadBalancerEvent.AdminStateChanged changed) {
            if (changed.after() == AdminState.MAINTENANCE) {
                forget(changed.backend());
            }
        } else if (event instanceof LoadBalancerEvent.BackendUpdated updated) {
            if (!updated.before().uri().equals(updated.after().uri())) {
                forget(updated.before());
            }
        } else if (event instanceof LoadBalancerEvent.PoolClosed) {
            steered.values().forEach(Lanes::retire);
            steered.clear();
        }
    }

    private void forget(Backend backend) {
        Lanes place = steered.remove(backend.id());
        if (place != null) {
            place.retire();
        }
    }

    /** Hears of backends that go. Holds the pool's side weakly: a pool may outlive many clients. */
    private static final class Departures implements LoadBalancerListener {
        private final LoadBalancer balancer;
        private final WeakReference<AttachedPool> pool;

        Departures(LoadBalancer balancer, AttachedPool pool) {
            this.balancer = balancer;
            this.pool = new WeakReference<>(pool);
        }

        @Override
        public void onEvent(LoadBalancerEvent event) {
            AttachedPool attached = pool.get();
            if (attached == null) {
                balancer.removeListener(this);
            } else {
                attached.follow(event);
            }
        }
    }
}
