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
 * The settings of one client or route, as {@code LoadBalancingBuilder} has them.
 *
 * @param addressing how requests reach backends
 * @param retries which requests are sent again
 * @param bypassProxy whether steered connections go direct although the client has a proxy
 * @param allowCleartextBackends whether an https call may be rewritten to an http backend
 * @param allowUnpinnedBackends whether an https call may be rewritten to a backend that the pins of the URL's host do
 *     not cover
 * @param outcomes decides the outcome of attempts
 * @param connections how many lanes there are to a backend, and how old they get
 * @param affinityKey finds the affinity key of requests; null for none
 * @param clientAddress finds the client that requests are made for; null if there is none
 * @param sessions binds sessions to backends; null for no sessions
 * @param subset the backends that may be chosen; null for what the pool does with requests that want none in particular
 * @param forwarded the headers about the client that is served
 * @param credentials headers for one backend only; null for none
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

    /** The settings with a route's own in place of the client's. */
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

    /** The settings for a mirror's copies: one attempt. */
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
