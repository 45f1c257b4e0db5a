package dev.evenkeel.lb.okhttp.internal.call;

import dev.evenkeel.lb.okhttp.internal.call.AttemptState.Phase;
import dev.evenkeel.lb.okhttp.internal.http.SingleSendBody;
import dev.evenkeel.lb.okhttp.internal.steering.CloseRace;
import dev.evenkeel.lb.okhttp.internal.steering.ConnectionRelease;
import dev.evenkeel.lb.okhttp.internal.steering.ExclusiveDns;
import dev.evenkeel.lb.okhttp.internal.steering.StaleConnection;
import dev.evenkeel.lb.okhttp.retry.RetryPolicy;
import dev.evenkeel.lb.okhttp.retry.RetryPredicate;
import java.io.IOException;
import okhttp3.Interceptor.Chain;
import okhttp3.Request;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/**
 * Sends the request of one attempt, and sends it again to the same backend if the backend cannot have processed it, or if
 * a connection of the pool was lost with it.
 *
 * <p>These are the transparent retries of gRFC A6: the attempt goes on, and the retry policy, its budget and the counts
 * of the backend do not change. There are five kinds.
 *
 * <ul>
 *   <li>A pooled HTTP/1 connection was found closed before anything was written ({@link StaleConnection}).
 *   <li>HTTP/2 says that the request was not processed (RFC 9113, 6.8 and 8.7): a refused stream, a GOAWAY that does
 *       not include the stream, or a connection that was shut down before the stream was made.
 *   <li>A connection that had served other requests broke without a response, and the request is idempotent: most likely
 *       the backend had closed it while it was idle. Once, over a connection of its own.
 *   <li>Another request met an HTTP/1 connection of the pool that the backend had just closed ({@link CloseRace}). Once, as
 *       OkHttp does; what becomes of the repetition is final, and no other backend gets the request. With
 *       {@link RetryPolicy#resendsOnLostConnection} it is treated as an idempotent one is, also where it was given a new
 *       connection because the kept one might be about to end: plain OkHttp would have lost it with that one, and sent it
 *       again.
 *   <li>The backend answered 408: it has not had the whole request (RFC 9110, 15.5.9). Once.
 * </ul>
 *
 * <p>OkHttp does the same for every request that it may repeat, but to each address of the backend's name and without a
 * bound; {@link AttemptSender} switches that off.
 */
public final class TransparentRetries {
    /**
     * How often an unprocessed request is sent again before its attempt fails. The last time it is the first stream of
     * a new connection: a backend that refuses even that one is overloaded.
     */
    public static final int MAX_RETRIES = 3;

    private static final int REQUEST_TIMEOUT = 408;

    private TransparentRetries() {}

    /**
     * Sends the request of an attempt.
     *
     * @param chain leads to the attempt's backend
     */
    static Response proceed(Chain chain, Request wire, Attempt attempt, CallState call) throws IOException {
        int retries = 0;
        boolean hasTimedOut = false;
        // What a request that is sent again in doubt failed with first.
        IOException first = null;
        while (true) {
            try {
                Response response = isShared(attempt, retries) ? chain.proceed(wire) : proceedAlone(chain, wire);
                if (hasTimedOut || !isRequestTimeout(response, attempt, chain)) {
                    return SingleSendBody.unguard(response);
                }
                hasTimedOut = true;
                response.close();
            } catch (IOException e) {
                if (attempt.phase() == Phase.STALE) {
                    // Each turn has closed a connection of the pool, so this ends.
                    attempt.startOver();
                    continue;
                }
                int repeated = retries == MAX_RETRIES ? 0 : repeated(e, attempt, call, chain);
                if (repeated == 0) {
                    throw withFirst(e, first);
                }
                if (attempt.exchange().isSentInDoubt()) {
                    first = e;
                }
                retries = Math.min(MAX_RETRIES, retries + repeated);
                attempt.startOver();
                // OkHttp sees to the limit of streams where it picks a connection, not where a call keeps one.
                ConnectionRelease.always(chain, call.held());
            }
        }
    }

    /** The failure of a repetition says less than the one that made it necessary. */
    private static IOException withFirst(IOException e, @Nullable IOException first) {
        if (first != null && first != e) {
            e.addSuppressed(first);
        }
        return e;
    }

    /** Whether the request may be sent over a connection of the pool. */
    private static boolean isShared(Attempt attempt, int retries) {
        CloseRace race = attempt.exchange().closeRace();
        return retries < MAX_RETRIES && (race == null || !race.isNear());
    }

    /** How many retries it counts to send the request again; 0 if it is not to be sent again. */
    private static int repeated(IOException e, Attempt attempt, CallState call, Chain chain) {
        Exchange exchange = attempt.exchange();
        if (!exchange.isRepeatable() || chain.call().isCanceled()) {
            return 0;
        }
        AttemptFailure failure = AttemptFailure.of(e, attempt, call.held());
        if (!failure.hasWholeBody(exchange.request())) {
            return 0;
        }
        if (failure.isRefusedByHttp2()) {
            return 1;
        }
        if (failure != AttemptFailure.BROKEN || attempt.status() != 0) {
            return 0;
        }
        boolean isReused = call.isConnectionReused();
        if (exchange.isIdempotent()) {
            return isReused ? MAX_RETRIES : 0;
        }
        CloseRace race = exchange.closeRace();
        if (race == null || race.isRepeated() || isForbidden(e, attempt)) {
            return 0;
        }
        if (exchange.destination().settings().retries().resendsOnLostConnection()) {
            return isReused || exchange.avoidsKeptConnection() ? MAX_RETRIES : 0;
        }
        if (!race.isLost()) {
            return 0;
        }
        race.repeat();
        return MAX_RETRIES;
    }

    /** Whether the application's rules say that a request which a backend may have processed is not sent again. */
    private static boolean isForbidden(IOException e, Attempt attempt) {
        RetryPolicy policy = attempt.exchange().destination().settings().retries();
        RetryPredicate predicate = policy.predicate();
        return !policy.retries(RetryPolicy.Cause.BROKEN)
                || (predicate != null
                        && predicate.judge(new RetryPredicate.Failure(
                                        attempt.exchange().request(),
                                        attempt.backend(),
                                        attempt.made().size(),
                                        true,
                                        null,
                                        e))
                                == RetryPredicate.Verdict.STOP);
    }

    private static boolean isRequestTimeout(Response response, Attempt attempt, Chain chain) {
        return response.code() == REQUEST_TIMEOUT
                && attempt.exchange().isRepeatable()
                && !attempt.hasLeft()
                && !chain.call().isCanceled()
                && AttemptFailure.isReplayable(attempt.exchange().request())
                && isNow(response.header("Retry-After"));
    }

    /** Whether a repetition need not wait. */
    private static boolean isNow(@Nullable String retryAfter) {
        return retryAfter == null || retryAfter.strip().equals("0");
    }

    private static Response proceedAlone(Chain chain, Request wire) throws IOException {
        ExclusiveDns own = new ExclusiveDns(chain.getDns());
        try {
            return chain.withDns(own).proceed(wire);
        } finally {
            own.share();
        }
    }
}
