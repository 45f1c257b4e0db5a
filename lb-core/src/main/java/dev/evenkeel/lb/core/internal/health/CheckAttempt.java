package dev.evenkeel.lb.core.internal.health;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.core.internal.log.Containment;
import dev.evenkeel.lb.core.internal.log.Printable;
import dev.evenkeel.lb.spi.HealthResult;
import dev.evenkeel.lb.spi.Scheduler;
import dev.evenkeel.lb.spi.Scheduler.Cancellable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One check of one backend. It ends with its result, its timeout or {@link #abandon}, whichever comes first. Its slot
 * is free when it has ended, its thread has returned, and its future has completed, if cancelling does not complete it.
 */
final class CheckAttempt implements Runnable {
    private static final int MAX_CAUSE = 500;

    private final HealthCheckPolicy policy;
    private final Backend backend;
    private final Consumer<HealthResult> receiver;
    private final Runnable leaveSlot;
    private final AtomicBoolean ended = new AtomicBoolean();
    /** The end of the attempt, the return of its thread, and the completion of its future. */
    private final AtomicInteger awaited = new AtomicInteger(2);

    private volatile @Nullable Cancellable timeout;
    private volatile @Nullable CompletionStage<HealthResult> stage;
    /** Guarded by this: an interrupt must hit the check, not what its thread does next. */
    private @Nullable Thread runner;

    CheckAttempt(HealthCheckPolicy policy, Backend backend, Consumer<HealthResult> receiver, Runnable leaveSlot) {
        this.policy = policy;
        this.backend = backend;
        this.receiver = receiver;
        this.leaveSlot = leaveSlot;
    }

    void begin(Scheduler scheduler, Executor executor) {
        timeout = scheduler.schedule(this::timedOut, policy.timeout());
        try {
            executor.execute(this);
        } catch (RejectedExecutionException e) {
            // The pool is closed.
            letGo();
            abandon();
        }
    }

    /** Whether the check still has a thread, or a future that is not done. */
    boolean isAtWork() {
        return awaited.get() > 0;
    }

    @Override
    @SuppressWarnings("CatchingUnchecked") // whatever a user's check throws, an Error too, is its result
    public void run() {
        enter();
        CompletionStage<HealthResult> started = null;
        Throwable failure = null;
        try {
            started = policy.check().check(backend, policy.timeout());
        } catch (Throwable e) {
            failure = e;
        } finally {
            exit();
        }
        stage = started;
        try {
            if (started != null) {
                follow(started);
            }
        } finally {
            letGo();
        }
        if (started == null) {
            end(HealthResult.unhealthy(failure == null ? "the check returned null" : "the check threw " + failure));
        }
        if (failure != null) {
            Containment.rethrowFatal(failure);
        }
    }

    /** A stage that is no future of its own can neither be cancelled nor keep the slot. */
    private void follow(CompletionStage<HealthResult> started) {
        boolean future = started instanceof CompletableFuture<?>;
        if (future) {
            awaited.incrementAndGet();
        }
        try {
            CompletionStage<HealthResult> unused = started.whenComplete((result, error) -> {
                try {
                    end(resultOf(result, error));
                } finally {
                    if (future) {
                        letGo();
                    }
                }
            });
        } catch (RuntimeException | Error e) {
            // A stage may be of the application's own making.
            if (future) {
                letGo();
            }
            end(HealthResult.unhealthy("the check's stage threw " + e));
            Containment.rethrowFatal(e);
        }
        if (ended.get()) {
            cancelStage();
        }
    }

    private static HealthResult resultOf(@Nullable HealthResult result, @Nullable Throwable error) {
        if (error != null) {
            return HealthResult.unhealthy("the check failed with " + error);
        }
        return result == null ? HealthResult.unhealthy("the check's result is null") : result;
    }

    private synchronized void enter() {
        runner = Thread.currentThread();
    }

    private synchronized void exit() {
        if (runner == null) {
            // The interrupt was ours.
            boolean unused = Thread.interrupted();
        }
        runner = null;
    }

    private void letGo() {
        if (awaited.decrementAndGet() == 0) {
            leaveSlot.run();
        }
    }

    private void timedOut() {
        end(HealthResult.unhealthy("no result within " + policy.timeout()));
    }

    private void end(HealthResult result) {
        if (ended.compareAndSet(false, true)) {
            try {
                release();
            } finally {
                try {
                    receiver.accept(bounded(result));
                } finally {
                    letGo();
                }
            }
        }
    }

    /** Ends without a result. */
    void abandon() {
        if (ended.compareAndSet(false, true)) {
            try {
                release();
            } finally {
                letGo();
            }
        }
    }

    private void release() {
        Cancellable pending = timeout;
        if (pending != null) {
            pending.cancel();
        }
        synchronized (this) {
            if (runner != null && runner != Thread.currentThread()) {
                runner.interrupt();
                runner = null;
            }
        }
        cancelStage();
    }

    private void cancelStage() {
        CompletionStage<HealthResult> running = stage;
        if (running != null) {
            try {
                running.toCompletableFuture().cancel(true);
            } catch (RuntimeException | Error e) {
                // A stage may refuse to be a future, and its cancellation runs the application's code: the check has
                // ended, whatever comes of it.
                Containment.rethrowFatal(e);
            }
        }
    }

    private static HealthResult bounded(HealthResult result) {
        String cause = Printable.of(result.cause(), MAX_CAUSE);
        return cause.equals(result.cause()) ? result : new HealthResult(result.state(), cause);
    }
}
