package dev.evenkeel.lb.examples.clients;

import com.squareup.wire.ProtoAdapter;
import dev.evenkeel.lb.Backend;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A server of grpc-java that greets, or fails with a status. */
final class Greeter implements AutoCloseable {
    static final MethodDescriptor<String, String> GREET = MethodDescriptor.<String, String>newBuilder()
            .setType(MethodType.UNARY)
            .setFullMethodName("greeter.Greeter/Greet")
            .setRequestMarshaller(new StringValues())
            .setResponseMarshaller(new StringValues())
            .build();

    final AtomicInteger calls = new AtomicInteger();
    volatile Status status = Status.OK;
    private final String name;
    private final Server server;

    Greeter(String name) throws IOException {
        this.name = name;
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .directExecutor()
                .addService(ServerServiceDefinition.builder("greeter.Greeter")
                        .addMethod(GREET, ServerCalls.asyncUnaryCall((request, answers) -> {
                            calls.incrementAndGet();
                            if (status.isOk()) {
                                answers.onNext(this.name + " greets " + request);
                                answers.onCompleted();
                            } else {
                                answers.onError(status.asRuntimeException());
                            }
                        }))
                        .build())
                .build()
                .start();
    }

    Backend backend() {
        return Backend.builder("http://127.0.0.1:" + server.getPort()).id(name).build();
    }

    @Override
    public void close() throws InterruptedException {
        server.shutdownNow();
        server.awaitTermination(10, TimeUnit.SECONDS);
    }

    /** Messages of type google.protobuf.StringValue, by Wire's adapter. */
    private static final class StringValues implements MethodDescriptor.Marshaller<String> {
        @Override
        public InputStream stream(String value) {
            return new ByteArrayInputStream(ProtoAdapter.STRING_VALUE.encode(value));
        }

        @Override
        public String parse(InputStream stream) {
            try {
                return ProtoAdapter.STRING_VALUE.decode(stream.readAllBytes());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
