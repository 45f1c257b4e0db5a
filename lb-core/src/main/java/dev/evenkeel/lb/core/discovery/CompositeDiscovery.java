package dev.evenkeel.lb.core.discovery;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.core.internal.concurrent.SerialLoop;
import dev.evenkeel.lb.spi.BackendDiscovery;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * Combines several sources into one: a rule combines their lists whenever a source delivers a result, or a time has
 * passed.
 */
final class CompositeDiscovery implements BackendDiscovery {
    private final String kind;
    private final List<BackendDiscovery> sources;
    private final Duration failureTimeout;
    private final CombinationRule rule;

    CompositeDiscovery(String kind, List<BackendDiscovery> sources, Duration failureTimeout, CombinationRule rule) {
        if (sources.isEmpty()) {
            throw new IllegalArgumentException(kind + " must have at least one source: none");
        }
        this.kind = kind;
        this.sources = sources;
        this.failureTimeout = failureTimeout;
        this.rule = rule;
    }

    @Override
    public Watch start(Receiver receiver) {
        Running running = new Running(receiver);
        try {
            running.start();
        } catch (RuntimeException | Error e) {
            running.close();
            throw e;
        }
        return running;
    }

    @Override
    public String toString() {
        return kind + sources;
    }

    private final class Running implements Watch {
        private final Receiver receiver;
        private final List<CombinedSource> states = new ArrayList<>();
        private final List<Watch> watches = new ArrayList<>();
        private final Queue<Runnable> errors = new ConcurrentLinkedQueue<>();
        private final SerialLoop deliveries = new SerialLoop();
        private boolean closed;

        /** Whether there was a result since the last list: even the same list ends an error. */
        private boolean dirty;

        private @Nullable SourceList told;

        Running(Receiver receiver) {
            this.receiver = receiver;
        }

        void start() {
            synchronized (this) {
                sources.forEach(source -> states.add(new CombinedSource()));
                states.forEach(this::giveUpLater);
            }
            for (int i = 0; i < states.size(); i++) {
                Watch watch = sources.get(i).start(new SourceReceiver(receiver, states.get(i)));
                synchronized (this) {
                    watches.add(watch);
                }
            }
        }

        @Override
        public void close() {
            List<Watch> open;
            synchronized (this) {
                closed = true;
                states.forEach(CombinedSource::stopTimer);
                open = List.copyOf(watches);
                watches.clear();
            }
            open.forEach(Watch::close);
        }

        private synchronized void heard(CombinedSource source, SourceList list) {
            dirty = true;
            source.heard(list);
        }

        private synchronized void failed(CombinedSource source) {
            if (source.failed()) {
                giveUpLater(source);
            }
        }

        private synchronized void giveUpLater(CombinedSource source) {
            if (!closed) {
                source.timer(receiver.scheduler().schedule(() -> giveUp(source), failureTimeout));
            }
        }

        private void giveUp(CombinedSource source) {
            synchronized (this) {
                source.timerEnded();
            }
            deliveries.run(this::tell);
        }

        /** Delivers results, outside of the lock, on one thread at a time. */
        private void tell() {
            for (Runnable error = errors.poll(); error != null; error = errors.poll()) {
                error.run();
            }
            SourceList next = next();
            if (next != null) {
                receiver.backends(next.backends(), next.replaced());
            }
        }

        private synchronized @Nullable SourceList next() {
            if (closed) {
                return null;
            }
            SourceList list = rule.combine(states);
            boolean news = dirty || (list != null && !list.equals(told));
            if (list == null || !news) {
                return null;
            }
            dirty = false;
            told = list;
            return list;
        }

        /** Receiver of one source. */
        private final class SourceReceiver extends ForwardingReceiver {
            private final CombinedSource source;

            SourceReceiver(Receiver receiver, CombinedSource source) {
                super(receiver);
                this.source = source;
            }

            @Override
            public void backends(List<Backend> backends) {
                backends(backends, Set.of());
            }

            @Override
            public void backends(List<Backend> backends, Set<String> replaced) {
                String duplicate = firstDuplicate(backends);
                if (duplicate != null) {
                    error(new IllegalArgumentException("duplicate backend id \"" + duplicate + "\" in one source of a "
                            + kind + "; its last good list stays"));
                } else if (backends.isEmpty() && !honoursEmpty()) {
                    error(new IllegalStateException(
                            "one source of a " + kind + " found no backends; its last good list stays"));
                } else {
                    heard(source, new SourceList(backends, replaced));
                    deliveries.run(Running.this::tell);
                }
            }

            @Override
            public void error(Throwable cause) {
                errors.add(() -> receiver.error(cause));
                failed(source);
                deliveries.run(Running.this::tell);
            }

            @Override
            public void ambientError(Throwable cause) {
                errors.add(() -> receiver.ambientError(cause));
                deliveries.run(Running.this::tell);
            }
        }
    }

    private static @Nullable String firstDuplicate(Collection<Backend> backends) {
        Set<String> ids = new HashSet<>();
        for (Backend backend : backends) {
            if (!ids.add(backend.id())) {
                return backend.id();
            }
        }
        return null;
    }
}
