package dev.evenkeel.lb.core;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BackendRegistry;
import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.DrainReport;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PoolSnapshot;
import dev.evenkeel.lb.core.health.Breaker;
import dev.evenkeel.lb.core.health.HealthChecker;
import dev.evenkeel.lb.core.stats.PoolStats;
import dev.evenkeel.lb.event.LoadBalancerEvent.AdminStateChanged;
import dev.evenkeel.lb.event.LoadBalancerEvent.BackendAdded;
import dev.evenkeel.lb.event.LoadBalancerEvent.BackendEjected;
import dev.evenkeel.lb.event.LoadBalancerEvent.BackendRemoved;
import dev.evenkeel.lb.event.LoadBalancerEvent.BackendReturned;
import dev.evenkeel.lb.event.LoadBalancerEvent.BackendUpdated;
import dev.evenkeel.lb.event.LoadBalancerEvent.BreakerChanged;
import dev.evenkeel.lb.event.LoadBalancerEvent.DiscoveryFailed;
import dev.evenkeel.lb.event.LoadBalancerEvent.DrainEnded;
import dev.evenkeel.lb.event.LoadBalancerEvent.HealthChanged;
import dev.evenkeel.lb.event.LoadBalancerEvent.PoolClosed;
import dev.evenkeel.lb.event.LoadBalancerEvent.StrategyFailed;
import dev.evenkeel.lb.spi.BackendDiscovery;
import dev.evenkeel.lb.spi.Picker;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The pool's list of backends and the only writer of its state. Every change happens under one lock, ends in a new
 * snapshot, and is told to listeners after the lock is free; the call path never waits for any of it.
 */
final class Registry implements BackendRegistry {
    private static final System.Logger LOG = System.getLogger("dev.evenkeel.lb");
    private static final Duration REMEMBERED = Duration.ofMinutes(10);

    private final Settings settings;
    private final EventQueue events;
    private final PoolStats poolStats = new PoolStats();
    private final SnapshotBuilder snapshots;
    private final @Nullable HealthChecker checker;

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, BackendNode> nodes = new LinkedHashMap<>();
    /** What is known of backends that left, so that one that comes back is not a stranger. */
    private final Cache<String, BackendNode> departed;

    private BackendDiscovery.@Nullable Watch watch;
    private boolean closed;
    private @Nullable Picker faulty;

    private volatile Snapshot current;

    Registry(Settings settings) {
        this.settings = settings;
        this.events = settings.events();
        this.snapshots = new SnapshotBuilder(settings, poolStats);
        this.current = snapshots.build(List.of(), false);
        this.departed = Caffeine.newBuilder()
                .maximumSize(10_000)
                .expireAfterWrite(REMEMBERED)
                .ticker(settings.timeSource()::nanoTime)
                .executor(Runnable::run)
                .build();
        this.checker = settings.healthCheck() == null
                ? null
                : new HealthChecker(settings.healthCheck(), settings.scheduler(), settings.random(), this::health);
    }

    /** Fills the list and starts what runs beside the calls. */
    void start() {
        change(() -> settings.backends().forEach(this::join));
        BackendDiscovery discovery = settings.discovery();
        if (discovery != null) {
            BackendDiscovery.Watch started = discovery.start(new DiscoveryReceiver());
            boolean tooLate;
            lock.lock();
            try {
                watch = started;
                tooLate = closed;
            } finally {
                lock.unlock();
            }
            if (tooLate) {
                started.close();
            }
        }
    }

    Snapshot current() {
        return current;
    }

    PoolSnapshot describe() {
        lock.lock();
        try {
            return Descriptions.describe(
                    settings, current, settings.timeSource().nanoTime());
        } finally {
            lock.unlock();
        }
    }

    // Membership.

    @Override
    public void add(Backend backend) {
        change(() -> {
            BackendNode node = nodes.get(backend.id());
            if (node != null && !node.removed) {
                throw new IllegalArgumentException(
                        "backend id \"" + backend.id() + "\" is already in pool \"" + settings.name() + "\"");
            }
            join(backend);
        });
    }

    @Override
    public CompletionStage<DrainReport> remove(String id) {
        CompletableFuture<DrainReport> done = new CompletableFuture<>();
        change(() -> leave(known(id), done));
        return done;
    }

    @Override
    public void replaceAll(Collection<Backend> backends) {
        Map<String, Backend> wanted = distinct(settings.name(), backends);
        change(() -> {
            for (BackendNode node : List.copyOf(nodes.values())) {
                if (!node.removed && !wanted.containsKey(node.backend.id())) {
                    leave(node, new CompletableFuture<>());
                }
            }
            for (Backend backend : wanted.values()) {
                BackendNode node = nodes.get(backend.id());
                if (node == null || node.removed) {
                    join(backend);
                } else {
                    update(node, backend);
                }
            }
        });
    }

    static Map<String, Backend> distinct(String pool, Collection<Backend> backends) {
        Map<String, Backend> byId = new LinkedHashMap<>();
        for (Backend backend : backends) {
            Backend other = byId.put(backend.id(), backend);
            if (other != null) {
                throw new IllegalArgumentException("duplicate backend id \"" + backend.id() + "\" in pool \"" + pool
                        + "\": " + other.uri() + " and " + backend.uri() + "; give one of them an id of its own");
            }
        }
        return byId;
    }

    @Override
    public void setWeight(String id, int weight) {
        Backend.checkWeight(weight);
        change(() -> {
            BackendNode node = known(id);
            update(node, node.backend.withWeight(weight));
        });
    }

    private void join(Backend backend) {
        BackendNode node = nodes.get(backend.id());
        if (node == null) {
            node = departed.getIfPresent(backend.id());
            if (node == null) {
                node = new BackendNode(this, backend, poolStats);
            } else {
                departed.invalidate(backend.id());
            }
            nodes.put(backend.id(), node);
        }
        node.removed = false;
        node.adminState = AdminState.ACTIVE;
        node.backend = backend;
        callOff(node);
        forgetObservations(node);
        startChecks(node);
        events.add(new BackendAdded(settings.name(), Instant.now(), backend));
    }

    private void update(BackendNode node, Backend backend) {
        Backend before = node.backend;
        if (before.equals(backend)) {
            return;
        }
        node.backend = backend;
        if (!before.uri().equals(backend.uri())) {
            startChecks(node);
        }
        events.add(new BackendUpdated(settings.name(), Instant.now(), before, backend));
    }

    private void leave(BackendNode node, CompletableFuture<DrainReport> done) {
        node.removed = true;
        stopChecks(node);
        depart(node, done, DEFAULT_DRAIN_DEADLINE);
    }

    // Administration.

    @Override
    public CompletionStage<DrainReport> drain(String id, Duration deadline) {
        if (deadline.isNegative() || deadline.isZero()) {
            throw new IllegalArgumentException("drain deadline must be positive: " + deadline);
        }
        CompletableFuture<DrainReport> done = new CompletableFuture<>();
        change(() -> {
            BackendNode node = known(id);
            setAdminState(node, AdminState.DRAINING);
            depart(node, done, deadline);
        });
        return done;
    }

    @Override
    public void maintenance(String id) {
        change(() -> {
            BackendNode node = known(id);
            callOff(node);
            setAdminState(node, AdminState.MAINTENANCE);
            stopChecks(node);
        });
    }

    @Override
    public void activate(String id) {
        change(() -> {
            BackendNode node = known(id);
            callOff(node);
            if (node.adminState == AdminState.MAINTENANCE) {
                forgetObservations(node);
                startChecks(node);
            }
            setAdminState(node, AdminState.ACTIVE);
        });
    }

    private void setAdminState(BackendNode node, AdminState state) {
        AdminState before = node.adminState;
        if (before != state) {
            node.adminState = state;
            events.add(new AdminStateChanged(settings.name(), Instant.now(), node.backend, before, state));
        }
    }

    /** Promises to tell when the node is idle. The new snapshot must be out before idleness is looked at. */
    private void depart(BackendNode node, CompletableFuture<DrainReport> done, Duration deadline) {
        callOff(node);
        node.departure = new BackendNode.Departure(
                done,
                settings.timeSource().nanoTime(),
                settings.scheduler().schedule(() -> change(() -> departureEnds(node, done)), deadline));
        node.watched = true;
        events.add(() -> ended(node));
    }

    /** A call at a watched node has ended, or the node has just begun to be watched. Called without the lock. */
    void ended(BackendNode node) {
        if (node.inFlight() == 0) {
            change(() -> {
                BackendNode.Departure departure = node.departure;
                if (departure != null && node.inFlight() == 0) {
                    departureEnds(node, departure.done());
                }
            });
        }
    }

    private void departureEnds(BackendNode node, CompletableFuture<DrainReport> expected) {
        BackendNode.Departure departure = node.departure;
        if (departure == null || departure.done() != expected) {
            return;
        }
        node.departure = null;
        node.watched = false;
        departure.deadline().cancel();
        int remaining = node.inFlight();
        if (node.removed) {
            nodes.remove(node.backend.id());
            departed.put(node.backend.id(), node);
            events.add(new BackendRemoved(settings.name(), Instant.now(), node.backend, remaining));
        } else {
            events.add(new DrainEnded(settings.name(), Instant.now(), node.backend, remaining));
        }
        report(node, departure, remaining);
    }

    /** The departure is off: back in the pool, in maintenance, or replaced by another one. */
    private void callOff(BackendNode node) {
        BackendNode.Departure departure = node.departure;
        if (departure != null) {
            node.departure = null;
            node.watched = false;
            departure.deadline().cancel();
            report(node, departure, node.inFlight());
        }
    }

    private void report(BackendNode node, BackendNode.Departure departure, int remaining) {
        Duration took = Duration.ofNanos(settings.timeSource().nanoTime() - departure.sinceNanos());
        DrainReport report = new DrainReport(node.backend, remaining, took);
        events.add(() -> departure.done().complete(report));
    }

    // Observation.

    private void health(String id, HealthState state, String cause) {
        changeUnlessClosed(() -> {
            BackendNode node = nodes.get(id);
            if (node == null || node.removed || node.adminState == AdminState.MAINTENANCE) {
                return;
            }
            HealthState before = node.health;
            node.health = state;
            node.healthCause = cause;
            if (before != state) {
                if (state == HealthState.UP && before == HealthState.DOWN) {
                    forgetBreaker(node);
                }
                events.add(new HealthChanged(settings.name(), Instant.now(), node.backend, before, state, cause));
            }
        });
    }

    /** Called when recording an outcome has moved the breaker. */
    void breakerMoved(BackendNode node, Breaker breaker, Outcome outcome) {
        changeUnlessClosed(() -> {
            BreakerState before = node.breakerState;
            BreakerState state = breaker.state();
            if (node.breaker != breaker || state == before) {
                return;
            }
            breakerIs(node, state);
            if (state == BreakerState.OPEN) {
                node.unreachable = outcome == Outcome.NEVER_SENT;
                opened(node, breaker);
            } else if (state == BreakerState.CLOSED) {
                node.breakerOpenings = 0;
            }
        });
    }

    private void breakerIs(BackendNode node, BreakerState state) {
        events.add(new BreakerChanged(settings.name(), Instant.now(), node.backend, node.breakerState, state));
        node.breakerState = state;
        int generation = node.breakerGeneration + 1;
        node.breakerGeneration = generation;
    }

    private void opened(BackendNode node, Breaker breaker) {
        Duration wait = Backoff.jittered(
                settings.breaker().openDuration(),
                settings.breaker().maxOpenDuration(),
                node.breakerOpenings++,
                settings.random());
        int generation = node.breakerGeneration;
        settings.scheduler().schedule(() -> halfOpen(node, breaker, generation), wait);
    }

    private void halfOpen(BackendNode node, Breaker breaker, int generation) {
        changeUnlessClosed(() -> {
            if (node.breaker == breaker && node.breakerGeneration == generation) {
                breaker.halfOpen();
                breakerIs(node, BreakerState.HALF_OPEN);
                int trial = node.breakerGeneration;
                settings.scheduler()
                        .schedule(
                                () -> reopen(node, breaker, trial),
                                settings.breaker().halfOpenMaxWait());
            }
        });
    }

    private void reopen(BackendNode node, Breaker breaker, int generation) {
        changeUnlessClosed(() -> {
            if (node.breaker == breaker && node.breakerGeneration == generation) {
                breaker.reopen();
                breakerIs(node, BreakerState.OPEN);
                opened(node, breaker);
            }
        });
    }

    /** A detector proposes; the caps decide. */
    void eject(BackendNode node, String cause) {
        changeUnlessClosed(() -> {
            if (Ejections.mayEject(node, nodes.values())) {
                startEjection(node, cause);
            }
        });
    }

    private void startEjection(BackendNode node, String cause) {
        long nowNanos = settings.timeSource().nanoTime();
        Duration duration = Ejections.duration(node, nowNanos, settings.random());
        node.trial = false;
        node.ejected = true;
        node.ejectedUntilNanos = nowNanos + duration.toNanos();
        long until = node.ejectedUntilNanos;
        settings.scheduler().schedule(() -> returns(node, until), duration);
        events.add(new BackendEjected(settings.name(), Instant.now(), node.backend, duration, cause));
    }

    private void returns(BackendNode node, long until) {
        changeUnlessClosed(() -> {
            if (node.ejected && node.ejectedUntilNanos == until) {
                node.ejected = false;
                node.trial = true;
                events.add(new BackendReturned(settings.name(), Instant.now(), node.backend));
            }
        });
    }

    /** The one call after an ejection has ended: a success re-admits, a failure ejects for longer. */
    void trialEnded(BackendNode node, Outcome outcome) {
        changeUnlessClosed(() -> {
            if (!node.trial) {
                return;
            }
            node.trial = false;
            node.lastEjectionEndNanos = settings.timeSource().nanoTime();
            if (outcome.isFailure() && Ejections.mayEject(node, nodes.values())) {
                startEjection(node, "failed again on its return: " + outcome);
            }
        });
    }

    private void forgetObservations(BackendNode node) {
        node.health = HealthState.UNKNOWN;
        node.healthCause = "";
        node.ejected = false;
        node.trial = false;
        forgetBreaker(node);
    }

    private void forgetBreaker(BackendNode node) {
        node.breaker = null;
        node.breakerOpenings = 0;
        if (node.breakerState != BreakerState.CLOSED) {
            breakerIs(node, BreakerState.CLOSED);
        }
    }

    private void startChecks(BackendNode node) {
        if (checker != null) {
            checker.start(node.backend);
        }
    }

    private void stopChecks(BackendNode node) {
        if (checker != null) {
            checker.stop(node.backend.id());
        }
    }

    void strategyFailed(Picker picker, String fault) {
        changeUnlessClosed(() -> {
            if (faulty != picker) {
                faulty = picker;
                LOG.log(System.Logger.Level.ERROR, "pool \"" + settings.name() + "\": " + fault);
                events.add(new StrategyFailed(
                        settings.name(), Instant.now(), settings.strategy().name(), fault));
            }
        });
    }

    // The writer.

    private BackendNode known(String id) {
        BackendNode node = nodes.get(id);
        if (node == null || node.removed) {
            throw new IllegalArgumentException("pool \"" + settings.name() + "\" has no backend \"" + id + "\"; it has "
                    + nodes.values().stream().filter(other -> !other.removed).toList());
        }
        return node;
    }

    private void change(Runnable change) {
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("pool \"" + settings.name() + "\" is closed");
            }
            change.run();
            publish();
        } finally {
            lock.unlock();
        }
        events.deliver();
    }

    private void changeUnlessClosed(Runnable change) {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            change.run();
            publish();
        } finally {
            lock.unlock();
        }
        events.deliver();
    }

    private void publish() {
        current = snapshots.build(List.copyOf(nodes.values()), closed);
    }

    void close() {
        BackendDiscovery.Watch running;
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            running = watch;
            for (BackendNode node : new ArrayList<>(nodes.values())) {
                callOff(node);
            }
            publish();
            events.add(new PoolClosed(settings.name(), Instant.now()));
        } finally {
            lock.unlock();
        }
        events.deliver();
        if (running != null) {
            running.close();
        }
        if (checker != null) {
            checker.close();
        }
        if (settings.scheduler() instanceof SharedScheduler shared) {
            shared.close();
        }
    }

    private final class DiscoveryReceiver implements BackendDiscovery.Receiver {
        @Override
        public void backends(List<Backend> backends) {
            if (backends.isEmpty() && !settings.honoursEmptyDiscovery()) {
                error(new IllegalStateException("discovery found no backends; the last good list stays"));
                return;
            }
            try {
                replaceAll(backends);
            } catch (IllegalArgumentException e) {
                error(e);
            } catch (IllegalStateException e) {
                LOG.log(System.Logger.Level.DEBUG, "a list came after the pool was closed", e);
            }
        }

        @Override
        public void error(Throwable cause) {
            LOG.log(System.Logger.Level.WARNING, "discovery of pool \"" + settings.name() + "\" failed", cause);
            changeUnlessClosed(() -> events.add(new DiscoveryFailed(settings.name(), Instant.now(), cause)));
        }
    }
}
