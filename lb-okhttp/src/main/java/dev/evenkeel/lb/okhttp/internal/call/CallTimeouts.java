package dev.evenkeel.lb.okhttp.internal.call;

import okhttp3.Call;

/** Tells whether a call timed out or was cancelled by its caller: OkHttp reports both as cancelled. */
final class CallTimeouts {
    /** The thread on which Okio, and so OkHttp, lets timeouts expire. */
    private static final String WATCHDOG = "Okio Watchdog";

    private CallTimeouts() {}

    /**
     * Asked in {@link okhttp3.EventListener#canceled}, on the thread that cancels.
     *
     * @param startNanos when we first saw the call, which may be later than the timeout's start: hence the thread's
     *     name
     */
    static boolean hasExpired(Call call, long startNanos) {
        long timeoutNanos = call.timeout().timeoutNanos();
        return timeoutNanos != 0
                && (Thread.currentThread().getName().equals(WATCHDOG)
                        || System.nanoTime() - startNanos >= timeoutNanos);
    }
}
