package dev.evenkeel.lb.okhttp.config;

import java.time.Instant;

/**
 * The reloads of a {@link LiveConfig} since its start.
 *
 * @param lastSucceeded false if the document that was found last was refused or could not be read: then the
 *     configuration in force is an older one
 * @param lastSuccess when the configuration in force was put in force, by the system's clock; the start at first
 * @param applied how many other configurations were put in force since the start
 * @param refused how many were refused or could not be read; a cause that stays is counted once, however often the file
 *     is looked at
 */
public record ReloadStatus(boolean lastSucceeded, Instant lastSuccess, long applied, long refused) {
    static ReloadStatus started() {
        return new ReloadStatus(true, Instant.now(), 0, 0);
    }

    /** The status after an event. */
    ReloadStatus after(ConfigEvent event) {
        return event instanceof ConfigEvent.Applied
                ? new ReloadStatus(true, event.at(), applied + 1, refused)
                : new ReloadStatus(false, lastSuccess, applied, refused + 1);
    }

    /** The status after a document that differs in nothing from the one in force. */
    ReloadStatus unchanged() {
        return lastSucceeded ? this : new ReloadStatus(true, lastSuccess, applied, refused);
    }
}
