package dev.evenkeel.lb.examples.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.squareup.wire.GrpcClient;
import com.squareup.wire.GrpcException;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.strategy.Strategies;
import io.grpc.CallOptions;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Wire and grpc-java over a pool, with servers of grpc-java. */
@Timeout(60)
class GrpcTest {
    private Greeter one;
    private Greeter two;
    private LoadBalancer pool;

    @BeforeEach
    void start() throws IOException {
        one = new Greeter("one");
        two = new Greeter("two");
        pool = pool(one.backend(), two.backend());
    }

    @AfterEach
    void close() throws InterruptedException {
        pool.close();
        one.close();
        two.close();
    }

    private static LoadBalancer pool(Backend... backends) {
        return LoadBalancers.builder("greeter")
                .backends(List.of(backends))
                .strategy(Strategies.roundRobin())
                .build();
    }

    private static Backend refusing() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return Backend.builder("http://127.0.0.1:" + socket.getLocalPort())
                    .id("gone")
                    .build();
        }
    }

    private static String greet(GrpcClient client) throws IOException {
        return client.newCall(WireClient.GREET).executeBlocking("Ada");
    }

    private static String greet(PoolChannel channel) {
        return ClientCalls.blockingUnaryCall(channel, Greeter.GREET, CallOptions.DEFAULT, "Ada");
    }

    @Test
    void wire_callsAllBackends() throws IOException {
        GrpcClient client = WireClient.of(pool);

        assertThat(new TreeSet<>(List.of(greet(client), greet(client))))
                .containsExactly("one greets Ada", "two greets Ada");
        assertThat(pool.snapshot().inFlight()).isZero();
    }

    @Test
    void wire_unavailableBeforeAnyMessage_isTriedElsewhere() throws IOException {
        GrpcClient client = WireClient.of(pool);
        one.status = Status.UNAVAILABLE;

        for (int i = 0; i < 4; i++) {
            assertThat(greet(client)).isEqualTo("two greets Ada");
        }
        assertThat(one.calls.get()).isPositive();
        assertThat(two.calls.get()).isEqualTo(4);
    }

    @Test
    void wire_anotherStatus_isTheCallers() throws IOException {
        one.status = Status.INTERNAL;
        two.status = Status.INTERNAL;

        assertThatThrownBy(() -> greet(WireClient.of(pool)))
                .isInstanceOfSatisfying(
                        GrpcException.class,
                        e -> assertThat(e.getGrpcStatus().getName()).isEqualTo("INTERNAL"));
        assertThat(one.calls.get() + two.calls.get()).isEqualTo(1);
    }

    @Test
    void wire_refusedConnection_isTriedElsewhere() throws IOException {
        pool.registry().add(refusing());
        GrpcClient client = WireClient.of(pool);

        for (int i = 0; i < 6; i++) {
            assertThat(greet(client)).endsWith(" greets Ada");
        }
    }

    private PoolChannel channel() {
        return new PoolChannel(
                pool,
                backend -> NettyChannelBuilder.forAddress(backend.host(), backend.port())
                        .usePlaintext()
                        .build());
    }

    @Test
    void grpcJava_callsAllBackends_andEndsItsLeases() {
        try (PoolChannel channel = channel()) {
            assertThat(new TreeSet<>(List.of(greet(channel), greet(channel))))
                    .containsExactly("one greets Ada", "two greets Ada");
            assertThat(pool.snapshot().inFlight()).isZero();
        }
    }

    @Test
    void grpcJava_failures_areSeenByThePool() {
        one.status = Status.INTERNAL;
        try (PoolChannel channel = channel()) {
            for (int i = 0; i < 4; i++) {
                try {
                    assertThat(greet(channel)).isEqualTo("two greets Ada");
                } catch (StatusRuntimeException e) {
                    assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INTERNAL);
                }
            }
            assertThat(pool.snapshot().backend("one").outcomes().get(Outcome.SERVER_ERROR))
                    .isEqualTo(2);
            assertThat(pool.snapshot().backend("two").outcomes().get(Outcome.SUCCESS))
                    .isEqualTo(2);
        }
    }

    @Test
    void grpcJava_withoutABackend_isUnavailable_withThePoolsWords() {
        pool.registry().maintenance("one");
        pool.registry().maintenance("two");
        try (PoolChannel channel = channel()) {
            assertThatThrownBy(() -> greet(channel)).isInstanceOfSatisfying(StatusRuntimeException.class, e -> {
                assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
                assertThat(e.getStatus().getDescription()).contains("2 in maintenance");
            });
        }
    }
}
