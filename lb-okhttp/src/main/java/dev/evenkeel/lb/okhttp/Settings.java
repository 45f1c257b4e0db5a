package dev.evenkeel.lb.okhttp;

import dev.evenkeel.lb.Subset;
import org.jspecify.annotations.Nullable;

/**
 * What the builder set.
 *
 * @param addressing how requests reach backends
 * @param retries what is sent again
 * @param bypassProxy whether steered connections go direct although the client has a proxy
 * @param outcomes what the ends of attempts say of backends
 * @param connections how many lanes there are to a backend, and how old they get
 * @param affinityKey what ties requests to backends; null if nothing does
 * @param clientAddress on whose behalf requests are made; null if on nobody's
 * @param sessions what binds sessions to backends; null if nothing does
 * @param subset the backends that may be chosen; null for what the pool does with requests that want none in particular
 */
record Settings(
        Addressing addressing,
        RetryPolicy retries,
        boolean bypassProxy,
        OutcomeClassifier outcomes,
        ConnectionPolicy connections,
        @Nullable AffinityKey affinityKey,
        @Nullable ClientAddress clientAddress,
        @Nullable SessionPolicy sessions,
        @Nullable Subset subset) {
    static final Settings DEFAULT = new Settings(
            Addressing.AUTO,
            RetryPolicy.standard(),
            false,
            OutcomeClassifier.standard(),
            ConnectionPolicy.STANDARD,
            null,
            null,
            null,
            null);
}
