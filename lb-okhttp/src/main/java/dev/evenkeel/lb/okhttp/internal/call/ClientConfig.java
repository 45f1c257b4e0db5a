package dev.evenkeel.lb.okhttp.internal.call;

import dev.evenkeel.lb.Subset;
import dev.evenkeel.lb.okhttp.affinity.AffinityKey;
import dev.evenkeel.lb.okhttp.affinity.ClientAddress;
import dev.evenkeel.lb.okhttp.affinity.SessionPolicy;
import dev.evenkeel.lb.okhttp.connection.Addressing;
import dev.evenkeel.lb.okhttp.connection.BackendCredentials;
import dev.evenkeel.lb.okhttp.connection.ConnectionPolicy;
import dev.evenkeel.lb.okhttp.retry.OutcomeClassifier;
import dev.evenkeel.lb.okhttp.retry.RetryPolicy;
import dev.evenkeel.lb.okhttp.route.ForwardedHeaders;
import dev.evenkeel.lb.okhttp.route.Route;
import org.jspecify.annotations.Nullable;

/**
 * What the builder set.
 *
 * @param addressing how requests reach backends
 * @param retries what is sent again
 * @param bypassProxy whether steered connections go direct although the client has a proxy
 * @param allowCleartextBackends whether an https call may be rewritten to an http backend
 * @param allowUnpinnedBackends whether an https call may be rewritten to a backend that the pins of the URL's host do not cover
 * @param outcomes what the ends of attempts say of backends
 * @param connections how many lanes there are to a backend, and how old they get
 * @param affinityKey what ties requests to backends; null if nothing does
 * @param clientAddress on whose behalf requests are made; null if on nobody's
 * @param sessions what binds sessions to backends; null if nothing does
 * @param subset the backends that may be chosen; null for what the pool does with requests that want none in particular
 * @param forwarded what backends are told of the client that is being served
 * @param credentials what each backend alone is to see; null if nothing
 */
public record ClientConfig(
        Addressing addressing,
        RetryPolicy retries,
        boolean bypassProxy,
        boolean allowCleartextBackends,
        boolean allowUnpinnedBackends,
        OutcomeClassifier outcomes,
        ConnectionPolicy connections,
        @Nullable AffinityKey affinityKey,
        @Nullable ClientAddress clientAddress,
        @Nullable SessionPolicy sessions,
        @Nullable Subset subset,
        ForwardedHeaders forwarded,
        @Nullable BackendCredentials credentials) {
    public static final ClientConfig DEFAULT = new ClientConfig(
            Addressing.AUTO,
            RetryPolicy.standard(),
            false,
            false,
            false,
            OutcomeClassifier.standard(),
            ConnectionPolicy.standard(),
            null,
            null,
            null,
            null,
            ForwardedHeaders.OFF,
            null);

    /** As a route has it. */
    public ClientConfig of(Route route) {
        return new ClientConfig(
                addressing,
                or(route.retries(), retries),
                bypassProxy,
                allowCleartextBackends,
                allowUnpinnedBackends,
                outcomes,
                connections,
                route.affinityKey() == null ? affinityKey : route.affinityKey(),
                route.clientAddress() == null ? clientAddress : route.clientAddress(),
                sessions,
                route.subset() == null ? subset : route.subset(),
                or(route.forwarded(), forwarded),
                credentials);
    }

    /** As a mirror has it: one attempt. */
    public ClientConfig once() {
        return new ClientConfig(
                addressing,
                RetryPolicy.none(),
                bypassProxy,
                allowCleartextBackends,
                allowUnpinnedBackends,
                outcomes,
                ConnectionPolicy.standard(),
                affinityKey,
                clientAddress,
                null,
                subset,
                forwarded,
                credentials);
    }

    private static <T> T or(@Nullable T first, T second) {
        return first == null ? second : first;
    }
}
