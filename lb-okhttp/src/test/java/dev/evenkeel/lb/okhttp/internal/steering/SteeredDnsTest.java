package dev.evenkeel.lb.okhttp.internal.steering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.okhttp.Calls;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.RecordingPool;
import dev.evenkeel.lb.okhttp.TestBackend;
import dev.evenkeel.lb.okhttp.TestBackend.Wire;
import dev.evenkeel.lb.okhttp.UnconnectedSocketFactory;
import dev.evenkeel.lb.okhttp.connection.Addressing;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import okhttp3.Dns;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A Dns and a SocketFactory of the user's stay in charge: of the backends' names, and of what a socket is. */
@Timeout(60)
class SteeredDnsTest {

    @ParameterizedTest
    @EnumSource(Wire.class)
    void both_areConsultedForBackends(Wire wire) throws Exception {
        try (TestBackend a = TestBackend.start("a", wire);
                TestBackend b = TestBackend.start("b", wire)) {
            List<Backend> backends = List.of(named(a, wire), named(b, wire));
            try (RecordingPool pool = RecordingPool.of(backends)) {
                LocalDns dns = new LocalDns();
                CountingSockets sockets = new CountingSockets();
                OkHttpClient client = LoadBalancing.builder()
                        .pools(pool)
                        .addressing(Addressing.STEER)
                        .attach(TestBackend.client(wire)
                                .dns(dns)
                                .socketFactory(sockets)
                                .build());

                for (int i = 0; i < 10; i++) {
                    Calls.checkAnsweredByTheBackendLeased(client, wire.scheme() + "://users/x");
                }

                assertThat(dns.asked).containsExactly("a.internal", "b.internal");
                assertThat(sockets.made)
                        .hasSize(2)
                        .allSatisfy(socket -> assertThat(socket.getTcpNoDelay()).isTrue());
                assertThat(a.requests()).hasSize(5);
                assertThat(b.requests()).hasSize(5);
            }
        }
    }

    @Test
    void socketFactory_isConsultedForRewrittenBackendsToo() throws Exception {
        try (TestBackend a = TestBackend.start("a");
                RecordingPool pool = RecordingPool.of(a)) {
            CountingSockets sockets = new CountingSockets();
            OkHttpClient client = LoadBalancing.builder()
                    .pools(pool)
                    .addressing(Addressing.REWRITE)
                    .attach(new OkHttpClient.Builder().socketFactory(sockets).build());

            Calls.body(client, "http://users/x");
            Calls.body(client, "http://users/x");

            assertThat(sockets.made)
                    .hasSize(1)
                    .allSatisfy(socket -> assertThat(socket.getTcpNoDelay()).isTrue());
        }
    }

    @Test
    void addressesOfABackend_areTriedInTheirOrder() throws Exception {
        try (TestBackend a = TestBackend.start("a");
                RecordingPool pool = RecordingPool.of(List.of(named(a, Wire.H1)))) {
            // Nothing listens at the first one.
            Dns dns = host -> List.of(InetAddress.getByName("127.0.0.2"), InetAddress.getByName("127.0.0.1"));
            OkHttpClient client = LoadBalancing.attach(
                    new OkHttpClient.Builder().dns(dns).fastFallback(false).build(), pool);

            assertThat(Calls.body(client, "http://users/x")).isEqualTo("a");
            assertThat(pool.outcomes()).containsExactly(Outcome.SUCCESS);
        }
    }

    @Test
    void backendWhoseNameIsUnknown_isLeftForAnother() throws Exception {
        try (TestBackend a = TestBackend.start("a");
                RecordingPool pool =
                        RecordingPool.of(List.of(Backend.of("http://unknown.internal:8080"), named(a, Wire.H1)))) {
            LocalDns dns = new LocalDns();
            OkHttpClient client =
                    LoadBalancing.attach(new OkHttpClient.Builder().dns(dns).build(), pool);

            assertThat(Calls.body(client, "http://users/x")).isEqualTo("a");

            assertThat(dns.asked).containsExactly("unknown.internal", "a.internal");
            assertThat(pool.outcomes()).containsExactly(Outcome.NEVER_SENT, Outcome.SUCCESS);
        }
    }

    @Test
    void backendWhoseNameIsUnknown_andNoOther_isNamedInTheError() throws Exception {
        try (RecordingPool pool = RecordingPool.of(List.of(Backend.of("http://unknown.internal:8080")))) {
            OkHttpClient client = LoadBalancing.attach(
                    new OkHttpClient.Builder().dns(new LocalDns()).build(), pool);

            assertThatThrownBy(() -> Calls.body(client, "http://users/x"))
                    .isInstanceOf(UnknownHostException.class)
                    .hasMessage("pool \"users\" failed after 1 attempt: http://unknown.internal:8080:"
                            + " unknown host unknown.internal (never sent)");
        }
    }

    @Test
    void socketFactoryThatThrows_isTheReasonGiven() throws Exception {
        try (TestBackend a = TestBackend.start("a");
                RecordingPool pool = RecordingPool.of(a)) {
            OkHttpClient client = LoadBalancing.attach(
                    new OkHttpClient.Builder()
                            .socketFactory(new CountingSockets() {
                                @Override
                                public Socket createSocket() throws IOException {
                                    throw new IOException("no sockets left");
                                }
                            })
                            .build(),
                    pool);

            assertThatThrownBy(() -> Calls.body(client, "http://users/x"))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("a (" + a.uri() + "): ")
                    .hasMessageContaining("no sockets left");
            assertThat(pool.inFlight()).isZero();
        }
    }

    private static Backend named(TestBackend backend, Wire wire) {
        return Backend.builder(wire.scheme() + "://" + backend.name + ".internal:" + backend.server.getPort())
                .id(backend.name)
                .build();
    }

    /** Finds everything at home, and remembers what it was asked for. */
    private static final class LocalDns implements Dns {
        private final List<String> asked = new CopyOnWriteArrayList<>();

        @Override
        public List<InetAddress> lookup(String host) throws UnknownHostException {
            asked.add(host);
            if (host.startsWith("unknown")) {
                throw new UnknownHostException(host);
            }
            return List.of(InetAddress.getByName("127.0.0.1"));
        }
    }

    /** Makes plain sockets, and remembers them. */
    private static class CountingSockets extends UnconnectedSocketFactory {
        private final List<Socket> made = new CopyOnWriteArrayList<>();

        @Override
        public Socket createSocket() throws IOException {
            Socket socket = new Socket();
            made.add(socket);
            return socket;
        }
    }
}
