package dev.evenkeel.lb.core;

import dev.evenkeel.lb.LoadBalancerListener;
import dev.evenkeel.lb.core.internal.runtime.EventDispatcher;
import dev.evenkeel.lb.core.internal.runtime.PoolLog;
import dev.evenkeel.lb.core.internal.runtime.PoolRuntime;
import dev.evenkeel.lb.core.internal.runtime.PoolScheduler;
import dev.evenkeel.lb.core.internal.runtime.SharedScheduler;
import dev.evenkeel.lb.spi.Scheduler;
import dev.evenkeel.lb.spi.TimeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** What a pool will run on, of which a reload changes nothing. Each built pool gets timers of its own. */
final class RuntimeBuilder {
    private final List<LoadBalancerListener> listeners = new ArrayList<>();
    private TimeSource timeSource = TimeSource.system();
    private @Nullable Scheduler scheduler;
    private RandomGenerator random = new SharedRandom();

    void listener(LoadBalancerListener listener) {
        listeners.add(listener);
    }

    void timeSource(TimeSource clock) {
        timeSource = clock;
    }

    void scheduler(Scheduler timers) {
        scheduler = timers;
    }

    void random(RandomGenerator generator) {
        random = generator;
    }

    PoolRuntime build(String name) {
        PoolScheduler timers = new PoolScheduler(scheduler == null ? new SharedScheduler() : scheduler, timeSource);
        EventDispatcher events = new EventDispatcher(new PoolLog(name, timeSource, timers));
        listeners.forEach(events::addListener);
        return new PoolRuntime(
                name, events, timeSource, timers, random, PoolRuntime.isSystemClock(timeSource) ? null : Runnable::run);
    }

    /** A random generator that delegates to each thread's own one. */
    private static final class SharedRandom implements RandomGenerator {
        @Override
        public long nextLong() {
            return ThreadLocalRandom.current().nextLong();
        }

        @Override
        public int nextInt() {
            return ThreadLocalRandom.current().nextInt();
        }

        @Override
        public int nextInt(int bound) {
            return ThreadLocalRandom.current().nextInt(bound);
        }

        @Override
        public double nextDouble() {
            return ThreadLocalRandom.current().nextDouble();
        }
    }
}
