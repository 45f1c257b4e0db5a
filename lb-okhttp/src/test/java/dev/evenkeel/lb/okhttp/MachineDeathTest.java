package dev.evenkeel.lb.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.Backend;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * One of three servers dies as a machine does: every connection is reset, with requests under way and with answers half
 * written, and nothing listens any more.
 */
@Timeout(120)
class MachineDeathTest {
    private static final int THREADS = 8;
    private static final RequestBody BODY = RequestBody.create("body", MediaType.get("text/plain"));

    private final AtomicInteger[] served = {new AtomicInteger(), new AtomicInteger(), new AtomicInteger()};
    private final Map<String, AtomicInteger> processed = new ConcurrentHashMap<>();
    private final List<RawServer> servers = new ArrayList<>();
    private final AtomicBoolean stop = new AtomicBoolean();
    private final AtomicInteger succeeded = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();
    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);

    @AfterEach
    void close() throws IOException {
        stop.set(true);
        threads.shutdownNow();
        for (RawServer server : servers) {
            server.close();
        }
    }

    @Test
    void idempotentCalls_doNotFail_andTrafficComesBackByItself() throws Exception {
        try (RecordingPool pool = pool()) {
            OkHttpClient client = LoadBalancing.attach(new OkHttpClient(), pool);
            List<Future<?>> callers = call(client, new Request.Builder().url("http://users/x"));

            for (int round = 0; round < 3; round++) {
                int dying = round;
                RawServer victim = servers.get(dying);
                int servedBefore = served[dying].get();
                await().until(() -> served[dying].get() > servedBefore + 50);
                victim.kill();
                int atDeath = succeeded.get();
                await().until(() -> succeeded.get() > atDeath + 200);
                servers.set(dying, start(victim.port(), dying));
                int atReturn = served[dying].get();
                await().atMost(Duration.ofSeconds(30)).until(() -> served[dying].get() > atReturn + 50);
            }

            finish(callers);
            assertThat(failed).hasValue(0);
            assertThat(pool.inFlight()).isZero();
        }
    }

    @Test
    void posts_areNeverProcessedTwice() throws Exception {
        try (RecordingPool pool = pool()) {
            OkHttpClient client = LoadBalancing.attach(new OkHttpClient(), pool);
            List<Future<?>> callers =
                    call(client, new Request.Builder().url("http://users/x").post(BODY));

            for (int round = 0; round < 3; round++) {
                int atStart = succeeded.get();
                await().until(() -> succeeded.get() > atStart + 100);
                servers.get(0).kill();
                int atDeath = succeeded.get();
                await().until(() -> succeeded.get() > atDeath + 100);
                servers.set(0, start(servers.get(0).port(), 0));
            }

            finish(callers);
            assertThat(processed).isNotEmpty();
            assertThat(processed.values()).allMatch(times -> times.get() == 1);
            // Only those that were under way when it died.
            assertThat(failed.get()).isLessThanOrEqualTo(3 * THREADS);
            assertThat(pool.inFlight()).isZero();
        }
    }

    private RecordingPool pool() throws IOException {
        List<Backend> backends = new ArrayList<>();
        for (int i = 0; i < served.length; i++) {
            servers.add(start(0, i));
            backends.add(
                    Backend.builder(servers.get(i).uri()).id(String.valueOf(i)).build());
        }
        return RecordingPool.of(backends);
    }

    private RawServer start(int port, int number) throws IOException {
        return RawServer.start(port, (head, out) -> answer(number, head, out));
    }

    private void answer(int number, RawServer.Head head, OutputStream out) throws IOException {
        processed
                .computeIfAbsent(head.headers().get("call"), id -> new AtomicInteger())
                .incrementAndGet();
        RawServer.write(out, 200, String.valueOf(number));
        served[number].incrementAndGet();
    }

    private List<Future<?>> call(OkHttpClient client, Request.Builder request) {
        List<Future<?>> callers = new ArrayList<>();
        for (int t = 0; t < THREADS; t++) {
            int thread = t;
            callers.add(threads.submit(() -> {
                for (int i = 0; !stop.get(); i++) {
                    Request call = request.build()
                            .newBuilder()
                            .header("Call", thread + "-" + i)
                            .build();
                    try (Response response = client.newCall(call).execute()) {
                        assertThat(response.body().string()).isBetween("0", "2");
                        succeeded.incrementAndGet();
                    } catch (IOException e) {
                        failed.incrementAndGet();
                    }
                }
            }));
        }
        return callers;
    }

    private void finish(List<Future<?>> callers) throws Exception {
        stop.set(true);
        for (Future<?> caller : callers) {
            caller.get(30, TimeUnit.SECONDS);
        }
    }
}
