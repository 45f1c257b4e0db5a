package dev.evenkeel.lb.core.discovery;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.core.internal.log.ReportedFaults;
import dev.evenkeel.lb.spi.BackendDiscovery;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** A source without the backends on loopback and link-local addresses. */
final class RemoteOnlyDiscovery implements BackendDiscovery {
    private final BackendDiscovery source;

    RemoteOnlyDiscovery(BackendDiscovery source) {
        this.source = source;
    }

    @Override
    public Watch start(Receiver receiver) {
        return source.start(new Remote(receiver));
    }

    @Override
    public String toString() {
        return "remoteOnly[" + source + "]";
    }

    private static final class Remote extends ForwardingReceiver {
        private final Receiver receiver;
        private final ReportedFaults faults;

        Remote(Receiver receiver) {
            super(receiver);
            this.receiver = receiver;
            this.faults = new ReportedFaults(receiver.timeSource());
        }

        @Override
        public void backends(List<Backend> backends) {
            backends(backends, Set.of());
        }

        @Override
        public void backends(List<Backend> backends, Set<String> replaced) {
            List<Backend> remote = new ArrayList<>(backends.size());
            String first = "";
            for (Backend backend : backends) {
                if (!LocalHost.is(backend.host())) {
                    remote.add(backend);
                } else if (first.isEmpty()) {
                    first = backend.host();
                }
            }
            boolean isOther = faults.leftOut(first);
            IllegalArgumentException fault = new IllegalArgumentException((backends.size() - remote.size()) + " of "
                    + backends.size() + " backends are left out; the first has a loopback or link-local address: \""
                    + first + "\"");
            if (remote.isEmpty() && !backends.isEmpty()) {
                receiver.error(fault);
                return;
            }
            receiver.backends(remote, replaced);
            if (isOther) {
                receiver.ambientError(fault);
            }
        }

        @Override
        public void error(Throwable cause) {
            receiver.error(cause);
        }

        @Override
        public void ambientError(Throwable cause) {
            receiver.ambientError(cause);
        }
    }
}
