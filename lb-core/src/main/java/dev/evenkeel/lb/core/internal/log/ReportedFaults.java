package dev.evenkeel.lb.core.internal.log;

import dev.evenkeel.lb.spi.TimeSource;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/**
 * Decides which faults of a source of backends are reported; the rule is the same for all sources. A fault that
 * continues is reported once, until it is over or is another. A source that fails with changing texts is reported
 * {@value #MAX_FAULTS} times until it works again.
 *
 * <p>Thread-safe.
 */
public final class ReportedFaults {
    /** The maximum number of faults that are reported until the source works, and of those of its entries a minute. */
    public static final int MAX_FAULTS = 8;

    private static final long PERIOD_NANOS = Duration.ofMinutes(1).toNanos();

    private final TimeSource clock;

    // Guarded by this.
    private final Set<String> failures = new HashSet<>();
    private String ofEntries = "";
    private final Set<String> ofEntriesInPeriod = new HashSet<>();
    private long periodNanos;

    /**
     * Creates one without faults.
     *
     * @param clock measures the minute
     */
    public ReportedFaults(TimeSource clock) {
        this.clock = clock;
    }

    /**
     * Notes that the source has failed.
     *
     * @param fault its text
     * @return whether to report it
     */
    public synchronized boolean failed(String fault) {
        return failures.size() < MAX_FAULTS && failures.add(fault);
    }

    /**
     * Notes that an answer is refused, while the source goes on and may work again at once.
     *
     * @param fault its text
     * @return whether to report it: a fault that comes and goes is reported once a minute
     */
    public synchronized boolean refused(String fault) {
        boolean isReported = !failures.contains(fault) && isNewInPeriod(fault);
        if (isReported) {
            failures.add(fault);
        }
        return isReported;
    }

    /**
     * Notes that the source works.
     *
     * @return whether a failure was reported, which is over
     */
    public synchronized boolean worked() {
        boolean hadFailed = !failures.isEmpty();
        failures.clear();
        return hadFailed;
    }

    /** Whether a failure was reported that is not over. */
    public synchronized boolean hasFailed() {
        return !failures.isEmpty();
    }

    /**
     * Notes which entries of a list were left out.
     *
     * @param fault what is wrong with the first of them; empty if none was left out
     * @return whether to report it: a fault that comes and goes is reported once a minute
     */
    public synchronized boolean leftOut(String fault) {
        if (fault.equals(ofEntries)) {
            return false;
        }
        ofEntries = fault;
        return !fault.isEmpty() && isNewInPeriod(fault);
    }

    /**
     * Whether a fault was not reported in the last minute, and fewer than {@value #MAX_FAULTS} were.
     *
     * @param fault its text
     */
    public synchronized boolean isNewInPeriod(String fault) {
        long nowNanos = clock.nanoTime();
        if (nowNanos - periodNanos >= PERIOD_NANOS) {
            ofEntriesInPeriod.clear();
        }
        if (ofEntriesInPeriod.isEmpty()) {
            periodNanos = nowNanos;
        }
        return ofEntriesInPeriod.size() < MAX_FAULTS && ofEntriesInPeriod.add(fault);
    }
}
