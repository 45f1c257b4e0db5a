package dev.evenkeel.lb.okhttp;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.okhttp.TestBackend.Wire;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import okhttp3.Protocol;
import okhttp3.tls.HeldCertificate;

/** A backend with a fault, which counts the requests that it has got whole and has not refused. */
final class FaultyBackend implements AutoCloseable {
    private static final HeldCertificate STRANGER =
            new HeldCertificate.Builder().addSubjectAlternativeName("users").build();
    private static final long DRIBBLE_MILLIS = 120;
    private static final int ACCEPT_QUEUE = 1;

    private final String name;
    private final Fault fault;
    private final AtomicInteger processed = new AtomicInteger();
    private final List<AutoCloseable> open = new ArrayList<>();
    private IntSupplier processedCount = processed::get;
    private String uri = "";

    private FaultyBackend(String name, Fault fault) {
        this.name = name;
        this.fault = fault;
    }

    /** Starts one that speaks h1 or h2 in clear text. */
    static FaultyBackend start(String name, Fault fault, boolean h2) throws IOException {
        FaultyBackend backend = new FaultyBackend(name, fault);
        switch (fault) {
            case REFUSED ->
                backend.uri = backend.opened(RefusingPort.open(name)).uri();
            case CONNECT_TIMEOUT -> backend.fillAcceptQueue();
            default ->
                backend.uri = h2
                        ? backend.opened(RawH2Server.start(backend.h2())).uri()
                        : backend.opened(RawServer.start(backend::answerH1)).uri();
        }
        return backend;
    }

    /** Starts one that speaks TLS, and may be somebody whom nobody knows. */
    static FaultyBackend startTls(String name, Fault fault, boolean h2) {
        FaultyBackend backend = new FaultyBackend(name, fault);
        TestBackend server = backend.opened(
                TestBackend.start(name, Wire.H2_TLS, fault == Fault.TLS_FAILURE ? STRANGER : TestBackend.LOGICAL));
        if (!h2) {
            server.server.setProtocols(List.of(Protocol.HTTP_1_1));
        }
        backend.uri = server.uri();
        backend.processedCount = () -> server.requests().size();
        return backend;
    }

    private <T extends AutoCloseable> T opened(T closeable) {
        open.add(closeable);
        return closeable;
    }

    String name() {
        return name;
    }

    Backend backend() {
        return Backend.builder(uri).id(name).build();
    }

    /** How many requests it may have acted upon. */
    int processed() {
        return processedCount.getAsInt();
    }

    /** With a full queue Linux leaves unanswered who wants to connect. */
    private void fillAcceptQueue() throws IOException {
        ServerSocket listener = opened(new ServerSocket(0, ACCEPT_QUEUE, InetAddress.getLoopbackAddress()));
        uri = "http://127.0.0.1:" + listener.getLocalPort();
        try {
            while (true) {
                opened(new Socket())
                        .connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), listener.getLocalPort()), 200);
            }
        } catch (SocketTimeoutException e) {
            // Full.
        }
    }

    private void answerH1(RawServer.Head head, OutputStream out) throws IOException {
        processed.incrementAndGet();
        switch (fault) {
            case RESET_BEFORE_HEADERS -> throw new RawServer.Reset();
            case RESET_IN_HEADERS -> {
                send(out, "HTTP/1.1 200 -\r\nContent-Le");
                letItArrive();
                throw new RawServer.Reset();
            }
            case RESET_IN_BODY -> {
                send(out, "HTTP/1.1 200 -\r\nContent-Length: 10\r\n\r\nhalf");
                letItArrive();
                throw new RawServer.Reset();
            }
            case HANG_BEFORE_HEADERS -> hang();
            case SLOW_LORIS -> {
                for (char each : ("HTTP/1.1 200 -\r\nContent-Length: " + name.length() + "\r\n\r\n").toCharArray()) {
                    dribblePause();
                    send(out, String.valueOf(each));
                }
                send(out, name);
            }
            case HANG_IN_BODY -> {
                send(out, "HTTP/1.1 200 -\r\nContent-Length: 10\r\n\r\nhalf");
                hang();
            }
            default -> {
                String retryAfter = retryAfter();
                send(
                        out,
                        "HTTP/1.1 " + status() + " -\r\nContent-Length: " + name.length() + "\r\n"
                                + (retryAfter.isEmpty() ? "" : "Retry-After: " + retryAfter + "\r\n") + "\r\n" + name);
            }
        }
    }

    private static void send(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    private RawH2Server.Handler h2() {
        return new RawH2Server.Handler() {
            @Override
            public boolean wants(RawH2Server.Stream stream) throws IOException {
                switch (fault) {
                    case REFUSED_STREAM -> stream.reset(RawH2Server.REFUSED_STREAM);
                    case GOAWAY -> stream.goAway(false);
                    default -> {
                        return true;
                    }
                }
                return false;
            }

            @Override
            public void answer(RawH2Server.Stream stream) throws IOException {
                if (!fault.equals(Fault.REFUSED_STREAM) && !fault.equals(Fault.GOAWAY)) {
                    processed.incrementAndGet();
                    answerH2(stream);
                }
            }
        };
    }

    private void answerH2(RawH2Server.Stream stream) throws IOException {
        switch (fault) {
            case RESET_BEFORE_HEADERS -> throw new RawServer.Reset();
            case RESET_IN_HEADERS -> {
                stream.partOfHead();
                letItArrive();
                throw new RawServer.Reset();
            }
            case RESET_IN_BODY -> {
                stream.head(200);
                stream.body("half", false);
                letItArrive();
                throw new RawServer.Reset();
            }
            case HANG_BEFORE_HEADERS -> {}
            case SLOW_LORIS -> {
                stream.dribbleHead(FaultyBackend::dribblePause);
                stream.body(name, true);
            }
            case HANG_IN_BODY -> {
                stream.head(200);
                stream.body("half", false);
            }
            case GOAWAY_COUNTING -> {
                stream.goAway(true);
                letItArrive();
                stream.closeConnection();
            }
            default -> {
                String retryAfter = retryAfter();
                if (retryAfter.isEmpty()) {
                    stream.head(status());
                } else {
                    stream.head(status(), "retry-after", retryAfter);
                }
                stream.body(name, true);
            }
        }
    }

    private int status() {
        return switch (fault) {
            case STATUS_429 -> 429;
            case STATUS_500 -> 500;
            case STATUS_502 -> 502;
            case STATUS_503, STATUS_503_RETRY_AFTER_0, STATUS_503_RETRY_AFTER_9 -> 503;
            default -> 200;
        };
    }

    private String retryAfter() {
        return switch (fault) {
            case STATUS_503_RETRY_AFTER_0 -> "0";
            case STATUS_503_RETRY_AFTER_9 -> "9";
            default -> "";
        };
    }

    /** A reset may overtake what was sent before it. */
    private static void letItArrive() throws IOException {
        pause(50);
    }

    private static void dribblePause() throws IOException {
        pause(DRIBBLE_MILLIS);
    }

    /** Until the server is closed. */
    private static void hang() throws IOException {
        pause(TimeUnit.MINUTES.toMillis(10));
    }

    /** The server's slowness, not the test's. */
    private static void pause(long millis) throws IOException {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
        } catch (InterruptedException e) {
            throw new InterruptedIOException();
        }
    }

    @Override
    public void close() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
    }
}
