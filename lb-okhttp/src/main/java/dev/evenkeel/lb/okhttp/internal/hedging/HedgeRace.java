package dev.evenkeel.lb.okhttp.internal.hedging;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.retry.RetryBudget;
import dev.evenkeel.lb.okhttp.internal.call.AttemptSender;
import dev.evenkeel.lb.okhttp.internal.call.CallReport;
import dev.evenkeel.lb.okhttp.internal.call.CallState;
import dev.evenkeel.lb.okhttp.internal.call.Destination;
import dev.evenkeel.lb.okhttp.internal.call.HedgeTag;
import dev.evenkeel.lb.okhttp.internal.http.HedgedTrace;
import dev.evenkeel.lb.okhttp.retry.HedgePolicy;
import dev.evenkeel.lb.okhttp.retry.RetryPolicy;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okio.AsyncTimeout;
import org.jspecify.annotations.Nullable;

/**
 * The two requests of one hedged call: starts the second after a delay, and decides once which response is returned.
 *
 * <p>A response that the retry policy would not retry wins at once, and the other request is cancelled. Any other
 * result is kept while the other request still runs.
 */
final class HedgeRace implements HedgeTag.Race {
    /** Receives the result, a response or an exception. Called once. */
    interface Finish {
        void ended(@Nullable Response response, @Nullable IOException failure);
    }

    private static final long MIN_DELAY_NANOS = 1_000_000;

    private final OkHttpClient client;
    private final HedgePolicies policies;
    private final Request request;
    private final Call first;
    private final Finish finish;
    private final Delay delay = new Delay();

    private RetryBudget.@Nullable Account account;
    private @Nullable AttemptSender sender;
    private RetryPolicy retries = RetryPolicy.standard();
    private long startNanos;

    // Guarded by this.
    private boolean decided;
    private boolean cancelled;
    private boolean firstEnded;
    private @Nullable Call second;
    private boolean secondRuns;
    /** The result of one request while the other may still have a better one. */
    private @Nullable RaceResult held;

    /** How a request ended: by a response or by an exception. */
    private record RaceResult(
            boolean bySecond,
            @Nullable Response response,
            @Nullable IOException failure) {

        void drop() {
            if (response != null) {
                response.close();
            }
        }

        /**
         * If neither is good: a response is better than an exception, and the first request's better than the second's.
         */
        static boolean isBetter(RaceResult one, RaceResult other) {
            IOException first = one.bySecond ? other.failure : one.failure;
            IOException second = one.bySecond ? one.failure : other.failure;
            if (first != null && second != null) {
                first.addSuppressed(second);
            }
            boolean responds = one.response != null;
            return responds == (other.response != null) ? other.bySecond : responds;
        }
    }

    HedgeRace(OkHttpClient client, HedgePolicies policies, Request request, Finish finish) {
        this.client = client;
        this.policies = policies;
        this.request = request;
        this.finish = finish;
        this.first = client.newCall(request.newBuilder()
                .tag(HedgeTag.class, HedgeTag.first(this))
                .tag(HedgedTrace.class, new HedgedTrace(false, () -> made(true)))
                .build());
    }

    Call first() {
        return first;
    }

    @Override
    public void firstStarts(AttemptSender chosen) {
        if (account != null) {
            return; // An interceptor above ours repeats the request.
        }
        Destination destination = chosen.destination();
        HedgePolicy policy = policies.policy(destination);
        if (policy == null) {
            return; // The policy was removed since the call was made.
        }
        RetryBudget.Account opened = policies.account(destination, policy);
        startNanos = System.nanoTime();
        opened.callStarted(startNanos);
        account = opened;
        sender = chosen;
        retries = destination.settings().retries();
        long delayNanos =
                delayNanos(policy, destination.pool().balancer().figures().latencyP95Nanos());
        if (delayNanos >= 0) {
            delay.timeout(delayNanos, TimeUnit.NANOSECONDS);
            delay.enter();
        }
    }

    /** The delay before the second request; negative while the pool has no percentile. */
    private static long delayNanos(HedgePolicy policy, double poolP95Nanos) {
        Duration fixed = policy.delay();
        if (fixed != null) {
            return fixed.toNanos();
        }
        return poolP95Nanos > 0 ? Math.max(MIN_DELAY_NANOS, (long) (poolP95Nanos * policy.multipleOfP95())) : -1;
    }

    /** The delay before the second request. Expires on Okio's watchdog, as OkHttp's own timeouts do. */
    private final class Delay extends AsyncTimeout {
        @Override
        protected void timedOut() {
            Call call = startable();
            if (call != null) {
                call.enqueue(new SecondAnswer());
            }
        }
    }

    @Override
    public long elapsedNanos() {
        return System.nanoTime() - startNanos;
    }

    /** The attempts of the first request or of the second one. */
    private List<HedgedTrace.Made> made(boolean ofSecond) {
        Call call = ofSecond ? second() : first;
        CallState state = call == null ? null : CallState.find(call);
        return state == null ? List.of() : state.made();
    }

    private @Nullable Call startable() {
        RetryBudget.Account budget = account;
        AttemptSender chosen = sender;
        CallState state = CallState.find(first);
        if (budget == null
                || chosen == null
                || state == null
                || !budget.tryRetry(Outcome.TIMED_OUT, System.nanoTime())) {
            return null;
        }
        List<Backend> avoided = state.triedAndCurrent();
        Call call = client.newCall(request.newBuilder()
                .tag(HedgeTag.class, HedgeTag.second(this, avoided, chosen))
                .tag(HedgedTrace.class, new HedgedTrace(true, () -> made(false)))
                .build());
        long limitNanos = first.timeout().timeoutNanos();
        if (limitNanos > 0) {
            call.timeout().timeout(Math.max(1, startNanos + limitNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
        }
        synchronized (this) {
            if (!decided && !cancelled && !firstEnded) {
                second = call;
                secondRuns = true;
                return call;
            }
        }
        budget.giveBack();
        return null;
    }

    /** Ends the first request: exactly one argument is not null. */
    void firstEnds(@Nullable Response response, @Nullable IOException failure) {
        delay.exit();
        RetryBudget.Account budget = account;
        if (budget != null) {
            budget.attemptEnded(outcome(response), false, System.nanoTime());
        }
        ended(new RaceResult(false, response, failure));
    }

    private void ended(RaceResult end) {
        Decision decision = decide(end);
        if (decision.loser != null) {
            decision.loser.cancel();
        }
        if (decision.dropped != null) {
            decision.dropped.drop();
        }
        if (decision.handedOut != null) {
            report(decision.handedOut.bySecond);
            finish.ended(decision.handedOut.response, decision.handedOut.failure);
        }
    }

    /** Reports the hedged call as one. */
    private void report(boolean bySecond) {
        CallState state = CallState.find(first);
        Call other = bySecond ? second() : null;
        CallReport.hedged(state, other == null ? state : CallState.find(other));
    }

    private synchronized @Nullable Call second() {
        return second;
    }

    /** What follows from the end of a request: an answer for the caller, one to drop, a request to cancel. */
    private record Decision(
            @Nullable RaceResult handedOut,
            @Nullable RaceResult dropped,
            @Nullable Call loser) {}

    private synchronized Decision decide(RaceResult end) {
        if (end.bySecond) {
            secondRuns = false;
        } else {
            firstEnded = true;
        }
        RaceResult before = held;
        held = null;
        if (decided) {
            return new Decision(null, end, null);
        }
        boolean otherRuns = end.bySecond ? !firstEnded : secondRuns;
        if (otherRuns && !isGood(end)) {
            held = end;
            return new Decision(null, null, null);
        }
        decided = true;
        Call loser = !otherRuns ? null : end.bySecond ? first : second;
        boolean stays = before != null && !isGood(end) && RaceResult.isBetter(before, end);
        return stays ? new Decision(before, end, loser) : new Decision(end, before, loser);
    }

    /** Ends the race: the first request threw something else than an {@link IOException}, which the caller gets. */
    void abandon() {
        delay.exit();
        report(false);
        Call other;
        synchronized (this) {
            decided = true;
            firstEnded = true;
            other = second;
        }
        if (other != null) {
            other.cancel();
        }
    }

    private static Outcome outcome(@Nullable Response response) {
        return response == null ? Outcome.FAILED : Outcome.SUCCESS;
    }

    private boolean isGood(RaceResult end) {
        return end.response != null && !retries.retriesStatus(end.response.code());
    }

    void cancel() {
        Call other;
        synchronized (this) {
            cancelled = true;
            other = second;
        }
        first.cancel();
        if (other != null) {
            other.cancel();
        }
    }

    private final class SecondAnswer implements Callback {
        @Override
        public void onResponse(Call call, Response response) {
            ends(response, null);
        }

        @Override
        public void onFailure(Call call, IOException e) {
            ends(null, e);
        }

        private void ends(@Nullable Response response, @Nullable IOException failure) {
            RetryBudget.Account budget = account;
            if (budget != null) {
                budget.attemptEnded(outcome(response), true, System.nanoTime());
            }
            ended(new RaceResult(true, response, failure));
        }
    }
}
