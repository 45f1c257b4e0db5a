package dev.evenkeel.lb.okhttp.config;

import java.time.Instant;
import java.util.Set;

/** Something that happened to a {@link LiveConfig} after its start. */
public sealed interface ConfigEvent {

    /**
     * Where the configuration comes from.
     *
     * @return such as a file's name
     */
    String source();

    /**
     * When it happened, by the system's clock.
     *
     * @return the time
     */
    Instant at();

    /**
     * Another configuration is in force.
     *
     * @param source where it comes from
     * @param at when
     * @param changed what differs from the one before, such as {@code retries}, {@code routes} or {@code pools.users}
     */
    record Applied(String source, Instant at, Set<String> changed) implements ConfigEvent {
        /** Copies the set. */
        public Applied {
            changed = Set.copyOf(changed);
        }
    }

    /**
     * A configuration was refused, or could not be read. The one before stays in force, all of it. Told once for each
     * cause, however often the file is looked at.
     *
     * @param source where it comes from
     * @param at when
     * @param cause a {@link dev.evenkeel.lb.core.config.ConfigException} with every fault, or an
     *     {@link java.io.IOException}
     */
    record Refused(String source, Instant at, Exception cause) implements ConfigEvent {}
}
