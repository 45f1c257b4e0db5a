package dev.evenkeel.lb.benchmarks.subject;

import io.grpc.Attributes;
import io.grpc.ChannelLogger;
import io.grpc.ConnectivityState;
import io.grpc.ConnectivityStateInfo;
import io.grpc.EquivalentAddressGroup;
import io.grpc.LoadBalancer;
import io.grpc.LoadBalancer.CreateSubchannelArgs;
import io.grpc.LoadBalancer.ResolvedAddresses;
import io.grpc.LoadBalancer.Subchannel;
import io.grpc.LoadBalancer.SubchannelPicker;
import io.grpc.LoadBalancer.SubchannelStateListener;
import io.grpc.LoadBalancerProvider;
import io.grpc.ManagedChannel;
import io.grpc.NameResolver;
import io.grpc.Status;
import io.grpc.SynchronizationContext;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;

/** What a gRPC load balancing policy sees of a channel: its subchannels are ready as soon as they are asked to connect. */
final class GrpcChannel extends LoadBalancer.Helper {
    private final SynchronizationContext context = new SynchronizationContext((thread, e) -> {
        throw new AssertionError(e);
    });
    private final ScheduledExecutorService timers = Executors.newScheduledThreadPool(1, task -> {
        Thread thread = new Thread(task, "grpc-timers");
        thread.setDaemon(true);
        return thread;
    });
    private volatile @Nullable SubchannelPicker picker;

    private GrpcChannel() {}

    static GrpcChannel connect(LoadBalancerProvider provider, Map<String, ?> configuration, int n) {
        GrpcChannel channel = new GrpcChannel();
        NameResolver.ConfigOrError config = provider.parseLoadBalancingPolicyConfig(configuration);
        if (config.getError() != null) {
            throw new IllegalArgumentException(config.getError().toString());
        }
        List<EquivalentAddressGroup> addresses = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            addresses.add(new EquivalentAddressGroup(new InetSocketAddress(Backends.host(i), Backends.PORT)));
        }
        LoadBalancer balancer = provider.newLoadBalancer(channel);
        channel.context.execute(() -> {
            Status status = balancer.acceptResolvedAddresses(ResolvedAddresses.newBuilder()
                    .setAddresses(addresses)
                    .setLoadBalancingPolicyConfig(config.getConfig())
                    .build());
            if (!status.isOk()) {
                throw new IllegalArgumentException(status.toString());
            }
        });
        return channel;
    }

    SubchannelPicker picker() {
        return Objects.requireNonNull(picker);
    }

    int indexOf(@Nullable Subchannel subchannel) {
        return ((Ready) Objects.requireNonNull(subchannel)).index;
    }

    /** Waits until what the policy does every 100 ms has been done. */
    void runTimers() {
        try {
            Thread.sleep(500);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public Subchannel createSubchannel(CreateSubchannelArgs args) {
        return new Ready(args);
    }

    @Override
    public void updateBalancingState(ConnectivityState state, SubchannelPicker published) {
        picker = published;
    }

    @Override
    public SynchronizationContext getSynchronizationContext() {
        return context;
    }

    @Override
    public ScheduledExecutorService getScheduledExecutorService() {
        return timers;
    }

    @Override
    public ChannelLogger getChannelLogger() {
        return Silence.INSTANCE;
    }

    @Override
    public String getChannelTarget() {
        return "users";
    }

    @Override
    public String getAuthority() {
        return "users";
    }

    @Override
    public ManagedChannel createOobChannel(EquivalentAddressGroup group, String authority) {
        throw new UnsupportedOperationException("no out-of-band channel is needed");
    }

    private final class Ready extends Subchannel {
        private final CreateSubchannelArgs args;
        private final int index;
        private @Nullable SubchannelStateListener listener;

        Ready(CreateSubchannelArgs args) {
            this.args = args;
            InetSocketAddress address = (InetSocketAddress)
                    args.getAddresses().get(0).getAddresses().get(0);
            byte[] octets = address.getAddress().getAddress();
            this.index = ((octets[2] & 255) << 8) | (octets[3] & 255);
        }

        @Override
        public void start(SubchannelStateListener stateListener) {
            listener = stateListener;
            SubchannelStateListener health = args.getOption(LoadBalancer.HEALTH_CONSUMER_LISTENER_ARG_KEY);
            if (health != null) {
                context.execute(
                        () -> health.onSubchannelState(ConnectivityStateInfo.forNonError(ConnectivityState.READY)));
            }
            requestConnection();
        }

        @Override
        public void requestConnection() {
            SubchannelStateListener told = Objects.requireNonNull(listener);
            context.execute(() -> told.onSubchannelState(ConnectivityStateInfo.forNonError(ConnectivityState.READY)));
        }

        @Override
        public void shutdown() {}

        @Override
        public List<EquivalentAddressGroup> getAllAddresses() {
            return args.getAddresses();
        }

        @Override
        public Attributes getAttributes() {
            return args.getAttributes();
        }

        @Override
        public ChannelLogger getChannelLogger() {
            return Silence.INSTANCE;
        }

        @Override
        public io.grpc.Channel asChannel() {
            throw new UnsupportedOperationException("no call is made");
        }
    }

    private static final class Silence extends ChannelLogger {
        static final Silence INSTANCE = new Silence();

        @Override
        public void log(ChannelLogLevel level, String message) {}

        @Override
        public void log(ChannelLogLevel level, String format, Object... args) {}
    }
}
