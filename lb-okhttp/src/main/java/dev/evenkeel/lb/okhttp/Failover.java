package dev.evenkeel.lb.okhttp;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.NoBackendAvailableException;
import dev.evenkeel.lb.PickResult;
import dev.evenkeel.lb.Unavailable;
import java.io.IOException;
import okhttp3.Interceptor.Chain;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * Sends one request: to a backend, and after a failure to another one, for as long as the {@link RetryRule}s and the
 * number of attempts allow. Lives for one pass through the interceptor.
 */
final class Failover {
    private final AttachedPool pool;
    private final Dispatch dispatch;
    private final Chain chain;
    private final CallState call;
    private final Request request;
    /** Why there was no further attempt, if that was for want of a backend. */
    private @Nullable Unavailable nobodyElse;

    Failover(Dispatch dispatch, Chain chain, CallState call) {
        this.pool = dispatch.pool;
        this.dispatch = dispatch;
        this.chain = chain;
        this.call = call;
        this.request = chain.request();
    }

    Response send() throws IOException {
        if (chain.call().isCanceled()) {
            // As OkHttp says it. A call that was cancelled before we listened would never tell us so.
            throw new IOException("Canceled");
        }
        PickResult pick = pool.balancer().acquire(call);
        if (pick instanceof Unavailable unavailable) {
            throw new NoBackendAvailableException(unavailable);
        }
        Attempt attempt = dispatch.start(chain, request, (Lease) pick, null);
        for (int number = 1; ; number++) {
            call.start(attempt);
            Attempt next;
            try {
                Response response = dispatch.send(chain, request, attempt, call);
                next = number < dispatch.settings.attempts() ? afterResponse(response, attempt) : null;
                if (next == null) {
                    return attempt.handOut(response);
                }
            } catch (IOException e) {
                next = afterFailure(e, attempt, number);
            } catch (Throwable e) {
                // The application's code beneath us, OkHttp at its misuse, or an interrupt while connecting, which
                // OkHttp
                // throws as the checked exception that no signature mentions: not the backend's fault.
                attempt.finish(attempt.sent ? RetryRule.GIVEN_UP.outcome : RetryRule.OWN_FAULT.outcome, e);
                throw e;
            }
            attempt = next;
        }
    }

    /** The next attempt if a response is to be tried elsewhere; the response is closed then. */
    private @Nullable Attempt afterResponse(Response response, Attempt attempt) {
        if (!RetryRule.allowsRetry(response, attempt, request, chain.getRetryOnConnectionFailure())
                || chain.call().isCanceled()) {
            return null;
        }
        // First the choice, then the close: if there is no other backend, the response goes to the caller unread.
        Attempt next = next(attempt, false);
        if (next != null) {
            attempt.finish(attempt.answer);
            try {
                response.close();
            } catch (Throwable e) {
                next.finish(RetryRule.OWN_FAULT.outcome, e);
                throw e;
            }
        }
        return next;
    }

    /** The next attempt, or else the exception for the caller. */
    private Attempt afterFailure(IOException e, Attempt attempt, int number) throws IOException {
        if (chain.call().isCanceled()) {
            call.finishCancelled(chain.call(), attempt);
            throw e;
        }
        if (attempt.left || e instanceof SteeringImpossibleException) {
            attempt.finish(RetryRule.OWN_FAULT.outcome, e);
            throw e;
        }
        RetryRule rule = RetryRule.of(e, attempt, call);
        attempt.fail(rule.outcome, e);
        if (rule == RetryRule.GIVEN_UP || rule == RetryRule.OWN_FAULT) {
            throw e;
        }
        Attempt next =
                number < dispatch.settings.attempts() && rule.allowsRetry(request, chain.getRetryOnConnectionFailure())
                        ? next(attempt, rule.allowsSameBackend())
                        : null;
        if (next == null) {
            throw FailureReport.of(pool, attempt, e, nobodyElse);
        }
        return next;
    }

    private @Nullable Attempt next(Attempt attempt, boolean sameBackendWillDo) {
        Backend failed = attempt.backend();
        call.addTried(failed);
        PickResult pick = pool.balancer().acquire(call);
        if (sameBackendWillDo && pick instanceof Unavailable) {
            call.forgetTried();
            pick = pool.balancer().acquire(call);
        }
        if (pick instanceof Unavailable unavailable) {
            nobodyElse = unavailable;
            return null;
        }
        return dispatch.start(chain, request, (Lease) pick, attempt);
    }
}
