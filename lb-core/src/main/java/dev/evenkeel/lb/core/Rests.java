package dev.evenkeel.lb.core;

import dev.evenkeel.lb.event.LoadBalancerEvent.BackendRested;
import dev.evenkeel.lb.event.LoadBalancerEvent.BackendResting;
import java.time.Duration;
import java.time.Instant;

/**
 * Backends that have asked for a rest. Each gets it, up to the longest that the pool grants, unless it is the last one in
 * use; and if all the others go later, those that rest are used again.
 */
final class Rests {
    /** A storm of refusals asks a thousand times for the same rest: what would change less than this is not looked at. */
    private static final long TOLERANCE_NANOS = 100_000_000;

    private final Settings settings;
    private final Writer writer;
    private volatile Duration maxRest;
    private volatile long refusedUntilNanos;

    Rests(Settings settings, Writer writer) {
        this.settings = settings;
        this.writer = writer;
        this.maxRest = settings.maxRest();
        this.refusedUntilNanos = settings.timeSource().nanoTime();
    }

    void reconfigure(Duration longest) {
        maxRest = longest;
    }

    /** On the call path: a backend asks. */
    void ask(BackendNode node, Duration asked) {
        if (asked.isNegative() || asked.isZero() || maxRest.isZero()) {
            return;
        }
        Duration granted = asked.compareTo(maxRest) < 0 ? asked : maxRest;
        long nowNanos = settings.timeSource().nanoTime();
        long until = nowNanos + granted.toNanos();
        Particulars known = node.particulars();
        if (known.resting ? until - known.restUntilNanos <= TOLERANCE_NANOS : nowNanos - refusedUntilNanos < 0) {
            return;
        }
        writer.consider(node, () -> begin(node, asked, granted, until));
    }

    private boolean begin(BackendNode node, Duration asked, Duration granted, long until) {
        boolean already = node.particulars().resting;
        if (already && until - node.particulars().restUntilNanos <= TOLERANCE_NANOS) {
            return false;
        }
        if (!already && !mayRest(node)) {
            return false;
        }
        Particulars own = node.ownParticulars();
        own.restUntilNanos = until;
        own.resting = true;
        settings.scheduler().schedule(() -> writer.consider(node, () -> ended(node, until, granted)), granted);
        if (already) {
            return false;
        }
        String cause = asked.equals(granted) ? "asked for " + asked : "asked for " + asked + ", more than the longest";
        writer.tell(new BackendResting(settings.name(), Instant.now(), node.backend, granted, cause));
        return true;
    }

    private boolean mayRest(BackendNode node) {
        if (!Ejections.inService(node)) {
            return false;
        }
        for (BackendNode other : writer.nodes.values()) {
            if (other != node && Ejections.isLeft(other)) {
                return true;
            }
        }
        refusedUntilNanos = settings.timeSource().nanoTime() + TOLERANCE_NANOS;
        return false;
    }

    private boolean ended(BackendNode node, long until, Duration granted) {
        if (!node.particulars().resting || node.particulars().restUntilNanos != until) {
            return false;
        }
        over(node, "rested for " + granted);
        return true;
    }

    private void over(BackendNode node, String cause) {
        node.ownParticulars().resting = false;
        if (!node.removed) {
            writer.tell(new BackendRested(settings.name(), Instant.now(), node.backend, cause));
        }
    }

    /** Under the lock: the node starts with a clean slate. */
    void forget(BackendNode node, String cause) {
        if (node.particulars().resting) {
            over(node, cause);
        }
    }
}
