package dev.evenkeel.lb.core.internal.health;

import dev.evenkeel.lb.LoadBalancerEvent.BackendRested;
import dev.evenkeel.lb.LoadBalancerEvent.BackendResting;
import dev.evenkeel.lb.core.internal.backend.BackendCondition;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.internal.backend.CooldownState;
import dev.evenkeel.lb.core.internal.runtime.PoolConfig;
import dev.evenkeel.lb.core.internal.runtime.PoolRuntime;
import dev.evenkeel.lb.core.internal.snapshot.SnapshotPublisher;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Supplier;

/**
 * Cooldowns of backends that asked for one ({@code Retry-After}). A backend gets the requested time up to the pool's
 * maximum, unless it is the last one in use. If all other backends fail later, backends in a cooldown are used again.
 */
public final class RetryAfterCooldowns {
    /** A burst of refusals requests the same cooldown a thousand times: changes smaller than this are ignored. */
    private static final long TOLERANCE_NANOS = 100_000_000;

    private final PoolRuntime runtime;
    private final Supplier<PoolConfig> config;
    private final SnapshotPublisher writer;
    private volatile long refusedUntilNanos;

    public RetryAfterCooldowns(PoolRuntime runtime, Supplier<PoolConfig> config, SnapshotPublisher writer) {
        this.runtime = runtime;
        this.config = config;
        this.writer = writer;
        this.refusedUntilNanos = runtime.timeSource().nanoTime();
    }

    /** On the call path: a backend requests a cooldown. */
    public void ask(BackendState node, Duration asked) {
        Duration maxRetryAfter = config.get().maxRetryAfter();
        if (asked.isNegative() || asked.isZero() || maxRetryAfter.isZero()) {
            return;
        }
        Duration granted = asked.compareTo(maxRetryAfter) < 0 ? asked : maxRetryAfter;
        long nowNanos = runtime.timeSource().nanoTime();
        long until = nowNanos + granted.toNanos();
        CooldownState known = node.cooldown();
        if (covers(known, until) || (!known.isActive() && nowNanos - refusedUntilNanos < 0)) {
            return;
        }
        writer.updateIf(node, () -> begin(node, asked, granted, until));
    }

    /** Whether a cooldown under way lasts until then, or nearly. */
    private static boolean covers(CooldownState known, long until) {
        return known.isActive() && until - known.untilNanos() <= TOLERANCE_NANOS;
    }

    private boolean begin(BackendState node, Duration asked, Duration granted, long until) {
        boolean already = node.cooldown().isActive();
        if (covers(node.cooldown(), until) || (!already && !mayRest(node))) {
            return false;
        }
        node.ownCooldown().begin(until);
        runtime.scheduler().schedule(() -> writer.updateIf(node, () -> ended(node, until, granted)), granted);
        if (already) {
            return false;
        }
        String cause = asked.equals(granted) ? "asked for " + asked : "asked for " + asked + ", more than the longest";
        writer.tell(new BackendResting(runtime.name(), Instant.now(), node.backend(), granted, cause));
        return true;
    }

    private boolean mayRest(BackendState node) {
        if (!BackendCondition.isInService(node)) {
            return false;
        }
        for (BackendState other : writer.nodes.values()) {
            if (other != node && BackendCondition.of(other).isGood()) {
                return true;
            }
        }
        refusedUntilNanos = runtime.timeSource().nanoTime() + TOLERANCE_NANOS;
        return false;
    }

    private boolean ended(BackendState node, long until, Duration granted) {
        if (!node.cooldown().isActive() || node.cooldown().untilNanos() != until) {
            return false;
        }
        endCooldown(node, "rested for " + granted);
        return true;
    }

    private void endCooldown(BackendState node, String cause) {
        node.ownCooldown().end();
        if (!node.isRemoved()) {
            writer.tell(new BackendRested(runtime.name(), Instant.now(), node.backend(), cause));
        }
    }

    /** Under the lock: discards what is known of the backend. */
    public void forget(BackendState node, String cause) {
        if (node.cooldown().isActive()) {
            endCooldown(node, cause);
        }
    }
}
