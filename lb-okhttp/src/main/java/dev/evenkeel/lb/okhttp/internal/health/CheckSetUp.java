package dev.evenkeel.lb.okhttp.internal.health;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.core.internal.runtime.LogText;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import okhttp3.Interceptor;
import okhttp3.Response;

/**
 * The part of an exchange before its request is sent: the look-up of the name, the connection and the handshake. A
 * network interceptor sees its end. The timeout of a check includes it.
 */
final class CheckSetUp implements Interceptor {
    private static final System.Logger LOG = System.getLogger("dev.evenkeel.lb");
    /** The pool's timer begins a little before the exchange: so much less than the timeout is the timeout, too. */
    private static final int EARLIER_PART = 8;

    private final Backend backend;
    private final Duration timeout;
    private final AtomicBoolean isLogged;
    private final long sinceNanos = System.nanoTime();
    private volatile boolean done;

    /**
     * Begins now.
     *
     * @param isLogged whether the line of this check is written
     */
    CheckSetUp(Backend backend, Duration timeout, AtomicBoolean isLogged) {
        this.backend = backend;
        this.timeout = timeout;
        this.isLogged = isLogged;
    }

    @Override
    public Response intercept(Chain chain) throws IOException {
        done = true;
        return chain.proceed(chain.request());
    }

    /** Logs once that a call took its timeout before it was sent: the cause of the failure cannot say so. */
    void failed() {
        long leftNanos = timeout.toNanos() - (System.nanoTime() - sinceNanos);
        if (!done && leftNanos <= timeout.toNanos() / EARLIER_PART && isLogged.compareAndSet(false, true)) {
            LOG.log(
                    System.Logger.Level.INFO,
                    "backend " + LogText.id(backend) + ": a check was not connected within its timeout, " + timeout
                            + ", which is for the look-up of the name, the connection and the handshake of a first"
                            + " check, too; logged once");
        }
    }
}
