package dev.evenkeel.lb.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.BackendRegistry.DrainReport;
import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.DrainPolicy;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.StreamClosedException;
import dev.evenkeel.lb.StreamClosedException.Reason;
import dev.evenkeel.lb.core.LoadBalancerBuilder;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.okhttp.OpenStream.Kind;
import dev.evenkeel.lb.okhttp.TestBackend.Wire;
import dev.evenkeel.lb.okhttp.connection.Addressing;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import okhttp3.Call;
import okhttp3.OkHttpClient;
import okhttp3.Response;
import okio.BufferedSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Streams that the pool ends: what the reader gets, what the server sees, and what the pool counts. */
@Timeout(60)
class ClosedStreamsTest {
    private static final Duration DEADLINE = Duration.ofMillis(50);
    private static final Duration MAX_DURATION = Duration.ofSeconds(1);

    private static Stream<Arguments> streams() {
        return Arrays.stream(Kind.values())
                .flatMap(kind -> Stream.of(Addressing.STEER, Addressing.REWRITE)
                        .filter(addressing -> kind != Kind.SOCKET || addressing == Addressing.STEER)
                        .map(addressing -> Arguments.of(kind, addressing)));
    }

    private static RecordingPool pool(OpenStream stream, Consumer<LoadBalancerBuilder> settings) {
        LoadBalancerBuilder builder =
                LoadBalancers.builder("users").backend(stream.backend()).strategy(Strategies.roundRobin());
        settings.accept(builder);
        return new RecordingPool(builder.build());
    }

    @ParameterizedTest
    @MethodSource("streams")
    void stream_thatIsLeftAtTheDeadline_isClosed_ifTheDrainAsksForIt(Kind kind, Addressing addressing)
            throws Exception {
        try (OpenStream stream = kind.start();
                RecordingPool pool = pool(stream, builder -> {})) {
            stream.open(pool, addressing);

            DrainReport report = pool.registry()
                    .drain("a", DrainPolicy.of(DEADLINE).withCloseAtDeadline(true))
                    .toCompletableFuture()
                    .get(30, TimeUnit.SECONDS);

            assertThat(report.closed()).isEqualTo(1);
            assertThat(report.remaining()).isZero();
            assertThat(report.isComplete()).isTrue();
            assertIsClosed(kind, stream, pool, Reason.DRAIN_DEADLINE, DEADLINE);
        }
    }

    @ParameterizedTest
    @MethodSource("streams")
    void stream_thatIsLeftAtTheDeadline_goesOn_byDefault(Kind kind, Addressing addressing) throws Exception {
        try (OpenStream stream = kind.start();
                RecordingPool pool = pool(stream, builder -> {})) {
            stream.open(pool, addressing);

            DrainReport report =
                    pool.registry().drain("a", DEADLINE).toCompletableFuture().get(30, TimeUnit.SECONDS);

            assertThat(report.closed()).isZero();
            assertThat(report.remaining()).isEqualTo(1);
            assertThat(stream.isAlive()).isTrue();
            stream.cancel();
            await().untilAsserted(() -> assertThat(pool.inFlight()).isZero());
        }
    }

    @ParameterizedTest
    @MethodSource("streams")
    void stream_thatIsTooOld_isClosed_ifThePoolHasAMaximum(Kind kind, Addressing addressing) throws Exception {
        try (OpenStream stream = kind.start();
                RecordingPool pool = pool(stream, builder -> builder.maxStreamDuration(MAX_DURATION))) {
            stream.open(pool, addressing);
            assertThat(stream.isAlive()).isTrue();

            assertIsClosed(kind, stream, pool, Reason.MAX_STREAM_DURATION, MAX_DURATION);
        }
    }

    private static void assertIsClosed(
            Kind kind, OpenStream stream, RecordingPool pool, Reason reason, Duration limit) throws Exception {
        Throwable seen = stream.ended.get(30, TimeUnit.SECONDS);
        if (kind.isWebSocket()) {
            String text = " 1001 backend a: " + reason.text();
            assertThat(stream.received).contains("closing" + text, "closed" + text);
            assertThat(seen).isNull();
        } else {
            assertIsExplained(seen, reason, limit);
        }
        assertThat(stream.seenByServer.get(30, TimeUnit.SECONDS)).isEqualTo(switch (kind) {
            case WEB_SOCKET_H1, WEB_SOCKET_TLS -> "close 1001 " + reason.text();
            case EVENTS_H2_TLS, STREAM_H2 -> "stream was reset: CANCEL";
            case EVENTS_H1, BODY_H1 -> stream.seenByServer.join(); // the end of the connection, by some exception
            case SOCKET -> "end";
            case HEAD_H1 -> "";
        });
        await().untilAsserted(() -> assertThat(pool.outcomes()).containsExactly(Outcome.CANCELLED));
        assertThat(pool.snapshot().backend("a").breaker()).isEqualTo(BreakerState.CLOSED);
        assertThat(pool.inFlight()).isZero();
    }

    private static void assertIsExplained(@Nullable Throwable seen, Reason reason, Duration limit) {
        assertThat(seen).isInstanceOfSatisfying(StreamClosedException.class, closed -> {
            assertThat(closed.reason()).isEqualTo(reason);
            assertThat(closed.backend().id()).isEqualTo("a");
            assertThat(closed).hasMessageContaining("pool \"users\"", "backend a", limit.toString());
            assertThat(closed).hasCauseInstanceOf(java.io.IOException.class);
        });
    }
}
