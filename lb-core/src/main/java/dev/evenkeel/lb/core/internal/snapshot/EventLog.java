package dev.evenkeel.lb.core.internal.snapshot;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.LoadBalancerEvent;
import dev.evenkeel.lb.LoadBalancerEvent.AdminStateChanged;
import dev.evenkeel.lb.LoadBalancerEvent.BackendEjected;
import dev.evenkeel.lb.LoadBalancerEvent.BackendResting;
import dev.evenkeel.lb.LoadBalancerEvent.BackendReturned;
import dev.evenkeel.lb.LoadBalancerEvent.BreakerChanged;
import dev.evenkeel.lb.LoadBalancerEvent.DiscoveryFailed;
import dev.evenkeel.lb.LoadBalancerEvent.DrainEnded;
import dev.evenkeel.lb.LoadBalancerEvent.HealthChanged;
import dev.evenkeel.lb.LoadBalancerEvent.PanicChanged;
import dev.evenkeel.lb.LoadBalancerEvent.PoolClosed;
import dev.evenkeel.lb.LoadBalancerEvent.StrategyFailed;
import dev.evenkeel.lb.LoadBalancerEvent.TierChanged;
import dev.evenkeel.lb.LoadBalancerListener;
import dev.evenkeel.lb.Unavailable;
import dev.evenkeel.lb.core.internal.backend.BackendCondition;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.internal.log.Printable;
import dev.evenkeel.lb.core.internal.runtime.LogText;
import dev.evenkeel.lb.core.internal.runtime.PoolLog;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Writes a pool's events into the log, for an operator: WARNING when a backend or the pool gets worse, INFO when it
 * gets better and when an operator changes something. All other events are written at the level DEBUG.
 */
public final class EventLog implements LoadBalancerListener {

    private final PoolLog log;
    private final Supplier<Snapshot> current;
    private final BooleanSupplier byWeight;
    /** Whether the log says that no backend is available. Changed by the thread that delivers events. */
    private boolean empty;

    /** Whether a backend was ever available. Until then the pool waits for its discovery or its first checks. */
    private boolean begun;

    /**
     * Makes the log of a pool.
     *
     * @param byWeight whether health is measured in weights, and not in backends
     */
    public EventLog(PoolLog log, Supplier<Snapshot> current, BooleanSupplier byWeight) {
        this.log = log;
        this.current = current;
        this.byWeight = byWeight;
    }

    @Override
    public void onEvent(LoadBalancerEvent event) {
        if (event instanceof HealthChanged health) {
            healthChanged(health);
        } else if (event instanceof BreakerChanged breaker) {
            breakerChanged(breaker);
        } else if (event instanceof BackendEjected ejected) {
            log.trouble(() -> backend(ejected.backend()) + " is EJECTED for " + text(ejected.duration()) + ": "
                    + LogText.cause(ejected.cause()) + up());
        } else if (event instanceof BackendReturned back) {
            log.news(() -> backend(back.backend()) + " is back from its ejection" + up());
        } else if (event instanceof BackendResting resting) {
            log.news(() ->
                    backend(resting.backend()) + " rests for " + text(resting.duration()) + ", as it asked for" + up());
        } else if (event instanceof AdminStateChanged admin) {
            log.news(() -> backend(admin.backend()) + text(admin) + up());
        } else if (event instanceof DrainEnded drain) {
            log.news(() -> backend(drain.backend()) + " has ended its drain with "
                    + LogText.count(drain.remaining(), "call") + " left"
                    + (drain.closed() == 0 ? "" : ", " + LogText.count(drain.closed(), "call") + " closed"));
        } else {
            poolChanged(event);
        }
    }

    private void poolChanged(LoadBalancerEvent event) {
        if (event instanceof PanicChanged panic) {
            log.pool(
                    panic.on() ? System.Logger.Level.WARNING : System.Logger.Level.INFO,
                    () -> "tier " + panic.tier() + (panic.on() ? " is in PANIC: " : " is no longer in panic: ")
                            + panic.healthyPercent() + " % of its "
                            + (byWeight.getAsBoolean() ? "weight is healthy" : "backends are healthy") + up());
        } else if (event instanceof TierChanged tier && current.get().tiers().size() > 1) {
            log.pool(
                    System.Logger.Level.INFO,
                    () -> "tier " + tier.tier() + " gets " + tier.afterPercent() + " % of the calls, and got "
                            + tier.beforePercent() + " %" + up());
        } else if (event instanceof StrategyFailed failed) {
            log.pool(System.Logger.Level.ERROR, () -> LogText.cause(failed.fault()) + "; calls fail");
        } else if (!(event instanceof DiscoveryFailed)) {
            // DiscoverySubscription logs discovery failures: it knows which one is the first of an outage.
            PoolLog.LOG.log(System.Logger.Level.DEBUG, () -> LogText.event(event));
        }
        if (event instanceof PoolClosed) {
            log.close();
        }
    }

    private void healthChanged(HealthChanged event) {
        HealthState after = event.after();
        if (after == HealthState.DOWN) {
            log.trouble(() -> backend(event.backend()) + " is DOWN: " + LogText.cause(event.cause()) + up());
        } else if (event.before() == HealthState.UNKNOWN && after == HealthState.UP) {
            PoolLog.LOG.log(System.Logger.Level.DEBUG, () -> LogText.event(event));
        } else {
            log.news(() -> backend(event.backend()) + " is " + after + ": " + LogText.cause(event.cause()) + up());
        }
    }

    /** Logs a breaker's transition, except the repeated half-open and open again of a failing trial. */
    private void breakerChanged(BreakerChanged event) {
        if (event.after() == BreakerState.OPEN && event.before() == BreakerState.CLOSED) {
            log.trouble(() ->
                    "the breaker of " + backend(event.backend()) + " is OPEN: " + LogText.cause(event.cause()) + up());
        } else if (event.after() == BreakerState.CLOSED) {
            log.news(() -> "the breaker of " + backend(event.backend()) + " is closed: " + LogText.cause(event.cause())
                    + up());
        } else {
            PoolLog.LOG.log(System.Logger.Level.DEBUG, () -> LogText.event(event));
        }
    }

    /** Checks after each published snapshot whether a backend is available. */
    public void published() {
        Snapshot snapshot = current.get();
        if (snapshot.closed()) {
            return;
        }
        boolean available = isAvailable(snapshot);
        if (available == !empty) {
            begun |= available;
            return;
        }
        if (available) {
            empty = false;
            log.pool(System.Logger.Level.INFO, () -> "backends are available again" + up());
        } else if (begun) {
            empty = true;
            log.pool(System.Logger.Level.WARNING, () -> "NO backend is available: " + reasons(snapshot));
        }
    }

    private static boolean isAvailable(Snapshot snapshot) {
        for (BackendState node : snapshot.all()) {
            if (node.closedBecause() == null) {
                return true;
            }
        }
        return false;
    }

    private static String reasons(Snapshot snapshot) {
        Unavailable unavailable = snapshot.unavailable("", List.of(), null, null, "");
        StringJoiner reasons = new StringJoiner(", ");
        for (Map.Entry<Ineligibility, Integer> reason : unavailable.reasons().entrySet()) {
            reasons.add(reason.getValue() + " " + reason.getKey().text());
        }
        return unavailable.backends() == 0 ? "the pool is empty" : reasons.toString();
    }

    /** The number of available backends, as text. */
    private String up() {
        int all = 0;
        int up = 0;
        for (BackendState node : current.get().all()) {
            if (!node.isRemoved()) {
                all++;
                up += BackendCondition.of(node).isGood() ? 1 : 0;
            }
        }
        return " (" + up + " of " + all + " up)";
    }

    private static String backend(Backend backend) {
        String id = "backend " + LogText.id(backend);
        String host = backend.host().indexOf(':') < 0 ? backend.host() : "[" + backend.host() + "]";
        String address = host + ":" + backend.port() + backend.pathPrefix();
        return backend.id().equals(address) ? id : id + " at " + Printable.of(address, LogText.MAX_ID);
    }

    private static String text(AdminStateChanged event) {
        return switch (event.after()) {
            case ACTIVE -> " is active again";
            case DRAINING -> " is draining";
            case MAINTENANCE -> " is in maintenance";
        };
    }

    static String text(Duration duration) {
        return duration.toMillis() < 1_000
                ? duration.toMillis() + " ms"
                : duration.toMillis() < 10_000 && duration.toMillis() % 1_000 >= 50
                        ? String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1e3)
                        : Math.round(duration.toMillis() / 1e3) + " s";
    }
}
