package dev.evenkeel.lb.okhttp.internal.call;

import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.Decision;
import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.NoBackendAvailableException;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PickResult;
import dev.evenkeel.lb.Unavailable;
import dev.evenkeel.lb.okhttp.internal.http.DefaultOutcomeRules;
import dev.evenkeel.lb.okhttp.internal.http.OkHttpQuirks;
import dev.evenkeel.lb.okhttp.internal.steering.AttachedPool;
import dev.evenkeel.lb.okhttp.internal.steering.QueueDeadlock;
import dev.evenkeel.lb.okhttp.internal.steering.SteeringImpossibleException;
import dev.evenkeel.lb.okhttp.retry.RetryPolicy;
import dev.evenkeel.lb.okhttp.retry.RetryPredicate;
import dev.evenkeel.lb.okhttp.trace.DecisionTrace;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import okhttp3.Interceptor.Chain;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * The attempt loop of one call: sends the request to a backend, and after a failure to another one, as long as the
 * {@link RetryPolicy} and its budget allow it. Used for one pass through the interceptor.
 */
public final class RetryingCall {
    /** The backend does not serve the host, so it has not processed the request (RFC 9110, 15.5.20). */
    private static final int MISDIRECTED = 421;

    private final AttemptSender sender;
    private final Chain chain;
    private final CallState call;
    private final Request request;
    /** Null if the call is not hedged. */
    private final @Nullable HedgeTag hedge;
    /** Which backends the request may be sent to; null for any. */
    private final @Nullable DowngradeRule downgrades;
    /** Null until something goes wrong. */
    private @Nullable Setbacks setbacks;

    /** Makes one pass of a call; its request has the tag of its hedging, if there is one. */
    public RetryingCall(AttemptSender sender, Chain chain, CallState call, @Nullable HedgeTag hedge) {
        this.sender = sender;
        this.chain = sender.bounded(chain);
        this.call = call;
        this.request = sender.outgoing(chain.request(), call.clientAddress());
        this.hedge = hedge;
        this.downgrades = DowngradeRule.of(sender.destination(), chain, request.url());
        call.permitted(downgrades);
        // The second request of a hedged call has what the first has left.
        long goneNanos = hedge != null && hedge.second() ? hedge.race().elapsedNanos() : 0;
        call.limit(sender.deadline(chain.call(), goneNanos));
    }

    private AttachedPool pool() {
        return sender.destination().pool();
    }

    private RetryPolicy policy() {
        return sender.destination().settings().retries();
    }

    private Setbacks setbacks() {
        if (setbacks == null) {
            setbacks = new Setbacks();
        }
        return setbacks;
    }

    /** Whether the request is the second of a hedged call, which has no retries. */
    private boolean isSecond() {
        return hedge != null && hedge.second();
    }

    public Response send() throws IOException {
        if (chain.call().isCanceled()) {
            // There is no event for a call that was cancelled before we listened.
            throw call.explained(OkHttpQuirks.cancelled(null));
        }
        Attempt attempt = first();
        for (int number = 1; ; number++) {
            Attempt next;
            try {
                Response response = answer(attempt);
                next = afterResponse(response, attempt, number);
                if (next == null) {
                    return call.watched(attempt.returnToCaller(response));
                }
            } catch (IOException e) {
                next = afterFailure(e, attempt, number);
            } catch (Throwable e) {
                abort(attempt, e);
                throw e;
            } finally {
                attempt.stopWaiting();
            }
            attempt = next;
            call.start(attempt);
        }
    }

    private Attempt first() throws IOException {
        PickResult pick = acquire(!isSecond());
        if (pick instanceof Unavailable unavailable) {
            throw NoBackendAvailableException.of(unavailable.withDetail(refusals(unavailable)));
        }
        sender.destination().budget().callStarted(call.startNanos());
        Attempt attempt = start((Lease) pick, null);
        call.start(attempt);
        if (hedge != null && !hedge.second()) {
            hedge.race().firstStarts(sender);
        }
        return attempt;
    }

    /**
     * Ends an attempt that threw something else than an {@link IOException}: the application's code below us did, or
     * OkHttp because it is misused. Not the backend's fault.
     *
     * @throws IOException if it was an interrupt
     */
    private static void abort(Attempt attempt, Throwable cause) throws IOException {
        if (OkHttpQuirks.isInterruptedConnect(cause)) {
            Thread.currentThread().interrupt();
            attempt.abort(AttemptFailure.INTERRUPTED.outcome, cause);
            throw OkHttpQuirks.interrupted(cause);
        }
        attempt.abort(attempt.isSent() ? AttemptFailure.GIVEN_UP.outcome : AttemptFailure.OWN_FAULT.outcome, cause);
    }

    private Attempt start(Lease lease, @Nullable Attempt previous) {
        call.goesTo(lease);
        return sender.start(chain, request, lease, previous);
    }

    private PickResult acquire(boolean mayWait) throws IOException {
        DecisionTrace why = request.tag(DecisionTrace.class);
        if (why == null) {
            return acquireUnexplained(mayWait);
        }
        Decision before = pool().balancer().explain(call);
        PickResult pick = acquireUnexplained(mayWait);
        why.add(before.with(pick));
        return pick;
    }

    /** Picks a backend; waits for room if the pool is full and has a queue. */
    private PickResult acquireUnexplained(boolean mayWait) throws IOException {
        PickResult pick = pool().acquire(call);
        return mayWait
                        && pick instanceof Unavailable full
                        && full.occupancy() != null
                        && full.occupancy().mayWait()
                ? queue(full, full.occupancy().inFlight())
                : pick;
    }

    private PickResult queue(Unavailable full, int inFlight) throws IOException {
        LoadBalancer balancer = pool().balancer();
        call.waitingFor(balancer);
        try {
            return QueueDeadlock.isClosedBy(balancer, inFlight, CallState::find)
                    ? full.withDetail(QueueDeadlock.TEXT)
                    : call.await(balancer.acquireOrWait(call));
        } finally {
            call.waitingFor(null);
        }
    }

    private Response answer(Attempt attempt) throws IOException {
        Response response = sender.send(chain, request, attempt, call);
        if (policy().attemptTimeout().isZero() || response.socket() != null) {
            return response;
        }
        if (attempt.isOverdue()) {
            // The timeout expired between the headers and the stop of the timer: the connection is closed.
            response.close();
            throw OkHttpQuirks.readTimeout();
        }
        AttemptTimeout.release(chain, response, call.held());
        return response;
    }

    /** Returns the next attempt if the response is to be retried, and closes the response; else null. */
    private @Nullable Attempt afterResponse(Response response, Attempt attempt, int number) throws IOException {
        try {
            return retryOf(response, attempt, number);
        } catch (Throwable e) {
            closeQuietly(response);
            throw e;
        }
    }

    private @Nullable Attempt retryOf(Response response, Attempt attempt, int number) throws IOException {
        if (DefaultOutcomeRules.retryStatus(response) < 400
                || !mayGoOn(attempt, number)
                || !chain.getRetryOnConnectionFailure()) {
            return null;
        }
        if (!allows(response, attempt, number) || !AttemptFailure.isReplayable(request)) {
            return null;
        }
        // The pick comes before the close: without another backend the response is returned to the caller unread.
        Attempt next = next(attempt, attempt.answer(), RetryTiming.after(response, policy()));
        if (next != null) {
            attempt.end();
            try {
                response.close();
            } catch (Throwable e) {
                next.abort(AttemptFailure.OWN_FAULT.outcome, e);
                throw e;
            }
        }
        return next;
    }

    /** Closes a response that the application does not get, as it gets an exception instead. */
    private static void closeQuietly(Response response) {
        try {
            response.close();
        } catch (RuntimeException e) {
            // The connection is closed all the same, and the first exception says more.
        }
    }

    private boolean mayGoOn(Attempt attempt, int number) {
        return isFewerThanAllowed(number) && attempt.isSent() && !attempt.hasLeft() && !isAbandoned();
    }

    /** Whether the caller has given up: then the request is not sent again. */
    private boolean isAbandoned() {
        return chain.call().isCanceled() || Thread.currentThread().isInterrupted();
    }

    private boolean isFewerThanAllowed(int number) {
        return number - (setbacks == null ? 0 : setbacks.uncounted()) < (isSecond() ? 1 : policy().maxAttempts());
    }

    private boolean allows(Response response, Attempt attempt, int number) {
        return switch (verdict(attempt, number, response, null)) {
            case RETRY -> true;
            case STOP -> false;
            case UNDECIDED ->
                response.code() == MISDIRECTED
                        ? policy().retries(RetryPolicy.Cause.REFUSED)
                        : policy().retries(RetryPolicy.Cause.STATUS)
                                && policy().retriesStatus(DefaultOutcomeRules.retryStatus(response))
                                && policy().isIdempotent(request);
        };
    }

    /** Returns the next attempt, or throws the exception for the caller. */
    private Attempt afterFailure(IOException thrown, Attempt attempt, int number) throws IOException {
        if (chain.call().isCanceled()) {
            call.finishCancelled(chain.call(), attempt);
            throw call.explained(thrown);
        }
        IOException e = attempt.isOverdue() ? overdue(thrown) : thrown;
        if (attempt.hasLeft()) {
            attempt.abort(AttemptFailure.OWN_FAULT.outcome, e);
            throw attempt.exchange().explained(e, call.redirectedTo());
        }
        if (e instanceof SteeringImpossibleException impossible) {
            attempt.abort(AttemptFailure.OWN_FAULT.outcome, e);
            return reachable(impossible, attempt);
        }
        AttemptFailure rule = AttemptFailure.of(e, attempt, call.held());
        attempt.fail(rule.outcome, e);
        RetryPolicy.Cause cause = rule.cause();
        if (cause == null) {
            throw rule == AttemptFailure.INTERRUPTED ? OkHttpQuirks.interrupted(e) : e;
        }
        if (e instanceof ConnectException && !isSecond()) {
            // Does not count as an attempt: a refused connection costs neither the caller nor the backend anything.
            // The request may have failed on an open connection first, before the backend refused a new one.
            setbacks().refused(policy().freeConnectFailures());
        }
        Attempt next = isFewerThanAllowed(number) && allows(e, rule, cause, attempt, number)
                ? next(attempt, rule.outcome, RetryTiming.after(rule, e))
                : null;
        if (next == null) {
            throw setbacks().failure(attempt, e);
        }
        return next;
    }

    /** Returns an attempt at a backend that the client's configuration allows, or throws. */
    private Attempt reachable(SteeringImpossibleException impossible, Attempt attempt) throws IOException {
        call.addTriedInVain(attempt.backend());
        if (setbacks().unreachable() && acquire(true) instanceof Lease lease) {
            return start(lease, attempt);
        }
        for (Attempt earlier = attempt.previous(); earlier != null; earlier = earlier.previous()) {
            Throwable failure = earlier.failure();
            if (failure != null && failure != impossible) {
                impossible.addSuppressed(failure);
            }
        }
        throw impossible;
    }

    /** Describes the backends that the request may not be sent to; empty if there are none. */
    private String refusals(Unavailable unavailable) {
        return downgrades != null && unavailable.reasons().containsKey(Ineligibility.NOT_PERMITTED)
                ? downgrades.refusals(pool().balancer().snapshot().backends().stream()
                        .map(BackendStatus::backend)
                        .toList())
                : "";
    }

    private SocketTimeoutException overdue(IOException e) {
        SocketTimeoutException timeout = new SocketTimeoutException("no answer within " + policy().attemptTimeout());
        timeout.initCause(e);
        return timeout;
    }

    private boolean allows(IOException e, AttemptFailure rule, RetryPolicy.Cause cause, Attempt attempt, int number) {
        if (!rule.hasWholeBody(request)) {
            return false;
        }
        if (rule != AttemptFailure.NEVER_SENT && !chain.getRetryOnConnectionFailure()) {
            return false;
        }
        return switch (verdict(attempt, number, null, e)) {
            case RETRY -> true;
            case STOP -> false;
            case UNDECIDED -> policy().retries(cause) && (rule.isUnprocessed() || policy().isIdempotent(request));
        };
    }

    private RetryPredicate.Verdict verdict(
            Attempt attempt, int number, @Nullable Response response, @Nullable IOException e) {
        RetryPredicate predicate = policy().predicate();
        RetryPredicate.Verdict verdict = predicate == null
                ? null
                : predicate.judge(
                        new RetryPredicate.Failure(request, attempt.backend(), number, attempt.isSent(), response, e));
        return verdict == null ? RetryPredicate.Verdict.UNDECIDED : verdict;
    }

    /** Starts the next attempt: at an untried backend or, if there is none, perhaps at a tried one. Null if none. */
    private @Nullable Attempt next(Attempt attempt, Outcome outcome, RetryTiming timing) throws IOException {
        if (!sender.destination().budget().tryRetry(outcome, System.nanoTime())) {
            setbacks().budgetUsedUp();
            return null;
        }
        if (outcome == Outcome.NEVER_SENT || outcome == Outcome.FAILED) {
            call.addTriedInVain(attempt.backend());
        } else {
            // It is alive. If it is overloaded, so are the backends that calls found failing.
            call.addTried(attempt.backend());
        }
        PickResult pick;
        try {
            // With a response in hand the call does not wait for room: it can return that response.
            boolean mayWait = attempt.isFinished();
            pick = acquire(mayWait);
            if (pick instanceof Unavailable unavailable) {
                setbacks().noOtherBackend(unavailable, refusals(unavailable));
                pick = retryTriedBackends(timing, unavailable, mayWait);
            }
        } catch (IOException e) {
            sender.destination().budget().giveBack();
            throw e;
        }
        if (pick instanceof Lease lease) {
            return start(lease, attempt);
        }
        sender.destination().budget().giveBack();
        return null;
    }

    /** Picks a tried backend again, after a pause. Null if another round is of no use. */
    private @Nullable PickResult retryTriedBackends(RetryTiming timing, Unavailable unavailable, boolean mayWait)
            throws IOException {
        if (timing.isNever() || !(timing.isAsked() || unavailable.reasons().containsKey(Ineligibility.TRIED))) {
            return null;
        }
        long pauseNanos = timing.nanos(policy(), setbacks().nextRound());
        if (pauseNanos < 0) {
            return null;
        }
        call.pause(pauseNanos);
        if (chain.call().isCanceled()) {
            throw call.explained(OkHttpQuirks.cancelled(null));
        }
        call.forgetTried();
        return acquire(mayWait);
    }
}
