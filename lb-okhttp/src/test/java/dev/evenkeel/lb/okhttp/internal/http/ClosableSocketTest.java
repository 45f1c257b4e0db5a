package dev.evenkeel.lb.okhttp.internal.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Lease.StreamClosedException;
import dev.evenkeel.lb.Lease.StreamClosedException.Reason;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import okio.Buffer;
import okio.ByteString;
import okio.Pipe;
import okio.Sink;
import okio.Socket;
import okio.Source;
import okio.Timeout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout.ThreadMode;

/** The close handshake between the application, which does not know of it, and the server. */
@org.junit.jupiter.api.Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
class ClosableSocketTest {
    private static final Backend BACKEND =
            Backend.builder("http://127.0.0.1:1").id("a").build();
    private static final StreamClosedException WHY =
            new StreamClosedException("users", BACKEND, Reason.DRAIN_DEADLINE, Duration.ofMinutes(1));
    private static final long LONG_NANOS = TimeUnit.MINUTES.toNanos(10);
    private static final long SHORT_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final FakeConnection connection = new FakeConnection();
    private final AtomicInteger cuts = new AtomicInteger();

    private ClosableSocket socket(String upgrade) {
        return ClosableSocket.of(
                new Response.Builder()
                        .request(new Request.Builder().url("http://users/").build())
                        .protocol(Protocol.HTTP_1_1)
                        .code(101)
                        .message("")
                        .header("Upgrade", upgrade)
                        .build(),
                connection);
    }

    private static Buffer text(String text) {
        return new Buffer().writeByte(0x81).writeByte(text.length()).writeUtf8(text);
    }

    private static Buffer closeFrame(int code) {
        return new Buffer().writeByte(0x88).writeByte(2).writeShort(code);
    }

    private static ByteString all(Buffer... frames) {
        Buffer all = new Buffer();
        for (Buffer frame : frames) {
            all.write(frame, frame.size());
        }
        return all.snapshot();
    }

    private static void write(ClosableSocket socket, Buffer frame) throws IOException {
        socket.getSink().write(frame, frame.size());
        socket.getSink().flush();
    }

    private static ByteString read(ClosableSocket socket) throws IOException {
        Buffer all = new Buffer();
        while (socket.getSource().read(all, 8_192) >= 0) {
            // until the end
        }
        return all.snapshot();
    }

    @Test
    void close_isWrittenAtOnce_betweenTwoFrames() throws Exception {
        ClosableSocket socket = socket("websocket");
        write(socket, text("one"));

        socket.close(WHY, LONG_NANOS, cuts::incrementAndGet);
        write(socket, text("two"));
        write(socket, closeFrame(1000));

        Buffer sent = connection.sent;
        assertThat(sent.readByteString(5)).isEqualTo(text("one").snapshot());
        assertThat(sent.readByte()).isEqualTo((byte) 0x88);
        assertThat(sent.size())
                .as("one close frame, and nothing after it")
                .isEqualTo(1 + 4 + 2 + Reason.DRAIN_DEADLINE.text().length());
        assertThat(socket.closedBy()).isSameAs(WHY);
        assertThat(cuts).hasValue(0);
    }

    @Test
    void close_waitsForTheEndOfAFrame() throws Exception {
        ClosableSocket socket = socket("websocket");
        Buffer frame = text("fragment");
        socket.getSink().write(frame, 4);

        socket.close(WHY, LONG_NANOS, cuts::incrementAndGet);
        assertThat(connection.sent.size()).isEqualTo(4);
        socket.getSink().write(frame, frame.size());

        assertThat(connection.sent.readByteString(10))
                .isEqualTo(text("fragment").snapshot());
        assertThat(connection.sent.readByte()).isEqualTo((byte) 0x88);
    }

    /** The application's thread has the lock, and the server does not read: the closer does not wait for it. */
    @Test
    void close_isLeftToTheThreadThatWrites() throws Exception {
        ClosableSocket socket = socket("websocket");
        connection.holdWrites = new CountDownLatch(1);
        CompletableFuture<Void> written = CompletableFuture.runAsync(() -> {
            try {
                write(socket, text("slow"));
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        await().until(() -> connection.writing);

        socket.close(WHY, LONG_NANOS, cuts::incrementAndGet);
        assertThat(connection.sent.size()).isZero();
        connection.holdWrites.countDown();
        written.get(30, TimeUnit.SECONDS);

        assertThat(connection.sent.readByteString(6)).isEqualTo(text("slow").snapshot());
        assertThat(connection.sent.readByte()).isEqualTo((byte) 0x88);
    }

    @Test
    void answerOfTheServer_isReadAsAServerThatGoesAway() throws Exception {
        ClosableSocket socket = socket("websocket");
        socket.close(WHY, LONG_NANOS, cuts::incrementAndGet);
        connection.receive(text("last words"), closeFrame(1000));

        assertThat(read(socket))
                .isEqualTo(all(
                        text("last words"), WebSocketFrames.close(1001, "backend a: drain deadline passed", false)));
    }

    @Test
    void endWithoutAnAnswer_isReadAsAServerThatGoesAway() throws Exception {
        ClosableSocket socket = socket("websocket");
        socket.close(WHY, LONG_NANOS, cuts::incrementAndGet);
        connection.receive(text("last words"));

        assertThat(read(socket).substring(12))
                .isEqualTo(WebSocketFrames.close(1001, "backend a: drain deadline passed", false)
                        .snapshot());
    }

    @Test
    void endInsideAFrame_isNoClose() throws Exception {
        ClosableSocket socket = socket("websocket");
        socket.close(WHY, LONG_NANOS, cuts::incrementAndGet);
        Buffer half = new Buffer();
        half.write(text("last words"), 6);
        connection.receive(half);

        assertThat(read(socket).size()).isEqualTo(6);
    }

    @Test
    void closeOfTheApplication_isNotFollowedByASecond() throws Exception {
        ClosableSocket socket = socket("websocket");
        write(socket, closeFrame(1000));

        socket.close(WHY, LONG_NANOS, cuts::incrementAndGet);
        connection.receive(closeFrame(1000));

        assertThat(connection.sent.snapshot()).isEqualTo(closeFrame(1000).snapshot());
        assertThat(read(socket))
                .as("the answer to the application")
                .isEqualTo(closeFrame(1000).snapshot());
    }

    @Test
    void serverThatDoesNotAnswer_isCutOff_andTheReaderKnowsWhy() throws Exception {
        ClosableSocket socket = socket("websocket");
        socket.close(WHY, SHORT_NANOS, cuts::incrementAndGet);

        assertThatThrownBy(() -> read(socket))
                .isInstanceOf(StreamClosedException.class)
                .hasMessage(WHY.getMessage())
                .hasCauseInstanceOf(IOException.class);
        assertThat(cuts).hasValue(1);
    }

    @Test
    void anotherUpgrade_isCutOffAtOnce() throws Exception {
        ClosableSocket socket = socket("tcp");
        write(socket, new Buffer().writeUtf8("\u0088 no frame"));

        socket.close(WHY, LONG_NANOS, cuts::incrementAndGet);

        assertThat(cuts).hasValue(1);
        assertThatThrownBy(() -> read(socket)).isInstanceOf(StreamClosedException.class);
        assertThat(connection.sent.readUtf8()).isEqualTo("\u0088 no frame");
    }

    @Test
    void socketThatIsNotClosed_passesEverythingOn() throws Exception {
        ClosableSocket socket = socket("websocket");
        write(socket, text("out"));
        connection.receive(text("in"), closeFrame(1000));

        assertThat(connection.sent.snapshot()).isEqualTo(text("out").snapshot());
        assertThat(read(socket)).isEqualTo(all(text("in"), closeFrame(1000)));
        assertThat(socket.closedBy()).isNull();
    }

    /** A connection in memory. */
    private static final class FakeConnection implements Socket {
        final Buffer sent = new Buffer();
        private final Pipe incoming = new Pipe(1_000_000);
        volatile CountDownLatch holdWrites = new CountDownLatch(0);
        volatile boolean writing;

        /** Lets the server send frames and end. */
        void receive(Buffer... frames) throws IOException {
            try (Sink in = incoming.sink()) {
                for (Buffer frame : frames) {
                    in.write(frame, frame.size());
                }
            }
        }

        @Override
        public Source getSource() {
            return incoming.source();
        }

        @Override
        public Sink getSink() {
            return new Sink() {
                @Override
                public void write(Buffer source, long byteCount) {
                    writing = true;
                    try {
                        holdWrites.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    sent.write(source, byteCount);
                }

                @Override
                public void flush() {}

                @Override
                public Timeout timeout() {
                    return Timeout.NONE;
                }

                @Override
                public void close() {}
            };
        }

        @Override
        public void cancel() {
            incoming.cancel();
        }
    }
}
