package dev.evenkeel.lb.core.internal.registry;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BackendRegistry.DrainReport;
import dev.evenkeel.lb.LoadBalancerEvent.BackendAdded;
import dev.evenkeel.lb.LoadBalancerEvent.BackendUpdated;
import dev.evenkeel.lb.PoolFigures.WeightSource;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.internal.health.ActiveHealthChecks;
import dev.evenkeel.lb.core.internal.health.LoadReportPoller;
import dev.evenkeel.lb.core.internal.limit.AdaptiveLimitUpdater;
import dev.evenkeel.lb.core.internal.runtime.PoolConfig;
import dev.evenkeel.lb.core.internal.snapshot.SnapshotPublisher;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/** Which backends a pool has: they join, change and leave here. Guarded by the writer's lock. */
final class Membership {
    private final String pool;
    private final Supplier<PoolConfig> config;
    private final SnapshotPublisher writer;
    private final Drains drains;
    private final Administration administration;
    private final ActiveHealthChecks checks;
    private final LoadReportPoller loadReports;
    private final AdaptiveLimitUpdater limits;
    private final DepartedBackends departed;
    private final BiConsumer<BackendState, String> forgetObservations;
    private final BackendListDiff listDiff;
    /** The ids of the backends that further backends of the last list replace while they are out. */
    private Set<String> replaced = Set.of();

    /**
     * Begins without backends.
     *
     * @param forgetObservations discards what is known of a backend, for the cause in the text
     */
    Membership(
            String pool,
            Supplier<PoolConfig> config,
            SnapshotPublisher writer,
            Drains drains,
            Administration administration,
            ActiveHealthChecks checks,
            LoadReportPoller loadReports,
            AdaptiveLimitUpdater limits,
            DepartedBackends departed,
            BiConsumer<BackendState, String> forgetObservations) {
        this.pool = pool;
        this.config = config;
        this.writer = writer;
        this.drains = drains;
        this.administration = administration;
        this.checks = checks;
        this.loadReports = loadReports;
        this.limits = limits;
        this.departed = departed;
        this.forgetObservations = forgetObservations;
        this.listDiff = new BackendListDiff(writer.nodes);
    }

    /** The member with an id. */
    BackendState known(String id) {
        BackendState node = writer.nodes.get(id);
        if (node == null || node.isRemoved()) {
            throw new IllegalArgumentException("pool \"" + pool + "\" has no backend \"" + id + "\"; it has "
                    + writer.nodes.values().stream()
                            .filter(other -> !other.isRemoved())
                            .toList());
        }
        return node;
    }

    /** Makes a backend a member, unless another one has its id. */
    void add(Backend backend, WeightSource by) {
        BackendState node = writer.nodes.get(backend.id());
        if (node != null && !node.isRemoved()) {
            throw new IllegalArgumentException(
                    "backend id \"" + backend.id() + "\" is already in pool \"" + pool + "\"");
        }
        join(backend, by);
    }

    /** Applies the difference between two configured lists. Leaves an operator's own changes alone. */
    void follow(List<Backend> before, List<Backend> after) {
        Map<String, Backend> former = BackendListDiff.distinct(pool, before);
        Map<String, Backend> wanted = BackendListDiff.distinct(pool, after);
        List<BackendState> leaving = new ArrayList<>();
        // An empty list means that the pool waits for its discovery. It must not remove the discovered backends.
        if (!wanted.isEmpty()) {
            former.keySet().stream()
                    .filter(id -> !wanted.containsKey(id))
                    .map(writer.nodes::get)
                    .filter(node -> node != null && !node.isRemoved())
                    .forEach(leaving::add);
        }
        for (Map.Entry<String, Backend> entry : wanted.entrySet()) {
            Backend backend = entry.getValue();
            if (!backend.equals(former.get(entry.getKey()))) {
                BackendState node = writer.nodes.get(entry.getKey());
                if (node == null || node.isRemoved()) {
                    join(backend, WeightSource.CONFIGURATION);
                } else {
                    update(node, backend, WeightSource.CONFIGURATION);
                }
            }
        }
        leave(leaving);
    }

    /**
     * Makes a list from discovery, or from the application, the members.
     *
     * @param byOthers the ids of the backends that further backends of the list replace while they are out
     */
    void replace(List<Backend> wanted, Set<String> byOthers) {
        BackendListDiff.Difference difference = listDiff.compare(wanted);
        if (difference == null) {
            BackendListDiff.distinct(pool, wanted); // Throws an exception that names both backends.
            return;
        }
        // Before others join: together with the backends that they replace, a tier would look half down.
        markReplaced(byOthers);
        for (int i = 0; i < difference.backends().size(); i++) {
            BackendState node = difference.present().get(i);
            if (node == null) {
                join(difference.backends().get(i), WeightSource.REGISTRY);
            } else {
                update(node, difference.backends().get(i), WeightSource.REGISTRY);
            }
        }
        leave(difference.leaving());
        listDiff.settle(wanted);
    }

    private void markReplaced(Set<String> byOthers) {
        Set<String> former = replaced;
        replaced = Set.copyOf(byOthers);
        former.forEach(this::markReplaced);
        replaced.forEach(this::markReplaced);
    }

    private void markReplaced(String id) {
        BackendState node = writer.nodes.get(id);
        if (node != null && node.isReplaced() != replaced.contains(id)) {
            writer.touch(node);
            node.replaced(replaced.contains(id));
        }
    }

    private void leave(Collection<BackendState> leaving) {
        leaving.forEach(node -> leave(node, new CompletableFuture<>()));
    }

    /** Makes a backend a member. */
    void join(Backend backend, WeightSource by) {
        BackendState node = writer.nodes.get(backend.id());
        if (node == null) {
            node = departed.stateOf(backend);
            writer.nodes.put(node);
        }
        listDiff.disturb();
        writer.touch(node);
        node.removed(false);
        node.replaced(replaced.contains(backend.id()));
        node.backend(backend, by);
        limits.join(node);
        administration.reset(node);
        forgetObservations.accept(node, "added again");
        loadReports.forget(node);
        checks.start(node);
        loadReports.start(node);
        writer.tell(new BackendAdded(pool, Instant.now(), backend));
    }

    /** Gives a member another description. */
    void update(BackendState node, Backend backend, WeightSource by) {
        Backend before = node.backend();
        if (before.equals(backend)) {
            return;
        }
        listDiff.disturb();
        writer.touch(node);
        node.backend(backend, by);
        if (!before.uri().equals(backend.uri())) {
            checks.start(node);
        }
        if (!before.uri().equals(backend.uri()) || !before.metadata().equals(backend.metadata())) {
            loadReports.start(node);
        }
        writer.tell(new BackendUpdated(pool, Instant.now(), before, backend));
    }

    /** Removes a member when its calls and sessions have ended; completes the future then. */
    void leave(BackendState node, CompletableFuture<DrainReport> done) {
        listDiff.disturb();
        writer.touch(node);
        node.removed(true);
        checks.stop(node);
        loadReports.stop(node);
        drains.begin(node, done, config.get().drains());
    }
}
