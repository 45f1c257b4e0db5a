package dev.evenkeel.lb.benchmarks.subject;

import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.ClientStreamTracer;
import io.grpc.LoadBalancer.PickResult;
import io.grpc.LoadBalancer.PickSubchannelArgs;
import io.grpc.LoadBalancer.SubchannelPicker;
import io.grpc.LoadBalancerProvider;
import io.grpc.LoadBalancerRegistry;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.xds.LeastRequestLoadBalancerProvider;
import io.grpc.xds.RingHashLoadBalancerProvider;
import io.grpc.xds.WeightedRoundRobinLoadBalancerProvider;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * gRPC-java: {@code SubchannelPicker.pickSubchannel}, which its channel calls for each RPC, of the pickers that the policies
 * publish to a channel ({@link GrpcChannel} stands in for it, with all subchannels ready). It returns a PickResult. A call's
 * end is what gRPC's transport reports to the result's tracer: the stream is made, the trailers come, the stream is closed.
 */
final class GrpcSubjects {
    private static final Metadata.Key<String> HASH_HEADER = Metadata.Key.of("x-key", Metadata.ASCII_STRING_MARSHALLER);
    private static final Metadata.Key<byte[]> LOAD_REPORT =
            Metadata.Key.of("endpoint-load-metrics-bin", Metadata.BINARY_BYTE_MARSHALLER);

    private GrpcSubjects() {}

    static Subject roundRobin(int n) {
        LoadBalancerProvider roundRobin =
                Objects.requireNonNull(LoadBalancerRegistry.getDefaultRegistry().getProvider("round_robin"));
        return pick(GrpcChannel.connect(roundRobin, Map.of(), n).picker());
    }

    /** Static stride over weights of 1 to 8, learnt from load reports in the trailers of earlier calls. */
    static Subject weightedRoundRobin(int n) {
        GrpcChannel channel = GrpcChannel.connect(
                new WeightedRoundRobinLoadBalancerProvider(),
                Map.of("blackoutPeriod", "0s", "weightUpdatePeriod", "0.1s"),
                n);
        PickSubchannelArgs args = new Args(new Metadata());
        for (int i = 0; i < 2 * n; i++) {
            PickResult result = channel.picker().pickSubchannel(args);
            end(result, reportOf(Backends.weight(channel.indexOf(result.getSubchannel()))));
        }
        channel.runTimers();
        return pick(channel.picker());
    }

    /** Best of two. */
    static Subject leastRequest(int n) {
        return pick(GrpcChannel.connect(new LeastRequestLoadBalancerProvider(), Map.of("choiceCount", 2.0), n)
                .picker());
    }

    static Subject leastRequestCounted(int n) {
        SubchannelPicker picker = GrpcChannel.connect(
                        new LeastRequestLoadBalancerProvider(), Map.of("choiceCount", 2.0), n)
                .picker();
        PickSubchannelArgs args = new Args(new Metadata());
        Metadata trailers = new Metadata();
        return requests -> end(picker.pickSubchannel(args), trailers);
    }

    /** A ring of at least 1,024 points, over the hash of a header; the header is there already. */
    static Subject ringHash(int n) {
        System.setProperty("GRPC_EXPERIMENTAL_RING_HASH_SET_REQUEST_HASH_KEY", "true");
        GrpcChannel channel = GrpcChannel.connect(
                new RingHashLoadBalancerProvider(),
                Map.of("minRingSize", 1024.0, "maxRingSize", 8388608.0, "requestHashHeader", "x-key"),
                n);
        ThreadLocal<Args[]> argsOfThread = ThreadLocal.withInitial(() -> new Args[Requests.KEYS]);
        Requests all = new Requests();
        for (int i = 0; i < Requests.KEYS; i++) {
            // A backend connects when its first key arrives.
            channel.picker().pickSubchannel(args(all.next(), argsOfThread.get()));
        }
        SubchannelPicker picker = channel.picker();
        return requests -> Objects.requireNonNull(
                picker.pickSubchannel(args(requests.next(), argsOfThread.get())).getSubchannel());
    }

    private static Args args(Requests.Request request, @Nullable Args[] known) {
        Args args = known[request.slot()];
        if (args == null) {
            Metadata headers = new Metadata();
            headers.put(HASH_HEADER, request.affinityKey());
            args = new Args(headers);
            known[request.slot()] = args;
        }
        return args;
    }

    private static Subject pick(SubchannelPicker picker) {
        PickSubchannelArgs args = new Args(new Metadata());
        return requests -> Objects.requireNonNull(picker.pickSubchannel(args).getSubchannel());
    }

    private static Object end(PickResult result, Metadata trailers) {
        ClientStreamTracer.Factory factory = result.getStreamTracerFactory();
        if (factory != null) {
            ClientStreamTracer tracer = factory.newClientStreamTracer(
                    ClientStreamTracer.StreamInfo.newBuilder().build(), trailers);
            tracer.streamCreated(Attributes.EMPTY, trailers);
            tracer.inboundTrailers(trailers);
            tracer.streamClosed(Status.OK);
        }
        return Objects.requireNonNull(result.getSubchannel());
    }

    /** An OrcaLoadReport in protobuf's encoding: utilization 0.5 (field 9), and a rate in proportion to the weight (6). */
    private static Metadata reportOf(int weight) {
        byte[] report = new byte[18];
        writeDouble(report, 0, (9 << 3) | 1, 0.5);
        writeDouble(report, 9, (6 << 3) | 1, weight);
        Metadata trailers = new Metadata();
        trailers.put(LOAD_REPORT, report);
        return trailers;
    }

    private static void writeDouble(byte[] to, int at, int tag, double value) {
        to[at] = (byte) tag;
        long bits = Double.doubleToRawLongBits(value);
        for (int i = 0; i < 8; i++) {
            to[at + 1 + i] = (byte) (bits >> (8 * i));
        }
    }

    private static final class Args extends PickSubchannelArgs {
        private static final MethodDescriptor<byte[], byte[]> METHOD = MethodDescriptor.<byte[], byte[]>newBuilder()
                .setType(MethodDescriptor.MethodType.UNARY)
                .setFullMethodName("users/get")
                .setRequestMarshaller(Bytes.INSTANCE)
                .setResponseMarshaller(Bytes.INSTANCE)
                .build();

        private final Metadata headers;

        Args(Metadata headers) {
            this.headers = headers;
        }

        @Override
        public CallOptions getCallOptions() {
            return CallOptions.DEFAULT;
        }

        @Override
        public Metadata getHeaders() {
            return headers;
        }

        @Override
        public MethodDescriptor<?, ?> getMethodDescriptor() {
            return METHOD;
        }
    }

    private enum Bytes implements MethodDescriptor.Marshaller<byte[]> {
        INSTANCE;

        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            return new byte[0];
        }
    }
}
