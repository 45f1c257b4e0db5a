package dev.evenkeel.lb.okhttp.internal.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.Lease.StreamClosedException;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadReport;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.retry.RetryBudget;
import dev.evenkeel.lb.okhttp.connection.ConnectionPolicy;
import dev.evenkeel.lb.okhttp.internal.call.AttemptState.Phase;
import dev.evenkeel.lb.okhttp.internal.steering.AttachedPool;
import dev.evenkeel.lb.okhttp.retry.OutcomeClassifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import okio.Buffer;
import okio.Sink;
import okio.Socket;
import okio.Source;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The state machine of an attempt, by the table in its comment: every state, every event. */
@Timeout(60)
class AttemptTest {
    private static final Backend BACKEND =
            Backend.builder("http://127.0.0.1:1").id("a").build();
    private static final LoadBalancer POOL =
            LoadBalancers.builder("users").backend(BACKEND).build();
    private static final AttachedPool ATTACHED = AttachedPool.of(POOL, ConnectionPolicy.standard());
    private static final Request REQUEST =
            new Request.Builder().url("http://users/x").build();
    private static final OkHttpClient CLIENT = new OkHttpClient();
    private static final Set<Phase> ENDS = EnumSet.of(Phase.LEFT, Phase.ENDED);
    private static final Map<String, Map<Phase, Phase>> TABLE = table();

    private final FakeLease lease = new FakeLease();
    private final FakeAccount account = new FakeAccount();
    private final Attempt attempt = attempt(lease, account);

    @AfterAll
    static void close() {
        POOL.close();
    }

    private static Attempt attempt(Lease lease, RetryBudget.Account account) {
        Destination destination = Destination.of(
                ATTACHED,
                ClientConfig.DEFAULT,
                null,
                account,
                new SafeOutcomeClassifier(OutcomeClassifier.standard()),
                null);
        return new Attempt(new Exchange(destination, lease, REQUEST, REQUEST, null), null, CLIENT.newCall(REQUEST));
    }

    /** Reads the table in the class comment: what is documented is what is tested. */
    private static Map<String, Map<Phase, Phase>> table() {
        List<String> lines;
        try {
            lines = Files.readAllLines(
                    Path.of("src/main/java", Attempt.class.getName().replace('.', '/') + ".java"));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        int begin = lines.indexOf(" * <pre>") + 1;
        List<Phase> phases = words(lines.get(begin)).map(Phase::valueOf).toList();
        assertThat(phases).containsExactly(Phase.values());
        Map<String, Map<Phase, Phase>> table = new LinkedHashMap<>();
        for (String line : lines.subList(begin + 1, lines.indexOf(" * </pre>"))) {
            List<String> cells = words(line).toList();
            Map<Phase, Phase> row = new EnumMap<>(Phase.class);
            for (Phase phase : phases) {
                String next = cells.get(1 + phase.ordinal());
                row.put(phase, next.equals(".") ? phase : Phase.valueOf(next));
            }
            table.put(cells.get(0), row);
        }
        return table;
    }

    private static Stream<String> words(String line) {
        return Arrays.stream(line.substring(" * ".length()).trim().split(" +"));
    }

    private enum Event {
        CONNECTION_ACQUIRED("connectionAcquired", Attempt::connectionAcquired),
        CONNECTION_STALE("connectionStale", Attempt::connectionStale),
        REQUEST_STARTS("requestStarts", Attempt::requestStarts),
        REQUEST_ENDS("requestEnds", attempt -> attempt.requestEnds(null)),
        REQUEST_FAILS("requestFails", attempt -> attempt.requestFails(new IOException("write"))),
        RESPONSE_STARTS("responseStarts", Attempt::responseStarts),
        RESPONSE_HEADERS_END("responseHeadersEnd", attempt -> attempt.responseHeadersEnd(response(200))),
        RESPONSE_BODY_ENDS("responseBodyEnds", Attempt::responseBodyEnds),
        RESPONSE_FAILS("responseFails", attempt -> attempt.responseFails(new IOException("read"))),
        START_OVER("startOver", Attempt::startOver),
        TIMES_OUT("timesOut", Attempt::timesOut),
        REDIRECT_LEAVES("redirectLeaves", Attempt::redirectLeaves),
        RETURN_TO_CALLER("returnToCaller", attempt -> attempt.returnToCaller(response(200))),
        RETURN_SOCKET("returnSocket", attempt -> attempt.returnToCaller(upgrade())),
        END("end", Attempt::end),
        CANCEL("cancel", attempt -> attempt.cancel(Outcome.CANCELLED)),
        ABORT("abort", attempt -> attempt.abort(Outcome.DISCARDED, new IllegalStateException("bug"))),
        FAIL("fail", attempt -> attempt.fail(Outcome.FAILED, new IOException("failure"))),
        CLOSE("close", attempt -> attempt.close(closed()));

        private final String row;
        private final Action action;

        Event(String row, Action action) {
            this.row = row;
            this.action = action;
        }

        void on(Attempt attempt) {
            action.on(attempt);
        }

        Phase after(Phase phase) {
            return TABLE.get(row).get(phase);
        }
    }

    private interface Action {
        void on(Attempt attempt);
    }

    private static Response response(int code, String... namesAndValues) {
        return response(code)
                .newBuilder()
                .headers(okhttp3.Headers.of(namesAndValues))
                .build();
    }

    private static Response response(int code) {
        return new Response.Builder()
                .request(REQUEST)
                .protocol(Protocol.HTTP_1_1)
                .code(code)
                .message("")
                .build();
    }

    private static Response upgrade() {
        return response(101, "Upgrade", "websocket")
                .newBuilder()
                .socket(new Handed())
                .build();
    }

    private static StreamClosedException closed() {
        return new StreamClosedException(
                "users", BACKEND, StreamClosedException.Reason.DRAIN_DEADLINE, Duration.ofMinutes(1));
    }

    /** The events that lead to a phase. */
    private static List<Event> wayTo(Phase phase) {
        List<Event> answering = List.of(Event.REQUEST_STARTS, Event.RESPONSE_STARTS, Event.RESPONSE_HEADERS_END);
        return switch (phase) {
            case CREATED -> List.of();
            case STALE -> List.of(Event.CONNECTION_STALE);
            case SENT -> List.of(Event.REQUEST_STARTS);
            case BODY -> answering;
            case ANSWERED -> with(answering, Event.RESPONSE_BODY_ENDS);
            case RETURNED -> with(answering, Event.RETURN_TO_CALLER);
            case UPGRADED -> with(answering, Event.RETURN_SOCKET);
            case LEFT -> with(answering, Event.REDIRECT_LEAVES);
            case ENDED -> with(answering, Event.FAIL);
        };
    }

    private static List<Event> with(List<Event> events, Event last) {
        List<Event> all = new ArrayList<>(events);
        all.add(last);
        return all;
    }

    @Test
    void table_hasARowForEachEvent() {
        assertThat(TABLE.keySet())
                .containsExactlyElementsOf(
                        Arrays.stream(Event.values()).map(event -> event.row).toList());
    }

    static Stream<Arguments> everyCell() {
        return Arrays.stream(Phase.values())
                .flatMap(phase -> Arrays.stream(Event.values()).map(event -> Arguments.of(phase, event)));
    }

    @ParameterizedTest
    @MethodSource("everyCell")
    void event_leadsWhereTheTableSays_andCompletesTheLeaseOnce(Phase phase, Event event) {
        wayTo(phase).forEach(before -> before.on(attempt));
        assertThat(attempt.phase()).isEqualTo(phase);
        assertThat(lease.outcomes).hasSize(ENDS.contains(phase) ? 1 : 0);

        event.on(attempt);

        Phase next = event.after(phase);
        assertThat(attempt.phase()).isEqualTo(next);
        assertThat(attempt.isFinished()).isEqualTo(ENDS.contains(next));
        assertThat(lease.outcomes).hasSize(ENDS.contains(next) ? 1 : 0);
        attempt.end();
        assertThat(lease.outcomes).hasSize(1);
        assertThat(account.ended).hasValue(1);
        assertThat(attempt.callTrace().attempts().get(0).outcome()).isEqualTo(lease.outcomes.get(0));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void randomEvents_followTheTable(long seed) {
        Random random = new Random(seed);
        for (int walk = 0; walk < 2_000; walk++) {
            FakeLease leased = new FakeLease();
            Attempt walking = attempt(leased, new FakeAccount());
            Phase phase = Phase.CREATED;
            for (int step = 0; step < 20; step++) {
                Event event = Event.values()[random.nextInt(Event.values().length)];
                event.on(walking);
                phase = event.after(phase);
                assertThat(walking.phase())
                        .as("seed %d, walk %d, %s", seed, walk, event)
                        .isEqualTo(phase);
            }
            walking.end();
            assertThat(leased.outcomes).hasSize(1);
        }
    }

    /** The events that several threads may report at the same time, in every order that the scheduler makes. */
    @ParameterizedTest
    @ValueSource(longs = {4, 5})
    void racingEnds_completeTheLeaseOnce(long seed) throws Exception {
        Random random = new Random(seed);
        List<List<Event>> threads = List.of(
                List.of(
                        Event.REQUEST_STARTS,
                        Event.RESPONSE_HEADERS_END,
                        Event.RETURN_TO_CALLER,
                        Event.RESPONSE_BODY_ENDS,
                        Event.END),
                List.of(Event.CANCEL),
                List.of(Event.CLOSE),
                List.of(Event.TIMES_OUT, Event.CANCEL),
                List.of(Event.END));
        ExecutorService executor = Executors.newFixedThreadPool(threads.size());
        Map<Outcome, Integer> seen = new EnumMap<>(Outcome.class);
        try {
            for (int round = 0; round < 3_000; round++) {
                FakeLease leased = new FakeLease();
                FakeAccount paid = new FakeAccount();
                Attempt raced = attempt(leased, paid);
                CyclicBarrier start = new CyclicBarrier(threads.size());
                List<Future<?>> ends = new ArrayList<>();
                for (List<Event> events : threads) {
                    int spins = random.nextInt(2_000);
                    ends.add(executor.submit(() -> {
                        start.await(30, TimeUnit.SECONDS);
                        for (int i = 0; i < spins; i++) {
                            Thread.onSpinWait();
                        }
                        events.forEach(event -> event.on(raced));
                        return null;
                    }));
                }
                for (Future<?> end : ends) {
                    end.get(30, TimeUnit.SECONDS);
                }
                assertThat(leased.outcomes).as("seed %d, round %d", seed, round).hasSize(1);
                assertThat(paid.ended).hasValue(1);
                assertThat(raced.callTrace().attempts().get(0).outcome()).isEqualTo(leased.outcomes.get(0));
                seen.merge(leased.outcomes.get(0), 1, Integer::sum);
            }
        } finally {
            executor.shutdownNow();
        }
        assertThat(seen).containsKeys(Outcome.CANCELLED, Outcome.DISCARDED);
    }

    @Test
    void responseOfAnotherHost_isNotTheBackends() {
        wayTo(Phase.LEFT).forEach(event -> event.on(attempt));
        int reports = lease.reports.size();
        attempt.requestStarts();
        attempt.responseHeadersEnd(
                response(503, "Retry-After", "60", "endpoint-load-metrics", "TEXT cpu_utilization=0.9"));
        assertThat(attempt.status()).isEqualTo(503);
        assertThat(attempt.answer()).isEqualTo(Outcome.SUCCESS);
        assertThat(lease.rests).isEmpty();
        assertThat(lease.reports).hasSize(reports);
    }

    @Test
    void responseOfTheBackend_isHandedOn() {
        attempt.requestStarts();
        attempt.responseHeadersEnd(
                response(503, "Retry-After", "60", "endpoint-load-metrics", "TEXT cpu_utilization=0.9"));
        assertThat(attempt.answer()).isEqualTo(Outcome.THROTTLED);
        assertThat(lease.rests).containsExactly(Duration.ofMinutes(1));
        assertThat(lease.reports).hasSize(1);
    }

    @Test
    void anotherConnectionAfterAStaleOne_isUsed() {
        attempt.connectionStale();
        attempt.requestStarts();
        assertThat(attempt.isSent()).as("sent to a closed connection").isFalse();
        attempt.connectionAcquired();
        attempt.requestStarts();
        assertThat(attempt.phase()).isNotEqualTo(Phase.STALE);
        assertThat(attempt.isSent()).isTrue();
    }

    private static final class FakeLease implements Lease {
        final List<Outcome> outcomes = new CopyOnWriteArrayList<>();
        final List<Duration> rests = new CopyOnWriteArrayList<>();
        final List<LoadReport> reports = new CopyOnWriteArrayList<>();

        @Override
        public Backend backend() {
            return BACKEND;
        }

        @Override
        public void responded() {}

        @Override
        public boolean complete(Outcome outcome) {
            outcomes.add(outcome);
            return outcomes.size() == 1;
        }

        @Override
        public void report(LoadReport report) {
            reports.add(report);
        }

        @Override
        public void restFor(Duration duration) {
            rests.add(duration);
        }
    }

    private static final class FakeAccount implements RetryBudget.Account {
        final AtomicInteger ended = new AtomicInteger();

        @Override
        public void callStarted(long nowNanos) {}

        @Override
        public boolean tryRetry(Outcome failure, long nowNanos) {
            return true;
        }

        @Override
        public void giveBack() {}

        @Override
        public void attemptEnded(Outcome outcome, boolean retry, long nowNanos) {
            ended.incrementAndGet();
        }

        @Override
        public int left(long nowNanos) {
            return 1;
        }
    }

    /** A connection that was handed over. */
    private static final class Handed implements Socket {
        private final Buffer buffer = new Buffer();

        @Override
        public Source getSource() {
            return buffer;
        }

        @Override
        public Sink getSink() {
            return buffer;
        }

        @Override
        public void cancel() {}
    }
}
