package dev.evenkeel.lb.okhttp.internal.call;

import dev.evenkeel.lb.AttemptObserver.CallOutcome;
import dev.evenkeel.lb.okhttp.internal.http.DefaultOutcomeRules;
import dev.evenkeel.lb.okhttp.internal.http.OkHttpQuirks;
import dev.evenkeel.lb.okhttp.internal.steering.CloseRace;
import dev.evenkeel.lb.okhttp.internal.steering.ConnectionLane;
import dev.evenkeel.lb.okhttp.internal.steering.StaleConnection;
import dev.evenkeel.lb.okhttp.internal.steering.StaleConnection.State;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import okhttp3.Call;
import okhttp3.Connection;
import okhttp3.HttpUrl;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/** The events of one call: passes them to the current attempt. */
abstract class CallEvents extends CallWait {
    private @Nullable Connection held;

    /** The connection that is acquired next is a new one. */
    private boolean fresh;

    /** Whether the connection in use has served other requests before. */
    private boolean reused;

    /** The status of the current exchange's response; 0 until there is one. */
    private int status;

    /** How the latest pass of a hedged call through the interceptor has ended; null while it runs. */
    private volatile @Nullable CallOutcome outcome;

    /** The latest attempt; null before the first. */
    abstract @Nullable Attempt current();

    /** The call was cancelled, by its caller or a timeout. */
    abstract void cancelled(Call call);

    /** Ends an attempt of a cancelled call. */
    abstract void finishCancelled(Call call, Attempt attempt);

    /** The response's head has come. */
    abstract void answered(Attempt attempt, Response response);

    /** A redirect leads away from the backend, or is not followed: then the call is cancelled. */
    abstract void redirected(Call call, Redirect to);

    abstract void stopDeadline();

    /** The connection that OkHttp keeps for the call between two exchanges; null if there is none. */
    @Nullable
    final Connection held() {
        return held;
    }

    /** Whether the connection that was acquired last has served other requests before. */
    final boolean isConnectionReused() {
        return reused;
    }

    /** The status of the current exchange's response; 0 until there is one. */
    final int status() {
        return status;
    }

    /** Notes how a pass of a hedged call through the interceptor has ended; null for the begin of another one. */
    final void ended(@Nullable CallOutcome how) {
        outcome = how;
    }

    /** How the latest pass of a hedged call has ended; null while it runs. */
    @Nullable
    final CallOutcome outcome() {
        return outcome;
    }

    @Override
    public void canceled(Call call) {
        cancelled(call);
    }

    @Override
    public void connectEnd(Call call, InetSocketAddress address, Proxy proxy, @Nullable Protocol protocol) {
        fresh = true;
    }

    @Override
    public void connectionAcquired(Call call, Connection connection) {
        held = connection;
        reused = !fresh;
        Attempt attempt = current();
        if (attempt != null) {
            attempt.connectionAcquired();
            ConnectionLane lane = attempt.exchange().lane();
            if (fresh && lane != null) {
                lane.connected(connection);
            } else if (!fresh && attempt.checksConnections()) {
                check(attempt, connection, lane);
            }
        }
        fresh = false;
    }

    private static void check(Attempt attempt, Connection connection, @Nullable ConnectionLane lane) {
        CloseRace race = attempt.exchange().closeRace();
        State state = StaleConnection.of(connection, lane);
        if (state != State.OPEN && race != null) {
            race.isNear(state == State.NEAR_ITS_END);
            // The write will fail at once, and TransparentRetries continues the attempt on another connection.
            attempt.connectionStale();
            StaleConnection.close(connection);
        }
    }

    @Override
    public void connectionReleased(Call call, Connection connection) {
        held = null;
        Attempt attempt = current();
        ConnectionLane lane = attempt == null ? null : attempt.exchange().lane();
        if (lane != null) {
            lane.released(connection);
        }
    }

    @Override
    public void requestHeadersStart(Call call) {
        status = 0;
        Attempt attempt = current();
        if (attempt != null) {
            attempt.requestStarts();
            written(attempt);
        }
    }

    @Override
    public void requestHeadersEnd(Call call, Request sent) {
        Attempt attempt = current();
        if (attempt != null && sent.body() == null) {
            attempt.requestEnds(held);
            written(attempt);
        }
    }

    @Override
    public void requestBodyEnd(Call call, long byteCount) {
        Attempt attempt = current();
        if (attempt != null) {
            attempt.requestEnds(held);
            written(attempt);
        }
    }

    @Override
    public void requestFailed(Call call, IOException ioe) {
        Attempt attempt = current();
        if (attempt != null) {
            failed(attempt, ioe);
            attempt.requestFails(ioe);
            if (OkHttpQuirks.isConnectionShutdown(ioe)) {
                // Nothing was written, and OkHttp may open the next connection itself, whatever it was told.
                attempt.startOver();
            }
        }
    }

    @Override
    public void responseHeadersStart(Call call) {
        Attempt attempt = current();
        if (attempt != null) {
            attempt.responseStarts();
        }
    }

    @Override
    public void responseHeadersEnd(Call call, Response response) {
        status = response.code();
        Attempt attempt = current();
        if (attempt != null) {
            attempt.responseHeadersEnd(response);
            ConnectionLane lane = attempt.exchange().lane();
            if (lane != null) {
                lane.answered();
                if (attempt.exchange().checksConnection()) {
                    lane.announced(response.header("Keep-Alive"));
                }
            }
            answered(attempt, response);
        }
    }

    @Override
    public void responseBodyEnd(Call call, long byteCount) {
        Attempt attempt = current();
        if (attempt != null) {
            attempt.responseBodyEnds();
        }
    }

    @Override
    public void responseFailed(Call call, IOException ioe) {
        Attempt attempt = current();
        if (attempt == null) {
            return;
        }
        if (call.isCanceled()) {
            // The reader may notice a cancellation before the listeners do.
            attempt.requestFails(ioe);
            finishCancelled(call, attempt);
        } else {
            failed(attempt, ioe);
            attempt.responseFails(ioe);
        }
    }

    private static void written(Attempt attempt) {
        CloseRace race = attempt.exchange().closeRace();
        if (race != null) {
            race.written();
        }
    }

    private void failed(Attempt attempt, IOException e) {
        CloseRace race = attempt.exchange().closeRace();
        if (race == null || held == null || !reused) {
            return;
        }
        ConnectionLane lane = attempt.exchange().lane();
        race.failed(e, held);
        if (race.hasEnded() && lane != null) {
            lane.ended(held);
        }
    }

    @Override
    public void followUpDecision(Call call, Response networkResponse, @Nullable Request nextRequest) {
        Attempt attempt = current();
        if (attempt == null || nextRequest == null) {
            return;
        }
        String refusal = attempt.exchange().refusal(nextRequest.url());
        if (refusal != null) {
            attempt.redirectLeaves();
            redirected(call, new Redirect(nextRequest.url(), refusal));
        } else if (!attempt.exchange().leadsTo(nextRequest.url())) {
            attempt.redirectLeaves();
            NetworkEdits changes = attempt.exchange().destination().edits();
            boolean isRefused = attempt.exchange().isPrepared() && changes != null && changes.hasCredentials();
            String reason = isRefused ? attempt.exchange().refusalWithCredentials() : null;
            redirected(call, new Redirect(nextRequest.url(), reason));
        }
    }

    @Override
    public void callEnd(Call call) {
        stopDeadline();
        Attempt attempt = current();
        if (attempt != null) {
            attempt.end();
        }
    }

    @Override
    public void callFailed(Call call, IOException ioe) {
        stopDeadline();
        Attempt attempt = current();
        if (attempt == null) {
            return;
        }
        if (call.isCanceled()) {
            finishCancelled(call, attempt);
        } else {
            attempt.fail(DefaultOutcomeRules.ofBrokenExchange(ioe), ioe);
        }
    }

    /**
     * A redirect that does not go to the backend again.
     *
     * @param target where it leads
     * @param refusal why it is not followed; null if it is
     */
    record Redirect(HttpUrl target, @Nullable String refusal) {}
}
