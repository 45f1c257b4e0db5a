package dev.evenkeel.lb.okhttp.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.okhttp.Calls;
import dev.evenkeel.lb.okhttp.HedgingCallFactory;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.LoadBalancingBuilder;
import dev.evenkeel.lb.okhttp.RecordingPool;
import dev.evenkeel.lb.okhttp.TestBackend;
import dev.evenkeel.lb.okhttp.TestBackend.Wire;
import dev.evenkeel.lb.okhttp.retry.HedgePolicy;
import dev.evenkeel.lb.okhttp.retry.RetryPolicy;
import dev.evenkeel.lb.okhttp.route.Mirror;
import dev.evenkeel.lb.okhttp.route.Route;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;
import mockwebserver3.MockResponse;
import mockwebserver3.RecordedRequest;
import okhttp3.Cache;
import okhttp3.Call;
import okhttp3.EventListener;
import okhttp3.Headers;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A backend's secret reaches that backend, and nothing and nobody else. */
@Timeout(60)
class BackendCredentialsTest {
    private static final String HEADER = "X-Backend-Key";
    private static final Logger LOGGER = Logger.getLogger("dev.evenkeel.lb");

    private final List<String> logged = new CopyOnWriteArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord entry) {
            logged.add(entry.getMessage() + " " + (entry.getThrown() == null ? "" : text(entry.getThrown())));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    private TestBackend a;
    private TestBackend b;
    private TestBackend stranger;
    private RecordingPool users;

    @BeforeEach
    void start() {
        LOGGER.addHandler(handler);
        LOGGER.setLevel(Level.ALL);
        a = TestBackend.start("a");
        b = TestBackend.start("b");
        stranger = TestBackend.start("stranger");
        users = RecordingPool.of(a, b);
    }

    @AfterEach
    void stop() {
        users.close();
        List.of(a, b, stranger).forEach(TestBackend::close);
        LOGGER.removeHandler(handler);
        LOGGER.setLevel(null);
        assertThat(logged).noneMatch(line -> line.contains("secret"));
    }

    private static LoadBalancingBuilder secured(RecordingPool... pools) {
        return LoadBalancing.builder()
                .pools(pools)
                .credentials(backend -> Headers.of(HEADER, "secret-" + backend.id()));
    }

    private static List<String> keys(TestBackend backend) {
        return backend.requests().stream()
                .map(request -> request.getHeaders().get(HEADER))
                .toList();
    }

    private static String text(Throwable e) {
        StringWriter text = new StringWriter();
        e.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void failover_hasTheNextBackendsOwn(Wire wire) throws Exception {
        try (TestBackend one = TestBackend.start("one", wire);
                TestBackend two = TestBackend.start("two", wire);
                RecordingPool pool = RecordingPool.of(one, two)) {
            OkHttpClient client = secured(pool).attach(TestBackend.client(wire).build());
            one.answer(one.named().code(503).build());

            for (int i = 0; i < 4; i++) {
                assertThat(Calls.body(client, wire.scheme() + "://users/x")).isEqualTo("two");
            }

            assertThat(keys(one)).isNotEmpty().containsOnly("secret-one");
            assertThat(keys(two)).hasSize(4).containsOnly("secret-two");
        }
    }

    @Test
    void hedge_hasTheSecondBackendsOwn() throws Exception {
        a.answer(a.named().headersDelay(30, TimeUnit.SECONDS).build());
        OkHttpClient client = secured(users).attach(new OkHttpClient());
        HedgingCallFactory calls = LoadBalancing.hedging(
                client, HedgePolicy.builder().delay(Duration.ofMillis(20)).build());

        try (Response response = calls.newCall(Calls.get("http://users/x")).execute()) {
            assertThat(response.body().string()).isEqualTo("b");
        }

        assertThat(keys(a)).containsExactly("secret-a");
        assertThat(keys(b)).containsExactly("secret-b");
    }

    @Test
    void mirror_hasItsBackendsOwn() throws Exception {
        try (RecordingPool one = RecordingPool.named("one", List.of(a.backend()));
                RecordingPool two = RecordingPool.named("two", List.of(b.backend()))) {
            OkHttpClient client = secured(one, two)
                    .route(Route.builder("r")
                            .host("api")
                            .to("one")
                            .mirror(Mirror.to("two"))
                            .build())
                    .attach(new OkHttpClient());

            Calls.body(client, "http://api/x");

            await().untilAsserted(() -> assertThat(keys(b)).containsExactly("secret-b"));
            assertThat(keys(a)).containsExactly("secret-a");
        }
    }

    @Test
    void redirect_toAnotherHost_goesWithoutThem() throws Exception {
        a.answer(new MockResponse.Builder()
                .code(302)
                .setHeader("Location", stranger.uri() + "/x")
                .build());
        OkHttpClient client = secured(users).attach(new OkHttpClient());

        try (Response response = client.newCall(Calls.get("http://users/x")).execute()) {
            assertThat(response.body().string()).isEqualTo("stranger");
            checkUnknown(response);
        }

        assertThat(keys(a)).containsExactly("secret-a");
        assertThat(stranger.requests())
                .singleElement()
                .satisfies(
                        request -> assertThat(request.getHeaders().toString()).doesNotContain("secret"));
    }

    @Test
    void redirect_andChallenge_withinThePool_goWithThem() throws Exception {
        a.answer(request -> switch (request.getTarget()) {
            case "/old" ->
                new MockResponse.Builder()
                        .code(302)
                        .setHeader("Location", "/new")
                        .build();
            default ->
                request.getHeaders().get("Authorization") == null
                        ? new MockResponse.Builder()
                                .code(401)
                                .setHeader("WWW-Authenticate", "Basic realm=\"x\"")
                                .build()
                        : a.named().build();
        });
        OkHttpClient client = secured(users)
                .attach(new OkHttpClient.Builder()
                        .authenticator((route, response) -> response.request()
                                .newBuilder()
                                .header("Authorization", "Basic x")
                                .build())
                        .build());

        try (Response response = client.newCall(Calls.get("http://users/old")).execute()) {
            assertThat(response.body().string()).isEqualTo("a");
            checkUnknown(response);
        }

        assertThat(keys(a)).containsExactly("secret-a", "secret-a", "secret-a");
        assertThat(b.requests()).isEmpty();
    }

    @Test
    void redirect_fromHttpsToHttp_goesWithoutThem() throws Exception {
        try (TestBackend tls = TestBackend.start("tls", Wire.H2_TLS);
                // A port of which the pool does not know that it speaks TLS alone: the redirect is followed.
                RecordingPool pool = RecordingPool.of(List.of(Backend.builder("tcp://127.0.0.1:" + tls.server.getPort())
                        .id("tls")
                        .build()))) {
            tls.answer(new MockResponse.Builder()
                    .code(302)
                    .setHeader("Location", "http://users/plain")
                    .build());
            List<String> written = new CopyOnWriteArrayList<>();
            OkHttpClient client = secured(pool)
                    .attach(TestBackend.client(Wire.H2_TLS)
                            .retryOnConnectionFailure(false)
                            .eventListener(new EventListener() {
                                @Override
                                public void requestHeadersEnd(Call call, Request request) {
                                    written.add(request.url().scheme() + " " + request.header(HEADER));
                                }
                            })
                            .build());

            assertThatThrownBy(() -> Calls.body(client, "https://users/x")).isInstanceOf(IOException.class);

            assertThat(written).containsExactly("https secret-tls", "http null");
        }
    }

    @Test
    void responses_traces_andExceptions_doNotHaveThem() throws Exception {
        OkHttpClient client = secured(users).retries(RetryPolicy.none()).attach(new OkHttpClient());

        try (Response response = client.newCall(Calls.get("http://users/x")).execute()) {
            checkUnknown(response);
            assertThat(LoadBalancing.trace(response).orElseThrow().toString()).doesNotContain("secret");
        }
        a.close();
        b.close();
        assertThatThrownBy(() -> Calls.body(client, "http://users/x"))
                .isInstanceOf(IOException.class)
                .satisfies(e -> assertThat(text(e)).doesNotContain("secret"))
                .satisfies(e -> assertThat(LoadBalancing.trace((IOException) e)
                                .orElseThrow()
                                .toString())
                        .doesNotContain("secret"));
    }

    private static void checkUnknown(Response response) {
        for (Response known = response; known != null; known = known.priorResponse()) {
            assertThat(known.request().headers().toString()).doesNotContain("secret");
            if (known.networkResponse() != null) {
                assertThat(known.networkResponse().request().headers().toString())
                        .doesNotContain("secret");
            }
        }
    }

    @Test
    void cache_doesNotStoreThem(@TempDir Path directory) throws Exception {
        a.answer(a.named()
                .setHeader("Cache-Control", "max-age=3600")
                .setHeader("Vary", HEADER)
                .build());
        try (Cache cache = new Cache(directory.toFile(), 1_000_000)) {
            OkHttpClient client = secured(users)
                    .attach(new OkHttpClient.Builder().cache(cache).build());

            assertThat(Calls.body(client, "http://users/x")).isEqualTo("a");
            assertThat(Calls.body(client, "http://users/x")).isEqualTo("a");

            assertThat(cache.hitCount()).isEqualTo(1);
            cache.flush();
            assertThat(a.requests()).hasSize(1);
            try (Stream<Path> files = Files.walk(directory)) {
                assertThat(files.filter(Files::isRegularFile).toList())
                        .isNotEmpty()
                        .allSatisfy(
                                file -> assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                                        .doesNotContain("secret"));
            }
        }
    }

    @Test
    void networkInterceptor_ofTheClient_doesNotSeeThem() throws Exception {
        List<String> seen = new ArrayList<>();
        OkHttpClient client = secured(users)
                .attach(new OkHttpClient.Builder()
                        .addNetworkInterceptor(chain -> {
                            seen.add(chain.request().headers().toString());
                            Response response = chain.proceed(chain.request());
                            seen.add(response.request().headers().toString());
                            return response;
                        })
                        .build());

        Calls.body(client, "http://users/x");

        assertThat(seen).hasSize(2).noneMatch(headers -> headers.contains("secret"));
        assertThat(keys(a)).containsExactly("secret-a");
    }

    @Test
    void credentials_takeThePlaceOfTheApplications() throws Exception {
        OkHttpClient client = secured(users).attach(new OkHttpClient());

        Calls.body(
                client,
                new Request.Builder()
                        .url("http://users/x")
                        .header(HEADER, "forged")
                        .build());

        assertThat(a.requests().get(0).getHeaders().values(HEADER)).containsExactly("secret-a");
    }

    @Test
    void codeThatThrows_failsTheCall_andItsTextStaysUntold() {
        OkHttpClient client = LoadBalancing.builder()
                .pools(users)
                // OkHttp quotes the value in its exception.
                .credentials(backend -> Headers.of(HEADER, "secret\nmore"))
                .attach(new OkHttpClient());

        assertThatThrownBy(() -> Calls.body(client, "http://users/x"))
                .isInstanceOf(IOException.class)
                .hasMessage("pool \"users\": the credentials of backend a (" + a.uri()
                        + ") are unknown, since the code that finds them threw java.lang.IllegalArgumentException")
                .satisfies(e -> assertThat(text(e)).doesNotContain("secret"));
        assertThat(a.requests()).isEmpty();
        assertThat(b.requests()).isEmpty();
        assertThat(users.inFlight()).isZero();
    }

    @Test
    void webSocket_hasThem_butNoRedirectToAnotherHost() throws Exception {
        OkHttpClient client = secured(users).attach(new OkHttpClient());
        a.answer(new MockResponse.Builder()
                .webSocketUpgrade(new WebSocketListener() {})
                .build());
        CompletableFuture<Response> opened = new CompletableFuture<>();
        WebSocket socket = client.newWebSocket(Calls.get("http://users/x"), new WebSocketListener() {
            @Override
            public void onOpen(WebSocket webSocket, Response response) {
                opened.complete(response);
            }

            @Override
            public void onFailure(WebSocket webSocket, Throwable t, Response response) {
                opened.completeExceptionally(t);
            }
        });
        checkUnknown(opened.get());
        socket.cancel();
        assertThat(keys(a)).containsExactly("secret-a");

        b.answer(new MockResponse.Builder()
                .code(302)
                .setHeader("Location", stranger.uri() + "/x")
                .build());
        CompletableFuture<Throwable> failed = new CompletableFuture<>();
        client.newWebSocket(Calls.get("http://users/x"), new WebSocketListener() {
            @Override
            public void onFailure(WebSocket webSocket, Throwable t, Response response) {
                failed.complete(t);
            }
        });
        assertThat(failed.get())
                .hasMessageStartingWith("pool \"users\": backend b (" + b.uri() + ") redirects to another host");
        assertThat(text(failed.get())).doesNotContain("secret");
        assertThat(stranger.requests()).isEmpty();
    }

    @Test
    void bareInterceptor_sendsThem_butFollowsNoRedirectToAnotherHost() throws Exception {
        OkHttpClient client = new OkHttpClient.Builder()
                .addInterceptor(secured(users).interceptor())
                .build();

        try (Response response = client.newCall(Calls.get("http://users/x")).execute()) {
            assertThat(response.body().string()).isEqualTo("a");
            checkUnknown(response);
        }
        b.answer(new MockResponse.Builder()
                .code(302)
                .setHeader("Location", stranger.uri() + "/x")
                .build());
        assertThatThrownBy(() -> Calls.body(client, "http://users/x"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("redirects to another host")
                .satisfies(e -> assertThat(text(e)).doesNotContain("secret"));

        assertThat(keys(a)).containsExactly("secret-a");
        assertThat(keys(b)).containsExactly("secret-b");
        assertThat(stranger.requests()).extracting(RecordedRequest::getTarget).isEmpty();
        assertThat(users.inFlight()).isZero();
    }
}
