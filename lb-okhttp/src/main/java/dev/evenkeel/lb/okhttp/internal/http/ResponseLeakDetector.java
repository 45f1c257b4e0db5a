package dev.evenkeel.lb.okhttp.internal.http;

import dev.evenkeel.lb.core.internal.concurrent.DaemonThreads;
import dev.evenkeel.lb.core.internal.concurrent.OpenSet;
import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import okhttp3.Response;
import okio.BufferedSource;
import org.jspecify.annotations.Nullable;

/**
 * Ends an attempt whose response body was garbage collected without being read or closed. OkHttp takes such a
 * connection back without an event, so this is the only signal.
 *
 * <p>It watches the body's source: interceptors wrap bodies and responses, and every wrapper keeps the source.
 * {@link java.lang.ref.Cleaner} does the same under one lock; {@link OpenSet} has none.
 */
public final class ResponseLeakDetector extends PhantomReference<BufferedSource> {
    private static final ReferenceQueue<BufferedSource> DROPPED = new ReferenceQueue<>();
    private static final OpenSet<ResponseLeakDetector> OPEN = new OpenSet<>();

    static {
        DaemonThreads.ofProcess("evenkeel-leaked-bodies")
                .newThread(ResponseLeakDetector::reap)
                .start();
    }

    private final Watched watched;

    private ResponseLeakDetector(BufferedSource source, Watched watched) {
        super(source, DROPPED);
        this.watched = watched;
    }

    /** What ends with a response's body. */
    public interface Watched {
        /** When it began: hardly two have the same. */
        long startNanos();

        /** The body was garbage collected without being read or closed. */
        void leaked();
    }

    /** Watches a response's body until {@link #remove}. */
    public static ResponseLeakDetector watch(Response response, Watched watched) {
        ResponseLeakDetector guard = new ResponseLeakDetector(response.body().source(), watched);
        OPEN.add(guard, watched.startNanos());
        return guard;
    }

    /** Ends the watch: the attempt has ended. */
    public void remove() {
        OPEN.remove(this, watched.startNanos());
    }

    @SuppressWarnings("EmptyCatch")
    private static void reap() {
        while (true) {
            try {
                Reference<? extends @Nullable BufferedSource> dropped = DROPPED.remove();
                if (dropped instanceof ResponseLeakDetector guard) {
                    guard.watched.leaked();
                }
            } catch (InterruptedException ignored) {
                // An interrupt is not expected; this thread must run as long as the process.
            }
        }
    }
}
