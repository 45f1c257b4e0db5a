package dev.evenkeel.lb.core.discovery;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.spi.BackendDiscovery;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** One client's part of a fleet, refilled while backends of it are out. */
final class SubsetDiscovery implements BackendDiscovery {
    private final BackendDiscovery source;
    private final RendezvousSubsetter subsetter;

    SubsetDiscovery(BackendDiscovery source, RendezvousSubsetter subsetter) {
        this.source = source;
        this.subsetter = subsetter;
    }

    @Override
    public Watch start(Receiver receiver) {
        Running running = new Running(receiver);
        receiver.watchUnavailable(running::unavailable);
        return source.start(running);
    }

    /** The receiver of the fleet. Lists and changes of what is out may come from two threads at once. */
    private final class Running extends ForwardingReceiver {
        private final Receiver receiver;
        private final AtomicInteger untold = new AtomicInteger();

        // Guarded by this object's monitor, which is not held while a list is delivered.
        private @Nullable List<Backend> fleet;
        private Set<String> out = Set.of();
        private @Nullable SourceList told;
        /** Whether the source has delivered a list since the last one: even the same list ends an error. */
        private boolean fresh;

        Running(Receiver receiver) {
            super(receiver);
            this.receiver = receiver;
        }

        @Override
        public void backends(List<Backend> backends) {
            synchronized (this) {
                fleet = backends;
                fresh = true;
            }
            tell();
        }

        @Override
        public void error(Throwable cause) {
            receiver.error(cause);
        }

        void unavailable(Set<String> ids) {
            synchronized (this) {
                out = ids;
            }
            tell();
        }

        /** Delivers on one thread at a time. A thread that finds another one delivering leaves it to that thread. */
        private void tell() {
            if (untold.getAndIncrement() != 0) {
                return;
            }
            boolean finished = false;
            try {
                int seen = 1;
                do {
                    SourceList next = next();
                    if (next != null) {
                        receiver.backends(next.backends(), next.replaced());
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

        /** The list to deliver; null if nothing has changed. */
        private synchronized @Nullable SourceList next() {
            List<Backend> whole = fleet;
            if (whole == null) {
                return null;
            }
            SourceList part = subsetter.of(whole, out);
            if (!fresh && part.equals(told)) {
                return null;
            }
            fresh = false;
            told = part;
            return part;
        }
    }
}
