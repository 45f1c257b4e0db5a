package dev.evenkeel.lb.okhttp.internal.discovery.registry;

import dev.evenkeel.lb.spi.BackendDiscovery;
import dev.evenkeel.lb.spi.Scheduler;
import dev.evenkeel.lb.spi.TimeSource;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/** A pool whose clock passes every pause at once: a delay moves the clock and is over. */
public abstract class HastyReceiver implements BackendDiscovery.Receiver {
    private final AtomicLong nanos;
    private final Random random = new Random(1);

    protected HastyReceiver(AtomicLong nanos) {
        this.nanos = nanos;
    }

    /** A pause begins. */
    protected void paused(Duration delay) {}

    @Override
    public final Scheduler scheduler() {
        return (task, delay) -> {
            paused(delay);
            nanos.addAndGet(delay.toNanos());
            task.run();
            return () -> {};
        };
    }

    @Override
    public final TimeSource timeSource() {
        return nanos::get;
    }

    @Override
    public final RandomGenerator random() {
        return random;
    }

    @Override
    public final Executor executor() {
        return Runnable::run;
    }
}
