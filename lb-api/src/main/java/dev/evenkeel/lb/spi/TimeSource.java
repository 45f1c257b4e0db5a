package dev.evenkeel.lb.spi;

/** A clock that only tells differences, as {@link System#nanoTime} does. Thread-safe. */
@FunctionalInterface
public interface TimeSource {

    /**
     * The time.
     *
     * @return nanoseconds since an arbitrary origin; never falls, and only differences have a meaning
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
