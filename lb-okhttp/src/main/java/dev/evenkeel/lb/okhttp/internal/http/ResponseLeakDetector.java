package dev.evenkeel.lb.okhttp.internal.http;

import dev.evenkeel.lb.core.internal.concurrent.DaemonThreads;
import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import okhttp3.Response;
import okio.BufferedSource;
import org.jspecify.annotations.Nullable;

/**
 * Ends an attempt whose response body was garbage collected without being read or closed. OkHttp takes such a
 * connection back without an event, so this is the only signal.
 *
 * <p>It watches the body's source: interceptors wrap bodies and responses, and every wrapper keeps the source.
 * {@link java.lang.ref.Cleaner} does the same under one lock; this set has none.
 */
public final class ResponseLeakDetector extends PhantomReference<BufferedSource> {
    private static final ReferenceQueue<BufferedSource> DROPPED = new ReferenceQueue<>();
    private static final Set<ResponseLeakDetector> OPEN = ConcurrentHashMap.newKeySet();

    static {
        DaemonThreads.ofProcess("evenkeel-leaked-bodies")
                .newThread(ResponseLeakDetector::reap)
                .start();
    }

    private final Runnable onLeak;

    private ResponseLeakDetector(BufferedSource source, Runnable onLeak) {
        super(source, DROPPED);
        this.onLeak = onLeak;
    }

    /** Watches a response's body until {@link #remove}. */
    public static ResponseLeakDetector watch(Response response, Runnable onLeak) {
        ResponseLeakDetector guard = new ResponseLeakDetector(response.body().source(), onLeak);
        OPEN.add(guard);
        return guard;
    }

    /** Ends the watch: the attempt has ended. */
    public void remove() {
        OPEN.remove(this);
    }

    @SuppressWarnings("EmptyCatch")
    private static void reap() {
        while (true) {
            try {
                Reference<? extends @Nullable BufferedSource> dropped = DROPPED.remove();
                if (dropped instanceof ResponseLeakDetector guard) {
                    guard.onLeak.run();
                }
            } catch (InterruptedException ignored) {
                // An interrupt is not expected; this thread must run as long as the process.
            }
        }
    }
}
