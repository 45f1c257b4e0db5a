package dev.evenkeel.lb.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.okhttp.TestBackend.Wire;
import dev.evenkeel.lb.okhttp.retry.RetryPolicy;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSink;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every fault of a first backend, met by every kind of request, while two other backends work. What the client sees and who
 * processed the request stands in the tables of docs/faults.md; this compares.
 */
@Timeout(120)
class FaultMatrixTest {
    /** Long enough for the backends that work, on a machine that is busy. */
    private static final Duration SILENCE = Duration.ofSeconds(3);

    private static final int AT_A_TIME = 8;

    private enum Kind {
        GET("GET", true),
        POST("POST", false),
        ONE_SHOT_PUT("PUT, one-shot body", false),
        KEYED_POST("POST, `Idempotency-Key`", true);

        final String title;
        final boolean repeatable;

        Kind(String title, boolean repeatable) {
            this.title = title;
            this.repeatable = repeatable;
        }

        Request.Builder of(Request.Builder request) {
            RequestBody body = RequestBody.create("body", MediaType.get("text/plain"));
            return switch (this) {
                case GET -> request;
                case POST -> request.post(body);
                case ONE_SHOT_PUT -> request.put(new OneShot());
                case KEYED_POST -> request.post(body).header("Idempotency-Key", "1");
            };
        }
    }

    /**
     * A line of the table.
     *
     * @param attemptTimeout whether attempts are bounded, or only the client's read timeout ends a silence
     */
    private record Row(Fault fault, boolean attemptTimeout) {
        static Stream<Row> of(Fault fault) {
            return fault == Fault.HANG_BEFORE_HEADERS || fault == Fault.SLOW_LORIS
                    ? Stream.of(new Row(fault, true), new Row(fault, false))
                    : Stream.of(new Row(fault, false));
        }

        String title() {
            if (!fault.isSilence() || fault == Fault.CONNECT_TIMEOUT || fault == Fault.HANG_IN_BODY) {
                return fault.doing;
            }
            return fault.doing + (attemptTimeout ? ", attempt timeout" : ", read timeout alone");
        }
    }

    /** What came of one request. */
    private record Cell(String seen, List<String> processed) {
        @Override
        public String toString() {
            return seen + " / " + (processed.isEmpty() ? "none" : String.join(", ", processed));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everyFault_metByEveryRequest_endsAsTheTableSays(boolean h2) throws Exception {
        List<Row> rows = Arrays.stream(Fault.values())
                .filter(fault -> fault != Fault.NONE)
                .flatMap(Row::of)
                .toList();
        List<String> table = new ArrayList<>();
        table.add("| the first backend | "
                + Arrays.stream(Kind.values()).map(kind -> kind.title).collect(Collectors.joining(" | ")) + " |");
        table.add("|---|---|---|---|---|");
        ExecutorService threads = Executors.newCachedThreadPool();
        ExecutorService fewThreads = Executors.newFixedThreadPool(AT_A_TIME);
        try {
            List<List<Future<Cell>>> cells = new ArrayList<>();
            for (Row row : rows) {
                List<Future<Cell>> line = new ArrayList<>();
                if (h2 || !row.fault.isOnlyOfH2()) {
                    for (Kind kind : Kind.values()) {
                        line.add((row.fault.isSilence() ? threads : fewThreads).submit(() -> cell(row, kind, h2)));
                    }
                }
                cells.add(line);
            }
            for (int i = 0; i < rows.size(); i++) {
                StringBuilder line = new StringBuilder("| " + rows.get(i).title() + " |");
                for (Kind kind : Kind.values()) {
                    if (cells.get(i).isEmpty()) {
                        line.append(" not in h1 |");
                        continue;
                    }
                    Cell cell = cells.get(i).get(kind.ordinal()).get(60, TimeUnit.SECONDS);
                    check(rows.get(i), kind, cell);
                    line.append(" ").append(cell).append(" |");
                }
                table.add(line.toString());
            }
        } finally {
            threads.shutdownNow();
            fewThreads.shutdownNow();
        }
        assertThat(table).isEqualTo(tableOfThePage(h2 ? "## h2" : "## h1"));
    }

    /** What no table may say. */
    private static void check(Row row, Kind kind, Cell cell) {
        String name = row.title() + ", " + kind.title + ": " + cell;
        if (!kind.repeatable) {
            assertThat(cell.processed).as(name).hasSizeLessThanOrEqualTo(1);
        }
        boolean hasBegun = cell.seen.startsWith("200 first");
        if (kind.repeatable && !hasBegun) {
            assertThat(cell.seen).as(name).isEqualTo("200 second");
        }
        boolean bodyIsGone = kind == Kind.ONE_SHOT_PUT && row.fault.isOnlyOfH2();
        if (!cell.processed.contains("first") && !bodyIsGone) {
            assertThat(cell.seen).as(name).isEqualTo("200 second");
        }
    }

    private static Cell cell(Row row, Kind kind, boolean h2) throws Exception {
        boolean tls = row.fault == Fault.TLS_FAILURE;
        Wire wire = tls ? Wire.H2_TLS : h2 ? Wire.H2_PRIOR_KNOWLEDGE : Wire.H1;
        try (FaultyBackend first = start("first", row.fault, tls, h2);
                FaultyBackend second = start("second", Fault.NONE, tls, h2);
                FaultyBackend third = start("third", Fault.NONE, tls, h2);
                RecordingPool pool = RecordingPool.of(List.of(first.backend(), second.backend(), third.backend()))) {
            OkHttpClient.Builder client = TestBackend.client(wire);
            RetryPolicy.Builder retries = RetryPolicy.builder();
            if (row.attemptTimeout) {
                retries.attemptTimeout(SILENCE);
            } else if (row.fault.isSilence()) {
                client.readTimeout(SILENCE).connectTimeout(SILENCE);
            }
            OkHttpClient attached =
                    LoadBalancing.builder().pools(pool).retries(retries.build()).attach(client.build());
            Request request = kind.of(new Request.Builder().url(wire.scheme() + "://users/x"))
                    .build();
            String seen = seen(attached, request);
            attached.connectionPool().evictAll();
            assertThat(pool.inFlight()).isZero();
            List<String> processed = Stream.of(first, second, third)
                    .flatMap(backend -> Stream.generate(backend::name).limit(backend.processed()))
                    .toList();
            return new Cell(seen, processed);
        }
    }

    private static FaultyBackend start(String name, Fault fault, boolean tls, boolean h2) throws IOException {
        return tls ? FaultyBackend.startTls(name, fault, h2) : FaultyBackend.start(name, fault, h2);
    }

    private static String seen(OkHttpClient client, Request request) {
        String begun = "";
        try (Response response = client.newCall(request).execute()) {
            begun = response.code() + " "
                    + LoadBalancing.trace(response).orElseThrow().attempts().stream()
                            .reduce((before, last) -> last)
                            .orElseThrow()
                            .backend()
                            .id();
            response.body().string();
            return begun;
        } catch (IOException e) {
            return begun
                    + (begun.isEmpty() ? "" : ", then ")
                    + (e instanceof InterruptedIOException ? "timeout" : "failure");
        }
    }

    private static List<String> tableOfThePage(String heading) throws IOException {
        Path here = Path.of("").toAbsolutePath();
        Path page =
                (Files.exists(here.resolve("lb-okhttp")) ? here.resolve("lb-okhttp") : here).resolve("docs/faults.md");
        return Files.readAllLines(page).stream()
                .dropWhile(line -> !line.equals(heading))
                .skip(1)
                .dropWhile(line -> !line.startsWith("|"))
                .takeWhile(line -> line.startsWith("|"))
                .toList();
    }

    private static final class OneShot extends RequestBody {
        @Override
        public MediaType contentType() {
            return null;
        }

        @Override
        public long contentLength() {
            return 4;
        }

        @Override
        public boolean isOneShot() {
            return true;
        }

        @Override
        public void writeTo(BufferedSink sink) throws IOException {
            sink.writeUtf8("once");
        }
    }
}
