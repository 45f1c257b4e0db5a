package dev.evenkeel.lb.okhttp.internal.call;

import dev.evenkeel.lb.okhttp.internal.http.DefaultOutcomeRules;
import dev.evenkeel.lb.okhttp.internal.steering.StaleConnection;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import okhttp3.Call;
import okhttp3.Connection;
import okhttp3.EventListener;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/** The events of one call: passes them to the current attempt. */
final class CallEvents extends EventListener {
    private final CallState state;

    private @Nullable Connection held;

    /** The connection that is acquired next is a new one. */
    private boolean fresh;

    /** Whether the connection in use has served other requests before. */
    private boolean reused;

    /** The status of the current exchange's response; 0 until there is one. */
    private int status;

    CallEvents(CallState state) {
        this.state = state;
    }

    /** The connection that OkHttp keeps for the call between two exchanges; null if there is none. */
    @Nullable
    Connection held() {
        return held;
    }

    /** Whether the connection that was acquired last has served other requests before. */
    boolean isReused() {
        return reused;
    }

    /** The status of the current exchange's response; 0 until there is one. */
    int status() {
        return status;
    }

    @Override
    public void canceled(Call call) {
        state.cancelled(call);
    }

    @Override
    public void connectEnd(Call call, InetSocketAddress address, Proxy proxy, @Nullable Protocol protocol) {
        fresh = true;
    }

    @Override
    public void connectionAcquired(Call call, Connection connection) {
        held = connection;
        reused = !fresh;
        Attempt attempt = state.current();
        if (attempt != null) {
            attempt.connectionAcquired();
            if (!fresh && attempt.checksConnections() && StaleConnection.isStale(connection)) {
                // The write will fail at once, and TransparentRetries continues the attempt on another connection.
                attempt.connectionStale();
                StaleConnection.close(connection);
            }
        }
        fresh = false;
    }

    @Override
    public void connectionReleased(Call call, Connection connection) {
        held = null;
    }

    @Override
    public void requestHeadersStart(Call call) {
        status = 0;
        Attempt attempt = state.current();
        if (attempt != null) {
            attempt.requestStarts();
        }
    }

    @Override
    public void requestHeadersEnd(Call call, Request sent) {
        Attempt attempt = state.current();
        if (attempt != null && sent.body() == null) {
            attempt.requestEnds(held);
        }
    }

    @Override
    public void requestBodyEnd(Call call, long byteCount) {
        Attempt attempt = state.current();
        if (attempt != null) {
            attempt.requestEnds(held);
        }
    }

    @Override
    public void requestFailed(Call call, IOException ioe) {
        Attempt attempt = state.current();
        if (attempt != null) {
            attempt.requestFails(ioe);
        }
    }

    @Override
    public void responseHeadersStart(Call call) {
        Attempt attempt = state.current();
        if (attempt != null) {
            attempt.responseStarts();
        }
    }

    @Override
    public void responseHeadersEnd(Call call, Response response) {
        status = response.code();
        Attempt attempt = state.current();
        if (attempt != null) {
            attempt.responseHeadersEnd(response);
            state.answered(attempt, response);
        }
    }

    @Override
    public void responseBodyEnd(Call call, long byteCount) {
        Attempt attempt = state.current();
        if (attempt != null) {
            attempt.responseBodyEnds();
        }
    }

    @Override
    public void responseFailed(Call call, IOException ioe) {
        Attempt attempt = state.current();
        if (attempt == null) {
            return;
        }
        if (call.isCanceled()) {
            // The reader may notice a cancellation before the listeners do.
            attempt.requestFails(ioe);
            state.finishCancelled(call, attempt);
        } else {
            attempt.responseFails(ioe);
        }
    }

    @Override
    public void followUpDecision(Call call, Response networkResponse, @Nullable Request nextRequest) {
        Attempt attempt = state.current();
        if (attempt == null || nextRequest == null) {
            return;
        }
        String refusal = attempt.exchange().refusal(nextRequest.url());
        if (refusal != null) {
            attempt.redirectLeaves();
            state.refuseRedirect(call, refusal);
        } else if (!attempt.exchange().leadsTo(nextRequest.url())) {
            attempt.redirectLeaves();
            state.redirectedTo(nextRequest.url());
            NetworkEdits changes = attempt.exchange().destination().edits();
            if (attempt.exchange().isPrepared() && changes != null && changes.hasCredentials()) {
                state.refuseRedirect(call, attempt.exchange().refusalWithCredentials());
            }
        }
    }

    @Override
    public void callEnd(Call call) {
        state.stopDeadline();
        Attempt attempt = state.current();
        if (attempt != null) {
            attempt.end();
        }
    }

    @Override
    public void callFailed(Call call, IOException ioe) {
        state.stopDeadline();
        Attempt attempt = state.current();
        if (attempt == null) {
            return;
        }
        if (call.isCanceled()) {
            state.finishCancelled(call, attempt);
        } else {
            attempt.fail(DefaultOutcomeRules.ofBrokenExchange(ioe), ioe);
        }
    }
}
