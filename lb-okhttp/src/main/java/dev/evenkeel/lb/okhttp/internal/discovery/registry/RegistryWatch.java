package dev.evenkeel.lb.okhttp.internal.discovery.registry;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.core.internal.concurrent.DaemonThreads;
import dev.evenkeel.lb.core.internal.log.ReportedFaults;
import dev.evenkeel.lb.spi.BackendDiscovery;
import dev.evenkeel.lb.spi.Scheduler;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Follows a registry on a daemon thread of its own, in rounds, until it is closed. After a failed round it waits, with
 * a wait that doubles and has a jitter. Each cause of an outage is reported once.
 *
 * <p>A stream that breaks after it delivered something is no failure: the next round continues from there.
 */
public final class RegistryWatch implements BackendDiscovery.Watch {
    private static final System.Logger LOG = System.getLogger("dev.evenkeel.lb");

    /** A stream that lasted this long counts as working, even if it delivered nothing. */
    private static final long LASTING_NANOS = Duration.ofSeconds(5).toNanos();

    private static final int MAX_TEXT = 500;
    private static final int MAX_CAUSE_TEXT = 5_000;

    private final String source;
    private final BackendDiscovery.Receiver receiver;
    private final RegistryClient client;
    private final RegistryBackoff backoff;
    private final RegistrySession session;
    private final ListPublisher publisher;
    private volatile boolean closed;
    private @Nullable CountDownLatch pause;

    // Of the thread.
    private boolean opened;
    private boolean answered;
    private boolean distrusted;
    private int failures;
    private final ReportedFaults faults;
    /** Whether the last list had no entry that can be used, so the one before stays and the source has failed. */
    private boolean nothingButFaults;

    private @Nullable List<Backend> found;

    private RegistryWatch(
            String source,
            BackendDiscovery.Receiver receiver,
            RegistryClient client,
            RegistryBackoff backoff,
            RegistrySession session) {
        this.source = source;
        this.receiver = receiver;
        this.client = client;
        this.backoff = backoff;
        this.session = session;
        this.publisher = new ListPublisher(receiver);
        this.faults = new ReportedFaults(receiver.timeSource());
    }

    /**
     * Starts a source.
     *
     * @param source what is followed, for messages
     */
    public static RegistryWatch start(
            String source,
            BackendDiscovery.Receiver receiver,
            RegistryClient client,
            RegistryBackoff backoff,
            RegistrySession session) {
        RegistryWatch watch = new RegistryWatch(source, receiver, client, backoff, session);
        DaemonThreads.named("evenkeel-discovery " + source)
                .newThread(watch::run)
                .start();
        return watch;
    }

    // Called by sessions.

    /** Notes that the registry has accepted a stream. */
    public void opened() {
        opened = true;
    }

    /** Notes a valid answer. */
    public void answered() {
        answered = true;
        if (!distrusted) {
            recovered();
        }
    }

    /** Takes a whole list. */
    public void found(InstanceList listing) {
        List<Backend> backends = listing.backends();
        nothingButFaults = backends.isEmpty() && listing.skipped() > 0;
        if (!nothingButFaults && !backends.equals(found)) {
            found = backends;
            if (!faults.hasFailed() || distrusted) {
                publisher.list(backends, false);
            }
        }
        answered();
        boolean isOther = faults.leftOut(listing.fault());
        if (!closed && (nothingButFaults ? faults.refused("nothing but " + listing.fault()) : isOther)) {
            Throwable cause = new IllegalArgumentException(source + ": " + listing.skipped() + " of "
                    + (backends.size() + listing.skipped()) + " entries are left out; the first is "
                    + client.secrets().clean(listing.fault(), MAX_TEXT));
            if (nothingButFaults) {
                publisher.error(cause);
            } else {
                publisher.ambientError(cause);
            }
        }
    }

    /** Notes an answer that is refused as a whole while its stream goes on. The list stays as it is. */
    public void refused(MalformedAnswerException cause) {
        if (closed) {
            return;
        }
        String text = textOf(cause);
        if (faults.refused(text)) {
            publisher.error(new IOException(text, presentable(cause)));
        } else {
            LOG.log(System.Logger.Level.DEBUG, text);
        }
    }

    public RandomGenerator random() {
        return receiver.random();
    }

    public long nanoTime() {
        return receiver.timeSource().nanoTime();
    }

    // On the thread.

    private void run() {
        try {
            while (!closed) {
                pause(round());
            }
        } finally {
            client.close();
        }
    }

    private Duration round() {
        opened = false;
        answered = false;
        long startNanos = nanoTime();
        try {
            Duration pause = session.round(this);
            if (answered || lasted(startNanos)) {
                wentWell();
                return pause;
            }
            failed(new IOException("the registry ends its answers before it has said anything"));
        } catch (MalformedAnswerException e) {
            distrusted = true;
            failed(e);
        } catch (IOException e) {
            if (answered || lasted(startNanos)) {
                LOG.log(
                        System.Logger.Level.TRACE,
                        () -> source + ": the answer broke off, and is resumed",
                        presentable(e));
                wentWell();
                return backoff.resume(random());
            }
            failed(e);
        } catch (RuntimeException | Error e) {
            // An answer that is too large or too deep, too: the thread must survive it.
            distrusted = true;
            failed(e);
        }
        return backoff.after(failures, random());
    }

    private boolean lasted(long startNanos) {
        return opened && nanoTime() - startNanos >= LASTING_NANOS;
    }

    private void wentWell() {
        distrusted = false;
        recovered();
    }

    private void recovered() {
        failures = 0;
        if (!nothingButFaults && faults.worked()) {
            LOG.log(System.Logger.Level.DEBUG, source + ": the registry is back");
            if (found != null) {
                // After errors, a list says that they are over, even if it is the same.
                publisher.list(found, true);
            }
        }
    }

    private void failed(Throwable cause) {
        if (closed) {
            return;
        }
        failures++;
        String text = textOf(cause);
        if (faults.failed(text)) {
            publisher.error(new IOException(text, presentable(cause)));
        } else {
            LOG.log(System.Logger.Level.DEBUG, text);
        }
    }

    private String textOf(Throwable cause) {
        String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        return source + ": " + client.secrets().clean(message, MAX_TEXT);
    }

    /** Null unless the texts of all causes can be shown as they are: a stack trace does so. */
    private @Nullable Throwable presentable(Throwable cause) {
        for (Throwable next = cause; next != null; next = next.getCause()) {
            String text = String.valueOf(next.getMessage());
            if (!client.secrets().clean(text, MAX_CAUSE_TEXT).equals(text)) {
                return null;
            }
        }
        return cause;
    }

    private void pause(Duration duration) {
        CountDownLatch over = new CountDownLatch(1);
        synchronized (this) {
            if (closed || duration.isZero()) {
                return;
            }
            pause = over;
        }
        Scheduler.Cancellable timer = receiver.scheduler().schedule(over::countDown, duration);
        try {
            over.await();
        } catch (InterruptedException e) {
            // We do not interrupt this thread, so an interrupt means that it is to end.
            closed = true;
            Thread.currentThread().interrupt();
        } finally {
            timer.cancel();
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            if (pause != null) {
                pause.countDown();
            }
        }
        publisher.close();
        client.close();
    }
}
