package dev.evenkeel.lb.okhttp.internal.call;

import dev.evenkeel.lb.okhttp.internal.steering.ConnectionRelease;
import dev.evenkeel.lb.okhttp.internal.steering.ExclusiveDns;
import dev.evenkeel.lb.okhttp.internal.steering.StaleConnection;
import java.io.IOException;
import okhttp3.Interceptor.Chain;
import okhttp3.Request;
import okhttp3.Response;

/**
 * Sends the request of one attempt, and sends it again to the same backend if the backend cannot have processed it.
 *
 * <p>These are the transparent retries of gRFC A6: the attempt goes on, and the retry policy, its budget and the counts
 * of the backend do not change. There are two kinds.
 *
 * <ul>
 *   <li>A pooled HTTP/1 connection was found closed before anything was written ({@link StaleConnection}).
 *   <li>HTTP/2 says that the request was not processed (RFC 9113, 6.8 and 8.7): a refused stream, a GOAWAY that does
 *       not include the stream, or a connection that was shut down before the stream was made.
 * </ul>
 *
 * <p>OkHttp does the same for a request that it may repeat; {@link AttemptSender} switches that off for other requests.
 */
public final class TransparentRetries {
    /**
     * How often an unprocessed request is sent again before its attempt fails. The last time it is the first stream of
     * a new connection: a backend that refuses even that one is overloaded.
     */
    public static final int MAX_RETRIES = 3;

    private final Attempt attempt;
    private final CallState call;
    private final boolean allowed;

    /**
     * Makes the retries of one attempt.
     *
     * @param allowed whether the client allows to repeat requests ({@code retryOnConnectionFailure})
     */
    TransparentRetries(Attempt attempt, CallState call, boolean allowed) {
        this.attempt = attempt;
        this.call = call;
        this.allowed = allowed;
    }

    /**
     * Sends a request.
     *
     * @param chain leads to the attempt's backend
     */
    Response proceed(Chain chain, Request wire) throws IOException {
        int retries = 0;
        while (true) {
            try {
                Response response = retries < MAX_RETRIES ? chain.proceed(wire) : proceedAlone(chain, wire);
                return No503RepeatBody.unguard(response);
            } catch (IOException e) {
                if (attempt.isStale()) {
                    // Each turn has closed a connection of the pool that was dead already, so this ends.
                    attempt.startOver();
                    continue;
                }
                if (retries == MAX_RETRIES || !isUnprocessed(e, chain)) {
                    throw e;
                }
                retries++;
                attempt.startOver();
                // OkHttp sees to the limit of streams where it picks a connection, not where a call keeps one.
                ConnectionRelease.always(chain, call.held());
            }
        }
    }

    private boolean isUnprocessed(IOException e, Chain chain) {
        if (!allowed || chain.call().isCanceled()) {
            return false;
        }
        AttemptFailure rule = AttemptFailure.of(e, attempt, call.held());
        return rule.isRefusedByHttp2() && rule.hasWholeBody(attempt.exchange().request());
    }

    private Response proceedAlone(Chain chain, Request wire) throws IOException {
        ExclusiveDns own = new ExclusiveDns(chain.getDns());
        try {
            return chain.withDns(own).proceed(wire);
        } finally {
            own.share();
        }
    }
}
