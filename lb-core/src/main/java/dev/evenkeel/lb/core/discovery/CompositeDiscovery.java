package dev.evenkeel.lb.core.discovery;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.spi.BackendDiscovery;
import dev.evenkeel.lb.spi.Scheduler.Cancellable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Combines several sources into one: a rule combines their lists whenever a source delivers a result, or a time has
 * passed.
 */
final class CompositeDiscovery implements BackendDiscovery {
    private final String kind;
    private final List<BackendDiscovery> sources;
    private final Duration failureTimeout;
    private final Rule rule;

    CompositeDiscovery(String kind, List<BackendDiscovery> sources, Duration failureTimeout, Rule rule) {
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

    /** Combines the sources' results. */
    interface Rule {
        /**
         * The combined list.
         *
         * @param sources in the order of precedence
         * @return null if the previous list stays in force
         */
        @Nullable
        List<Backend> combine(List<Source> sources);
    }

    /** The backends of all sources. */
    static final class Union implements Rule {
        @Override
        public @Nullable List<Backend> combine(List<Source> sources) {
            Map<String, Backend> byId = new LinkedHashMap<>();
            boolean some = false;
            for (Source source : sources) {
                if (source.isAwaited()) {
                    return null;
                }
                List<Backend> list = source.list;
                if (list != null) {
                    some = true;
                    list.forEach(backend -> byId.putIfAbsent(backend.id(), backend));
                }
            }
            return some ? List.copyOf(byId.values()) : null;
        }
    }

    /** The list of the first source that works. */
    static final class Failover implements Rule {
        @Override
        public @Nullable List<Backend> combine(List<Source> sources) {
            for (Source source : sources) {
                if (source.isAwaited()) {
                    return null;
                }
                if (source.list != null && !source.hasFailed()) {
                    return source.list;
                }
            }
            return null;
        }
    }

    /** State of one source. Guarded by the running combination. */
    static final class Source {
        private @Nullable List<Backend> list;
        private boolean hasSpoken;
        private boolean failing = true;
        private boolean patienceIsOver;
        private @Nullable Cancellable timer;

        /** Whether the source has delivered no result yet, and may still do so. */
        boolean isAwaited() {
            return !hasSpoken && !patienceIsOver;
        }

        boolean hasFailed() {
            return failing && patienceIsOver;
        }
    }

    private final class Running implements Watch {
        private final Receiver receiver;
        private final List<Source> states = new ArrayList<>();
        private final List<Watch> watches = new ArrayList<>();
        private final Queue<Throwable> errors = new ConcurrentLinkedQueue<>();
        private final AtomicInteger untold = new AtomicInteger();
        private boolean closed;

        /** Whether there was a result since the last list: even the same list ends an error. */
        private boolean dirty;

        private @Nullable List<Backend> told;

        Running(Receiver receiver) {
            this.receiver = receiver;
        }

        void start() {
            synchronized (this) {
                sources.forEach(source -> states.add(new Source()));
                states.forEach(this::loseHopeLater);
            }
            for (int i = 0; i < states.size(); i++) {
                Watch watch = sources.get(i).start(new Ear(receiver, states.get(i)));
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
                states.forEach(Running::stopTimer);
                open = List.copyOf(watches);
                watches.clear();
            }
            open.forEach(Watch::close);
        }

        private synchronized void heard(Source source, List<Backend> list) {
            source.list = list;
            source.hasSpoken = true;
            source.failing = false;
            source.patienceIsOver = false;
            dirty = true;
            stopTimer(source);
        }

        private synchronized void failed(Source source) {
            source.hasSpoken = true;
            if (!source.failing) {
                source.failing = true;
                loseHopeLater(source);
            }
        }

        private synchronized void loseHopeLater(Source source) {
            if (!closed) {
                source.timer = receiver.scheduler().schedule(() -> loseHope(source), failureTimeout);
            }
        }

        private void loseHope(Source source) {
            synchronized (this) {
                source.patienceIsOver = source.failing;
            }
            tell();
        }

        private static void stopTimer(Source source) {
            Cancellable running = source.timer;
            if (running != null) {
                running.cancel();
                source.timer = null;
            }
        }

        /**
         * Delivers results on one thread at a time, outside of the lock. A thread that finds another one delivering
         * leaves its results to that thread.
         */
        private void tell() {
            if (untold.getAndIncrement() != 0) {
                return;
            }
            boolean finished = false;
            try {
                int seen = 1;
                do {
                    for (Throwable error = errors.poll(); error != null; error = errors.poll()) {
                        receiver.error(error);
                    }
                    List<Backend> next = next();
                    if (next != null) {
                        receiver.backends(next);
                    }
                    seen = untold.addAndGet(-seen);
                } while (seen != 0);
                finished = true;
            } finally {
                if (!finished) {
                    // A receiver that throws must not stop the deliveries.
                    untold.set(0);
                }
            }
        }

        private synchronized @Nullable List<Backend> next() {
            if (closed) {
                return null;
            }
            List<Backend> list = rule.combine(states);
            boolean news = dirty || (list != null && !list.equals(told));
            if (list == null || !news) {
                return null;
            }
            dirty = false;
            told = list;
            return list;
        }

        /** Receiver of one source. */
        private final class Ear extends ForwardingReceiver {
            private final Source source;

            Ear(Receiver receiver, Source source) {
                super(receiver);
                this.source = source;
            }

            @Override
            public void backends(List<Backend> backends) {
                String duplicate = firstDuplicate(backends);
                if (duplicate != null) {
                    error(new IllegalArgumentException("duplicate backend id \"" + duplicate + "\" in one source of a "
                            + kind + "; its last good list stays"));
                } else if (backends.isEmpty() && !honoursEmpty()) {
                    error(new IllegalStateException(
                            "one source of a " + kind + " found no backends; its last good list stays"));
                } else {
                    heard(source, List.copyOf(backends));
                    tell();
                }
            }

            @Override
            public void error(Throwable cause) {
                errors.add(cause);
                failed(source);
                tell();
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
