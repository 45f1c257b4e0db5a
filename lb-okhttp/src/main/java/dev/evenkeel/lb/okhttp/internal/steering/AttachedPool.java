package dev.evenkeel.lb.okhttp.internal.steering;

import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerEvent;
import dev.evenkeel.lb.LoadBalancerListener;
import dev.evenkeel.lb.PickResult;
import dev.evenkeel.lb.okhttp.connection.BackendConnections;
import dev.evenkeel.lb.okhttp.connection.ConnectionPolicy;
import java.lang.ref.WeakReference;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;

/** One pool attached to one client: the host that it claims, and the connections to its backends. */
public final class AttachedPool {
    /** Beyond this many hosts of routes, hosts that are no longer asked for are forgotten. */
    private static final int MAX_HOSTS = 1_000;

    private final LoadBalancer balancer;
    private final String host;
    private final ConnectionPolicy connections;
    private final Departures departures;
    private final SteeredHost poolHost;
    /** The hosts of routes. */
    private final ConcurrentHashMap<String, SteeredHost> routeHosts = new ConcurrentHashMap<>();

    /** Null if connections are opened when they are needed. */
    private volatile @Nullable WarmUpTrigger warmer;

    private volatile boolean detached;

    private AttachedPool(LoadBalancer balancer, ConnectionPolicy connections) {
        this.balancer = balancer;
        this.connections = connections;
        this.host = hostOf(balancer);
        this.poolHost = new SteeredHost(host, connections);
        this.departures = new Departures(balancer, this);
    }

    public static AttachedPool of(LoadBalancer balancer, ConnectionPolicy connections) {
        AttachedPool pool = new AttachedPool(balancer, connections);
        balancer.addListener(pool.departures);
        return pool;
    }

    /** The host of the URLs that a pool claims: its name as OkHttp writes it. */
    public static String hostOf(LoadBalancer balancer) {
        String name = balancer.name();
        try {
            return new HttpUrl.Builder().scheme("http").host(name).build().host();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "a pool's name must be able to be the host of a URL: \"" + name + "\"", e);
        }
    }

    public String name() {
        return balancer.name();
    }

    public String host() {
        return host;
    }

    public LoadBalancer balancer() {
        return balancer;
    }

    /** Picks a backend; prefers one whose connections are open, if connections are opened beforehand. */
    public PickResult acquire(RepeatablePick call) {
        PickResult pick = balancer.acquire(call);
        WarmUpTrigger warming = warmer;
        return warming == null ? pick : warming.ready(pick, call);
    }

    /** Opens connections to the present backends, and from now on to new ones before they take traffic. */
    public void warmUp(WarmUpTrigger by) {
        warmer = by;
        for (BackendStatus status : balancer.snapshot().backends()) {
            boolean unused = by.isReady(status.backend());
        }
    }

    public boolean isWarming() {
        return warmer != null;
    }

    public ConnectionPolicy connections() {
        return connections;
    }

    /** The connections to a backend under the pool's own name. */
    public SteeredBackend backend(Backend backend) {
        return poolHost.backend(backend);
    }

    /** The connections under a logical host. */
    public SteeredHost steered(String logicalHost) {
        if (logicalHost.equals(host)) {
            return poolHost;
        }
        SteeredHost steered = routeHosts.get(logicalHost);
        if (steered == null) {
            makeRoom();
            steered = routeHosts.computeIfAbsent(logicalHost, name -> new SteeredHost(name, connections));
        }
        if (detached) {
            steered.close();
        }
        steered.touch();
        return steered;
    }

    /** The connections to each present backend, under all hosts; in the order of the pool's snapshot. */
    public List<BackendConnections> openConnections() {
        Map<String, BackendConnections> counts = new LinkedHashMap<>();
        for (BackendStatus status : balancer.snapshot().backends()) {
            String id = status.backend().id();
            counts.put(id, new BackendConnections(name(), id, 0, 0));
        }
        Stream.concat(Stream.of(poolHost), routeHosts.values().stream())
                .flatMap(SteeredHost::backends)
                .forEach(steered -> counts.computeIfPresent(steered.backend().id(), (id, sum) -> {
                    int open = sum.open() + steered.openSockets();
                    return new BackendConnections(name(), id, open, Math.min(open, sum.idle() + steered.idleSockets()));
                }));
        return List.copyOf(counts.values());
    }

    /** The number of hosts besides the pool's own. */
    public int hosts() {
        return routeHosts.size();
    }

    /**
     * Forgets unused hosts: a wildcard may bring any number. One that is forgotten too early costs a new connection.
     */
    private void makeRoom() {
        if (routeHosts.size() < MAX_HOSTS) {
            return;
        }
        for (Map.Entry<String, SteeredHost> other : routeHosts.entrySet()) {
            if (!other.getValue().wasUsed() && routeHosts.remove(other.getKey(), other.getValue())) {
                other.getValue().close();
            }
        }
    }

    /** Closes the connections to backends that are removed or drained, as soon as they are idle. */
    private void follow(LoadBalancerEvent event) {
        WarmUpTrigger warming = warmer;
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
            detach();
        }
    }

    /** Detaches the pool from the client: its connections are closed as soon as they are idle. */
    public void detach() {
        balancer.removeListener(departures);
        warmer = null;
        detached = true;
        poolHost.close();
        routeHosts.values().forEach(SteeredHost::close);
    }

    private void forget(Backend backend) {
        poolHost.forget(backend);
        routeHosts.values().forEach(steered -> steered.forget(backend));
    }

    /** Listens for backends that are removed or drained. Refers to its owner weakly: a pool may outlive many clients. */
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
