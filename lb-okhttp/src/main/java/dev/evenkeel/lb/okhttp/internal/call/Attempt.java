package dev.evenkeel.lb.okhttp.internal.call;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.internal.concurrent.VarHandles;
import dev.evenkeel.lb.okhttp.internal.http.DefaultOutcomeRules;
import dev.evenkeel.lb.okhttp.internal.http.UrlRewriter;
import dev.evenkeel.lb.okhttp.internal.steering.ConnectionLane;
import dev.evenkeel.lb.okhttp.trace.CallTrace;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import okhttp3.Connection;
import okhttp3.Headers;
import okhttp3.HttpUrl;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * One attempt of a call: its lease, and what OkHttp has reported about it so far. An attempt ends exactly once, by the
 * first of these signals: exception, retry, end or failure of the response body, end of the call, cancellation, or
 * garbage collection of the body.
 *
 * <p>The fields are written by the thread that runs the call and, once the response was returned, by the one that reads
 * it; only {@link #finish} may be called by any thread.
 */
public final class Attempt implements ExchangeState {
    private static final VarHandle OUTCOME = VarHandles.field(MethodHandles.lookup(), "outcome", Outcome.class);

    final Destination destination;
    public final Lease lease;
    /** The request with the route's changes. */
    private final Request request;
    /** The request as the application wrote it. */
    private final Request original;
    /** The attempt before this one in the same call. */
    final @Nullable Attempt previous;
    /** The lane that the connection belongs to; null if the URL is rewritten from the start. */
    public final @Nullable ConnectionLane steered;

    private final long startNanos = System.nanoTime();
    private long endNanos;

    @SuppressWarnings("unused") // through OUTCOME
    private volatile @Nullable Outcome outcome;

    private @Nullable Throwable failure;
    private volatile @Nullable ResponseLeakDetector guard;

    /** Limits the wait for the response; null without an attempt timeout. */
    private final @Nullable AttemptTimeout answerTimeout;

    private volatile boolean overdue;
    /** The current exchange has a response, or its beginning. */
    private boolean answering;

    /** A request line was written to a connection: a backend may have seen the request. */
    boolean sent;
    /** The current exchange with the backend failed: the next exception is not the application's own. */
    boolean exchangeFailed;
    /** The current exchange is a stream that the backend refused, whatever exception reports it. */
    boolean streamRefused;
    /** The status of the last response, or 0. */
    int status;
    /** The outcome according to the last response. */
    Outcome answer = Outcome.DISCARDED;
    /** The body of the last response has not ended. */
    boolean bodyOpen;
    /** The connection must be checked before it is used: the request could not be sent again. */
    boolean checksConnection;
    /** The connection was found closed before anything was sent; the attempt continues on another one. */
    private boolean stale;
    /** The URL on the wire is the backend's. */
    public boolean rewritten;
    /** Nothing beneath the interceptor changes the request on the wire: it was done before. */
    boolean prepared;
    /** A redirect was not followed, since the request has credentials for this backend only. */
    volatile boolean redirectRefused;
    /** A redirect led away from the backend: later responses and failures are not the backend's. */
    boolean left;
    /** The response was returned to the caller: the end of its body ends the attempt. */
    private boolean returned;
    /** The response that was returned to the caller, while trailers may follow. */
    private @Nullable TrailerAwareResponse trailing;

    Attempt(
            Destination destination,
            Lease lease,
            Request request,
            Request original,
            @Nullable ConnectionLane steered,
            @Nullable Attempt previous) {
        this.destination = destination;
        this.lease = lease;
        this.request = request;
        this.original = original;
        this.steered = steered;
        this.previous = previous;
        long timeoutNanos = destination.settings().retries().attemptTimeout().toNanos();
        this.answerTimeout = timeoutNanos == 0 ? null : new AttemptTimeout(this::overdue, steered, timeoutNanos);
    }

    @Override
    public Request request() {
        return request;
    }

    @Override
    public Request original() {
        return original;
    }

    @Override
    public boolean isRewritten() {
        return rewritten;
    }

    @Override
    public boolean isPrepared() {
        return prepared;
    }

    @Override
    public boolean hasLeft() {
        return left;
    }

    @Override
    public String destinationName() {
        return destination.described();
    }

    /** Whether a follow-up request (a redirect, an answer to a challenge) goes to the attempt's backend again. */
    boolean leadsTo(HttpUrl url) {
        return rewritten
                ? UrlRewriter.isBackends(url, backend())
                : url.host().equals(request.url().host());
    }

    int status() {
        return status;
    }

    @Override
    public Backend backend() {
        return lease.backend();
    }

    boolean isFinished() {
        return outcome != null;
    }

    @Nullable
    Throwable failure() {
        return failure;
    }

    /** Ends the attempt unless it has ended. */
    void finish(Outcome result) {
        if (!OUTCOME.compareAndSet(this, null, result)) {
            return;
        }
        endNanos = System.nanoTime();
        ResponseLeakDetector open = guard;
        if (open != null) {
            open.remove();
        }
        lease.complete(result);
        destination.budget().attemptEnded(result, previous != null, endNanos);
        if (steered != null) {
            steered.exit();
        }
    }

    /** Ends the attempt with an exception as the reason. */
    void finish(Outcome result, Throwable cause) {
        if (!isFinished()) {
            failure = cause;
        }
        finish(result);
    }

    /** Ends the attempt with a failure that the classifier judges, unless it has ended. */
    void fail(Outcome standard, IOException cause) {
        if (!isFinished()) {
            finish(destination.classification().of(request, cause, standard), cause);
        }
    }

    /**
     * Returns the response to the caller: from here on the attempt ends with the body.
     *
     * @return the response for the caller
     */
    Response handOut(Response response) {
        if (!sent) {
            // The cache answered; the backend was not asked.
            finish(Outcome.DISCARDED);
            return response;
        }
        returned = true;
        if (!bodyOpen) {
            answerAtTheEnd(response);
            finish(answer);
            return response;
        }
        if (response.socket() != null) {
            return response;
        }
        TrailerAwareResponse open = TrailerAwareResponse.of(response);
        trailing = open;
        Response handedOut = open == null ? response : open.wrapped();
        ResponseLeakDetector watching = ResponseLeakDetector.watch(handedOut, () -> finish(answer));
        guard = watching;
        if (isFinished()) {
            // Cancelled in between by another thread, which may not have seen the guard.
            watching.remove();
        }
        return handedOut;
    }

    /** Judges the response after its body was read to its end or closed: trailers, if there are any, decide. */
    private void answerAtTheEnd(Response response) {
        Headers trailers = TrailerAwareResponse.trailers(response);
        if (trailers.size() > 0) {
            answer = destination.classification().of(request, response, trailers);
            BackendFeedback.handOnLoad(trailers, lease);
        }
    }

    /**
     * Returns whether a pooled connection is checked before it is used. False after a redirect: to start over on
     * another connection would repeat the first request, which was processed.
     */
    boolean looksAtConnections() {
        return checksConnection && status == 0;
    }

    /** Notes that the pooled connection that OkHttp chose was closed by the backend. */
    void foundStale() {
        stale = true;
    }

    /** Returns whether a stale connection is the only reason why the exchange failed. */
    boolean isStale() {
        return stale;
    }

    /** Resets the exchange: the attempt starts over on another connection. */
    void forgetExchange() {
        stale = false;
        sent = false;
        exchangeFailed = false;
        streamRefused = false;
    }

    /** Notes that no response came in time and that the connection is closed. */
    private void overdue() {
        overdue = true;
    }

    boolean isOverdue() {
        return overdue;
    }

    void requestStarts() {
        sent = true;
        exchangeFailed = false;
        streamRefused = false;
        bodyOpen = false;
        answering = false;
    }

    void requestEnds(@Nullable Connection connection) {
        if (answerTimeout != null && !answering) {
            answerTimeout.start(connection);
        }
    }

    void exchangeFails(IOException e) {
        exchangeFailed = true;
        // OkHttp throws what failed first: perhaps a write to a connection that was closed after it had refused the
        // stream.
        streamRefused |= DefaultOutcomeRules.isRefusedStream(e);
        stopWaiting();
    }

    /** Ends the wait for the response: it has begun, or there will be none. */
    void stopWaiting() {
        if (answerTimeout != null) {
            answerTimeout.stop();
        }
    }

    void responseStarts() {
        lease.responded();
    }

    void responseHeadersEnd(Response response) {
        answering = true;
        stopWaiting();
        status = response.code();
        answer = destination.classification().of(request, response, Headers.EMPTY);
        BackendFeedback.handOn(response, answer, lease);
        bodyOpen = true;
    }

    void responseBodyEnds() {
        bodyOpen = false;
        if (returned) {
            TrailerAwareResponse ended = trailing;
            trailing = null;
            if (ended != null && !isFinished()) {
                answerAtTheEnd(ended.response());
            }
            finish(answer);
        }
    }

    void responseFails(IOException e) {
        if (returned && DefaultOutcomeRules.isHastyClose(e)) {
            responseBodyEnds();
            return;
        }
        exchangeFails(e);
        bodyOpen = false;
        trailing = null;
        if (returned) {
            fail(DefaultOutcomeRules.ofBrokenExchange(e), e);
        }
    }

    /** Notes that a redirect leads to another host: the backend has answered. */
    void leave() {
        left = true;
        finish(answer);
    }

    /** The trace of the call up to this attempt. */
    public CallTrace callTrace() {
        Deque<CallTrace.AttemptTrace> attempts = new ArrayDeque<>();
        for (Attempt attempt = this; attempt != null; attempt = attempt.previous) {
            attempts.addFirst(attempt.trace());
        }
        return destination.trace(List.copyOf(attempts));
    }

    private CallTrace.AttemptTrace trace() {
        Outcome ended = outcome;
        long nanos = (ended == null ? System.nanoTime() : endNanos) - startNanos;
        return new CallTrace.AttemptTrace(backend(), ended, Duration.ofNanos(Math.max(0, nanos)), reason());
    }

    String reason() {
        Throwable cause = failure;
        if (cause != null) {
            return DefaultOutcomeRules.describe(cause, sent);
        }
        if (status != 0) {
            return "HTTP " + status;
        }
        return outcome == Outcome.DISCARDED ? "answered by the cache" : "";
    }
}
