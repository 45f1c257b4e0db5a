package dev.evenkeel.lb.core.discovery;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.core.internal.concurrent.SerialLoop;
import dev.evenkeel.lb.spi.BackendDiscovery;
import java.util.List;
import java.util.Set;
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
        private final SerialLoop deliveries = new SerialLoop();

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
            deliveries.run(this::tell);
        }

        @Override
        public void error(Throwable cause) {
            receiver.error(cause);
        }

        @Override
        public void ambientError(Throwable cause) {
            receiver.ambientError(cause);
        }

        void unavailable(Set<String> ids) {
            synchronized (this) {
                out = ids;
            }
            deliveries.run(this::tell);
        }

        /** Delivers the list, outside of the lock, on one thread at a time. */
        private void tell() {
            SourceList next = next();
            if (next != null) {
                receiver.backends(next.backends(), next.replaced());
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
