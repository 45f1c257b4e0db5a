package dev.evenkeel.lb.core.health;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.spi.HealthResult;
import dev.evenkeel.lb.spi.Scheduler;
import dev.evenkeel.lb.spi.Scheduler.Cancellable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One check of one backend. It ends with the first of its result, its timeout and {@link #abandon}; its slot is free when
 * it has ended and has let go of its thread.
 */
final class CheckAttempt implements Runnable {
    private static final int LONGEST_CAUSE = 500;

    private final HealthCheckPolicy policy;
    private final Backend backend;
    private final Consumer<HealthResult> receiver;
    private final Runnable leaveSlot;
    private final AtomicBoolean ended = new AtomicBoolean();
    /** The end of the attempt and the return of its thread. */
    private final AtomicInteger awaited = new AtomicInteger(2);

    private volatile boolean blocking = true;
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
            returned();
            abandon();
        }
    }

    /** Whether the check has not yet let go of its thread. */
    boolean isBlocking() {
        return blocking;
    }

    @Override
    @SuppressWarnings("CatchingUnchecked") // whatever a user's check throws, an Error too, is its result
    public void run() {
        enter();
        CompletionStage<HealthResult> started = null;
        String failure = "the check returned null";
        try {
            started = policy.check().check(backend, policy.timeout());
        } catch (Throwable e) {
            failure = "the check threw " + e;
        } finally {
            exit();
        }
        stage = started;
        returned();
        if (started == null) {
            end(HealthResult.unhealthy(failure));
            return;
        }
        CompletionStage<HealthResult> unused = started.whenComplete((result, error) -> end(resultOf(result, error)));
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

    private void returned() {
        blocking = false;
        letGo();
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
            release();
            try {
                receiver.accept(bounded(result));
            } finally {
                letGo();
            }
        }
    }

    /** Ends without a result. */
    void abandon() {
        if (ended.compareAndSet(false, true)) {
            release();
            letGo();
        }
    }

    private void release() {
        Cancellable pending = timeout;
        if (pending != null) {
            pending.cancel();
        }
        cancelStage();
        synchronized (this) {
            if (runner != null && runner != Thread.currentThread()) {
                runner.interrupt();
                runner = null;
            }
        }
    }

    private void cancelStage() {
        CompletionStage<HealthResult> running = stage;
        if (running != null) {
            try {
                running.toCompletableFuture().cancel(true);
            } catch (UnsupportedOperationException e) {
                // A stage may refuse to be a future; then nobody can cancel it.
            }
        }
    }

    private static HealthResult bounded(HealthResult result) {
        String cause = result.cause();
        return cause.length() <= LONGEST_CAUSE
                ? result
                : new HealthResult(result.state(), cause.substring(0, LONGEST_CAUSE) + "…");
    }
}
