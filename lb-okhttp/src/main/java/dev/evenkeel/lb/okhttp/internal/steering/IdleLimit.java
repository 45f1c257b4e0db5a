package dev.evenkeel.lb.okhttp.internal.steering;

import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * After how much idleness a backend closes its connections, as far as the client has learned it: from connections that
 * had ended, and from {@code Keep-Alive} headers. A request that is not idempotent is not sent over a connection that is
 * near the limit, since its end may be on its way.
 *
 * <p>A backend that is stopped or reloaded closes connections at any time, so a limit may be wrong. It is forgotten when
 * a connection outlives it, or when it was avoided for some time without a connection that confirmed it. Thread-safe.
 */
final class IdleLimit {
    /** A connection that ends sooner was not ended for its idleness. */
    static final long MIN_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    /** How far from the limit a connection must be, unless a quarter of the limit is less. */
    static final long MAX_MARGIN_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** How often connections are replaced for a limit that no other end confirms, at first. */
    static final int MIN_UNCONFIRMED = 8;

    /** The same for a limit that was right each time after it was forgotten. */
    static final int MAX_UNCONFIRMED = 1_024;

    private static final long NONE = Long.MAX_VALUE;
    private static final int MAX_ANNOUNCED_DIGITS = 6;
    private static final String TIMEOUT = "timeout=";

    private final AtomicLong limitNanos = new AtomicLong(NONE);
    private final AtomicInteger unconfirmed = new AtomicInteger();
    private volatile int maxUnconfirmed = MIN_UNCONFIRMED;
    /** The last limit that was forgotten; 0 for none. */
    private volatile long forgottenNanos;

    /** A connection had ended after so much idleness, or earlier. */
    void ended(long idleNanos) {
        if (idleNanos < MIN_NANOS) {
            return;
        }
        long before = limitNanos.getAndAccumulate(idleNanos, Math::min);
        unconfirmed.set(0);
        if (before == NONE) {
            long forgotten = forgottenNanos;
            boolean isTheSame = idleNanos / 2 <= forgotten && forgotten / 2 <= idleNanos;
            maxUnconfirmed = isTheSame ? Math.min(MAX_UNCONFIRMED, 2 * maxUnconfirmed) : MIN_UNCONFIRMED;
        }
    }

    /** A connection was found open after so much idleness. A busy backend may be late, but not by the limit. */
    void outlived(long idleNanos) {
        long limit = limitNanos.get();
        if (limit != NONE && idleNanos / 2 >= limit) {
            limitNanos.compareAndSet(limit, NONE);
        }
    }

    /** A connection was replaced unseen, because it was near the limit. */
    void avoided() {
        if (unconfirmed.incrementAndGet() >= maxUnconfirmed) {
            unconfirmed.set(0);
            forgottenNanos = limitNanos.getAndSet(NONE);
        }
    }

    /** Takes the limit from the value of a {@code Keep-Alive} header, such as {@code timeout=5, max=100}. */
    void announced(@Nullable String keepAlive) {
        if (keepAlive == null) {
            return;
        }
        int start = keepAlive.toLowerCase(Locale.ROOT).indexOf(TIMEOUT);
        if (start < 0) {
            return;
        }
        long seconds = 0;
        int at = start + TIMEOUT.length();
        int end = Math.min(keepAlive.length(), at + MAX_ANNOUNCED_DIGITS);
        while (at < end && Character.digit(keepAlive.charAt(at), 10) >= 0) {
            seconds = seconds * 10 + Character.digit(keepAlive.charAt(at++), 10);
        }
        ended(TimeUnit.SECONDS.toNanos(seconds));
    }

    boolean isKnown() {
        return limitNanos.get() != NONE;
    }

    /** Whether a connection that was idle for so long may be about to end. */
    boolean isNear(long idleNanos) {
        long limit = limitNanos.get();
        return limit != NONE && idleNanos > limit - Math.min(limit / 4, MAX_MARGIN_NANOS);
    }
}
