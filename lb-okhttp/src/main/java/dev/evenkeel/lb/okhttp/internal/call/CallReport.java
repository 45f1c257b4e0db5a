package dev.evenkeel.lb.okhttp.internal.call;

import dev.evenkeel.lb.AttemptObserver.CallOutcome;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.NoBackendAvailableException;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PoolFullException;
import dev.evenkeel.lb.okhttp.internal.http.OkHttpQuirks;
import java.io.IOException;
import okhttp3.Call;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * Tells a pool how a call has ended: one pass through the interceptor, or both requests of a hedged call. Allocates
 * nothing.
 */
public final class CallReport {
    private CallReport() {}

    /**
     * Reports the pass that a call has begun last. The two requests of a hedged call are reported by {@link #hedged}.
     *
     * @param outcome how the pass has ended
     * @param startNanos when it began, by {@link System#nanoTime}
     */
    public static void passEnded(CallState call, CallOutcome outcome, long startNanos, boolean isHedged) {
        if (isHedged) {
            call.ended(outcome);
        } else {
            tell(call, outcome, startNanos);
        }
    }

    /**
     * Reports a hedged call.
     *
     * @param first its first request; null if it has not reached the interceptor
     * @param winner the request whose result the caller gets; null if that has not reached the interceptor
     */
    public static void hedged(@Nullable CallState first, @Nullable CallState winner) {
        CallOutcome outcome = winner == null ? null : winner.outcome();
        if (first != null && outcome != null) {
            tell(first, outcome, first.startNanos());
        }
    }

    private static void tell(CallState call, CallOutcome outcome, long startNanos) {
        Destination chosen = call.destination();
        if (chosen == null) {
            return;
        }
        LoadBalancer balancer = chosen.pool().balancer();
        if (balancer.isObserved()) {
            balancer.callEnded(outcome, System.nanoTime() - startNanos);
        }
    }

    /** The outcome of a call whose caller gets a response. */
    public static CallOutcome of(CallState call, Response response) {
        Attempt attempt = call.current();
        Outcome answer = attempt == null || attempt.hasLeft() ? Outcome.DISCARDED : attempt.answer();
        int code = response.code();
        if (answer.isFailure() || answer == Outcome.THROTTLED || (answer == Outcome.DISCARDED && code >= 500)) {
            return CallOutcome.FAILED;
        }
        return code >= 400 && code < 500 ? CallOutcome.CLIENT_ERROR : CallOutcome.SUCCESS;
    }

    /** The outcome of a call whose caller gets an exception. */
    public static CallOutcome of(CallState state, Call call, Throwable failure) {
        if (failure instanceof NoBackendAvailableException && state.current() == null) {
            return failure instanceof PoolFullException ? CallOutcome.POOL_FULL : CallOutcome.NO_BACKEND;
        }
        boolean isCallers = call.isCanceled() ? !state.endedBySelf(call) : isInterrupt(failure);
        return isCallers ? CallOutcome.CANCELLED : CallOutcome.FAILED;
    }

    private static boolean isInterrupt(Throwable failure) {
        return failure instanceof IOException e && OkHttpQuirks.isInterrupt(e);
    }
}
