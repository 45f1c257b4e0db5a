package dev.evenkeel.lb.examples.clients;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerEvent;
import dev.evenkeel.lb.LoadBalancerListener;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PickResult;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.Unavailable;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A channel of grpc-java over a pool: each call goes to the backend of the pool's choice, over that backend's own channel. */
final class PoolChannel extends Channel implements AutoCloseable {
    private final LoadBalancer pool;
    private final Function<Backend, ManagedChannel> opener;
    private final Map<String, ManagedChannel> channels = new ConcurrentHashMap<>();
    private final LoadBalancerListener listener = this::closeOfRemoved;

    /** A channel whose connections {@code opener} makes, one {@code ManagedChannel} for each backend. */
    PoolChannel(LoadBalancer pool, Function<Backend, ManagedChannel> opener) {
        this.pool = pool;
        this.opener = opener;
        pool.addListener(listener);
    }

    @Override
    public <Q, A> ClientCall<Q, A> newCall(MethodDescriptor<Q, A> method, CallOptions options) {
        PickResult picked = pool.acquire(RequestContext.NONE);
        if (picked instanceof Lease lease) {
            ManagedChannel channel =
                    channels.computeIfAbsent(lease.backend().id(), id -> opener.apply(lease.backend()));
            return new LeasedCall<>(channel.newCall(method, options), lease);
        }
        return new RefusedCall<>(((Unavailable) picked).message());
    }

    @Override
    public String authority() {
        return pool.name();
    }

    private void closeOfRemoved(LoadBalancerEvent event) {
        if (event instanceof LoadBalancerEvent.BackendRemoved removed) {
            ManagedChannel channel = channels.remove(removed.backend().id());
            if (channel != null) {
                channel.shutdown();
            }
        }
    }

    /** Closes the connections; calls under way end. The pool stays open. */
    @Override
    public void close() {
        pool.removeListener(listener);
        channels.values().forEach(ManagedChannel::shutdown);
    }

    /** Completes its lease when the call ends; a call of which {@code start} is never called must be cancelled. */
    private static final class LeasedCall<Q, A> extends SimpleForwardingClientCall<Q, A> {
        private final Lease lease;

        LeasedCall(ClientCall<Q, A> call, Lease lease) {
            super(call);
            this.lease = lease;
        }

        @Override
        public void start(Listener<A> listener, Metadata headers) {
            super.start(
                    new SimpleForwardingClientCallListener<A>(listener) {
                        private boolean answered;

                        @Override
                        public void onHeaders(Metadata answer) {
                            answered = true;
                            lease.responded();
                            super.onHeaders(answer);
                        }

                        @Override
                        public void onClose(Status status, Metadata trailers) {
                            lease.complete(outcome(status, answered));
                            super.onClose(status, trailers);
                        }
                    },
                    headers);
        }

        @Override
        public void cancel(@Nullable String message, @Nullable Throwable cause) {
            super.cancel(message, cause);
            lease.complete(Outcome.CANCELLED); // only if onClose has not been first
        }
    }

    private static Outcome outcome(Status status, boolean answered) {
        return switch (status.getCode()) {
            case UNAVAILABLE -> answered ? Outcome.FAILED : Outcome.NEVER_SENT;
            case DEADLINE_EXCEEDED -> Outcome.TIMED_OUT;
            case RESOURCE_EXHAUSTED -> Outcome.THROTTLED;
            case CANCELLED -> Outcome.CANCELLED;
            case UNKNOWN, INTERNAL, DATA_LOSS -> Outcome.SERVER_ERROR;
            default -> Outcome.SUCCESS; // the caller's faults
        };
    }

    /** Ends at once: the pool has no backend. */
    private static final class RefusedCall<Q, A> extends ClientCall<Q, A> {
        private final String message;

        RefusedCall(String message) {
            this.message = message;
        }

        @Override
        public void start(Listener<A> listener, Metadata headers) {
            listener.onClose(Status.UNAVAILABLE.withDescription(message), new Metadata());
        }

        @Override
        public void request(int messages) {}

        @Override
        public void cancel(@Nullable String why, @Nullable Throwable cause) {}

        @Override
        public void halfClose() {}

        @Override
        public void sendMessage(Q sent) {}
    }
}
