package dev.evenkeel.lb.examples.playground;

/**
 * How a server behaves.
 *
 * @param millis the median time of a request, 1..2000
 * @param errorPercent how many requests are answered with 500, 0..100
 * @param capacity how many requests are worked on at a time, 1..64; the rest queue
 */
record Behaviour(int millis, int errorPercent, int capacity) {
    Behaviour {
        check("millis", millis, 1, 2_000);
        check("errorPercent", errorPercent, 0, 100);
        check("capacity", capacity, 1, 64);
    }

    static void check(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + " must be " + least + ".." + most + ": " + value);
        }
    }
}
