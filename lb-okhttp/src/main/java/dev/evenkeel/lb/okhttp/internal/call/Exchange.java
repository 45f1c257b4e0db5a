package dev.evenkeel.lb.okhttp.internal.call;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.okhttp.internal.http.UrlRewriter;
import dev.evenkeel.lb.okhttp.internal.steering.ConnectionLane;
import okhttp3.HttpUrl;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/**
 * How the request of one attempt is sent: its backend, its URL, and where its edits are made. Set by
 * {@link AttemptSender} before the first event, by the thread that runs the call.
 */
public final class Exchange {
    private final Destination destination;
    private final Backend backend;
    private final Request request;
    private final Request original;
    private final @Nullable ConnectionLane lane;
    private boolean rewritten;
    private boolean prepared;
    private boolean checksConnection;

    /**
     * Makes an exchange.
     *
     * @param request the request with the route's changes
     * @param original the request as the application wrote it
     * @param lane the lane that the connection belongs to; null if the URL is rewritten from the start
     */
    Exchange(
            Destination destination,
            Backend backend,
            Request request,
            Request original,
            @Nullable ConnectionLane lane) {
        this.destination = destination;
        this.backend = backend;
        this.request = request;
        this.original = original;
        this.lane = lane;
    }

    Destination destination() {
        return destination;
    }

    /** The backend that it goes to. */
    Backend backend() {
        return backend;
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

    /** Whether the connection must be checked before it is used: the request could not be sent again. */
    boolean checksConnection() {
        return checksConnection;
    }

    void checkConnection() {
        checksConnection = true;
    }

    /** Whether a follow-up request (a redirect, an answer to a challenge) goes to the backend again. */
    boolean leadsTo(HttpUrl url) {
        return rewritten
                ? UrlRewriter.isBackends(url, backend)
                : url.host().equals(request.url().host());
    }
}
