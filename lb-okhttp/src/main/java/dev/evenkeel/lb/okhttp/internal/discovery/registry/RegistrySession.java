package dev.evenkeel.lb.okhttp.internal.discovery.registry;

import java.io.IOException;
import java.time.Duration;

/** What is specific to one registry: how a list is read from it and followed. Used by one thread. */
@FunctionalInterface
public interface RegistrySession {

    /**
     * Asks once: reads a list, follows a stream to its end, or both. What it knows it keeps for the next round.
     *
     * @param watch takes what is found
     * @return the pause before the next round
     * @throws MalformedAnswerException if the registry says what nobody can understand
     * @throws IOException if the registry does not answer, or no longer
     */
    Duration round(RegistryWatch watch) throws IOException;
}
