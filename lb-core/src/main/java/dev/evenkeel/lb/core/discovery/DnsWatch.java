package dev.evenkeel.lb.core.discovery;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.core.internal.log.ReportedFaults;
import dev.evenkeel.lb.core.internal.time.Backoff;
import dev.evenkeel.lb.spi.BackendDiscovery.Receiver;
import dev.evenkeel.lb.spi.BackendDiscovery.Watch;
import dev.evenkeel.lb.spi.Scheduler.Cancellable;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Name;
import org.xbill.DNS.TextParseException;

/** Watches one name: queries it, delivers a changed list to the receiver, and waits. */
final class DnsWatch implements Watch {
    private static final long MAX_BACKOFF_NANOS = Duration.ofSeconds(30).toNanos();
    private static final int MAX_FAULTS = 4;
    private static final long MAX_JITTER_NANOS = Duration.ofMillis(500).toNanos();

    private final Name name;
    private final DnsSettings settings;
    private final DnsTransport nameservers;
    private final Receiver receiver;
    private final DnsAnswerCache answers;

    private volatile boolean closed;
    private volatile @Nullable Cancellable timer;

    // One round at a time.
    private @Nullable List<Backend> told;
    private final ReportedFaults faults;
    private int failures;

    private DnsWatch(Name name, DnsSettings settings, DnsTransport nameservers, Receiver receiver) {
        this.name = name;
        this.settings = settings;
        this.nameservers = nameservers;
        this.receiver = receiver;
        this.faults = new ReportedFaults(receiver.timeSource());
        this.answers = new DnsAnswerCache(nameservers, receiver.timeSource(), settings.maxInterval());
    }

    static Watch start(String name, DnsSettings settings, DnsTransport nameservers, Receiver receiver) {
        DnsWatch watch = new DnsWatch(absolute(name), settings, nameservers, receiver);
        receiver.executor().execute(watch::round);
        return watch;
    }

    private static Name absolute(String name) {
        try {
            return Name.fromString(name, Name.root);
        } catch (TextParseException e) {
            throw new IllegalArgumentException("DNS name is malformed: \"" + name + "\" (" + e.getMessage() + ")", e);
        }
    }

    private void round() {
        long waitNanos = 0;
        try {
            waitNanos = ask();
        } catch (IOException | RuntimeException e) {
            waitNanos = failed(e);
        } finally {
            next(Duration.ofNanos(waitNanos));
        }
    }

    /** Queries, and returns how long to wait for the next change. */
    private long ask() throws IOException {
        answers.begin();
        DnsBackendMapper backends = new DnsBackendMapper(name, settings, answers);
        List<Backend> list = backends.find();
        long lifeNanos = answers.end();
        if (list.isEmpty() && !backends.faults().isEmpty()) {
            if (answers.isCutShort()) {
                // There may be backends among the names that are left.
                tellFaults(backends.faults(), this::tellFailure);
                return jittered(settings.minInterval().toNanos());
            }
            throw nothing(backends);
        }
        tellFaults(backends.faults(), receiver::ambientError);
        IOException failure = answers.failure();
        // While a query fails, an unchanged list is not delivered: it would look as if the failure were over.
        tell(list, failure == null && faults.worked());
        if (failure != null) {
            return failed(failure);
        }
        failures = 0;
        return jittered(Math.max(settings.minInterval().toNanos(), lifeNanos));
    }

    private IOException nothing(DnsBackendMapper backends) {
        IOException unresolved = backends.unresolved();
        return unresolved != null
                ? unresolved
                : new IOException(
                        "DNS lists no backend that can be used for " + name + ": " + summary(backends.faults()));
    }

    private void tell(List<Backend> list, boolean again) {
        if (!closed && (again || !list.equals(told))) {
            told = list;
            receiver.backends(list);
        }
    }

    /** Reports what was left out, if the first of it is another than before: a faulty zone stays faulty for a while. */
    private void tellFaults(List<String> leftOut, Consumer<Throwable> report) {
        if (!closed && faults.leftOut(leftOut.isEmpty() ? "" : leftOut.get(0))) {
            report.accept(new IOException("DNS lists what cannot be used for " + name + ": " + summary(leftOut)));
        }
    }

    private void tellFailure(Throwable cause) {
        if (!closed && faults.failed(String.valueOf(cause.getMessage()))) {
            receiver.error(cause);
        }
    }

    private static String summary(List<String> faults) {
        int more = faults.size() - MAX_FAULTS;
        return more <= 0
                ? String.join(", ", faults)
                : String.join(", ", faults.subList(0, MAX_FAULTS)) + " and " + more + " more";
    }

    /** Returns the back-off. */
    private long failed(Exception cause) {
        tellFailure(cause);
        Duration first = settings.minInterval();
        long maxNanos = Math.max(
                first.toNanos(),
                Math.min(MAX_BACKOFF_NANOS, settings.maxInterval().toNanos()));
        return Backoff.delay(first, Duration.ofNanos(maxNanos), failures++, 0.2, receiver.random())
                .toNanos();
    }

    /** Adds jitter upwards only: before its time is over, a cache gives the same answer again. */
    private long jittered(long nanos) {
        return nanos
                + (long) (Math.min((double) MAX_JITTER_NANOS, nanos / 10.0)
                        * receiver.random().nextDouble());
    }

    private void next(Duration wait) {
        if (!closed) {
            timer = receiver.scheduler().schedule(() -> receiver.executor().execute(this::round), wait);
            if (closed) {
                close();
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        nameservers.close();
        Cancellable pending = timer;
        if (pending != null) {
            pending.cancel();
        }
    }
}
