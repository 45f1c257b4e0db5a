package dev.evenkeel.lb.core;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BackendRegistry.DrainPolicy;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerListener;
import dev.evenkeel.lb.core.health.BreakerPolicy;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.core.health.OutlierDetectors;
import dev.evenkeel.lb.core.internal.pool.Pool;
import dev.evenkeel.lb.core.internal.runtime.PoolConfig;
import dev.evenkeel.lb.core.limit.LimitPolicy;
import dev.evenkeel.lb.core.load.LoadReportPolicy;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.core.topology.PanicPolicy;
import dev.evenkeel.lb.core.topology.PriorityPolicy;
import dev.evenkeel.lb.core.topology.SlowStart;
import dev.evenkeel.lb.core.topology.SubsetPolicy;
import dev.evenkeel.lb.core.topology.ZonePolicy;
import dev.evenkeel.lb.spi.BackendDiscovery;
import dev.evenkeel.lb.spi.EjectionPolicy;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import dev.evenkeel.lb.spi.OutlierDetector;
import dev.evenkeel.lb.spi.Scheduler;
import dev.evenkeel.lb.spi.TimeSource;
import java.time.Duration;
import java.util.Collection;
import java.util.random.RandomGenerator;

/** Configures a pool; {@link #build} creates and starts it. Reusable; not thread-safe. */
public final class LoadBalancerBuilder implements BuilderShorthands {
    private final String name;
    private final ConfigBuilder config;
    private final RuntimeBuilder runtime = new RuntimeBuilder();

    LoadBalancerBuilder(String name) {
        this.name = name;
        this.config = new ConfigBuilder(name);
    }

    /**
     * Adds backends with default settings.
     *
     * @param uris such as {@code http://10.0.0.1:8080}
     * @return this
     * @throws IllegalArgumentException if one is not the URI of a backend
     */
    public LoadBalancerBuilder backends(String... uris) {
        for (String uri : uris) {
            config.backend(Backend.of(uri));
        }
        return this;
    }

    /**
     * Adds backends.
     *
     * @param more any number
     * @return this
     */
    public LoadBalancerBuilder backends(Collection<Backend> more) {
        more.forEach(config::backend);
        return this;
    }

    /**
     * Adds a backend.
     *
     * @param backend the backend
     * @return this
     */
    public LoadBalancerBuilder backend(Backend backend) {
        config.backend(backend);
        return this;
    }

    /**
     * Sets the strategy.
     *
     * @param strategy one of {@link Strategies}, or an own one; default {@link Strategies#adaptive()}
     * @return this
     */
    public LoadBalancerBuilder strategy(LoadBalancingStrategy strategy) {
        config.strategy(strategy);
        return this;
    }

    /**
     * Enables active health checks. By default there are none.
     *
     * @param policy the check, and when it runs
     * @return this
     */
    @Override
    public LoadBalancerBuilder healthCheck(HealthCheckPolicy policy) {
        config.healthCheck(policy);
        return this;
    }

    /**
     * Polls backends, separately from calls, for their load. By default no backend is polled, and only reports in
     * responses count.
     *
     * @param policy the source, and when it is polled
     * @return this
     */
    @Override
    public LoadBalancerBuilder loadReports(LoadReportPolicy policy) {
        config.loadReports(policy);
        return this;
    }

    /**
     * Sets when circuit breakers open.
     *
     * @param policy default {@link BreakerPolicy#defaults()}
     * @return this
     */
    public LoadBalancerBuilder circuitBreaker(BreakerPolicy policy) {
        config.breaker(policy);
        return this;
    }

    /**
     * Sets the detector that proposes ejections.
     *
     * @param detector default {@link OutlierDetectors#relative()}, or {@link OutlierDetectors#none()} if the strategy
     *     {@linkplain LoadBalancingStrategy#avoidsFailures avoids failures} by itself
     * @return this
     */
    public LoadBalancerBuilder outlierDetection(OutlierDetector detector) {
        config.outlierDetector(detector);
        return this;
    }

    /**
     * Sets how long ejections last and how many there may be.
     *
     * @param policy default the detector's own, {@link OutlierDetector#ejectionPolicy}
     * @return this
     */
    public LoadBalancerBuilder ejection(EjectionPolicy policy) {
        config.ejection(policy);
        return this;
    }

    /**
     * Sets the longest cooldown that a backend gets when it asks for one, as by {@code Retry-After} on a 429 or a 503.
     * The last backend in use gets none.
     *
     * @param maxRetryAfter 0, for no cooldowns, to 1 h; default 30 s
     * @return this
     */
    public LoadBalancerBuilder maxRetryAfter(Duration maxRetryAfter) {
        config.maxRetryAfter(maxRetryAfter);
        return this;
    }

    /**
     * Sets how long after its last request a session counts as active. A drain, and a removal, wait that long for
     * sessions that are bound to the backend, though never beyond their deadline; without sessions they wait for calls
     * in flight only.
     *
     * @param sessionIdleTimeout 0, so that a drain ends as soon as no call is in flight, to 1 d; default 1 min
     * @return this
     */
    public LoadBalancerBuilder sessionIdleTimeout(Duration sessionIdleTimeout) {
        config.sessionIdleTimeout(sessionIdleTimeout);
        return this;
    }

    /**
     * Sets how drains and removals end that say nothing else, those by discovery and by a reload included: how long
     * they wait, and whether what is left at their deadline is closed.
     *
     * @param policy default {@link DrainPolicy#defaults()}: 5 min, and nothing is closed
     * @return this
     */
    public LoadBalancerBuilder drains(DrainPolicy policy) {
        config.drains(policy);
        return this;
    }

    /**
     * Sets how long a stream may take: a WebSocket, a response that goes on, a connection of a socket factory. An older
     * one is closed, so that its reader opens it anew and may reach a backend that was added since. A WebSocket is
     * closed with the code 1001, a stream of HTTP/2 with {@code RST_STREAM} and {@code CANCEL}, any other call with its
     * connection; the reader gets a {@link dev.evenkeel.lb.Lease.StreamClosedException}. Calls that still wait for their
     * response count as well. Each stream is closed at a random age of 85 % to 100 % of the maximum, so that streams
     * that began together do not end together.
     *
     * @param maxStreamDuration 1 s to 30 d; default no maximum
     * @return this
     */
    public LoadBalancerBuilder maxStreamDuration(Duration maxStreamDuration) {
        config.maxStreamDuration(maxStreamDuration);
        return this;
    }

    /**
     * Sets how tiers of lower priority take over from higher ones. A single request also uses a lower tier when the
     * tiers that share the load have no backend for it: all full, or tried before.
     *
     * @param policy default {@link PriorityPolicy#overprovisioned()}; {@link PriorityPolicy#strict()} for backups as in
     *     NGINX and HAProxy
     * @return this
     */
    public LoadBalancerBuilder priorities(PriorityPolicy policy) {
        config.priorities(policy);
        return this;
    }

    /**
     * Sets what a tier does when little of it is healthy and the other tiers cannot take its load. The last backends of
     * a pool are not excluded because of failed calls, unless the policy is to fail fast.
     *
     * @param policy default {@link PanicPolicy#useAnswering} with 50 %; {@link PanicPolicy#useAll} for Envoy's
     *     behaviour
     * @return this
     */
    public LoadBalancerBuilder panic(PanicPolicy policy) {
        config.panic(policy);
        return this;
    }

    /**
     * Sets how traffic is distributed over zones.
     *
     * @param policy default {@link ZonePolicy#ignore()}
     * @return this
     */
    @Override
    public LoadBalancerBuilder zones(ZonePolicy policy) {
        config.zones(policy);
        return this;
    }

    /**
     * Sets how requests for a subset of the pool are served.
     *
     * @param policy default {@link SubsetPolicy#noFallback()}
     * @return this
     */
    public LoadBalancerBuilder subsets(SubsetPolicy policy) {
        config.subsets(policy);
        return this;
    }

    /**
     * Ramps up backends that are new in a pool with other backends, or that return after they were down, ejected,
     * behind an open breaker or in maintenance; a cancelled drain causes no ramp. Works under every strategy: by weight
     * or, if the strategy ignores weights, by the share of the requests that may choose the backend.
     *
     * @param ramp default {@link SlowStart#off()}
     * @return this
     */
    public LoadBalancerBuilder slowStart(SlowStart ramp) {
        config.slowStart(ramp);
        return this;
    }

    /**
     * Limits the calls in flight in the whole pool, and sets whether requests beyond the limit wait. For limits of
     * single backends see {@link Backend.Builder#maxInFlight}.
     *
     * @param policy default {@link LimitPolicy#none}
     * @return this
     */
    public LoadBalancerBuilder limits(LimitPolicy policy) {
        config.limits(policy);
        return this;
    }

    /**
     * Sets the source of backends. Backends set in this builder stay until the first list arrives.
     *
     * @param source pushes complete lists
     * @return this
     */
    public LoadBalancerBuilder discovery(BackendDiscovery source) {
        config.discovery(source);
        return this;
    }

    /**
     * Lets an empty list from discovery empty the pool. By default it counts as an error, and the last good list stays.
     *
     * @param honour whether an empty list is honoured
     * @return this
     */
    public LoadBalancerBuilder honourEmptyDiscovery(boolean honour) {
        config.honoursEmptyDiscovery(honour);
        return this;
    }

    /**
     * Sets how long {@link #build} waits for the first list from discovery. It waits only if no backends are set in
     * this builder, and never with a clock of its own ({@link #timeSource}).
     *
     * @param initialDiscoveryTimeout 0, for not at all, to 1 h; default 5 s
     * @return this
     */
    public LoadBalancerBuilder initialDiscoveryTimeout(Duration initialDiscoveryTimeout) {
        config.initialDiscoveryTimeout(initialDiscoveryTimeout);
        return this;
    }

    /**
     * Adds a listener.
     *
     * @param listener called for every event, including those of the first backends
     * @return this
     */
    public LoadBalancerBuilder listener(LoadBalancerListener listener) {
        runtime.listener(listener);
        return this;
    }

    /**
     * Sets the clock. A pool with a clock of its own starts its health checks on the timer thread, so that the clock
     * drives all of it; otherwise checks run on daemon threads {@code evenkeel-check}, where they may block. For the same
     * reason large hash tables are then laid out by the thread that saw the change, be it a call's or the timer's, and not
     * on {@code evenkeel-picker}. Such a clock is for tests and simulations.
     *
     * @param clock default {@link TimeSource#system()}
     * @return this
     */
    public LoadBalancerBuilder timeSource(TimeSource clock) {
        runtime.timeSource(clock);
        return this;
    }

    /**
     * Sets the timers.
     *
     * @param timers default one daemon thread {@code evenkeel-timer} for all pools, which ends when the last pool is
     *     closed
     * @return this
     */
    public LoadBalancerBuilder scheduler(Scheduler timers) {
        runtime.scheduler(timers);
        return this;
    }

    /**
     * Sets the random generator.
     *
     * @param generator must be safe for as many threads as use the pool; default thread-local
     * @return this
     */
    public LoadBalancerBuilder random(RandomGenerator generator) {
        runtime.random(generator);
        return this;
    }

    /**
     * Logs some of the decisions, with why each backend was or was not eligible, as {@link LoadBalancer#logDecisions}
     * does on a running pool.
     *
     * @param oneOf one decision in this many, chosen at random: 1 is all, 0, the default, none
     * @return this
     */
    public LoadBalancerBuilder logDecisions(int oneOf) {
        config.loggedDecisions(oneOf);
        return this;
    }

    /**
     * Creates the pool and starts its checks and its discovery.
     *
     * @return a pool; close it when it is no longer needed
     * @throws IllegalArgumentException if two backends have the same id
     */
    public LoadBalancer build() {
        PoolConfig checked = config(); // Before anything is created that would have to be closed.
        return Pool.started(runtime.build(name), checked);
    }

    /**
     * Applies these settings to a running pool, from the next pick on. State is kept: backends in both lists keep their
     * counts, health, sessions and the state that an operator has set, and everything else that is equal goes on. Calls
     * in flight end under the settings they began with. What an operator has added or changed stays unless the two
     * lists differ in it.
     *
     * <p>Listeners, clock, timers and random generator stay those of the pool.
     *
     * @param pool a pool that a builder of this class has created, with the same name
     * @throws IllegalArgumentException if it is another kind of pool, has another name, or two backends have the same
     *     id; then nothing changes
     * @throws IllegalStateException if the pool is closed
     */
    public void applyTo(LoadBalancer pool) {
        Pool.named(name, pool).reload(config());
    }

    /** The configuration that {@link #build} uses. */
    PoolConfig config() {
        return config.build();
    }
}
