package dev.evenkeel.lb.okhttp.internal.steering;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.PoolFullException;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.limit.LimitPolicy;
import dev.evenkeel.lb.okhttp.Calls;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.TestBackend;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.Cookie;
import okhttp3.CookieJar;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Response;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A call inside another one, through a pool whose places the outer calls hold: it fails instead of waiting for itself. */
@Timeout(60)
class QueueDeadlockTest {
    /** Longer than any test may take: a call that waits for it fails the test. */
    private static final Duration FOR_EVER = Duration.ofMinutes(10);

    private final TestBackend backend = TestBackend.start("a");
    private final List<OkHttpClient> clients = new ArrayList<>();
    private final List<IOException> inner = new CopyOnWriteArrayList<>();
    private LoadBalancer pool;
    private OkHttpClient tokens;

    @AfterEach
    void close() {
        clients.forEach(client -> {
            client.dispatcher().cancelAll();
            client.dispatcher().executorService().shutdownNow();
            client.connectionPool().evictAll();
        });
        pool.close();
        backend.close();
    }

    private void limit(int calls) {
        pool = LoadBalancers.builder("users")
                .backends(List.of(backend.backend()))
                .limits(LimitPolicy.maxInFlight(calls).withQueue(10, FOR_EVER))
                .build();
        tokens = attach(new OkHttpClient.Builder());
        backend.answer(request ->
                request.getTarget().equals("/secured") && request.getHeaders().get("Authorization") == null
                        ? backend.named().code(401).build()
                        : backend.named().build());
    }

    private OkHttpClient attach(OkHttpClient.Builder builder) {
        OkHttpClient client = LoadBalancing.attach(builder.build(), pool);
        clients.add(client);
        return client;
    }

    /** Asks for a token, inside another call. */
    private String token() {
        try {
            return Calls.body(tokens, "http://users/token");
        } catch (IOException e) {
            inner.add(e);
            return "none";
        }
    }

    enum Where {
        AUTHENTICATOR,
        INTERCEPTOR_ABOVE,
        INTERCEPTOR_BENEATH,
        NETWORK_INTERCEPTOR,
        COOKIE_JAR
    }

    private OkHttpClient client(Where where) {
        OkHttpClient.Builder builder = new OkHttpClient.Builder();
        switch (where) {
            case AUTHENTICATOR ->
                builder.authenticator((route, response) -> response.request()
                        .newBuilder()
                        .header("Authorization", token())
                        .build());
            case INTERCEPTOR_ABOVE ->
                builder.addInterceptor(chain -> {
                    Response response = chain.proceed(chain.request());
                    String unused = token(); // while the response is open
                    return response;
                });
            case NETWORK_INTERCEPTOR ->
                builder.addNetworkInterceptor(chain -> chain.proceed(chain.request()
                        .newBuilder()
                        .header("Authorization", token())
                        .build()));
            case COOKIE_JAR ->
                builder.cookieJar(new CookieJar() {
                    @Override
                    public List<Cookie> loadForRequest(HttpUrl url) {
                        String unused = token();
                        return List.of();
                    }

                    @Override
                    public void saveFromResponse(HttpUrl url, List<Cookie> cookies) {
                        // Nothing to keep.
                    }
                });
            case INTERCEPTOR_BENEATH -> {}
        }
        OkHttpClient client = attach(builder);
        if (where != Where.INTERCEPTOR_BENEATH) {
            return client;
        }
        return client.newBuilder()
                .addInterceptor(chain -> {
                    String unused = token();
                    return chain.proceed(chain.request());
                })
                .build();
    }

    static Stream<Arguments> placesAndKinds() {
        return Stream.of(Where.values())
                .flatMap(where -> Stream.of(Arguments.of(where, false), Arguments.of(where, true)));
    }

    private static CompletableFuture<String> start(OkHttpClient client, String url, boolean enqueued) {
        CompletableFuture<String> result = new CompletableFuture<>();
        Call call = client.newCall(Calls.get(url));
        if (!enqueued) {
            try (Response response = call.execute()) {
                result.complete(response.code() + " " + response.body().string());
            } catch (IOException e) {
                result.completeExceptionally(e);
            }
            return result;
        }
        call.enqueue(new Callback() {
            @Override
            public void onResponse(Call ended, Response response) throws IOException {
                try (response) {
                    result.complete(response.code() + " " + response.body().string());
                }
            }

            @Override
            public void onFailure(Call ended, IOException e) {
                result.completeExceptionally(e);
            }
        });
        return result;
    }

    @ParameterizedTest
    @MethodSource("placesAndKinds")
    void callInsideTheOnlyOneThatMayRun_failsAtOnce_andSaysSo(Where where, boolean enqueued) throws Exception {
        limit(1);
        OkHttpClient client = client(where);

        String answer = start(client, "http://users/secured", enqueued).get(30, TimeUnit.SECONDS);

        assertThat(answer).endsWith(" a");
        assertThat(inner)
                .isNotEmpty()
                .allSatisfy(e -> assertThat(e)
                        .isInstanceOf(PoolFullException.class)
                        .hasMessage("pool \"users\" has no backend available: 1 backend; the pool is full; "
                                + QueueDeadlock.TEXT + "; 1 of 1 calls in flight, 0 of 10 queued"));
        assertThat(pool.snapshot().inFlight()).isZero();
    }

    @ParameterizedTest
    @MethodSource("placesAndKinds")
    void callInsideAnother_withRoomForBoth_succeeds(Where where, boolean enqueued) throws Exception {
        limit(2);
        OkHttpClient client = client(where);

        assertThat(start(client, "http://users/secured", enqueued).get(30, TimeUnit.SECONDS))
                .endsWith(" a");
        assertThat(inner).isEmpty();
    }

    @Test
    void callInsideTheOnlyOne_bySteeredDnsOfAHostName_failsAtOnce() throws Exception {
        backend.answer(backend.named().build());
        pool = LoadBalancers.builder("users")
                .backends("http://own.internal:" + backend.server.getPort())
                .limits(LimitPolicy.maxInFlight(1).withQueue(10, FOR_EVER))
                .build();
        tokens = attach(new OkHttpClient.Builder());
        OkHttpClient client = attach(new OkHttpClient.Builder().dns(host -> {
            String unused = token();
            return loopback();
        }));

        assertThat(start(client, "http://users/x", false).get(30, TimeUnit.SECONDS))
                .isEqualTo("200 a");
        assertThat(QueueDeadlock.TEXT).startsWith("all places are held by calls that wait for this one");
        assertThat(inner).isNotEmpty().allSatisfy(e -> assertThat(e).hasMessageContaining(QueueDeadlock.TEXT));
    }

    private static List<InetAddress> loopback() throws UnknownHostException {
        return List.of(InetAddress.getLoopbackAddress());
    }

    /** Each of two calls holds a place and wants another one: the last one that waits fails, and the others go on. */
    @Test
    void severalThatHoldAllPlaces_oneFails_andTheOthersGoOn() throws Exception {
        limit(2);
        CyclicBarrier both = new CyclicBarrier(2);
        OkHttpClient client = attach(new OkHttpClient.Builder().authenticator((route, response) -> {
            try {
                both.await(20, TimeUnit.SECONDS);
            } catch (Exception e) {
                throw new IOException(e);
            }
            return response.request()
                    .newBuilder()
                    .header("Authorization", token())
                    .build();
        }));

        CompletableFuture<String> first = start(client, "http://users/secured", true);
        CompletableFuture<String> second = start(client, "http://users/secured", true);

        assertThat(first.get(30, TimeUnit.SECONDS)).isEqualTo("200 a");
        assertThat(second.get(30, TimeUnit.SECONDS)).isEqualTo("200 a");
        assertThat(inner).hasSizeBetween(1, 2);
    }

    /** The other place is held by a call that ends: the wait is no deadlock. */
    @Test
    void callInsideAnother_besideOneThatEnds_waitsForThat() throws Exception {
        limit(2);
        OkHttpClient client = client(Where.AUTHENTICATOR);
        Response open = tokens.newCall(Calls.get("http://users/open")).execute();

        CompletableFuture<String> waits = CompletableFuture.supplyAsync(
                () -> start(client, "http://users/secured", false).join());
        Awaitility.await().until(() -> queued() == 1);
        assertThat(inner).isEmpty();
        open.close();

        assertThat(waits.get(30, TimeUnit.SECONDS)).isEqualTo("200 a");
        assertThat(inner).isEmpty();
    }

    /** An ordinary wait is none either: the thread that waits holds nothing. */
    @Test
    void callBesideTheOnlyOneThatMayRun_waits() throws Exception {
        limit(1);
        AtomicInteger answered = new AtomicInteger();
        Response open = tokens.newCall(Calls.get("http://users/open")).execute();
        CompletableFuture<String> waits = start(tokens, "http://users/x", true);
        waits.thenRun(answered::incrementAndGet);
        Awaitility.await().until(() -> queued() == 1);
        assertThat(answered).hasValue(0);
        open.close();

        assertThat(waits.get(30, TimeUnit.SECONDS)).isEqualTo("200 a");
    }

    private int queued() {
        return pool.figures().queued();
    }
}
