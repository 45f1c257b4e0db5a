package dev.evenkeel.lb.core.internal.backend;

import dev.evenkeel.lb.spi.Picker;

/**
 * Where backends compete: one object for all that are in a group, or were there last, so that the group's next picker is known to them
 * without a visit to each. Those that are out keep no former picker, which knows all the others: with 10,000 backends it is 80 kB
 * or more.
 */
public final class PickerRef {
    /** Written under the writer's lock. */
    public volatile Picker picker;

    public PickerRef(Picker picker) {
        this.picker = picker;
    }
}
