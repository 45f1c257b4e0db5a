package dev.evenkeel.lb.okhttp.internal.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.okhttp.Calls;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.RawServer;
import dev.evenkeel.lb.okhttp.RecordingPool;
import dev.evenkeel.lb.okhttp.retry.RetryPolicy;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import org.junit.jupiter.api.Test;

/** A POST that avoids a kept connection, since that may be about to end, and is lost with the new one. */
class AvoidedConnectionTest {
    private static final RetryPolicy AS_PLAIN =
            RetryPolicy.builder().maxAttempts(1).resendOnLostConnection(true).build();
    /** Beyond three quarters of what the server keeps a connection for: a second. */
    private static final Duration LONG_IDLENESS = Duration.ofMillis(800);

    private final AtomicInteger posts = new AtomicInteger();

    private RawServer losing(int lost) throws IOException {
        return RawServer.start((head, out) -> answer(out, posts.incrementAndGet() == lost));
    }

    private static void answer(OutputStream out, boolean isLost) throws IOException {
        if (isLost) {
            throw new IOException("closes");
        }
        out.write("HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\nContent-Length: 2\r\n\r\nok"
                .getBytes(StandardCharsets.US_ASCII));
    }

    private static void post(OkHttpClient client) throws IOException {
        Request post = new Request.Builder()
                .url("http://users/")
                .post(RequestBody.create("body", null))
                .build();
        assertThat(Calls.body(client, post)).isEqualTo("ok");
    }

    private static OkHttpClient attach(RawServer server, RetryPolicy retries) {
        return LoadBalancing.builder()
                .pools(RecordingPool.of(List.of(Backend.of(server.uri()))))
                .retries(retries)
                .attach(new OkHttpClient());
    }

    private static void idle() throws InterruptedException {
        assertThat(new CountDownLatch(1).await(LONG_IDLENESS.toMillis(), TimeUnit.MILLISECONDS))
                .isFalse();
    }

    @Test
    void isSentOnceMore_wherePlainOkHttpsRuleIsChosen() throws Exception {
        try (RawServer server = losing(2)) {
            OkHttpClient client = attach(server, AS_PLAIN);
            post(client);
            idle();
            post(client);
            assertThat(posts).hasValue(3);
        }
    }

    @Test
    void isNotSentAgain_byDefault() throws Exception {
        try (RawServer server = losing(2)) {
            OkHttpClient client = attach(server, RetryPolicy.standard());
            post(client);
            idle();
            assertThatThrownBy(() -> post(client)).isInstanceOf(IOException.class);
            assertThat(posts).hasValue(2);
        }
    }

    /** Plain OkHttp has no second address either. */
    @Test
    void whereNoConnectionWasKept_isNotSentAgain() throws Exception {
        try (RawServer server = losing(1)) {
            OkHttpClient client = attach(server, AS_PLAIN);
            assertThatThrownBy(() -> post(client)).isInstanceOf(IOException.class);
            assertThat(posts).hasValue(1);
        }
    }
}
