package dev.evenkeel.lb.okhttp.internal.steering;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.okhttp.Calls;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.RawH2Server;
import dev.evenkeel.lb.okhttp.RecordingPool;
import dev.evenkeel.lb.okhttp.retry.RetryPolicy;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import okhttp3.Dispatcher;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Many calls at once over HTTP/2, before the backend has said how many streams it takes. */
@Timeout(60)
class StreamBurstTest {
    private static final int CALLS = 300;

    /**
     * Names no limit and refuses nothing until all calls have come, as if its settings were late. Then it takes a few
     * streams of each connection at a time and refuses the rest. It gives up a connection on which it has refused more
     * than 101, as nginx does: the streams that it has taken are not answered either.
     */
    private static final class LimitedHandler implements RawH2Server.Handler {
        private static final int MAX_REFUSALS = 101;

        private final int maxStreams;
        private final Map<Object, Connection> connections = new HashMap<>();
        private final List<RawH2Server.Stream> first = new ArrayList<>();

        LimitedHandler(int maxStreams) {
            this.maxStreams = maxStreams;
        }

        private static final class Connection {
            final Set<Integer> whole = new HashSet<>();
            final Set<Integer> taken = new HashSet<>();
            int refused;
        }

        private Connection of(RawH2Server.Stream stream) {
            return connections.computeIfAbsent(stream.connection(), connection -> new Connection());
        }

        @Override
        public synchronized boolean wants(RawH2Server.Stream stream) throws IOException {
            boolean isLater = first.size() == CALLS;
            if (isLater) {
                takeOrRefuse(stream);
                return true;
            }
            first.add(stream);
            if (first.size() == CALLS) {
                for (RawH2Server.Stream each : first) {
                    takeOrRefuse(each);
                }
                for (RawH2Server.Stream each : first) {
                    answerIfWhole(each);
                }
            }
            return true;
        }

        @Override
        public synchronized void answer(RawH2Server.Stream stream) throws IOException {
            of(stream).whole.add(stream.id());
            answerIfWhole(stream);
        }

        private void takeOrRefuse(RawH2Server.Stream stream) throws IOException {
            Connection connection = of(stream);
            if (connection.taken.size() < maxStreams) {
                connection.taken.add(stream.id());
            } else if (++connection.refused <= MAX_REFUSALS) {
                stream.reset(RawH2Server.REFUSED_STREAM);
            }
        }

        private void answerIfWhole(RawH2Server.Stream stream) throws IOException {
            Connection connection = of(stream);
            if (connection.refused <= MAX_REFUSALS
                    && connection.whole.contains(stream.id())
                    && connection.taken.remove(stream.id())) {
                stream.head(200);
                stream.body("ok", true);
            }
        }

        synchronized int mostRefused() {
            return connections.values().stream()
                    .mapToInt(connection -> connection.refused)
                    .max()
                    .orElse(0);
        }
    }

    @ParameterizedTest
    @CsvSource({"1, POST", "20, POST", "1, GET"})
    void calls_farBeyondTheLimitOfABackend_doNotMakeItGiveUpAConnection(int maxStreams, String method)
            throws Exception {
        LimitedHandler handler = new LimitedHandler(maxStreams);
        try (RawH2Server server = RawH2Server.start(handler);
                RecordingPool pool = RecordingPool.of(
                        List.of(Backend.builder(server.uri()).id("a").build()))) {
            Dispatcher dispatcher = new Dispatcher();
            dispatcher.setMaxRequests(CALLS);
            OkHttpClient client = LoadBalancing.builder()
                    .pools(pool)
                    .retries(RetryPolicy.none())
                    .attach(new OkHttpClient.Builder()
                            .dispatcher(dispatcher)
                            .protocols(List.of(Protocol.H2_PRIOR_KNOWLEDGE))
                            .build());
            RequestBody body = method.equals("POST") ? RequestBody.create("body", null) : null;
            Request request = new Request.Builder()
                    .url("http://users/x")
                    .method(method, body)
                    .build();

            List<CompletableFuture<String>> answers = new ArrayList<>();
            for (int i = 0; i < CALLS; i++) {
                answers.add(Calls.enqueue(client.newCall(request)));
            }

            for (CompletableFuture<String> answer : answers) {
                assertThat(answer.get(30, TimeUnit.SECONDS)).isEqualTo("ok");
            }
            assertThat(pool.outcomes()).hasSize(CALLS).containsOnly(Outcome.SUCCESS);
            assertThat(handler.mostRefused()).isLessThanOrEqualTo(LimitedHandler.MAX_REFUSALS);
            client.connectionPool().evictAll();
            client.dispatcher().executorService().shutdown();
        }
    }
}
