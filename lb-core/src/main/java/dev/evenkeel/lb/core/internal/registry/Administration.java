package dev.evenkeel.lb.core.internal.registry;

import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.BackendRegistry.DrainPolicy;
import dev.evenkeel.lb.BackendRegistry.DrainReport;
import dev.evenkeel.lb.LoadBalancerEvent.AdminStateChanged;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.internal.health.ActiveHealthChecks;
import dev.evenkeel.lb.core.internal.runtime.PoolConfig;
import dev.evenkeel.lb.core.internal.runtime.PoolRuntime;
import dev.evenkeel.lb.core.internal.snapshot.SnapshotPublisher;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/** The admin states of a pool's backends, as an operator or the backends' agents set them. Guarded by the pool's lock. */
final class Administration {
    private final PoolRuntime runtime;
    private final Supplier<PoolConfig> config;
    private final SnapshotPublisher writer;
    private final Drains drains;
    private final ActiveHealthChecks checks;
    private final BiConsumer<BackendState, String> forgetObservations;

    /**
     * Begins with all backends active.
     *
     * @param forgetObservations discards what is known of a backend, for the cause in the text
     */
    Administration(
            PoolRuntime runtime,
            Supplier<PoolConfig> config,
            SnapshotPublisher writer,
            Drains drains,
            ActiveHealthChecks checks,
            BiConsumer<BackendState, String> forgetObservations) {
        this.runtime = runtime;
        this.config = config;
        this.writer = writer;
        this.drains = drains;
        this.checks = checks;
        this.forgetObservations = forgetObservations;
    }

    /** Makes a backend active that joins, perhaps again. */
    void reset(BackendState node) {
        node.adminState(AdminState.ACTIVE, nowNanos());
        drains.reopen(node);
    }

    private long nowNanos() {
        return runtime.timeSource().nanoTime();
    }

    void drain(BackendState node, CompletableFuture<DrainReport> done, DrainPolicy policy) {
        writer.touch(node);
        endMaintenance(node);
        setAdminState(node, AdminState.DRAINING);
        drains.begin(node, done, policy);
    }

    void maintain(BackendState node) {
        writer.touch(node);
        drains.reopen(node);
        setAdminState(node, AdminState.MAINTENANCE);
        checks.stop(node);
    }

    void activate(BackendState node) {
        writer.touch(node);
        drains.reopen(node);
        endMaintenance(node);
        setAdminState(node, AdminState.ACTIVE);
    }

    private void endMaintenance(BackendState node) {
        if (node.adminState() == AdminState.MAINTENANCE) {
            forgetObservations.accept(node, "back from maintenance");
            checks.start(node);
        }
    }

    /** Sets the admin state that the backend's agent reports, like an operator. Returns false if it is set already. */
    boolean apply(BackendState node, AdminState wish) {
        if (node.isRemoved() || node.adminState() == wish) {
            return false;
        }
        switch (wish) {
            case ACTIVE -> activate(node);
            case DRAINING -> drain(node, new CompletableFuture<>(), config.get().drains());
            case MAINTENANCE -> maintain(node);
        }
        return true;
    }

    private void setAdminState(BackendState node, AdminState state) {
        AdminState before = node.adminState();
        if (before != state) {
            node.adminState(state, nowNanos());
            writer.tell(new AdminStateChanged(runtime.name(), Instant.now(), node.backend(), before, state));
        }
    }
}
