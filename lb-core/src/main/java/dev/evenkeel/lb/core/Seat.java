package dev.evenkeel.lb.core;

import dev.evenkeel.lb.spi.Picker;

/**
 * Where backends compete: one object for all that are in a group, or were there last, so that the group's next picker is known to them
 * without a visit to each. Those that are out keep no former picker, which knows all the others: with 10,000 backends it is 80 kB
 * or more.
 */
final class Seat {
    /** Written under the writer's lock. */
    volatile Picker picker;

    Seat(Picker picker) {
        this.picker = picker;
    }
}
