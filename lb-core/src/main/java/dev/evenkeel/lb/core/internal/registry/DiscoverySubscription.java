package dev.evenkeel.lb.core.internal.registry;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.LoadBalancerEvent.DiscoveryFailed;
import dev.evenkeel.lb.PoolFigures.ErrorFigures;
import dev.evenkeel.lb.core.internal.log.Containment;
import dev.evenkeel.lb.core.internal.log.Printable;
import dev.evenkeel.lb.core.internal.log.ReportedFaults;
import dev.evenkeel.lb.core.internal.runtime.LogText;
import dev.evenkeel.lb.core.internal.runtime.PoolConfig;
import dev.evenkeel.lb.core.internal.runtime.PoolLog;
import dev.evenkeel.lb.core.internal.runtime.PoolRuntime;
import dev.evenkeel.lb.core.internal.snapshot.SnapshotPublisher;
import dev.evenkeel.lb.spi.BackendDiscovery;
import dev.evenkeel.lb.spi.Scheduler;
import dev.evenkeel.lb.spi.TimeSource;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Receives the lists of a pool's discovery and passes them to the registry. A list that cannot be used is an error and
 * changes nothing.
 */
final class DiscoverySubscription implements BackendDiscovery.Receiver {
    private static final int MAX_CAUSE = 300;

    private final PoolRuntime runtime;
    private final Supplier<PoolConfig> config;
    private final SnapshotPublisher writer;
    private final Registry registry;
    private final @Nullable DiscoveryExecutor threads;
    private final Executor executor;

    // Guarded by the writer's lock.
    private BackendDiscovery.@Nullable Watch watch;

    private final CountDownLatch firstList = new CountDownLatch(1);

    /** The faults that were told: one that continues is told once, whatever the source is. */
    private final ReportedFaults faults;

    /** What the sources that replace backends want to hear. */
    private final List<Consumer<Set<String>>> unavailableListeners = new CopyOnWriteArrayList<>();
    /** What they have heard last. Written while events are delivered, by one thread at a time. */
    private volatile Set<String> unavailable = Set.of();

    private volatile @Nullable String latestFault;
    private volatile @Nullable LastError lastError;
    private volatile boolean listed;
    private volatile long listNanos;

    private record LastError(String message, long atNanos) {}

    DiscoverySubscription(
            PoolRuntime runtime, Supplier<PoolConfig> config, SnapshotPublisher writer, Registry registry) {
        this.runtime = runtime;
        this.config = config;
        this.writer = writer;
        this.registry = registry;
        this.faults = new ReportedFaults(runtime.timeSource());
        Executor driven = runtime.checkExecutor();
        if (driven == null) {
            DiscoveryExecutor own = new DiscoveryExecutor();
            this.threads = own;
            this.executor = own;
        } else {
            this.threads = null;
            this.executor = driven;
        }
    }

    void start(BackendDiscovery discovery) {
        BackendDiscovery.Watch started = discovery.start(this);
        boolean tooLate = writer.read(() -> {
            watch = started;
            return writer.isClosed();
        });
        if (tooLate) {
            started.close();
        }
        awaitFirstList();
    }

    /** Waits for the first list: an empty pool would fail the first calls. */
    private void awaitFirstList() {
        Duration initialTimeout = config.get().initialDiscoveryTimeout();
        // Under a test's clock this very thread may be the one that delivers the list.
        if (threads != null && config.get().backends().isEmpty()) {
            try {
                if (!firstList.await(initialTimeout.toNanos(), TimeUnit.NANOSECONDS) && !initialTimeout.isZero()) {
                    log().pool(
                                    System.Logger.Level.WARNING,
                                    () -> "starts without backends: discovery found none in " + initialTimeout);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** The time since the latest usable list; -1 if there was none. */
    long ageNanos() {
        return listed ? Math.max(0, timeSource().nanoTime() - listNanos) : -1;
    }

    /** The message of the present fault; null if discovery works. */
    @Nullable
    String fault() {
        return faults.hasFailed() ? latestFault : null;
    }

    /** The last error, whether it goes on or not; null without one. */
    @Nullable
    ErrorFigures lastError() {
        LastError last = lastError;
        return last == null
                ? null
                : new ErrorFigures(
                        last.message, Duration.ofNanos(Math.max(0, timeSource().nanoTime() - last.atNanos)));
    }

    boolean isFailing() {
        return faults.hasFailed();
    }

    void close() {
        BackendDiscovery.Watch running = writer.read(() -> watch);
        try {
            if (running != null) {
                close(running);
            }
        } finally {
            if (threads != null) {
                threads.close();
            }
        }
    }

    /** Ends the source; the remaining parts of the pool are closed although it fails. */
    private void close(BackendDiscovery.Watch running) {
        try {
            running.close();
        } catch (RuntimeException | Error e) {
            log().fault(e, () -> "discovery failed on its close");
            Containment.rethrowFatal(e);
        }
    }

    @Override
    public void backends(List<Backend> backends) {
        backends(backends, Set.of());
    }

    @Override
    public void backends(List<Backend> backends, Set<String> replaced) {
        if (backends.isEmpty() && !config.get().honoursEmptyDiscovery()) {
            error(new IllegalStateException("discovery found no backends; the last good list stays"));
            return;
        }
        try {
            registry.replaceAll(this, backends, replaced);
            if (faults.worked()) {
                log().discoveryWorks(() -> "discovery works again, with " + LogText.count(backends.size(), "backend"));
            }
            listNanos = timeSource().nanoTime();
            listed = true;
            firstList.countDown();
        } catch (IllegalArgumentException e) {
            error(e);
        } catch (IllegalStateException e) {
            PoolLog.LOG.log(System.Logger.Level.TRACE, "a list came after the pool was closed", e);
        }
    }

    @Override
    public void error(Throwable cause) {
        String text = told(cause);
        latestFault = text;
        boolean first = !faults.hasFailed();
        boolean isTold = faults.failed(text);
        if (first) {
            log().discoveryFails(() -> "discovery failed: " + text + "; the last list stays, with " + size());
        }
        if (isTold) {
            tell(cause);
        }
    }

    @Override
    public void ambientError(Throwable cause) {
        String text = told(cause);
        if (faults.isNewInPeriod(text)) {
            log().discoveryFails(() -> "discovery failed in part: " + text + "; the pool has " + size());
            tell(cause);
        }
    }

    private String told(Throwable cause) {
        String text = Printable.of(text(cause), MAX_CAUSE);
        lastError = new LastError(text, timeSource().nanoTime());
        return text;
    }

    private void tell(Throwable cause) {
        // Not at DEBUG, which Logback writes unless it is configured.
        PoolLog.LOG.log(System.Logger.Level.TRACE, "pool " + runtime.name() + ": discovery failed", cause);
        writer.update(() -> writer.tell(new DiscoveryFailed(runtime.name(), Instant.now(), cause)));
    }

    private String size() {
        return LogText.count(writer.current().all().size(), "backend");
    }

    /** The message of an exception, or the exception's own text if it has no message. */
    private static String text(Throwable cause) {
        String message = cause.getMessage();
        boolean speaks = cause instanceof IOException
                || cause instanceof IllegalArgumentException
                || cause instanceof IllegalStateException;
        return speaks && message != null ? message : cause.toString();
    }

    private PoolLog log() {
        return runtime.events().log();
    }

    @Override
    public boolean honoursEmpty() {
        return config.get().honoursEmptyDiscovery();
    }

    @Override
    public void watchUnavailable(Consumer<Set<String>> listener) {
        unavailableListeners.add(listener);
    }

    /** Called after each new snapshot, outside of the lock: sources may replace backends that are out. */
    void published() {
        if (unavailableListeners.isEmpty()) {
            return;
        }
        Set<String> now = writer.read(this::findUnavailable);
        if (!now.equals(unavailable)) {
            unavailable = now;
            unavailableListeners.forEach(listener -> pass(now, listener));
        }
    }

    private Set<String> findUnavailable() {
        return writer.nodes.values().stream()
                .filter(node -> !node.isRemoved()
                        && !node.awaitsFirstCheck()
                        && !node.condition().isGood())
                .map(node -> node.backend().id())
                .collect(Collectors.toUnmodifiableSet());
    }

    private void pass(Set<String> ids, Consumer<Set<String>> listener) {
        try {
            listener.accept(ids);
        } catch (RuntimeException | Error e) {
            log().fault(e, () -> "discovery failed on the backends that are out");
            runtime.events().add(() -> Containment.rethrowFatal(e));
        }
    }

    @Override
    public Scheduler scheduler() {
        return runtime.scheduler();
    }

    @Override
    public TimeSource timeSource() {
        return runtime.timeSource();
    }

    @Override
    public RandomGenerator random() {
        return runtime.random();
    }

    @Override
    public Executor executor() {
        return executor;
    }
}
