package dev.evenkeel.lb.core.internal.pool;

import dev.evenkeel.lb.PickResult;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.Subset;
import dev.evenkeel.lb.Unavailable;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.internal.log.Containment;
import dev.evenkeel.lb.core.internal.log.Printable;
import dev.evenkeel.lb.core.internal.registry.PickerFaults;
import dev.evenkeel.lb.core.internal.snapshot.CandidateGroup;
import dev.evenkeel.lb.core.internal.snapshot.PriorityLevel;
import dev.evenkeel.lb.core.internal.snapshot.SelectionPlan;
import dev.evenkeel.lb.core.internal.snapshot.Snapshot;
import dev.evenkeel.lb.core.internal.snapshot.SnapshotPublisher;
import dev.evenkeel.lb.core.internal.snapshot.WeightedChoice;
import dev.evenkeel.lb.core.internal.stats.PoolStats;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.Picker;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Chooses a backend for a request: one volatile read of the snapshot, then tiers and zones by their shares, then the
 * strategy's pick. It takes no lock, and the lease is its only allocation.
 */
final class BackendSelector {
    /**
     * After so many null picks although a backend has room, blame the strategy, not a race with a call that just ended.
     */
    private static final int MAX_NULL_PICK_RETRIES = 16;

    private static final int PASSIVE_SALT = -2;

    /** How often a failed pick is repeated on a newer snapshot. */
    private static final int MAX_SNAPSHOT_RETRIES = 16;

    private final Pool pool;
    private final SnapshotPublisher writer;
    private final PoolStats stats;
    private final PickerFaults pickerFaults;
    private final AttemptTracker attempts;
    private final AtomicBoolean undeclaredLogged = new AtomicBoolean();

    BackendSelector(
            Pool pool, SnapshotPublisher writer, PoolStats stats, PickerFaults pickerFaults, AttemptTracker attempts) {
        this.pool = pool;
        this.writer = writer;
        this.stats = stats;
        this.pickerFaults = pickerFaults;
        this.attempts = attempts;
    }

    /** Chooses a backend and counts the attempt in, whether or not the pool itself has room. */
    PickResult pick(RequestContext context) {
        Snapshot looked = writer.current();
        PickResult picked = pick(context, looked);
        for (int i = 0;
                picked instanceof Unavailable
                        && i < MAX_SNAPSHOT_RETRIES
                        && looked.version() != writer.current().version();
                i++) {
            // While this call was delayed, all backends of its snapshot may have left and others may have joined.
            looked = writer.current();
            picked = pick(context, looked);
        }
        return picked;
    }

    private PickResult pick(RequestContext context, Snapshot snapshot) {
        PoolLease lease = pool.newLease(context);
        List<PriorityLevel> levels = snapshot.levels();
        WeightedChoice draw = snapshot.draw();
        Subset subset = context.subset();
        if (subset != null) {
            SelectionPlan plan = snapshot.subsets().find(subset);
            levels = plan.levels();
            draw = plan.draw();
            if (!levels.isEmpty()) {
                logIfUndeclared(subset, snapshot);
            }
        }
        String bound = context.boundBackend();
        if (bound != null && enterBound(bound, subset, snapshot, lease)) {
            return lease;
        }
        PickResult picked = pickFrom(snapshot, levels, draw, subset, lease);
        if (picked == null && lease.becomesLastResort()) {
            picked = pickFrom(snapshot, levels, draw, subset, lease);
        }
        if (picked == null && lease.ignorePassiveHealth() && enterPassivelyOut(snapshot, subset, lease)) {
            picked = lease;
        }
        return picked != null
                ? picked
                : snapshot.unavailable(pool.name(), lease.tried(), lease.permitted(), subset, "");
    }

    /** Logs once that requests for a subset fall back because its keys are not declared; a refusal says it itself. */
    private void logIfUndeclared(Subset subset, Snapshot snapshot) {
        if (!undeclaredLogged.get()
                && snapshot.subsets().isUndeclared(subset)
                && undeclaredLogged.compareAndSet(false, true)) {
            pool.warn(() -> "requests for " + subset + " fall back: "
                    + snapshot.subsets().undeclared(subset));
        }
    }

    /** Picks from one snapshot. Returns null if no backend takes the call. */
    private @Nullable PickResult pickFrom(
            Snapshot snapshot,
            List<PriorityLevel> levels,
            WeightedChoice draw,
            @Nullable Subset subset,
            PoolLease lease) {
        int drawn = draw.next(lease, 0);
        for (int i = 0; i < levels.size(); i++) {
            int index = inOrderFrom(drawn, i);
            PriorityLevel level = levels.get(index);
            String fault = pickFrom(level, index + 1, lease);
            if (fault == null) {
                return lease;
            }
            if (!fault.isEmpty()) {
                return snapshot.unavailable(pool.name(), lease.tried(), lease.permitted(), subset, fault);
            }
            if (!level.refusal().isEmpty()) {
                return snapshot.unavailable(pool.name(), lease.tried(), lease.permitted(), subset, level.refusal());
            }
        }
        return null;
    }

    /** Enters the backend that the session is bound to, if it is available. Skips the strategy, and ignores a drain. */
    private boolean enterBound(String id, @Nullable Subset subset, Snapshot snapshot, PoolLease lease) {
        BackendState node = writer.find(id);
        if (node == null
                || snapshot.closed()
                || !node.takesSessions()
                || Snapshot.isTried(node, lease.tried())
                || !lease.permits(node)
                || (subset != null && !snapshot.subsets().allows(subset, node.backend()))) {
            return false;
        }
        Picker picker = node.picker();
        if (picker == null) {
            return false;
        }
        if (attempts.enter(node, picker, lease, true)) {
            lease.continueSession();
            return true;
        }
        lease.refuse(node);
        return false;
    }

    /** Enters a backend that only passive health keeps out, if the request has no eligible one left. */
    private boolean enterPassivelyOut(Snapshot snapshot, @Nullable Subset subset, PoolLease lease) {
        int first = (int) (lease.random(PASSIVE_SALT) * snapshot.all().size());
        for (BackendState node : PassivelyOut.of(snapshot, subset, lease, first)) {
            Picker picker = node.picker();
            if (picker != null && attempts.enter(node, picker, lease, false)) {
                return true;
            }
        }
        return false;
    }

    /** The drawn position first, then the other positions in order. */
    private static int inOrderFrom(int drawn, int position) {
        return position == 0 ? drawn : position <= drawn ? position - 1 : position;
    }

    /**
     * Picks from one level. Returns null if the lease was granted, an empty text if the level has no backend for this
     * request, else the strategy's error.
     */
    private @Nullable String pickFrom(PriorityLevel level, int salt, PoolLease lease) {
        List<CandidateGroup> groups = level.groups();
        int drawn = level.draw().next(lease, salt);
        for (int i = 0; i < groups.size(); i++) {
            CandidateGroup group = groups.get(inOrderFrom(drawn, i));
            String fault = pickFrom(group, lease);
            if (fault == null) {
                return null;
            }
            if (!fault.isEmpty()) {
                pickerFaults.report(group.picker, fault);
                return fault;
            }
        }
        return "";
    }

    private @Nullable String pickFrom(CandidateGroup group, PoolLease lease) {
        int retries = 0;
        while (true) {
            Candidate candidate;
            try {
                candidate = group.picker.pick(lease);
            } catch (RuntimeException | Error e) {
                Containment.rethrowFatal(e);
                return "strategy \"" + strategyName() + "\" threw " + Printable.of(e);
            }
            if (candidate == null) {
                if (lease.ignoreSlowStart()) {
                    continue;
                }
                String fault = nothingPicked(group, lease, retries++);
                if (fault == null) {
                    continue;
                }
                return fault;
            }
            if (!(candidate instanceof BackendState node) || !node.isOf(stats)) {
                return "strategy \"" + strategyName() + "\" picked a candidate that is not the pool's";
            }
            if (lease.isRuledOut(node)) {
                return "strategy \"" + strategyName() + "\" picked \""
                        + node.backend().id() + "\", which the request does not accept";
            }
            if (attempts.enter(node, group.picker, lease, false)) {
                return null;
            }
            lease.refuse(node);
        }
    }

    /**
     * Decides what a null pick of the strategy means. Returns an empty text if the group has no backend for this
     * request, null if the pick is to be repeated, else the strategy's error. A pick is repeated because a call that
     * has just ended may have made a backend acceptable after the picker passed it over, or may have ended a trial. It
     * is not repeated if a backend was open to all requests before the last pick.
     *
     * @param retries how often the pick was repeated before
     */
    private @Nullable String nothingPicked(CandidateGroup group, PoolLease lease, int retries) {
        int eligible = 0;
        boolean certain = retries >= MAX_NULL_PICK_RETRIES;
        for (BackendState node : group.nodes) {
            if (lease.accepts(node)) {
                eligible++;
                certain |= retries > 0 && node.isOpenToAll();
            }
        }
        if (eligible == 0) {
            return "";
        }
        return certain
                ? "strategy \"" + strategyName() + "\" picked nothing although the request accepts " + eligible + " of "
                        + group.nodes.size() + " backends"
                : null;
    }

    private String strategyName() {
        return pool.strategy().name();
    }
}
