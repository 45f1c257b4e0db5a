package dev.evenkeel.lb.core;

import dev.evenkeel.lb.spi.Picker;

/**
 * Where a backend competes: one object for all backends of a group, so that the group's next picker is known to them without a
 * visit to each. Who leaves gets one of its own, with the picker that it knew.
 */
final class Seat {
    private final boolean shared;
    /** Written under the writer's lock. */
    volatile Picker picker;

    private Seat(boolean shared, Picker picker) {
        this.shared = shared;
        this.picker = picker;
    }

    static Seat shared(Picker picker) {
        return new Seat(true, picker);
    }

    Seat left() {
        return shared ? new Seat(false, picker) : this;
    }
}
