package dev.evenkeel.lb.examples.clients;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.NoBackendAvailableException;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PickResult;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.Unavailable;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.util.ArrayList;
import java.util.List;

/** Exchanges of any blocking client over a pool: one that was never sent is tried at another backend. */
final class PooledExchange {
    private PooledExchange() {}

    /** Sends one request. */
    interface Exchange<T> {
        T send(Backend backend) throws IOException;
    }

    /** The status of a response. */
    interface Status<T> {
        int of(T response);
    }

    /** Sends to a backend of the pool's choice; the response has been read to its end when {@code exchange} returns. */
    static <T> T call(LoadBalancer pool, Exchange<T> exchange, Status<T> status) throws IOException {
        List<Backend> tried = new ArrayList<>();
        while (true) {
            PickResult picked = pool.acquire(RequestContext.NONE.withTried(tried));
            if (picked instanceof Unavailable unavailable) {
                throw new NoBackendAvailableException(unavailable);
            }
            Lease lease = (Lease) picked;
            Outcome outcome = Outcome.CANCELLED; // what an Error or an interrupt leaves behind
            try {
                T response = exchange.send(lease.backend());
                lease.responded();
                outcome = outcome(status.of(response));
                return response;
            } catch (IOException e) {
                outcome = outcome(e);
                tried.add(lease.backend());
                if (outcome != Outcome.NEVER_SENT || tried.size() == 3) {
                    throw e;
                }
            } finally {
                lease.complete(outcome);
            }
        }
    }

    private static Outcome outcome(int status) {
        if (status == 429) {
            return Outcome.THROTTLED;
        }
        return status >= 500 ? Outcome.SERVER_ERROR : Outcome.SUCCESS;
    }

    private static Outcome outcome(IOException failure) {
        if (failure instanceof ConnectException || failure instanceof HttpConnectTimeoutException) {
            return Outcome.NEVER_SENT;
        }
        boolean isTimeout = failure instanceof SocketTimeoutException || failure instanceof HttpTimeoutException;
        return isTimeout ? Outcome.TIMED_OUT : Outcome.FAILED;
    }
}
