package dev.evenkeel.lb.okhttp.internal.affinity;

import dev.evenkeel.lb.Subset;
import dev.evenkeel.lb.core.internal.log.Containment;
import dev.evenkeel.lb.okhttp.affinity.AffinityKey;
import dev.evenkeel.lb.okhttp.affinity.ClientAddress;
import dev.evenkeel.lb.okhttp.affinity.RequestHint;
import java.io.IOException;
import java.net.InetAddress;
import okhttp3.CookieJar;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/**
 * What binds a request to backends.
 *
 * @param key the affinity key
 * @param clientAddress the client that the request is made for
 * @param session its session
 * @param boundBackend the id of the backend that it is bound to
 * @param subset the backends that it may go to
 */
public record RequestAffinity(
        @Nullable String key,
        @Nullable InetAddress clientAddress,
        Sessions.@Nullable Session session,
        @Nullable String boundBackend,
        @Nullable Subset subset) {
    public static final RequestAffinity NONE = new RequestAffinity(null, null, null, null, null);

    /**
     * Finds what binds a request, by the settings for its destination.
     *
     * @throws IOException if the application's code for it throws
     */
    public static RequestAffinity find(
            Request request,
            CookieJar cookies,
            @Nullable AffinityKey affinityKey,
            @Nullable ClientAddress clientAddress,
            @Nullable Sessions sessions,
            @Nullable Subset subset)
            throws IOException {
        String key;
        try {
            key = affinityKey == null ? null : affinityKey.of(request, cookies);
        } catch (RuntimeException | Error e) {
            throw notFound("affinity key", request, e);
        }
        InetAddress client;
        try {
            client = clientAddress == null ? null : clientAddress.of(request);
        } catch (RuntimeException | Error e) {
            throw notFound("client address", request, e);
        }
        Sessions.Session session;
        try {
            session = sessions == null ? null : sessions.find(request, cookies);
        } catch (RuntimeException | Error e) {
            throw notFound("session", request, e);
        }
        RequestHint hint = request.tag(RequestHint.class);
        String hinted = hint == null ? null : hint.backend();
        String bound = hinted != null ? hinted : session == null ? null : session.backend();
        Subset wanted = hint != null && hint.subset() != null ? hint.subset() : subset;
        return key == null && client == null && session == null && bound == null && wanted == null
                ? NONE
                : new RequestAffinity(key, client, session, bound, wanted);
    }

    /** Makes the exception for the application's code that threw instead of finding something. */
    public static IOException notFound(String what, Request request, Throwable cause) {
        Containment.rethrowFatal(cause);
        return new IOException(
                "the " + what + " of " + request.method() + " " + request.url().redact()
                        + " is unknown, since the code that finds it threw " + cause,
                cause);
    }
}
