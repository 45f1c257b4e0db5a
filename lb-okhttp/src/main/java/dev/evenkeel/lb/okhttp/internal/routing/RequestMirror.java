package dev.evenkeel.lb.okhttp.internal.routing;

import dev.evenkeel.lb.core.internal.concurrent.DaemonThreads;
import dev.evenkeel.lb.okhttp.internal.call.AttemptFailure;
import dev.evenkeel.lb.okhttp.internal.call.HedgeTag;
import dev.evenkeel.lb.okhttp.internal.call.NetworkEdits;
import dev.evenkeel.lb.okhttp.route.Mirror;
import dev.evenkeel.lb.okhttp.route.MirrorStats;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import okhttp3.ConnectionPool;
import okhttp3.Interceptor.Chain;
import okhttp3.Request;
import okhttp3.RequestBody;
import okio.Buffer;
import org.jspecify.annotations.Nullable;

/** Sends copies of a route's requests to another pool. A copy never affects its call. */
public final class RequestMirror {
    /** The threads of copies. There is no queue: a copy that cannot be sent at once is skipped. Idle threads end. */
    private static final ThreadPoolExecutor THREADS =
            DaemonThreads.onDemand(DaemonThreads.ofProcess("evenkeel-mirror"), Duration.ofSeconds(5));

    private final Mirror mirror;
    private final WeightedSplitter shares;
    private final MirrorClient client;
    private final Counts counts;

    RequestMirror(Mirror mirror, MirrorClient client, Counts counts) {
        this.mirror = mirror;
        this.shares = WeightedSplitter.percent(mirror.percent());
        this.client = client;
        this.counts = counts;
    }

    /** The counts and connections of a mirror, which are kept when the configuration changes. */
    static final class Counts {
        final String route;
        final String pool;
        private final LongAdder succeeded = new LongAdder();
        private final LongAdder failed = new LongAdder();
        private final LongAdder skipped = new LongAdder();
        private final AtomicInteger inFlight = new AtomicInteger();
        /** Connections of the copies only: they use none of a call's. */
        final ConnectionPool connections = new ConnectionPool(64, 1, TimeUnit.MINUTES);

        private volatile boolean closed;

        Counts(String route, String pool) {
            this.route = route;
            this.pool = pool;
        }

        MirrorStats figures() {
            return new MirrorStats(route, pool, succeeded.sum(), failed.sum(), skipped.sum(), inFlight.get());
        }

        private void ended(boolean success) {
            inFlight.decrementAndGet();
            (success ? succeeded : failed).increment();
            if (closed) {
                connections.evictAll();
            }
        }

        /**
         * Closes the connections of a mirror that was removed; those of copies under way when these have ended.
         */
        void close() {
            closed = true;
            connections.evictAll();
        }
    }

    Counts counts() {
        return counts;
    }

    /** Sends a copy if this request is one of the mirror's share and can be copied. Does not wait. */
    public void copy(Chain chain, Request request) {
        if (shares.next() != 0) {
            return;
        }
        if (counts.inFlight.incrementAndGet() > mirror.maxInFlight() || !sends(chain, request)) {
            counts.inFlight.decrementAndGet();
            counts.skipped.increment();
        }
    }

    private boolean sends(Chain chain, Request request) {
        try {
            Request copy = copyOf(request);
            if (copy == null) {
                return false;
            }
            THREADS.execute(client.prepare(chain, copy, counts::ended));
            return true;
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            // The body cannot be written, or no thread can be started: the copy is counted as skipped, and the call
            // itself fails if it has the same problem.
            return false;
        }
    }

    private @Nullable Request copyOf(Request request) throws IOException {
        if (NetworkEdits.isForWebSocket(request) || !AttemptFailure.isReplayable(request)) {
            return null;
        }
        Request.Builder copy = request.newBuilder().tag(HedgeTag.class, null);
        RequestBody body = request.body();
        if (body != null) {
            if (body.contentLength() > mirror.maxBodySize()) {
                return null;
            }
            Buffer buffer = new Buffer();
            body.writeTo(buffer);
            if (buffer.size() > mirror.maxBodySize()) {
                return null;
            }
            copy.method(request.method(), RequestBody.create(buffer.readByteString(), body.contentType()));
        }
        return copy.build();
    }
}
