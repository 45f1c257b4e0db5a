package dev.evenkeel.lb.core.discovery;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.core.VirtualTime;
import dev.evenkeel.lb.spi.BackendDiscovery.Receiver;
import dev.evenkeel.lb.spi.Scheduler;
import dev.evenkeel.lb.spi.TimeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** Keeps what it is told; everything it offers is moved by the test. */
final class FakeReceiver implements Receiver {
    final VirtualTime time = new VirtualTime();
    final List<List<String>> lists = new ArrayList<>();
    final List<Throwable> errors = new ArrayList<>();
    /** Those of the errors that leave the list in use. */
    final List<Throwable> ambient = new ArrayList<>();

    List<Backend> backends = List.of();
    Consumer<Set<String>> unavailable = ids -> {};
    boolean honoursEmpty;

    @Override
    public void backends(List<Backend> list) {
        backends = list;
        lists.add(list.stream().map(Backend::id).toList());
    }

    @Override
    public void error(Throwable cause) {
        errors.add(cause);
    }

    @Override
    public void ambientError(Throwable cause) {
        ambient.add(cause);
        errors.add(cause);
    }

    @Override
    public void watchUnavailable(Consumer<Set<String>> listener) {
        unavailable = unavailable.andThen(listener);
    }

    List<String> ids() {
        return backends.stream().map(Backend::id).toList();
    }

    @Override
    public boolean honoursEmpty() {
        return honoursEmpty;
    }

    @Override
    public Scheduler scheduler() {
        return time;
    }

    @Override
    public TimeSource timeSource() {
        return time;
    }

    @Override
    public RandomGenerator random() {
        return new Random(42);
    }

    @Override
    public Executor executor() {
        return Runnable::run;
    }
}
