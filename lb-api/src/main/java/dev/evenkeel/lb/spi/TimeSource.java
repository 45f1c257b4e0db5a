package dev.evenkeel.lb.spi;

/** A clock that measures differences only, as {@link System#nanoTime} does. Thread-safe. */
@FunctionalInterface
public interface TimeSource {

    /**
     * The time.
     *
     * @return nanoseconds since an arbitrary origin; never decreases, and only differences are meaningful
     */
    long nanoTime();

    /**
     * The system's clock.
     *
     * @return {@link System#nanoTime}
     */
    static TimeSource system() {
        return System::nanoTime;
    }
}
