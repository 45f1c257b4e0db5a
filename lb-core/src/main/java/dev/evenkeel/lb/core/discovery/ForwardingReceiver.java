package dev.evenkeel.lb.core.discovery;

import dev.evenkeel.lb.spi.BackendDiscovery.Receiver;
import dev.evenkeel.lb.spi.Scheduler;
import dev.evenkeel.lb.spi.TimeSource;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** Receiver between a source and its pool: offers what the pool's receiver offers. */
abstract class ForwardingReceiver implements Receiver {
    private final Receiver receiver;

    ForwardingReceiver(Receiver receiver) {
        this.receiver = receiver;
    }

    @Override
    public boolean honoursEmpty() {
        return receiver.honoursEmpty();
    }

    @Override
    public void watchUnavailable(Consumer<Set<String>> listener) {
        receiver.watchUnavailable(listener);
    }

    @Override
    public Scheduler scheduler() {
        return receiver.scheduler();
    }

    @Override
    public TimeSource timeSource() {
        return receiver.timeSource();
    }

    @Override
    public RandomGenerator random() {
        return receiver.random();
    }

    @Override
    public Executor executor() {
        return receiver.executor();
    }
}
