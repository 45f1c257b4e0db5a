package dev.evenkeel.lb.core;

import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.core.health.HealthChecker;
import dev.evenkeel.lb.event.LoadBalancerEvent.HealthChanged;
import dev.evenkeel.lb.spi.Scheduler.Cancellable;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The active checks of a pool: who is checked, and what is made of what the checks find. */
final class Checks {
    private final Settings settings;
    private final Writer writer;
    private final Breakers breakers;
    private final Ejections ejections;
    /** As configured; those that differ are another check. */
    private @Nullable HealthCheckPolicy policy;

    private volatile @Nullable HealthChecker checker;
    private HealthState initialState;

    Checks(Settings settings, Writer writer, Breakers breakers, Ejections ejections) {
        this.settings = settings;
        this.writer = writer;
        this.breakers = breakers;
        this.ejections = ejections;
        this.policy = settings.healthCheck();
        this.initialState = policy == null ? HealthState.UNKNOWN : policy.initialState();
        this.checker = checker(policy);
    }

    private @Nullable HealthChecker checker(@Nullable HealthCheckPolicy wanted) {
        return wanted == null
                ? null
                : new HealthChecker(wanted, settings.scheduler(), settings.checkExecutor(), settings.random());
    }

    // Under the writer's lock.

    /** Other checks begin; what the ones before them found stays until they have decided, or goes with the last of them. */
    void reconfigure(@Nullable HealthCheckPolicy next) {
        if (Objects.equals(policy, next)) {
            return;
        }
        writer.nodes.values().forEach(this::stop);
        HealthChecker former = checker;
        if (former != null) {
            writer.afterwards(former::close);
        }
        policy = next;
        initialState = next == null ? HealthState.UNKNOWN : next.initialState();
        checker = checker(next);
        for (BackendNode node : writer.nodes.values()) {
            if (next == null) {
                forget(node);
            } else if (!node.removed && node.adminState != AdminState.MAINTENANCE) {
                start(node);
            }
        }
    }

    /** What is known of the node's health is worth nothing any more. */
    void forget(BackendNode node) {
        node.health = initialState;
        node.awaitsFirstCheck = initialState == HealthState.DOWN;
        node.healthCause = node.awaitsFirstCheck ? "not checked yet" : "";
    }

    /** Begins, or begins again with another description; the health stays until the first check has decided. */
    void start(BackendNode node) {
        HealthChecker present = checker;
        if (present != null) {
            stop(node);
            Checked checked = new Checked(node, node.backend);
            node.checked = checked;
            node.checks = present.start(checked);
        }
    }

    void stop(BackendNode node) {
        Cancellable running = node.checks;
        if (running != null) {
            // Cancelling a check runs code of its author's, and perhaps starts others.
            writer.afterwards(running::cancel);
            node.checks = null;
            node.checked = null;
        }
    }

    // Without it.

    void close() {
        HealthChecker present = checker;
        if (present != null) {
            present.close();
        }
    }

    /** False if nobody's eligibility has changed: the first round over a large pool needs no thousand snapshots. */
    private boolean found(BackendNode node, HealthState state, String cause) {
        HealthState before = node.health;
        boolean first = node.awaitsFirstCheck;
        node.health = state;
        node.healthCause = cause;
        node.awaitsFirstCheck = false;
        if (before == state) {
            return first;
        }
        if (before == HealthState.DOWN) {
            breakers.forget(node, "its health check succeeds again");
            ejections.forget(node, "its health check succeeds again");
            node.forgetFailures();
        }
        writer.tell(new HealthChanged(settings.name(), Instant.now(), node.backend, before, state, cause));
        return before != HealthState.UNKNOWN || state != HealthState.UP;
    }

    /** One start of the checks of one node: what comes from an earlier start is out of date. */
    private final class Checked implements HealthChecker.Subject {
        private final BackendNode node;
        private final Backend backend;

        Checked(BackendNode node, Backend backend) {
            this.node = node;
            this.backend = backend;
        }

        @Override
        public Backend backend() {
            return backend;
        }

        @Override
        public boolean provenWithin(Duration period) {
            return node.isProvenSince(settings.timeSource().nanoTime() - period.toNanos());
        }

        @Override
        public void health(HealthState state, String cause) {
            writer.consider(node, () -> node.checked == this && found(node, state, cause));
        }
    }
}
