package dev.evenkeel.lb.core.internal.backend;

import dev.evenkeel.lb.spi.Picker;

/**
 * Shared reference to a group's current picker, so that publishing a picker does not touch each backend. Held by the
 * backends that are in the group, or were in it last. A backend that is out references no former picker, which
 * references all backends of its group: with 10,000 backends it takes 80 kB or more.
 */
public final class PickerRef {
    /** Written under the writer's lock. */
    public volatile Picker picker;

    public PickerRef(Picker picker) {
        this.picker = picker;
    }
}
