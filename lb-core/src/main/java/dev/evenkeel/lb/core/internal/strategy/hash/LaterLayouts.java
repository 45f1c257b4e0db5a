package dev.evenkeel.lb.core.internal.strategy.hash;

import dev.evenkeel.lb.core.internal.strategy.hash.HashTablePicker.Laid;
import org.jspecify.annotations.Nullable;

/**
 * Lays out the placements of pickers that follow from each other, for the newest one each time. While it does so, newer
 * ones may come, and it may even be that they always do: so what is laid out goes to the newest, whomever it was for.
 *
 * <p>One object for all of these pickers: as work it waits once, however many of them have queued it. Thread-safe; nothing
 * is laid out under its monitor.
 */
final class LaterLayouts implements Runnable {
    private long number;
    private @Nullable HashTablePicker newest;
    /** Of the placements, that of the latest picker. */
    private @Nullable Laid last;

    /** The number of a picker that is being made. */
    synchronized long nextNumber() {
        number++;
        return number;
    }

    /** The latest placement; null before the first picker. */
    synchronized @Nullable Laid last() {
        return last;
    }

    /** Adds a new picker, which already has a placement. */
    synchronized void follow(HashTablePicker picker) {
        newest = picker;
        if (last != null && last.number > picker.laid().number) {
            picker.use(last);
        }
        last = picker.laid();
    }

    /** Lays out the placement of the newest picker if it has another one's. */
    @Override
    public void run() {
        HashTablePicker picker = newestToLayOut();
        if (picker != null) {
            finished(picker.layOut());
        }
    }

    private synchronized @Nullable HashTablePicker newestToLayOut() {
        return newest == null || newest.isLaidOut() ? null : newest;
    }

    private synchronized void finished(Laid laid) {
        if (newest != null && last != null && laid.number > last.number) {
            newest.use(laid);
            last = newest.laid();
        }
    }
}
