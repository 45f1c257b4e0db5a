package dev.evenkeel.lb.okhttp.internal.call;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.Lease.StreamClosedException;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.internal.time.TimedLease;
import dev.evenkeel.lb.okhttp.internal.call.AttemptState.Phase;
import dev.evenkeel.lb.okhttp.internal.call.AttemptState.State;
import dev.evenkeel.lb.okhttp.internal.http.BackendFeedback;
import dev.evenkeel.lb.okhttp.internal.http.ClosableSocket;
import dev.evenkeel.lb.okhttp.internal.http.DefaultOutcomeRules;
import dev.evenkeel.lb.okhttp.internal.http.HedgedTrace;
import dev.evenkeel.lb.okhttp.internal.http.OkHttpQuirks;
import dev.evenkeel.lb.okhttp.internal.http.ResponseLeakDetector;
import dev.evenkeel.lb.okhttp.internal.http.TrailerAwareResponse;
import dev.evenkeel.lb.okhttp.trace.CallTrace;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import okhttp3.Call;
import okhttp3.Connection;
import okhttp3.Headers;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * One attempt of a call: its lease, and what OkHttp has reported about its exchange so far. An attempt is a state
 * machine with one method for each event: what OkHttp reports, and what this package decides. The table has the state
 * that each event leads to; where it has a dot, the state stays.
 *
 * <pre>
 *                     CREATED  STALE    SENT     BODY     ANSWERED RETURNED UPGRADED LEFT     ENDED
 * connectionAcquired  .        CREATED  .        .        .        .        .        .        .
 * connectionStale     STALE    .        .        .        .        .        .        .        .
 * requestStarts       SENT     .        SENT     SENT     SENT     .        .        .        .
 * requestEnds         .        .        .        .        .        .        .        .        .
 * requestFails        .        .        .        .        .        .        .        .        .
 * responseStarts      .        .        .        .        .        .        .        .        .
 * responseHeadersEnd  .        .        BODY     .        .        .        .        .        .
 * responseBodyEnds    .        .        .        ANSWERED .        ENDED    ENDED    .        .
 * responseFails       .        .        .        ANSWERED .        ENDED    ENDED    .        .
 * startOver           .        CREATED  CREATED  .        .        .        .        .        .
 * timesOut            .        .        .        .        .        .        .        .        .
 * redirectLeaves      LEFT     LEFT     LEFT     LEFT     LEFT     LEFT     LEFT     .        LEFT
 * returnToCaller      ENDED    ENDED    ENDED    RETURNED ENDED    .        .        .        .
 * returnSocket        ENDED    ENDED    ENDED    UPGRADED ENDED    .        .        .        .
 * end                 ENDED    ENDED    ENDED    ENDED    ENDED    ENDED    ENDED    .        .
 * cancel              ENDED    ENDED    ENDED    ENDED    ENDED    ENDED    ENDED    .        .
 * abort               ENDED    ENDED    ENDED    ENDED    ENDED    ENDED    ENDED    .        .
 * fail                ENDED    ENDED    ENDED    ENDED    ENDED    ENDED    ENDED    .        .
 * close               ENDED    ENDED    ENDED    ENDED    ENDED    ENDED    .        .        .
 * </pre>
 *
 * <p>{@link Phase} explains the states. The transition to {@code LEFT} or {@code ENDED} completes the lease; from one of the two to the other nothing is
 * completed. An event that the state does not expect is ignored: OkHttp goes on although another thread has ended the
 * attempt.
 *
 * <p>The pool closes an attempt with {@code close}. A WebSocket stays {@code UPGRADED} until its close handshake is
 * complete or has taken too long; another upgrade ends at once.
 *
 * <p>Events come from the thread that runs the call and, once the response was returned, from the one that reads it.
 * The ends of the attempt, {@link #timesOut} and the questions {@link #isFinished} and {@link #callTrace} may come
 * from any thread.
 */
public final class Attempt extends AttemptState
        implements Consumer<StreamClosedException>, ResponseLeakDetector.Watched {
    private static final Set<Phase> SENDS = EnumSet.of(Phase.CREATED, Phase.SENT, Phase.BODY, Phase.ANSWERED);
    private static final long CLOSE_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final Set<Phase> STARTS_OVER = EnumSet.of(Phase.STALE, Phase.SENT);

    private final Exchange exchange;
    private final @Nullable Attempt previous;
    private final Call call;

    /** Limits the wait for the response; null without an attempt timeout. */
    private final @Nullable AttemptTimeout responseTimeout;

    // What the events say besides the state.
    private boolean sent;
    private boolean exchangeFailed;
    private boolean streamRefused;
    private int status;
    private Outcome answer = Outcome.DISCARDED;
    private volatile boolean overdue;

    /** What is kept of the response that was returned to the caller; null for an ordinary one, and until then. */
    private volatile @Nullable ReturnedResponse returned;

    private volatile @Nullable ResponseLeakDetector leakDetector;

    /** Makes an attempt that follows another one in the same call, if that is not null. */
    Attempt(Exchange exchange, @Nullable Attempt previous, Call call) {
        super(TimedLease.startNanos(exchange.lease()));
        this.exchange = exchange;
        this.previous = previous;
        this.call = call;
        this.responseTimeout =
                AttemptTimeout.of(exchange.destination().settings().retries(), exchange.lane(), this::timesOut);
    }

    /** OkHttp has a connection that has not been found closed. */
    void connectionAcquired() {
        goOn(Phase.STALE, Phase.CREATED);
    }

    /** The pooled connection that OkHttp chose was closed by the backend. */
    void connectionStale() {
        goOn(Phase.CREATED, Phase.STALE);
    }

    void requestStarts() {
        if (goOn(SENDS, Phase.SENT)) {
            beginExchange(true);
        }
        if (responseTimeout != null) {
            responseTimeout.arm();
        }
    }

    void requestEnds(@Nullable Connection connection) {
        if (responseTimeout != null) {
            responseTimeout.start(connection);
        }
    }

    void requestFails(IOException e) {
        exchangeFailed = true;
        // OkHttp throws what failed first: perhaps a write to a connection that was closed after the refusal.
        streamRefused |= OkHttpQuirks.isRefusedStream(e);
        stopWaiting();
    }

    void responseStarts() {
        if (is(Phase.SENT)) {
            lease().responded();
        }
    }

    void responseHeadersEnd(Response response) {
        stopWaiting();
        if (goOn(Phase.SENT, Phase.BODY)) {
            status = response.code();
            answer = exchange.destination().classification().of(exchange.request(), response, Headers.EMPTY);
            lease().responded(answer);
            BackendFeedback.handOn(response, answer, lease());
        } else if (hasLeft()) {
            status = response.code();
        }
    }

    /** Continues on another connection: the backend has not processed the request. */
    void startOver() {
        if (goOn(STARTS_OVER, Phase.CREATED)) {
            beginExchange(false);
        }
    }

    private void beginExchange(boolean isSent) {
        sent = isSent;
        exchangeFailed = false;
        streamRefused = false;
    }

    /** No response came in time, and the connection is closed. */
    void timesOut() {
        overdue = true;
    }

    /** Ends the wait for the response: it has begun, or there will be none. */
    void stopWaiting() {
        if (responseTimeout != null) {
            responseTimeout.stop();
        }
    }

    /** A redirect leads to another host: the backend has answered. */
    void redirectLeaves() {
        complete(Phase.LEFT, answer, null);
        leave();
    }

    /** Returns the response for the caller: from here on the attempt ends with the body. */
    Response returnToCaller(Response response) {
        State seen = now();
        if (seen.phase() == Phase.BODY) {
            return returnOpen(response);
        }
        if (!seen.isEnded() && !seen.isReturned()) {
            if (sent) {
                judgeByTrailers(response);
            }
            // If it was not sent, the cache answered.
            complete(Phase.ENDED, sent ? answer : Outcome.DISCARDED, null);
        }
        return response;
    }

    private Response returnOpen(Response response) {
        ReturnedResponse kept = ReturnedResponse.of(response);
        Response forCaller = ReturnedResponse.forCaller(kept, response, this::explained);
        returned = kept;
        Phase next = ReturnedResponse.connection(kept) == null ? Phase.RETURNED : Phase.UPGRADED;
        if (goOn(Phase.BODY, next) && next == Phase.RETURNED) {
            leakDetector = ResponseLeakDetector.watch(forCaller, this);
            if (isFinished()) {
                unwatch(); // Cancelled in between by another thread, which may not have seen the detector.
            }
        }
        return forCaller;
    }

    void responseBodyEnds() {
        if (!goOn(Phase.BODY, Phase.ANSWERED) && now().isReturned()) {
            Response ended = returned == null ? null : returned.takeTrailing();
            if (ended != null) {
                judgeByTrailers(ended);
            }
            complete(Phase.ENDED, answer, null);
        }
    }

    void responseFails(IOException e) {
        boolean isReturned = now().isReturned();
        if (isReturned && OkHttpQuirks.isHastyClose(e)) {
            responseBodyEnds();
            return;
        }
        requestFails(e);
        if (isReturned) {
            fail(DefaultOutcomeRules.ofBrokenExchange(e), e);
        } else {
            goOn(Phase.BODY, Phase.ANSWERED);
        }
    }

    /** Judges the response after its body was read to its end or closed: trailers, if there are any, decide. */
    private void judgeByTrailers(Response response) {
        Headers trailers = TrailerAwareResponse.trailers(response);
        if (trailers.size() > 0) {
            answer = exchange.destination().classification().of(exchange.request(), response, trailers);
            BackendFeedback.handOnLoad(trailers, lease());
        }
    }

    // Events that end the attempt.

    private void complete(Phase phase, Outcome outcome, @Nullable Throwable failure) {
        ClosableSocket connection = ReturnedResponse.connection(returned);
        StreamClosedException why = connection == null ? null : connection.closedBy();
        if (end(phase, why == null ? outcome : Outcome.CANCELLED, why == null ? failure : why)) {
            exchange.leave();
        }
    }

    private boolean end(Phase phase, Outcome outcome, @Nullable Throwable failure) {
        if (!goToEnd(phase, outcome, failure)) {
            return false;
        }
        unwatch();
        if (failure instanceof StreamClosedException && ReturnedResponse.connection(returned) == null) {
            call.cancel(); // Before the lease completes: a drain that ends with it closes the connection.
        }
        TimedLease.complete(lease(), outcome, endNanos());
        exchange.destination().budget().attemptEnded(outcome, previous != null, endNanos());
        return true;
    }

    private void unwatch() {
        ResponseLeakDetector watching = leakDetector;
        if (watching != null) {
            watching.remove();
        }
    }

    /** Closes the exchange for the pool, and nothing else on its connection if that is HTTP/2. */
    void close(StreamClosedException why) {
        ClosableSocket connection = ReturnedResponse.connection(returned);
        if (connection != null) {
            connection.close(why, CLOSE_TIMEOUT_NANOS, () -> abort(Outcome.CANCELLED, why));
        } else if (end(Phase.ENDED, Outcome.CANCELLED, why)) {
            exchange.leaveLater();
        }
    }

    /** The exception for a reader: the pool's if the pool has closed the exchange. */
    IOException explained(IOException e) {
        return failure() instanceof StreamClosedException why ? why.causedBy(e) : e;
    }

    /** Ends with the outcome of the last response: the call ends, is retried, or its body was garbage collected. */
    void end() {
        complete(Phase.ENDED, answer, null);
    }

    @Override
    public void leaked() {
        end();
    }

    /** As {@link #close}, for the pool. */
    @Override
    public void accept(StreamClosedException why) {
        close(why);
    }

    /** Ends a cancelled call: its caller cancelled it, or a timeout did. */
    void cancel(Outcome outcome) {
        complete(Phase.ENDED, outcome, null);
    }

    /** Ends with the failure of something else than the backend. */
    void abort(Outcome outcome, Throwable cause) {
        complete(Phase.ENDED, outcome, cause);
    }

    /** Ends with the failure of the exchange; the classifier decides the outcome. */
    void fail(Outcome standard, IOException cause) {
        if (!isFinished()) {
            Outcome outcome = exchange.destination().classification().of(exchange.request(), cause, standard);
            complete(Phase.ENDED, outcome, cause);
        }
    }

    public Exchange exchange() {
        return exchange;
    }

    public Lease lease() {
        return exchange.lease();
    }

    public Backend backend() {
        return exchange.backend();
    }

    @Nullable
    Attempt previous() {
        return previous;
    }

    /** Whether a request line was written to a connection: a backend may have seen the request. */
    boolean isSent() {
        return sent || exchange.isSentInDoubt();
    }

    /** Whether the current exchange failed: the next exception is not the application's own. */
    boolean hasExchangeFailed() {
        return exchangeFailed || exchange.isSentInDoubt();
    }

    /** Whether the current exchange is a stream that the backend refused, whatever exception reports it. */
    boolean isStreamRefused() {
        return streamRefused;
    }

    /** Whether a pooled connection is checked before it is used: only before the attempt's first request line. */
    boolean checksConnections() {
        return exchange.checksConnection() && is(Phase.CREATED);
    }

    /** Whether no response came within the attempt timeout. */
    boolean isOverdue() {
        return overdue;
    }

    /** The status of the last response, or 0. */
    int status() {
        return status;
    }

    /** The outcome according to the last response. */
    Outcome answer() {
        return answer;
    }

    /** The trace of the call up to this attempt; of both requests of a hedged call. */
    public CallTrace callTrace() {
        return exchange.destination().trace(HedgedTrace.merge(exchange.request(), made()));
    }

    /** The attempts before this one, and this one. */
    public List<HedgedTrace.Made> made() {
        List<HedgedTrace.Made> made = previous == null ? new ArrayList<>() : previous.made();
        made.add(made(backend(), reason(), HedgedTrace.isSecond(exchange.request())));
        return made;
    }

    String reason() {
        return now().reason(status, isSent());
    }
}
