package dev.evenkeel.lb.okhttp;

import dev.evenkeel.lb.Backend;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import javax.net.ServerSocketFactory;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.Headers;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;

/** A real server that answers with its own name, and knows every request and connection that came to it. */
public final class TestBackend implements AutoCloseable {
    /** For the logical names and addresses that the tests use, and for no other. */
    public static final HeldCertificate LOGICAL = new HeldCertificate.Builder()
            .addSubjectAlternativeName("users")
            .addSubjectAlternativeName("10.9.8.7")
            .addSubjectAlternativeName("2001:db8::7")
            .ecdsa256()
            .build();

    public final String name;
    public final MockWebServer server = new MockWebServer();
    private final String scheme;
    private final List<RecordedRequest> requests = new CopyOnWriteArrayList<>();
    private volatile Function<RecordedRequest, MockResponse> answer;
    private final AtomicReference<MockResponse> peekOnce = new AtomicReference<>();
    private volatile MockResponse peek = new MockResponse.Builder().build();

    private TestBackend(String name, String scheme, InetAddress address, int port) throws IOException {
        this.name = name;
        this.scheme = scheme;
        this.answer = request -> named().build();
        server.setServerSocketFactory(new NoDelayServerSockets());
        server.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                if (request.getTarget().equals("/")) {
                    // Not a request: MockWebServer keeps its books so of streams that it has refused.
                    return peek;
                }
                requests.add(request);
                return answer.apply(request);
            }

            @Override
            public MockResponse peek() {
                MockResponse once = peekOnce.getAndSet(null);
                return once != null ? once : peek;
            }
        });
    }

    /** How servers and clients of a test speak. */
    public enum Wire {
        H1,
        H2_TLS,
        H2_PRIOR_KNOWLEDGE;

        public String scheme() {
            return this == H2_TLS ? "https" : "http";
        }
    }

    public static TestBackend start(String name) {
        return start(name, Wire.H1);
    }

    public static TestBackend start(String name, Wire wire) {
        return start(name, wire, LOGICAL);
    }

    public static TestBackend start(String name, Wire wire, HeldCertificate certificate) {
        return start(name, wire, certificate, InetAddress.getLoopbackAddress(), 0);
    }

    public static TestBackend start(
            String name, Wire wire, HeldCertificate certificate, InetAddress address, int port) {
        try {
            TestBackend backend = new TestBackend(name, wire.scheme(), address, port);
            switch (wire) {
                case H1 -> {}
                case H2_TLS ->
                    backend.server.useHttps(new HandshakeCertificates.Builder()
                            .heldCertificate(certificate)
                            .build()
                            .sslSocketFactory());
                case H2_PRIOR_KNOWLEDGE -> backend.server.setProtocols(List.of(Protocol.H2_PRIOR_KNOWLEDGE));
            }
            backend.server.start(address, port);
            return backend;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A client that speaks and trusts as the servers need it. */
    public static OkHttpClient.Builder client(Wire wire) {
        return client(wire, LOGICAL);
    }

    public static OkHttpClient.Builder client(Wire wire, HeldCertificate trustedCertificate) {
        OkHttpClient.Builder client = new OkHttpClient.Builder();
        switch (wire) {
            case H1 -> {}
            case H2_TLS -> {
                HandshakeCertificates trusted = new HandshakeCertificates.Builder()
                        .addTrustedCertificate(trustedCertificate.certificate())
                        .build();
                client.sslSocketFactory(trusted.sslSocketFactory(), trusted.trustManager());
            }
            case H2_PRIOR_KNOWLEDGE -> client.protocols(List.of(Protocol.H2_PRIOR_KNOWLEDGE));
        }
        return client;
    }

    /** The server's URI, by its IP address: its host name would be one of its own. */
    public String uri() {
        String address = server.getSocketAddress().getAddress().getHostAddress();
        return scheme + "://" + (address.indexOf(':') >= 0 ? "[" + address + "]" : address) + ":" + server.getPort();
    }

    public Backend backend() {
        return Backend.builder(uri()).id(name).build();
    }

    public MockResponse.Builder named() {
        return new MockResponse.Builder().body(name).setHeader("Backend", name);
    }

    /** An answer of unknown length with trailers. */
    public MockResponse.Builder trailing(String body, Headers trailers) {
        MockResponse.Builder response = named();
        if (server.getProtocols().contains(Protocol.HTTP_1_1) && scheme.equals("http")) {
            response.chunkedBody(body, 10_000);
        } else {
            response.body(body).removeHeader("Content-Length");
        }
        return response.trailers(trailers);
    }

    public void answer(Function<RecordedRequest, MockResponse> function) {
        answer = function;
    }

    public void answer(MockResponse response) {
        answer = request -> response;
    }

    /** What happens to connections and streams before a request has been read. */
    public void peek(MockResponse response) {
        peek = response;
    }

    /** What happens to the next connection, or with h2 to the next stream, and to no other. */
    public void peekOnce(MockResponse response) {
        peekOnce.set(response);
    }

    public List<RecordedRequest> requests() {
        return requests;
    }

    /** How many connections carried requests. */
    public int connections() {
        Set<Integer> indexes = ConcurrentHashMap.newKeySet();
        requests.forEach(request -> indexes.add(request.getConnectionIndex()));
        return indexes.size();
    }

    @Override
    public void close() {
        server.close();
    }

    /**
     * Without TCP_NODELAY each kept-alive response of MockWebServer costs some 40 ms. With SO_REUSEADDR, which it switches
     * off, a server can be started again on its old port.
     */
    private static final class NoDelayServerSockets extends ServerSocketFactory {
        @Override
        public ServerSocket createServerSocket() throws IOException {
            return new ServerSocket() {
                @Override
                public void bind(SocketAddress address, int backlog) throws IOException {
                    setReuseAddress(true);
                    super.bind(address, backlog);
                }

                @Override
                public Socket accept() throws IOException {
                    Socket socket = super.accept();
                    socket.setTcpNoDelay(true);
                    return socket;
                }
            };
        }

        @Override
        public ServerSocket createServerSocket(int port) {
            throw new UnsupportedOperationException();
        }

        @Override
        public ServerSocket createServerSocket(int port, int backlog) {
            throw new UnsupportedOperationException();
        }

        @Override
        public ServerSocket createServerSocket(int port, int backlog, InetAddress address) {
            throw new UnsupportedOperationException();
        }
    }
}
