package dev.evenkeel.lb.okhttp.internal.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.okhttp.Calls;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.RecordingPool;
import dev.evenkeel.lb.okhttp.TestBackend;
import dev.evenkeel.lb.okhttp.route.Mirror;
import dev.evenkeel.lb.okhttp.route.MirrorStats;
import dev.evenkeel.lb.okhttp.route.Route;
import dev.evenkeel.lb.okhttp.route.RouteBuilder;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import mockwebserver3.MockResponse;
import mockwebserver3.SocketEffect;
import okhttp3.Cookie;
import okhttp3.CookieJar;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSink;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Copies go to another pool, and nothing of them shows. */
@Timeout(60)
class RequestMirrorTest {
    private static final String URL = "http://api.example.com/x";

    private TestBackend primary;
    private TestBackend copy;
    private RecordingPool users;
    private RecordingPool next;

    @BeforeEach
    void start() {
        primary = TestBackend.start("primary");
        copy = TestBackend.start("copy");
        users = RecordingPool.of(primary);
        next = RecordingPool.named("users-next", List.of(copy.backend()));
    }

    @AfterEach
    void stop() {
        users.close();
        next.close();
        primary.close();
        copy.close();
    }

    private OkHttpClient client(Mirror... mirrors) {
        return client(new OkHttpClient(), mirrors);
    }

    private OkHttpClient client(OkHttpClient client, Mirror... mirrors) {
        RouteBuilder route = Route.builder("mirrored").host("api.example.com").to("users");
        List.of(mirrors).forEach(route::mirror);
        return LoadBalancing.builder().pools(users, next).route(route.build()).attach(client);
    }

    private static MirrorStats figures(OkHttpClient client) {
        return LoadBalancing.mirrors(client).get(0);
    }

    @Test
    void copy_hasMethodHeadersAndBody_andIsCountedApart() throws Exception {
        OkHttpClient client = client(Mirror.to("users-next"));
        copy.answer(copy.named().code(500).build());

        assertThat(Calls.body(
                        client,
                        new Request.Builder()
                                .url(URL)
                                .header("X-A", "1")
                                .put(RequestBody.create("body", MediaType.get("text/plain")))
                                .build()))
                .isEqualTo("primary");

        await().untilAsserted(() ->
                assertThat(figures(client)).isEqualTo(new MirrorStats("mirrored", "users-next", 0, 1, 0, 0)));
        assertThat(copy.requests()).singleElement().satisfies(request -> {
            assertThat(request.getMethod()).isEqualTo("PUT");
            assertThat(request.getUrl()).hasToString(URL);
            assertThat(request.getHeaders().get("X-A")).isEqualTo("1");
            assertThat(request.getHeaders().get("Content-Type")).startsWith("text/plain");
            assertThat(request.getBody().utf8()).isEqualTo("body");
        });
        assertThat(users.outcomes()).containsExactly(Outcome.SUCCESS);
        await().untilAsserted(() -> assertThat(next.outcomes()).containsExactly(Outcome.SERVER_ERROR));
        assertThat(next.inFlight()).isZero();
    }

    /** Vector trf-mirror: 100 requests to mirrors of 10 and 50 percent, then 10. */
    @Test
    void percentages_areExact() throws Exception {
        try (TestBackend other = TestBackend.start("other");
                RecordingPool half = RecordingPool.named("half", List.of(other.backend()))) {
            OkHttpClient client = LoadBalancing.builder()
                    .pools(users, next, half)
                    .route(Route.builder("mirrored")
                            .host("api.example.com")
                            .to("users")
                            .mirror(Mirror.to("users-next").percent(10).maxInFlight(1_000))
                            .mirror(Mirror.to("half").percent(50).maxInFlight(1_000))
                            .build())
                    .attach(new OkHttpClient());

            for (int i = 0; i < 100; i++) {
                Calls.body(client, URL);
            }
            await().untilAsserted(() -> assertThat(LoadBalancing.mirrors(client))
                    .extracting(MirrorStats::succeeded, MirrorStats::skipped)
                    .containsExactly(tuple(10L, 0L), tuple(50L, 0L)));
            for (int i = 0; i < 10; i++) {
                Calls.body(client, URL);
            }
            await().untilAsserted(() -> assertThat(LoadBalancing.mirrors(client))
                    .extracting(MirrorStats::succeeded)
                    .containsExactly(11L, 55L));
        }
    }

    @Test
    void mirrorThatHangs_isBounded_andShowsNowhere() throws Exception {
        OkHttpClient client = client(Mirror.to("users-next").maxInFlight(2).timeout(Duration.ofSeconds(1)));
        copy.answer(copy.named().headersDelay(30, TimeUnit.SECONDS).build());

        for (int i = 0; i < 20; i++) {
            assertThat(Calls.body(client, URL)).isEqualTo("primary");
        }

        MirrorStats figures = figures(client);
        assertThat(figures.inFlight()).isLessThanOrEqualTo(2);
        assertThat(figures.skipped()).isPositive();
        assertThat(users.outcomes()).hasSize(20).containsOnly(Outcome.SUCCESS);
        await().untilAsserted(() -> assertThat(figures(client).inFlight()).isZero());
        assertThat(figures(client).failed() + figures(client).skipped()).isEqualTo(20);
        await().untilAsserted(() -> assertThat(next.inFlight()).isZero());
        assertThat(next.outcomes()).containsOnly(Outcome.TIMED_OUT);
    }

    @Test
    void mirrorThatFails_showsNowhere() throws Exception {
        OkHttpClient client = client(Mirror.to("users-next"));
        copy.close();

        for (int i = 0; i < 5; i++) {
            assertThat(Calls.body(client, URL)).isEqualTo("primary");
        }
        await().untilAsserted(() -> assertThat(figures(client).failed()).isEqualTo(5));
        assertThat(next.outcomes()).containsOnly(Outcome.NEVER_SENT);
    }

    @Test
    void answerThatBreaksOff_isAFailure_andOneThatIsLong_isDrained() throws Exception {
        OkHttpClient client = client(Mirror.to("users-next"));
        copy.answer(new MockResponse.Builder().body("x".repeat(2_000_000)).build());
        Calls.body(client, URL);
        await().untilAsserted(() -> assertThat(figures(client).succeeded()).isEqualTo(1));

        copy.answer(new MockResponse.Builder()
                .body("x".repeat(100_000))
                .onResponseBody(new SocketEffect.CloseSocket())
                .build());
        Calls.body(client, URL);
        await().untilAsserted(() -> assertThat(figures(client).failed()).isEqualTo(1));
        // What was drained was kept alive.
        assertThat(copy.connections()).isEqualTo(1);
    }

    @Test
    void whatCannotBeCopied_isSkipped() throws Exception {
        OkHttpClient client = client(Mirror.to("users-next").maxBodySize(4));
        RequestBody oneShot = new RequestBody() {
            @Override
            public MediaType contentType() {
                return null;
            }

            @Override
            public boolean isOneShot() {
                return true;
            }

            @Override
            public void writeTo(BufferedSink sink) throws java.io.IOException {
                sink.writeUtf8("once");
            }
        };

        for (RequestBody body : List.of(oneShot, RequestBody.create(new byte[5]))) {
            assertThat(Calls.body(
                            client, new Request.Builder().url(URL).post(body).build()))
                    .isEqualTo("primary");
        }

        assertThat(figures(client)).isEqualTo(new MirrorStats("mirrored", "users-next", 0, 0, 2, 0));
        assertThat(primary.requests().get(0).getBody().utf8()).isEqualTo("once");
        assertThat(copy.requests()).isEmpty();
    }

    @Test
    void cookies_areSent_butNotKept_andListenersAndInterceptorsHearNothing() throws Exception {
        List<Cookie> kept = new CopyOnWriteArrayList<>();
        List<String> seen = new CopyOnWriteArrayList<>();
        CookieJar jar = new CookieJar() {
            @Override
            public void saveFromResponse(HttpUrl url, List<Cookie> cookies) {
                kept.addAll(cookies);
            }

            @Override
            public List<Cookie> loadForRequest(HttpUrl url) {
                return List.of(Cookie.parse(url, "session=1"));
            }
        };
        OkHttpClient client = client(
                new OkHttpClient.Builder()
                        .cookieJar(jar)
                        .addInterceptor(chain -> {
                            seen.add("application");
                            return chain.proceed(chain.request());
                        })
                        .addNetworkInterceptor(chain -> {
                            seen.add("network");
                            return chain.proceed(chain.request());
                        })
                        .build(),
                Mirror.to("users-next"));
        copy.answer(copy.named().addHeader("Set-Cookie", "session=2").build());

        Calls.body(client, URL);

        await().untilAsserted(() -> assertThat(figures(client).succeeded()).isEqualTo(1));
        assertThat(copy.requests().get(0).getHeaders().get("Cookie")).isEqualTo("session=1");
        assertThat(kept).isEmpty();
        assertThat(seen).containsExactly("application", "network");
    }

    @Test
    void redirect_isNotFollowedByTheCopy() throws Exception {
        try (TestBackend stranger = TestBackend.start("stranger")) {
            copy.answer(new MockResponse.Builder()
                    .code(302)
                    .setHeader("Location", stranger.uri() + "/x")
                    .build());
            OkHttpClient client = client(Mirror.to("users-next"));

            Calls.body(client, URL);

            await().untilAsserted(() -> assertThat(figures(client).succeeded()).isEqualTo(1));
            assertThat(stranger.requests()).isEmpty();
        }
    }

    @Test
    void copy_hasTheRoutesPathAndHeaders() throws Exception {
        OkHttpClient client = LoadBalancing.builder()
                .pools(users, next)
                .route(Route.builder("mirrored")
                        .host("api.example.com")
                        .to("users")
                        .stripPrefix("/api")
                        .requestHeaders(dev.evenkeel.lb.okhttp.route.HeaderEdit.set("X-Route", "1"))
                        .mirror(Mirror.to("users-next"))
                        .build())
                .attach(new OkHttpClient());

        try (Response response =
                client.newCall(Calls.get("http://api.example.com/api/x")).execute()) {
            assertThat(response.code()).isEqualTo(200);
        }

        await().untilAsserted(() -> assertThat(copy.requests()).hasSize(1));
        assertThat(copy.requests().get(0).getTarget()).isEqualTo("/x");
        assertThat(copy.requests().get(0).getHeaders().get("X-Route")).isEqualTo("1");
    }
}
