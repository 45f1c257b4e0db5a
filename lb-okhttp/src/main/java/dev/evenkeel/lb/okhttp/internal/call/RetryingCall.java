package dev.evenkeel.lb.okhttp.internal.call;

import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.Decision;
import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.NoBackendAvailableException;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PickResult;
import dev.evenkeel.lb.Unavailable;
import dev.evenkeel.lb.okhttp.internal.http.DefaultOutcomeRules;
import dev.evenkeel.lb.okhttp.internal.steering.AttachedPool;
import dev.evenkeel.lb.okhttp.internal.steering.SteeringImpossibleException;
import dev.evenkeel.lb.okhttp.retry.RetryPolicy;
import dev.evenkeel.lb.okhttp.retry.RetryPredicate;
import dev.evenkeel.lb.okhttp.trace.DecisionTrace;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import okhttp3.Interceptor.Chain;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * Sends one request: to a backend, and after a failure to another one, for as long as the {@link RetryPolicy} and its budget
 * allow. Lives for one pass through the interceptor.
 */
public final class RetryingCall {
    /** A call looks at so many backends that its configuration keeps out of reach; then it fails. */
    private static final int MAX_UNREACHABLE = 16;

    private final AttachedPool pool;
    private final Destination destination;
    private final AttemptSender sender;
    private final RetryPolicy policy;
    private final Chain chain;
    private final CallState call;
    private final Request request;
    private final int attempts;
    /** How many refused connections do not count as attempts. */
    private final int spared;
    /** Which backends the request may be sent to; null for any. */
    private final @Nullable DowngradeRule downgrades;
    /** Why there was no further attempt, if that was for want of a backend. */
    private @Nullable Unavailable nobodyElse;
    /** Why there was no further attempt, if that was for another reason. */
    private String stopped = "";
    /** Attempts that a refused connection ended at once, as far as they do not count. */
    private int refused;
    /** Backends that the client's configuration keeps out of reach: not attempts, for nothing was sent. */
    private int unreachable;
    /** How often every eligible backend has been tried. */
    private int rounds;

    public RetryingCall(AttemptSender sender, Chain chain, CallState call) {
        this.destination = sender.destination();
        this.sender = sender;
        this.pool = destination.pool();
        this.policy = destination.settings().retries();
        this.chain = sender.bounded(chain);
        this.call = call;
        this.request = sender.outgoing(chain.request(), call.clientAddress());
        HedgeTag hedge = request.tag(HedgeTag.class);
        boolean onlyOnce = hedge != null && hedge.second();
        this.attempts = onlyOnce ? 1 : policy.attempts();
        this.spared = onlyOnce ? 0 : policy.spared();
        this.downgrades = DowngradeRule.of(destination, chain, request.url());
        call.permitted(downgrades);
        // The second request of a hedged call has what the first has left.
        long goneNanos = hedge != null && hedge.second() ? hedge.race().elapsedNanos() : 0;
        call.limit(sender.deadline(chain.call(), goneNanos));
    }

    public Response send() throws IOException {
        if (chain.call().isCanceled()) {
            // As OkHttp says it. A call that was cancelled before we listened would never tell us so.
            throw call.explained(new IOException("Canceled"));
        }
        HedgeTag hedge = request.tag(HedgeTag.class);
        PickResult pick = acquire(hedge == null || !hedge.second());
        if (pick instanceof Unavailable unavailable) {
            throw NoBackendAvailableException.of(unavailable.withDetail(refusals(unavailable)));
        }
        destination.budget().callStarted(call.startNanos());
        Attempt attempt = start((Lease) pick, null);
        call.start(attempt);
        if (hedge != null && !hedge.second()) {
            hedge.race().firstStarts(sender);
        }
        for (int number = 1; ; number++) {
            call.start(attempt);
            Attempt next;
            try {
                Response response = answer(attempt);
                try {
                    next = afterResponse(response, attempt, number);
                } catch (Throwable e) {
                    closeQuietly(response);
                    throw e;
                }
                if (next == null) {
                    return call.watched(attempt.handOut(response));
                }
            } catch (IOException e) {
                next = afterFailure(e, attempt, number);
            } catch (Throwable e) {
                if (e instanceof InterruptedException) {
                    // OkHttp throws it while it connects, although no signature declares it.
                    Thread.currentThread().interrupt();
                    attempt.finish(AttemptFailure.INTERRUPTED.outcome, e);
                    throw DefaultOutcomeRules.interrupted(e);
                }
                // The application's code beneath us, or OkHttp at its misuse: not the backend's fault.
                attempt.finish(attempt.sent ? AttemptFailure.GIVEN_UP.outcome : AttemptFailure.OWN_FAULT.outcome, e);
                throw e;
            } finally {
                attempt.stopWaiting();
            }
            attempt = next;
        }
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
        Decision before = pool.balancer().explain(call);
        PickResult pick = acquireUnexplained(mayWait);
        why.add(before.with(pick));
        return pick;
    }

    /** A backend, if need be after a wait for room in the pool, if it has a queue. */
    private PickResult acquireUnexplained(boolean mayWait) throws IOException {
        PickResult pick = pool.acquire(call);
        return mayWait
                        && pick instanceof Unavailable full
                        && full.occupancy() != null
                        && full.occupancy().mayWait()
                ? call.await(pool.balancer().acquireOrWait(call))
                : pick;
    }

    private Response answer(Attempt attempt) throws IOException {
        Response response = sender.send(chain, request, attempt, call);
        if (policy.attemptTimeout().isZero() || response.socket() != null) {
            return response;
        }
        if (attempt.isOverdue()) {
            // In the moment between the headers and the end of the watch: the connection is closed.
            response.close();
            throw new SocketTimeoutException("timeout");
        }
        AttemptTimeout.release(chain, response, call.held());
        return response;
    }

    /** The next attempt if a response is to be tried elsewhere; the response is closed then. */
    private @Nullable Attempt afterResponse(Response response, Attempt attempt, int number) throws IOException {
        if (response.code() < 400 || !mayGoOn(attempt, number) || !chain.getRetryOnConnectionFailure()) {
            return null;
        }
        if (!allows(response, attempt, number) || !AttemptFailure.isReplayable(request)) {
            return null;
        }
        // First the choice, then the close: if there is no other backend, the response goes to the caller unread.
        Attempt next = next(attempt, attempt.answer, Again.after(response, policy));
        if (next != null) {
            attempt.finish(attempt.answer);
            try {
                response.close();
            } catch (Throwable e) {
                next.finish(AttemptFailure.OWN_FAULT.outcome, e);
                throw e;
            }
        }
        return next;
    }

    /** The application gets an exception instead of this response, and so cannot close it. */
    private static void closeQuietly(Response response) {
        try {
            response.close();
        } catch (RuntimeException e) {
            // The connection is closed all the same, and there is a better exception to throw.
        }
    }

    private boolean mayGoOn(Attempt attempt, int number) {
        return isFewerThanAllowed(number) && attempt.sent && !attempt.left && !isAbandoned();
    }

    /** Whether the caller has given up: a request is not sent again then. */
    private boolean isAbandoned() {
        return chain.call().isCanceled() || Thread.currentThread().isInterrupted();
    }

    private boolean isFewerThanAllowed(int number) {
        return number - refused - unreachable < attempts;
    }

    private boolean allows(Response response, Attempt attempt, int number) {
        return switch (verdict(attempt, number, response, null)) {
            case RETRY -> true;
            case STOP -> false;
            case UNDECIDED ->
                policy.retries(RetryPolicy.Cause.STATUS)
                        && policy.retriesStatus(response.code())
                        && policy.isIdempotent(request);
        };
    }

    /** The next attempt, or else the exception for the caller. */
    private Attempt afterFailure(IOException thrown, Attempt attempt, int number) throws IOException {
        if (chain.call().isCanceled()) {
            call.finishCancelled(chain.call(), attempt);
            throw call.explained(thrown);
        }
        IOException e = attempt.isOverdue() ? overdue(thrown) : thrown;
        if (attempt.left) {
            attempt.finish(AttemptFailure.OWN_FAULT.outcome, e);
            throw e;
        }
        if (e instanceof SteeringImpossibleException impossible) {
            attempt.finish(AttemptFailure.OWN_FAULT.outcome, e);
            return reachable(impossible, attempt);
        }
        AttemptFailure rule = AttemptFailure.of(e, attempt, call.held());
        attempt.fail(rule.outcome, e);
        RetryPolicy.Cause cause = rule.cause();
        if (cause == null) {
            throw rule == AttemptFailure.INTERRUPTED ? DefaultOutcomeRules.interrupted(e) : e;
        }
        if (e instanceof ConnectException && refused < spared) {
            // Perhaps behind an open connection that broke under the request: nobody is there any more, and to be
            // refused costs nobody anything.
            refused++;
        }
        Attempt next = isFewerThanAllowed(number) && allows(e, rule, cause, attempt, number)
                ? next(attempt, rule.outcome, Again.after(rule, e))
                : null;
        if (next == null) {
            throw CallFailure.of(attempt, e, nobodyElse, stopped);
        }
        return next;
    }

    /** An attempt at a backend that the client's configuration lets us reach, or else the exception. */
    private Attempt reachable(SteeringImpossibleException impossible, Attempt attempt) throws IOException {
        call.addTried(attempt.backend());
        if (++unreachable < MAX_UNREACHABLE && acquire(true) instanceof Lease lease) {
            return start(lease, attempt);
        }
        for (Attempt earlier = attempt.previous; earlier != null; earlier = earlier.previous) {
            Throwable failure = earlier.failure();
            if (failure != null && failure != impossible) {
                impossible.addSuppressed(failure);
            }
        }
        throw impossible;
    }

    /** Why the request may not be sent to some backends, if that is a reason; else empty. */
    private String refusals(Unavailable unavailable) {
        return downgrades != null && unavailable.reasons().containsKey(Ineligibility.NOT_PERMITTED)
                ? downgrades.refusals(pool.balancer().snapshot().backends().stream()
                        .map(BackendStatus::backend)
                        .toList())
                : "";
    }

    private SocketTimeoutException overdue(IOException e) {
        SocketTimeoutException timeout =
                new SocketTimeoutException("no answer within " + policy.attemptTimeout());
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
            case UNDECIDED -> policy.retries(cause) && (rule.isUnprocessed() || policy.isIdempotent(request));
        };
    }

    private RetryPredicate.Verdict verdict(
            Attempt attempt, int number, @Nullable Response response, @Nullable IOException e) {
        RetryPredicate predicate = policy.predicate();
        RetryPredicate.Verdict verdict = predicate == null
                ? null
                : predicate.judge(
                        new RetryPredicate.Failure(request, attempt.backend(), number, attempt.sent, response, e));
        return verdict == null ? RetryPredicate.Verdict.UNDECIDED : verdict;
    }

    /** The next attempt: at a backend that was not tried, or, if there is none, once more at one that was. */
    private @Nullable Attempt next(Attempt attempt, Outcome outcome, Again again) throws IOException {
        if (!destination.budget().tryRetry(outcome, System.nanoTime())) {
            stopped = "; the retry budget is used up";
            return null;
        }
        call.addTried(attempt.backend());
        PickResult pick;
        try {
            // A response is good enough: it does not wait for a better one while others wait for room.
            boolean mayWait = attempt.isFinished();
            pick = acquire(mayWait);
            if (pick instanceof Unavailable unavailable) {
                nobodyElse = unavailable;
                String refusals = refusals(unavailable);
                stopped = refusals.isEmpty() ? "" : "; " + refusals;
                pick = once(again, unavailable, mayWait);
            }
        } catch (IOException e) {
            destination.budget().giveBack();
            throw e;
        }
        if (pick instanceof Lease lease) {
            return start(lease, attempt);
        }
        destination.budget().giveBack();
        return null;
    }

    /** Another round over the backends that were tried, after a pause. Null if it makes no sense. */
    private @Nullable PickResult once(Again again, Unavailable unavailable, boolean mayWait) throws IOException {
        if (again.isNever() || !(again.isAsked() || unavailable.reasons().containsKey(Ineligibility.TRIED))) {
            return null;
        }
        long pauseNanos = again.nanos(policy, rounds++);
        if (pauseNanos < 0) {
            return null;
        }
        call.pause(pauseNanos);
        if (chain.call().isCanceled()) {
            throw call.explained(new IOException("Canceled"));
        }
        call.forgetTried();
        return acquire(mayWait);
    }

    /**
     * When a backend that was tried may be tried again, if no other is left.
     *
     * @param leastNanos what the backend has asked for; negative for never
     * @param backsOff whether a random back-off comes on top
     */
    private record Again(long leastNanos, boolean backsOff) {
        private static final Again NEVER = new Again(-1, false);
        private static final Again ONCE_MORE = new Again(0, false);
        private static final Again ANOTHER_ROUND = new Again(0, true);
        private static final long SHORTLY_NANOS = 10_000_000;

        static Again after(AttemptFailure rule, IOException e) {
            return switch (rule) {
                // It lives; only the connection was at its end, or has too many streams.
                case SHUT_DOWN, REFUSED -> ONCE_MORE;
                // Waiting once more for what takes so long would take as long again.
                case TIMED_OUT, GIVEN_UP, INTERRUPTED, OWN_FAULT -> NEVER;
                case NEVER_SENT, BROKEN -> e instanceof InterruptedIOException ? NEVER : ANOTHER_ROUND;
            };
        }

        /** A response is good enough to be handed out, unless the backend says when it will have a better one. */
        static Again after(Response response, RetryPolicy policy) {
            if (policy.maxRetryAfter().isZero()) {
                return NEVER;
            }
            Duration wanted = BackendFeedback.retryAfter(response.headers());
            return wanted == null || wanted.compareTo(policy.maxRetryAfter()) > 0
                    ? NEVER
                    : new Again(wanted.toNanos(), true);
        }

        /** Whether it was the backend that named the time. */
        boolean isAsked() {
            return leastNanos > 0;
        }

        boolean isNever() {
            return leastNanos < 0;
        }

        private static long maxPauseNanos(RetryPolicy policy, int round) {
            return Math.min(
                    policy.maxBackoff().toNanos(), policy.backoff().toNanos() << Math.min(20, round));
        }

        /** How long to wait; negative if there is no further round. */
        long nanos(RetryPolicy policy, int round) {
            if (!backsOff) {
                return leastNanos;
            }
            long most = maxPauseNanos(policy, round);
            if (isAsked()) {
                // Not a moment before: until then the backend rests.
                return leastNanos
                        + Math.max(SHORTLY_NANOS, ThreadLocalRandom.current().nextLong(most + 1));
            }
            return most == 0 ? -1 : ThreadLocalRandom.current().nextLong(most + 1);
        }
    }
}
