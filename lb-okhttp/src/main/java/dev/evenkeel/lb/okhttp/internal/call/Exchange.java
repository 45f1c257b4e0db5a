package dev.evenkeel.lb.okhttp.internal.call;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.okhttp.internal.http.UrlRewriter;
import dev.evenkeel.lb.okhttp.internal.steering.BackendAddress;
import dev.evenkeel.lb.okhttp.internal.steering.CloseRace;
import dev.evenkeel.lb.okhttp.internal.steering.ConnectionLane;
import java.io.IOException;
import java.net.UnknownHostException;
import okhttp3.HttpUrl;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/**
 * How the request of one attempt is sent: its backend, its URL, and where its edits are made. Set by
 * {@link AttemptSender} before the first event, by the thread that runs the call.
 */
public final class Exchange {
    private final Destination destination;
    private final Lease lease;
    private final Request request;
    private final Request original;
    private final @Nullable ConnectionLane lane;
    private boolean rewritten;
    private boolean prepared;
    private @Nullable CloseRace closeRace;
    /** Whether the client allows to repeat requests ({@code retryOnConnectionFailure}). */
    private boolean repeatable;
    /** Whether the request may be processed twice. */
    private boolean idempotent;

    /**
     * Makes an exchange.
     *
     * @param request the request with the route's changes
     * @param original the request as the application wrote it
     * @param lane the lane that the connection belongs to; null if the URL is rewritten from the start
     */
    Exchange(Destination destination, Lease lease, Request request, Request original, @Nullable ConnectionLane lane) {
        this.destination = destination;
        this.lease = lease;
        this.request = request;
        this.original = original;
        this.lane = lane;
    }

    Destination destination() {
        return destination;
    }

    Lease lease() {
        return lease;
    }

    /** The backend that it goes to. */
    Backend backend() {
        return lease.backend();
    }

    /** The request with the route's changes. */
    Request request() {
        return request;
    }

    /** The request as the application wrote it. */
    Request original() {
        return original;
    }

    /** The lane that the connection belongs to; null if the URL is rewritten from the start. */
    public @Nullable ConnectionLane lane() {
        return lane;
    }

    /** Counts the attempt out of its lane. */
    void leave() {
        if (lane != null) {
            lane.exit();
        }
    }

    /** Counts the attempt out of its lane when what ends it has been written. */
    void leaveLater() {
        if (lane != null) {
            lane.exitLater();
        }
    }

    /** Whether the URL on the wire is the backend's. */
    boolean isRewritten() {
        return rewritten;
    }

    void rewrite() {
        rewritten = true;
    }

    /** Whether the edits are made above OkHttp's own interceptors: nothing beneath changes the request on the wire. */
    boolean isPrepared() {
        return prepared;
    }

    void prepare() {
        prepared = true;
    }

    /** The edits that the network interceptor makes; null if there are none, or they have been made above. */
    @Nullable
    NetworkEdits editsOnTheWire() {
        return prepared ? null : destination.edits();
    }

    /** Whether the connection must be checked before it is used: the request could not be sent again. */
    boolean checksConnection() {
        return closeRace != null;
    }

    void checkConnection() {
        closeRace = new CloseRace();
        if (lane != null) {
            lane.watchIdleness();
        }
    }

    /** What is known of the end of the connection; null if the connection is not checked. */
    @Nullable
    CloseRace closeRace() {
        return closeRace;
    }

    /** Whether a new connection is one that plain OkHttp would not have opened: it would have used a kept one. */
    boolean avoidsKeptConnection() {
        return (lane != null && lane.isReplacing()) || (closeRace != null && closeRace.isNear());
    }

    /** Whether the request is sent again although it may have been processed. */
    boolean isSentInDoubt() {
        return closeRace != null && closeRace.isRepeated();
    }

    /**
     * Says what {@link TransparentRetries} may do.
     *
     * @param isAllowed whether the client allows to repeat requests ({@code retryOnConnectionFailure})
     * @param isIdempotent whether the request may be processed twice
     */
    void repeat(boolean isAllowed, boolean isIdempotent) {
        repeatable = isAllowed;
        idempotent = isIdempotent;
    }

    /** Whether the client allows to repeat requests. */
    boolean isRepeatable() {
        return repeatable;
    }

    /** Whether the request may be processed twice. */
    boolean isIdempotent() {
        return idempotent;
    }

    /** Whether a follow-up request (a redirect, an answer to a challenge) goes to the backend again. */
    boolean leadsTo(HttpUrl url) {
        return rewritten
                ? UrlRewriter.isBackends(url, backend())
                : url.host().equals(request.url().host());
    }

    /**
     * Why a redirect of the backend cannot be followed; null if it can. OkHttp follows it beneath the attempt, over
     * connections to the same backend: from {@code http} to {@code https} it would begin TLS at the port that has just
     * answered in clear text.
     */
    @Nullable
    String refusal(HttpUrl next) {
        boolean wasHttps = rewritten ? backend().isTls() : request.url().isHttps();
        // A port of scheme tcp may speak both.
        if (!leadsTo(next)
                || next.isHttps() == wasHttps
                || backend().uri().getScheme().equals("tcp")) {
            return null;
        }
        return redirects(origin(next)) + ", but the port that has answered "
                + (wasHttps ? "speaks TLS" : "does not speak TLS") + "; call " + origin(next)
                + " and give the pool backends with an " + next.scheme()
                + " URI, or do not follow such redirects: followSslRedirects(false)";
    }

    /** Why a redirect to another host is not followed: the request has credentials that are the backend's alone. */
    String refusalWithCredentials() {
        return redirects("another host") + ", and the request has credentials that are the backend's alone;"
                + " attach the pools with attach(client), or switch redirects off";
    }

    /** Explains the failure after a redirect that has led away: a rewritten call cannot be redirected to the pool's name. */
    IOException explained(IOException e, @Nullable HttpUrl next) {
        if (!rewritten
                || next == null
                || !next.host().equals(request.url().host())
                || !(e instanceof UnknownHostException)) {
            return e;
        }
        UnknownHostException explained = new UnknownHostException(redirects(origin(next))
                + ", which is no address, and the backend is called under its own; let it redirect to a path or to its own"
                + " address, or use Addressing.STEER");
        explained.initCause(e);
        return explained;
    }

    private String redirects(String to) {
        return destination.described() + ": backend " + BackendAddress.describe(backend()) + " redirects to " + to;
    }

    private static String origin(HttpUrl url) {
        String origin = url.scheme() + "://" + url.host();
        return url.port() == HttpUrl.defaultPort(url.scheme()) ? origin : origin + ":" + url.port();
    }
}
