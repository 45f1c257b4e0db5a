package dev.evenkeel.lb.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.admin.StatsPage;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.okhttp.health.GrpcHealthCheck;
import dev.evenkeel.lb.okhttp.health.HttpHealthCheck;
import dev.evenkeel.lb.okhttp.trace.CallTrace;
import dev.evenkeel.lb.spi.HealthCheck;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a backend says, wherever it is kept or shown: bounded, on one line, and without marks that reorder text. */
@Timeout(120)
class UntrustedTextTest {
    /** Escape, C1, a bidirectional override and isolate, a line separator, a lone carriage return; and far too long. */
    private static final String HOSTILE = "\u001b[2Jevil\u009b\u202e\u2066\u2028\rX-Evil: 1" + "x".repeat(100_000);

    private static final int MAX_TEXT = 5_000;

    private final Queue<String> said = new ConcurrentLinkedQueue<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord line) {
            said.add(String.valueOf(line.getMessage()));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    /** What a backend sends. */
    enum Answer {
        STATUS_LINE("HTTP/1.1 503 %s\r\nContent-Length: 0\r\n\r\n"),
        NO_HTTP("%s\r\n\r\n"),
        STATUS_CODE("HTTP/1.1 %s\r\n\r\n"),
        HEADER_LINE("HTTP/1.1 200 OK\r\n%s\r\n\r\n"),
        CONTENT_LENGTH("HTTP/1.1 200 OK\r\nContent-Length: %s\r\n\r\nx"),
        RETRY_AFTER("HTTP/1.1 503 -\r\nRetry-After: %s\r\nContent-Length: 0\r\n\r\n"),
        CHUNK("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%s\r\nx"),
        GRPC_STATUS("HTTP/1.1 200 OK\r\nContent-Type: application/grpc\r\ngrpc-status: %1$s\r\ngrpc-message: %1$s\r\n"
                + "Content-Length: 0\r\n\r\n");

        private final String format;

        Answer(String format) {
            this.format = format;
        }

        void send(OutputStream out) throws IOException {
            out.write(format.formatted(HOSTILE).getBytes(StandardCharsets.UTF_8));
            out.flush();
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatABackendSays_isBoundedAndPrintable_whereverItIsShown(Answer answer) throws Exception {
        Logger logger = Logger.getLogger("dev.evenkeel.lb");
        logger.addHandler(handler);
        OkHttpClient plain = new OkHttpClient();
        HealthCheck check = answer == Answer.GRPC_STATUS
                ? GrpcHealthCheck.of(plain, "users", "")
                : HttpHealthCheck.builder(plain).build();
        try (RawServer server = RawServer.start((head, out) -> {
                    answer.send(out);
                    throw new IOException("one answer a connection");
                });
                LoadBalancer pool = LoadBalancers.builder("users")
                        .backends(server.uri())
                        .healthCheck(HealthCheckPolicy.builder(check)
                                .interval(Duration.ofMillis(100))
                                .build())
                        .listener(event -> said.add(event.toString()))
                        .build()) {
            OkHttpClient client = LoadBalancing.attach(plain, pool);
            for (int i = 0; i < 3; i++) {
                call(client);
            }
            if (answer == Answer.STATUS_LINE || answer == Answer.NO_HTTP || answer == Answer.STATUS_CODE) {
                await().atMost(Duration.ofSeconds(60))
                        .until(() -> pool.snapshot().backends().get(0).health() == HealthState.DOWN);
            }
            call(client);
            said.add(pool.snapshot().toString());
            said.add(pool.explain(RequestContext.NONE).toString());
            StatsPage page = StatsPage.of(pool);
            said.addAll(List.of(page.json().split("\n")));
            said.addAll(List.of(page.html().split("\n")));
        } finally {
            logger.removeHandler(handler);
        }

        assertThat(said).isNotEmpty().allSatisfy(UntrustedTextTest::check);
    }

    private void call(OkHttpClient client) {
        Throwable thrown = catchThrowable(() -> {
            try (Response response = client.newCall(
                            new Request.Builder().url("http://users/").build())
                    .execute()) {
                keep(LoadBalancing.trace(response).orElseThrow());
                String unused = response.body().string();
            }
        });
        if (thrown != null) {
            said.add(String.valueOf(thrown.getMessage()));
            LoadBalancing.trace(thrown).ifPresent(this::keep);
        }
    }

    private void keep(CallTrace trace) {
        said.add(trace.toString());
        said.add(trace.attributes().toString());
        trace.attempts().forEach(attempt -> said.add(attempt.attributes().toString()));
    }

    private static void check(String text) {
        assertThat(text.length()).as("length of %.200s", text).isLessThan(MAX_TEXT);
        text.codePoints().forEach(c -> {
            int type = Character.getType(c);
            assertThat(type == Character.CONTROL
                            || type == Character.FORMAT
                            || type == Character.LINE_SEPARATOR
                            || type == Character.PARAGRAPH_SEPARATOR)
                    .as("U+%04X in %.300s", c, text)
                    .isFalse();
        });
    }
}
