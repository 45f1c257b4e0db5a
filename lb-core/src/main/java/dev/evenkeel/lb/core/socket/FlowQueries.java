package dev.evenkeel.lb.core.socket;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.Outcome;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The queries of one flow without an answer. Guarded by itself; holds no socket, so that a dropped one is detected. */
final class FlowQueries implements Runnable {
    private final Deque<Query> open = new ArrayDeque<>();

    /** A query, its backend and the time since when it waits. */
    static final class Query {
        final byte[] payload;
        final Lease lease;
        final long sentNanos;
        private final List<Backend> tried;

        Query(byte[] payload, Lease lease, long sentNanos, List<Backend> tried) {
            this.payload = payload;
            this.lease = lease;
            this.sentNanos = sentNanos;
            this.tried = List.copyOf(tried);
        }

        List<Backend> triedAndThis() {
            List<Backend> all = new ArrayList<>(tried);
            all.add(lease.backend());
            return all;
        }
    }

    synchronized void sent(Query query) {
        open.addLast(query);
    }

    /** The oldest query has its answer. */
    void answered() {
        Query query;
        synchronized (this) {
            query = open.pollFirst();
        }
        if (query != null) {
            query.lease.complete(Outcome.SUCCESS);
        }
    }

    /** Takes back a query that could not be sent. */
    synchronized void remove(Query query) {
        open.remove(query);
    }

    /** Ends the oldest query if it has waited too long. */
    @Nullable
    Query takeOverdue(long nowNanos, long answerNanos) {
        Query query;
        synchronized (this) {
            query = open.peekFirst();
            if (query == null || nowNanos - query.sentNanos < answerNanos) {
                return null;
            }
            open.removeFirst();
        }
        query.lease.complete(Outcome.TIMED_OUT);
        return query;
    }

    /** How long the oldest query may still wait; a whole wait if there is none. */
    synchronized long leftNanos(long nowNanos, long answerNanos) {
        Query query = open.peekFirst();
        return query == null ? answerNanos : answerNanos - (nowNanos - query.sentNanos);
    }

    synchronized boolean isEmpty() {
        return open.isEmpty();
    }

    /** Ends all queries: the flow has ended. */
    @Override
    public void run() {
        List<Query> left;
        synchronized (this) {
            left = List.copyOf(open);
            open.clear();
        }
        left.forEach(query -> query.lease.complete(Outcome.CANCELLED));
    }
}
