package dev.evenkeel.lb.okhttp;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.socket.PoolSocketFactory;
import dev.evenkeel.lb.okhttp.TestBackend.Wire;
import dev.evenkeel.lb.okhttp.connection.Addressing;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import mockwebserver3.MockResponse;
import mockwebserver3.MockResponseBody;
import okhttp3.Call;
import okhttp3.OkHttpClient;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okhttp3.sse.EventSource;
import okhttp3.sse.EventSourceListener;
import okhttp3.sse.EventSources;
import okhttp3.tls.HeldCertificate;
import okio.BufferedSink;

/** A stream that lasts until it is ended, with a server of its own, and what either end of it has seen. */
abstract class OpenStream implements AutoCloseable {
    /** For the name of the pool, and for the address to which a URL is rewritten. */
    private static final HeldCertificate CERTIFICATE = new HeldCertificate.Builder()
            .addSubjectAlternativeName("users")
            .addSubjectAlternativeName("127.0.0.1")
            .ecdsa256()
            .build();

    /** What the client has received, in its order. */
    final BlockingQueue<String> received = new LinkedBlockingQueue<>();
    /** How the client's end has ended: an exception, or null if it was closed in good order. */
    final CompletableFuture<Throwable> ended = new CompletableFuture<>();
    /** How the server's end has ended, in words. */
    final CompletableFuture<String> seenByServer = new CompletableFuture<>();

    /** The kinds of streams. */
    enum Kind {
        WEB_SOCKET_H1 {
            @Override
            OpenStream start() {
                return new OfWebSocket(Wire.H1);
            }
        },
        WEB_SOCKET_TLS {
            @Override
            OpenStream start() {
                return new OfWebSocket(Wire.H2_TLS); // which OkHttp opens with HTTP/1.1
            }
        },
        EVENTS_H1 {
            @Override
            OpenStream start() {
                return new OfEvents(Wire.H1);
            }
        },
        EVENTS_H2_TLS {
            @Override
            OpenStream start() {
                return new OfEvents(Wire.H2_TLS);
            }
        },
        STREAM_H2 {
            @Override
            OpenStream start() throws IOException {
                return new OfH2();
            }
        },
        BODY_H1 {
            @Override
            OpenStream start() {
                return new OfBody();
            }
        },
        HEAD_H1 {
            @Override
            OpenStream start() throws IOException {
                return new OfHead();
            }
        },
        SOCKET {
            @Override
            OpenStream start() throws IOException {
                return new OfSocket();
            }
        };

        abstract OpenStream start() throws IOException;

        boolean isWebSocket() {
            return this == WEB_SOCKET_H1 || this == WEB_SOCKET_TLS;
        }
    }

    /** The server, as a backend named a. */
    abstract Backend backend();

    /** Opens the stream and waits for its first sign of life. */
    abstract void open(LoadBalancer pool, Addressing addressing) throws Exception;

    /** Whether the stream still carries something from the server. */
    boolean isAlive() throws Exception {
        received.clear();
        return received.poll(10, TimeUnit.SECONDS) != null;
    }

    /** Ends the stream as an application does. */
    abstract void cancel() throws IOException;

    static OkHttpClient client(OkHttpClient.Builder plain, LoadBalancer pool, Addressing addressing) {
        return LoadBalancing.builder().pools(pool).addressing(addressing).attach(plain.build());
    }

    void awaitFirst() throws Exception {
        if (received.poll(30, TimeUnit.SECONDS) == null) {
            throw new AssertionError("nothing came: " + ended);
        }
    }

    interface Work {
        void run() throws IOException;
    }

    static void thread(Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (IOException e) {
                // The test has ended, or the connection was closed.
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private static final class OfWebSocket extends OpenStream {
        private final Wire wire;
        private final TestBackend server;
        private final CompletableFuture<WebSocket> ofServer = new CompletableFuture<>();
        private WebSocket ofClient;

        OfWebSocket(Wire wire) {
            this.wire = wire;
            this.server = TestBackend.start("a", wire, CERTIFICATE);
            server.answer(new MockResponse.Builder()
                    .webSocketUpgrade(new WebSocketListener() {
                        @Override
                        public void onOpen(WebSocket webSocket, Response response) {
                            ofServer.complete(webSocket);
                        }

                        @Override
                        public void onMessage(WebSocket webSocket, String text) {
                            webSocket.send("echo " + text);
                        }

                        @Override
                        public void onClosing(WebSocket webSocket, int code, String reason) {
                            webSocket.close(code, reason);
                            seenByServer.complete("close " + code + " " + reason);
                        }

                        @Override
                        public void onFailure(WebSocket webSocket, Throwable failure, Response response) {
                            seenByServer.complete("failure " + failure);
                        }
                    })
                    .build());
        }

        @Override
        Backend backend() {
            return server.backend();
        }

        @Override
        void open(LoadBalancer pool, Addressing addressing) throws Exception {
            ofClient = client(TestBackend.client(wire, CERTIFICATE), pool, addressing)
                    .newWebSocket(Calls.get(wire.scheme() + "://users/x"), new WebSocketListener() {
                        @Override
                        public void onMessage(WebSocket webSocket, String text) {
                            received.add(text);
                        }

                        @Override
                        public void onClosing(WebSocket webSocket, int code, String reason) {
                            received.add("closing " + code + " " + reason);
                            webSocket.close(1000, "bye");
                        }

                        @Override
                        public void onClosed(WebSocket webSocket, int code, String reason) {
                            received.add("closed " + code + " " + reason);
                            ended.complete(null);
                        }

                        @Override
                        public void onFailure(WebSocket webSocket, Throwable failure, Response response) {
                            ended.complete(failure);
                        }
                    });
            ofClient.send("hello");
            awaitFirst();
        }

        @Override
        boolean isAlive() throws Exception {
            received.clear();
            return ofClient.send("again") && "echo again".equals(received.poll(10, TimeUnit.SECONDS));
        }

        @Override
        void cancel() {
            ofClient.close(1000, "done");
        }

        @Override
        public void close() {
            server.close();
        }
    }

    /** Writes one line after the other until the stream ends. */
    private record Lines(String line, long length, CompletableFuture<String> seen) implements MockResponseBody {
        @Override
        public long getContentLength() {
            return length;
        }

        @Override
        public void writeTo(BufferedSink sink) throws IOException {
            try {
                while (true) {
                    sink.writeUtf8(line).flush();
                    TimeUnit.MILLISECONDS.sleep(5); // the rate of the events, not a wait of the test
                }
            } catch (IOException e) {
                seen.complete(
                        e instanceof SocketException ? "end of the connection: " + e : String.valueOf(e.getMessage()));
                throw e;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static final class OfEvents extends OpenStream {
        private final Wire wire;
        private final TestBackend server;
        private EventSource source;

        OfEvents(Wire wire) {
            this.wire = wire;
            this.server = TestBackend.start("a", wire, CERTIFICATE);
            server.answer(new MockResponse.Builder()
                    .setHeader("Content-Type", "text/event-stream")
                    .body(new Lines("data: event\n\n", -1, seenByServer))
                    .build());
        }

        @Override
        Backend backend() {
            return server.backend();
        }

        @Override
        void open(LoadBalancer pool, Addressing addressing) throws Exception {
            OkHttpClient client = client(TestBackend.client(wire, CERTIFICATE), pool, addressing);
            source = EventSources.createFactory(client)
                    .newEventSource(Calls.get(wire.scheme() + "://users/x"), new EventSourceListener() {
                        @Override
                        public void onEvent(EventSource from, String id, String type, String data) {
                            received.add(data);
                        }

                        @Override
                        public void onFailure(EventSource from, Throwable failure, Response response) {
                            ended.complete(failure);
                        }
                    });
            awaitFirst();
        }

        @Override
        void cancel() {
            source.cancel();
        }

        @Override
        public void close() {
            server.close();
        }
    }

    /** A response that is read by a thread. */
    private abstract static class OfResponse extends OpenStream {
        private Call call;

        void read(Call opened) throws Exception {
            call = opened;
            Thread reader = new Thread(() -> {
                try (Response response = call.execute()) {
                    BufferedReader lines = new BufferedReader(
                            new InputStreamReader(response.body().byteStream(), StandardCharsets.UTF_8));
                    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                        received.add(line);
                    }
                    ended.complete(null);
                } catch (IOException e) {
                    ended.complete(e);
                }
            });
            reader.setDaemon(true);
            reader.start();
        }

        @Override
        void cancel() {
            call.cancel();
        }
    }

    private static final class OfBody extends OfResponse {
        private final TestBackend server = TestBackend.start("a");

        OfBody() {
            server.answer(new MockResponse.Builder()
                    .body(new Lines("line\n", 1_000_000_000, seenByServer))
                    .build());
        }

        @Override
        Backend backend() {
            return server.backend();
        }

        @Override
        void open(LoadBalancer pool, Addressing addressing) throws Exception {
            read(client(new OkHttpClient.Builder(), pool, addressing).newCall(Calls.get("http://users/x")));
            awaitFirst();
        }

        @Override
        public void close() {
            server.close();
        }
    }

    /** A call that waits for its response. */
    private static final class OfHead extends OfResponse {
        private final ServerSocket listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        private final CompletableFuture<Socket> asked = new CompletableFuture<>();

        OfHead() throws IOException {
            thread(() -> {
                Socket accepted = listener.accept();
                InputStream in = accepted.getInputStream();
                in.read();
                asked.complete(accepted);
                in.transferTo(OutputStream.nullOutputStream());
                seenByServer.complete("end of the connection");
            });
        }

        @Override
        Backend backend() {
            return Backend.builder("http://127.0.0.1:" + listener.getLocalPort())
                    .id("a")
                    .build();
        }

        @Override
        void open(LoadBalancer pool, Addressing addressing) throws Exception {
            read(client(new OkHttpClient.Builder(), pool, addressing).newCall(Calls.get("http://users/x")));
            asked.get(30, TimeUnit.SECONDS);
        }

        @Override
        boolean isAlive() {
            return !ended.isDone();
        }

        @Override
        public void close() throws IOException {
            listener.close();
            if (asked.isDone()) {
                asked.join().close();
            }
        }
    }

    /** A stream of HTTP/2 with prior knowledge, whose server records the frames that end it. */
    private static final class OfH2 extends OfResponse implements RawH2Server.Handler {
        private final RawH2Server server;
        private final CompletableFuture<RawH2Server.Stream> stream = new CompletableFuture<>();

        OfH2() throws IOException {
            server = RawH2Server.start(this);
        }

        @Override
        public boolean wants(RawH2Server.Stream ofClient) {
            return true;
        }

        @Override
        public void answer(RawH2Server.Stream ofClient) throws IOException {
            ofClient.head(200);
            ofClient.body("line\n", false);
            stream.complete(ofClient);
        }

        @Override
        Backend backend() {
            return Backend.builder(server.uri()).id("a").build();
        }

        @Override
        void open(LoadBalancer pool, Addressing addressing) throws Exception {
            read(client(TestBackend.client(Wire.H2_PRIOR_KNOWLEDGE), pool, addressing)
                    .newCall(Calls.get("http://users/x")));
            awaitFirst();
            server.resets(stream.get(30, TimeUnit.SECONDS))
                    .thenAccept(code -> seenByServer.complete(
                            "stream was reset: " + (code == RawH2Server.CANCEL ? "CANCEL" : code)));
        }

        @Override
        boolean isAlive() throws Exception {
            received.clear();
            stream.join().body("more\n", false);
            return "more".equals(received.poll(10, TimeUnit.SECONDS));
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }

    private static final class OfSocket extends OpenStream {
        private final ServerSocket listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        private final CompletableFuture<Socket> ofServer = new CompletableFuture<>();
        private Socket ofClient;

        OfSocket() throws IOException {
            thread(() -> {
                Socket accepted = listener.accept();
                ofServer.complete(accepted);
                InputStream in = accepted.getInputStream();
                for (int next = in.read(); next >= 0; next = in.read()) {
                    accepted.getOutputStream().write(next);
                }
                seenByServer.complete("end of the connection");
            });
        }

        @Override
        Backend backend() {
            return Backend.builder("tcp://127.0.0.1:" + listener.getLocalPort())
                    .id("a")
                    .build();
        }

        @Override
        void open(LoadBalancer pool, Addressing addressing) throws Exception {
            ofClient = PoolSocketFactory.of(pool).createSocket("users", 1);
            thread(() -> {
                try {
                    InputStream in = ofClient.getInputStream();
                    for (int next = in.read(); next >= 0; next = in.read()) {
                        received.add(String.valueOf((char) next));
                    }
                    ended.complete(null);
                } catch (IOException e) {
                    ended.complete(e);
                }
            });
            ofClient.getOutputStream().write('x');
            awaitFirst();
        }

        @Override
        boolean isAlive() throws Exception {
            received.clear();
            ofClient.getOutputStream().write('y');
            return "y".equals(received.poll(10, TimeUnit.SECONDS));
        }

        @Override
        void cancel() throws IOException {
            ofClient.close();
        }

        @Override
        public void close() throws IOException {
            listener.close();
            if (ofServer.isDone()) {
                ofServer.join().close();
            }
        }
    }
}
