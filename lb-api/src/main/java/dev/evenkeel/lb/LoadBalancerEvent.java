package dev.evenkeel.lb;

import java.time.Duration;
import java.time.Instant;

/** An event of a pool. Every kind is a record below. */
public sealed interface LoadBalancerEvent {

    /**
     * The pool's name.
     *
     * @return the name
     */
    String pool();

    /**
     * When it happened, by the system's clock.
     *
     * @return the time
     */
    Instant at();

    /**
     * A backend joined the pool.
     *
     * @param pool the pool's name
     * @param at when
     * @param backend the backend
     */
    record BackendAdded(String pool, Instant at, Backend backend) implements LoadBalancerEvent {}

    /**
     * A backend's description changed: its weight, its URI, its metadata.
     *
     * @param pool the pool's name
     * @param at when
     * @param before as it was
     * @param after as it is
     */
    record BackendUpdated(String pool, Instant at, Backend before, Backend after) implements LoadBalancerEvent {}

    /**
     * A backend has left: it was removed, and its last call has ended or the deadline has passed.
     *
     * @param pool the pool's name
     * @param at when
     * @param backend the backend
     * @param remaining calls that were still in flight
     * @param closed calls that were closed at the deadline
     */
    record BackendRemoved(String pool, Instant at, Backend backend, int remaining, int closed)
            implements LoadBalancerEvent {}

    /**
     * A backend's admin state changed.
     *
     * @param pool the pool's name
     * @param at when
     * @param backend the backend
     * @param before as it was
     * @param after as it is
     */
    record AdminStateChanged(String pool, Instant at, Backend backend, AdminState before, AdminState after)
            implements LoadBalancerEvent {}

    /**
     * A drain ended: the last call has ended, the deadline has passed, or the drain was cancelled.
     *
     * @param pool the pool's name
     * @param at when
     * @param backend the backend
     * @param remaining calls that were still in flight
     * @param closed calls that were closed at the deadline
     */
    record DrainEnded(String pool, Instant at, Backend backend, int remaining, int closed)
            implements LoadBalancerEvent {}

    /**
     * Active checks changed their view of a backend.
     *
     * @param pool the pool's name
     * @param at when
     * @param backend the backend
     * @param before as it was
     * @param after as it is
     * @param cause the message of the last check
     */
    record HealthChanged(String pool, Instant at, Backend backend, HealthState before, HealthState after, String cause)
            implements LoadBalancerEvent {}

    /**
     * A circuit breaker changed its state.
     *
     * @param pool the pool's name
     * @param at when
     * @param backend the backend
     * @param before as it was
     * @param after as it is
     * @param cause such as {@code 70 % of 10 calls failed}
     */
    record BreakerChanged(
            String pool, Instant at, Backend backend, BreakerState before, BreakerState after, String cause)
            implements LoadBalancerEvent {}

    /**
     * A backend was ejected as an outlier.
     *
     * @param pool the pool's name
     * @param at when
     * @param backend the backend
     * @param duration for how long
     * @param cause what it did
     */
    record BackendEjected(String pool, Instant at, Backend backend, Duration duration, String cause)
            implements LoadBalancerEvent {}

    /**
     * An ejection ended.
     *
     * @param pool the pool's name
     * @param at when
     * @param backend the backend
     * @param cause such as {@code ejected for PT1S; one call at a time until one succeeds}
     */
    record BackendReturned(String pool, Instant at, Backend backend, String cause) implements LoadBalancerEvent {}

    /**
     * A cooldown began because a backend asked for one. It takes no new calls meanwhile.
     *
     * @param pool the pool's name
     * @param at when
     * @param backend the backend
     * @param duration how long it lasts
     * @param cause the backend's request
     */
    record BackendResting(String pool, Instant at, Backend backend, Duration duration, String cause)
            implements LoadBalancerEvent {}

    /**
     * A cooldown ended.
     *
     * @param pool the pool's name
     * @param at when
     * @param backend the backend
     * @param cause such as {@code rested for PT5S}
     */
    record BackendRested(String pool, Instant at, Backend backend, String cause) implements LoadBalancerEvent {}

    /**
     * A tier's share of the traffic changed: it took over traffic, or returned it, as its backends changed.
     *
     * @param pool the pool's name
     * @param at when
     * @param tier the tier's priority
     * @param beforePercent its share before, 0 to 100
     * @param afterPercent its share now, 0 to 100
     * @param healthyPercent how much of the tier is healthy or degraded, 0 to 100
     */
    record TierChanged(String pool, Instant at, int tier, int beforePercent, int afterPercent, int healthyPercent)
            implements LoadBalancerEvent {}

    /**
     * A tier went into panic, or out of it: too little of it is healthy, and the other tiers cannot make up for it.
     * What panic means is the pool's policy.
     *
     * @param pool the pool's name
     * @param at when
     * @param tier the tier's priority
     * @param on true into panic, false out of it
     * @param healthyPercent how much of the tier is healthy or degraded, 0 to 100
     */
    record PanicChanged(String pool, Instant at, int tier, boolean on, int healthyPercent)
            implements LoadBalancerEvent {}

    /**
     * Discovery failed, or sent a list that cannot be used. The last good list stays.
     *
     * @param pool the pool's name
     * @param at when
     * @param cause what went wrong
     */
    record DiscoveryFailed(String pool, Instant at, Throwable cause) implements LoadBalancerEvent {}

    /**
     * A strategy broke its contract: it threw, returned no candidate although the request accepted one, or returned one
     * that the request does not accept. Calls fail with the same text; the event is sent once for each picker.
     *
     * @param pool the pool's name
     * @param at when
     * @param strategy the strategy's name
     * @param fault what it did
     */
    record StrategyFailed(String pool, Instant at, String strategy, String fault) implements LoadBalancerEvent {}

    /**
     * The pool was closed.
     *
     * @param pool the pool's name
     * @param at when
     */
    record PoolClosed(String pool, Instant at) implements LoadBalancerEvent {}
}
