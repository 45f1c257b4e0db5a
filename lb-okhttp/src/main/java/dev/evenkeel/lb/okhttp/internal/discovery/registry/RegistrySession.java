package dev.evenkeel.lb.okhttp.internal.discovery.registry;

import java.io.IOException;
import java.time.Duration;

/** The protocol of one registry: reads its list and follows it. Used by one thread. */
@FunctionalInterface
public interface RegistrySession {

    /**
     * Runs one round: reads a list, follows a stream to its end, or both. Keeps its state for the next round.
     *
     * @param watch takes what is found
     * @return the pause before the next round
     * @throws MalformedAnswerException if the registry's answer cannot be read
     * @throws IOException if the registry does not answer, or no longer
     */
    Duration round(RegistryWatch watch) throws IOException;
}
