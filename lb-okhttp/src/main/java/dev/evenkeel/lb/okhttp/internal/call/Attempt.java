package dev.evenkeel.lb.okhttp.internal.call;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.Outcome;
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
 * One attempt of a call: a lease, and what OkHttp has reported of it so far. Ends exactly once, by whichever signal comes
 * first: exception, failover, end or failure of the response body, end of the call, cancellation, or the loss of the
 * body to the garbage collector.
 *
 * <p>The fields are written by the thread that runs the call and, once the response has been handed out, by the one that
 * reads it; only {@link #finish} may be called by any thread.
 */
public final class Attempt implements ExchangeState {
    private static final VarHandle OUTCOME = outcomeHandle();

    final Destination destination;
    public final Lease lease;
    /** As the pool got it: with what the route sets. */
    private final Request request;
    /** As the application wrote it. */
    private final Request original;
    /** The attempt before this one in the same call. */
    final @Nullable Attempt previous;
    /** Where the connection goes; null if the URL is rewritten from the start. */
    public final @Nullable ConnectionLane steered;

    private final long startNanos = System.nanoTime();
    private long endNanos;

    @SuppressWarnings("unused") // through OUTCOME
    private volatile @Nullable Outcome outcome;

    private @Nullable Throwable failure;
    private volatile @Nullable ResponseLeakDetector guard;

    /** Bounds the wait for the answer; null without an attempt timeout. */
    private final @Nullable AttemptTimeout answerTimeout;

    private volatile boolean overdue;
    /** The present exchange has an answer, or its beginning. */
    private boolean answering;

    /** A request line has been handed to a connection: from here on a backend may have seen the request. */
    boolean sent;
    /** The present exchange with the backend broke: what is thrown next is not the application's own exception. */
    boolean exchangeFailed;
    /** The present exchange is a stream that the backend has refused, whatever exception tells of it. */
    boolean streamRefused;
    /** The status of the last response, or 0. */
    int status;
    /** What the last response says of the backend. */
    Outcome answer = Outcome.DISCARDED;
    /** The last response's body has not ended. */
    boolean bodyOpen;
    /** The request must not be sent over a connection that the backend has closed: it could not be sent again. */
    boolean checksConnection;
    /** A connection was found closed before anything was sent, and the attempt is to be made over another one. */
    private boolean stale;
    /** The URL on the wire is the backend's. */
    public boolean rewritten;
    /** Nothing beneath the interceptor changes the request on the wire: it was done before. */
    boolean prepared;
    /** A redirect was not followed, since the request has what nobody else may see. */
    volatile boolean redirectRefused;
    /** A redirect has led away from the backend: what comes now is not its doing. */
    boolean left;
    /** The response has been handed out: the end of its body is the end of the attempt. */
    private boolean returned;
    /** What has been handed out, while trailers may follow. */
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

    /** Ends the attempt with a failure, unless it has ended, as the classifier sees it. */
    void fail(Outcome standard, IOException cause) {
        if (!isFinished()) {
            finish(destination.classification().of(request, cause, standard), cause);
        }
    }

    /**
     * The response goes to the caller: from here on the attempt ends with its body.
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

    /** The body has been read to its end, or closed: trailers, if they have come, have the last word. */
    private void answerAtTheEnd(Response response) {
        Headers trailers = TrailerAwareResponse.trailers(response);
        if (trailers.size() > 0) {
            answer = destination.classification().of(request, response, trailers);
            BackendFeedback.handOnLoad(trailers, lease);
        }
    }

    /**
     * Whether a kept connection is looked at before it is used. Not after a redirect: the attempt cannot begin again over another
     * connection then without a second time for the first request, which was processed.
     */
    boolean looksAtConnections() {
        return checksConnection && status == 0;
    }

    /** The pooled connection that OkHttp has picked turned out to be closed by the backend. */
    void foundStale() {
        stale = true;
    }

    /** Whether the exchange failed for no other reason than a stale connection. */
    boolean isStale() {
        return stale;
    }

    /** The exchange has come to nothing, and the attempt begins again over another connection. */
    void forgetExchange() {
        stale = false;
        sent = false;
        exchangeFailed = false;
        streamRefused = false;
    }

    /** No answer in time: the connection is closed under the exchange. */
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

    /** The answer has begun, or there will be none. */
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

    /** A redirect leads to another host: the backend has done its part. */
    void leave() {
        left = true;
        finish(answer);
    }

    /** The trace of the call up to this attempt. */
    public CallTrace callTrace() {
        Deque<CallTrace.Attempt> attempts = new ArrayDeque<>();
        for (Attempt attempt = this; attempt != null; attempt = attempt.previous) {
            attempts.addFirst(attempt.trace());
        }
        return destination.trace(List.copyOf(attempts));
    }

    private CallTrace.Attempt trace() {
        Outcome ended = outcome;
        long nanos = (ended == null ? System.nanoTime() : endNanos) - startNanos;
        return new CallTrace.Attempt(backend(), ended, Duration.ofNanos(Math.max(0, nanos)), reason());
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

    private static VarHandle outcomeHandle() {
        try {
            return MethodHandles.lookup().findVarHandle(Attempt.class, "outcome", Outcome.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }
}
