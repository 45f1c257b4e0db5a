package dev.evenkeel.lb.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.okhttp.route.HeaderEdit;
import dev.evenkeel.lb.okhttp.route.Route;
import java.net.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import mockwebserver3.MockResponse;
import okhttp3.Cache;
import okhttp3.Cookie;
import okhttp3.CookieJar;
import okhttp3.Credentials;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whatever OkHttp keeps by URL goes by the one that was asked for, whichever route, pool and backend has the request. */
@Timeout(60)
class RoutesAndCacheTest {
    @TempDir
    private Path directory;

    private TestBackend a;
    private TestBackend b;
    private RecordingPool one;
    private RecordingPool two;
    private Cache cache;

    @BeforeEach
    void start() {
        a = TestBackend.start("a");
        b = TestBackend.start("b");
        one = RecordingPool.named("one", List.of(a.backend()));
        two = RecordingPool.named("two", List.of(b.backend()));
        cache = new Cache(directory.toFile(), 1_000_000);
    }

    @AfterEach
    void stop() throws Exception {
        cache.close();
        one.close();
        two.close();
        a.close();
        b.close();
    }

    /** Two versions of one service: each beneath a prefix of its own that its backends do not know. */
    private OkHttpClient versions(OkHttpClient.Builder client) {
        return versions().attach(client.build());
    }

    private LoadBalancingBuilder versions() {
        return LoadBalancing.builder()
                .pools(one, two)
                .routes(List.of(
                        Route.builder("v1")
                                .host("api")
                                .pathPrefix("/v1")
                                .stripPrefix("/v1")
                                .to("one")
                                .build(),
                        Route.builder("v2")
                                .host("api")
                                .pathPrefix("/v2")
                                .stripPrefix("/v2")
                                .to("two")
                                .build()));
    }

    private static MockResponse cacheable(TestBackend backend) {
        return backend.named().setHeader("Cache-Control", "max-age=3600").build();
    }

    @Test
    void pathsThatBecomeOneOnTheWire_areTwoEntriesInTheCache() throws Exception {
        OkHttpClient client = versions(new OkHttpClient.Builder().cache(cache));
        a.answer(cacheable(a));
        b.answer(cacheable(b));

        for (int i = 0; i < 3; i++) {
            assertThat(Calls.body(client, "http://api/v1/users")).isEqualTo("a");
            assertThat(Calls.body(client, "http://api/v2/users")).isEqualTo("b");
        }

        assertThat(a.requests()).hasSize(1);
        assertThat(b.requests()).hasSize(1);
        assertThat(a.requests().get(0).getTarget()).isEqualTo("/users");
        List<String> urls = new ArrayList<>();
        for (Iterator<String> each = cache.urls(); each.hasNext(); ) {
            urls.add(each.next());
        }
        assertThat(urls).containsExactlyInAnyOrder("http://api/v1/users", "http://api/v2/users");
    }

    @Test
    void post_invalidatesWhatAGetHasStored_andNothingElse() throws Exception {
        OkHttpClient client = versions(new OkHttpClient.Builder().cache(cache));
        a.answer(cacheable(a));
        b.answer(cacheable(b));
        Calls.body(client, "http://api/v1/users");
        Calls.body(client, "http://api/v2/users");

        Calls.body(
                client,
                new Request.Builder()
                        .url("http://api/v1/users")
                        .post(RequestBody.create(new byte[1]))
                        .build());
        Calls.body(client, "http://api/v1/users");
        Calls.body(client, "http://api/v2/users");

        assertThat(a.requests()).hasSize(3);
        assertThat(b.requests()).hasSize(1);
    }

    @Test
    void vary_byWhatARouteSets_keepsVariantsApart() throws Exception {
        OkHttpClient client = LoadBalancing.builder()
                .pools(one)
                .route(Route.builder("gold")
                        .host("api")
                        .header("X-Tier", "gold")
                        .requestHeaders(HeaderEdit.set("X-Variant", "rich"))
                        .to("one")
                        .build())
                .route(Route.builder("rest")
                        .host("api")
                        .requestHeaders(HeaderEdit.set("X-Variant", "plain"))
                        .to("one")
                        .build())
                .attach(new OkHttpClient.Builder().cache(cache).build());
        a.answer(request -> new MockResponse.Builder()
                .body(request.getHeaders().get("X-Variant"))
                .setHeader("Cache-Control", "max-age=3600")
                .setHeader("Vary", "X-Variant")
                .build());
        Request gold = new Request.Builder()
                .url("http://api/x")
                .header("X-Tier", "gold")
                .build();

        assertThat(Calls.body(client, gold)).isEqualTo("rich");
        assertThat(Calls.body(client, gold)).isEqualTo("rich");
        assertThat(a.requests()).hasSize(1);
        assertThat(Calls.body(client, "http://api/x")).isEqualTo("plain");
        assertThat(Calls.body(client, "http://api/x")).isEqualTo("plain");
        assertThat(a.requests()).hasSize(2);
    }

    @Test
    void staleEntry_isRevalidatedOverItsRoute() throws Exception {
        OkHttpClient client = versions(new OkHttpClient.Builder().cache(cache));
        a.answer(request -> request.getHeaders().get("If-None-Match") == null
                ? a.named()
                        .setHeader("ETag", "\"1\"")
                        .setHeader("Cache-Control", "max-age=0")
                        .build()
                : new MockResponse.Builder().code(304).build());

        assertThat(Calls.body(client, "http://api/v1/users")).isEqualTo("a");
        try (Response response =
                client.newCall(Calls.get("http://api/v1/users")).execute()) {
            assertThat(response.body().string()).isEqualTo("a");
            assertThat(response.code()).isEqualTo(200);
            assertThat(response.cacheResponse()).isNotNull();
            assertThat(response.networkResponse().code()).isEqualTo(304);
            assertThat(response.request().url()).hasToString("http://api/v1/users");
        }

        assertThat(a.requests()).extracting(request -> request.getTarget()).containsExactly("/users", "/users");
        assertThat(a.requests().get(1).getHeaders().get("If-None-Match")).isEqualTo("\"1\"");
    }

    @Test
    void responseHeaders_thatARouteSets_areWhatTheCacheGoesBy() throws Exception {
        OkHttpClient client = LoadBalancing.builder()
                .pools(one)
                .route(Route.builder("kept")
                        .host("api")
                        .responseHeaders(HeaderEdit.set("Cache-Control", "max-age=3600"))
                        .to("one")
                        .build())
                .attach(new OkHttpClient.Builder().cache(cache).build());

        Calls.body(client, "http://api/x");
        Calls.body(client, "http://api/x");

        assertThat(a.requests()).hasSize(1);
    }

    @Test
    void bareInterceptor_doesNotCacheRewrittenPaths() throws Exception {
        OkHttpClient client = new OkHttpClient.Builder()
                .cache(cache)
                .addInterceptor(versions().interceptor())
                .build();
        a.answer(cacheable(a));
        b.answer(cacheable(b));

        for (int i = 0; i < 2; i++) {
            try (Response response =
                    client.newCall(Calls.get("http://api/v1/users")).execute()) {
                assertThat(response.body().string()).isEqualTo("a");
                assertThat(response.request().url()).hasToString("http://api/v1/users");
            }
            assertThat(Calls.body(client, "http://api/v2/users")).isEqualTo("b");
        }

        assertThat(a.requests()).hasSize(2);
        assertThat(b.requests()).hasSize(2);
    }

    @Test
    void challenge_isAnsweredAtTheBackendThatMadeIt() throws Exception {
        String credentials = Credentials.basic("ada", "lovelace");
        List<HttpUrl> challenged = new CopyOnWriteArrayList<>();
        try (RecordingPool both = RecordingPool.named("both", List.of(a.backend(), b.backend()))) {
            OkHttpClient client = LoadBalancing.builder()
                    .pools(both)
                    .route(Route.builder("r")
                            .host("api")
                            .stripPrefix("/api")
                            .to("both")
                            .build())
                    .attach(new OkHttpClient.Builder()
                            .authenticator((route, response) -> {
                                challenged.add(response.request().url());
                                return response.request()
                                        .newBuilder()
                                        .header("Authorization", credentials)
                                        .build();
                            })
                            .build());
            for (TestBackend backend : List.of(a, b)) {
                backend.answer(
                        request -> credentials.equals(request.getHeaders().get("Authorization"))
                                ? backend.named().build()
                                : new MockResponse.Builder()
                                        .code(401)
                                        .setHeader("WWW-Authenticate", "Basic realm=\"users\"")
                                        .build());
            }

            Calls.checkAnsweredByTheBackendLeased(client, "http://api/api/x");
            Calls.checkAnsweredByTheBackendLeased(client, "http://api/api/x");

            assertThat(challenged).hasSize(2).containsOnly(HttpUrl.get("http://api/api/x"));
            for (TestBackend backend : List.of(a, b)) {
                assertThat(backend.requests())
                        .hasSize(2)
                        .allSatisfy(request -> assertThat(request.getTarget()).isEqualTo("/x"));
                assertThat(backend.connections()).isEqualTo(1);
            }
        }
    }

    @Test
    void challengeOfAProxy_isAnsweredOnTheWayToTheSameBackend() throws Exception {
        List<String> wanted = new CopyOnWriteArrayList<>();
        try (TestBackend proxy = TestBackend.start("proxy");
                RecordingPool both = RecordingPool.named("both", List.of(a.backend(), b.backend()))) {
            proxy.answer(request -> {
                wanted.add(request.getTarget());
                return request.getHeaders().get("Proxy-Authorization") != null
                        ? proxy.named().build()
                        : new MockResponse.Builder()
                                .code(407)
                                .setHeader("Proxy-Authenticate", "Basic realm=\"proxy\"")
                                .build();
            });
            OkHttpClient client = LoadBalancing.builder()
                    .pools(both)
                    .route(Route.builder("r").host("api").to("both").build())
                    .attach(new OkHttpClient.Builder()
                            .proxy(new Proxy(Proxy.Type.HTTP, proxy.server.getSocketAddress()))
                            .proxyAuthenticator((route, response) -> response.request()
                                    .newBuilder()
                                    .header("Proxy-Authorization", Credentials.basic("ada", "lovelace"))
                                    .build())
                            .build());

            Calls.body(client, "http://api/x");
            Calls.body(client, "http://api/x");

            assertThat(wanted).containsExactly(a.uri() + "/x", a.uri() + "/x", b.uri() + "/x", b.uri() + "/x");
            assertThat(both.outcomes()).containsExactly(Outcome.SUCCESS, Outcome.SUCCESS);
        }
    }

    @Test
    void cookie_withAPath_isForThePathThatTheApplicationUses() throws Exception {
        List<Cookie> kept = new CopyOnWriteArrayList<>();
        OkHttpClient client = versions(new OkHttpClient.Builder().cookieJar(new CookieJar() {
            @Override
            public void saveFromResponse(HttpUrl url, List<Cookie> cookies) {
                kept.addAll(cookies);
            }

            @Override
            public List<Cookie> loadForRequest(HttpUrl url) {
                return kept.stream().filter(cookie -> cookie.matches(url)).toList();
            }
        }));
        a.answer(a.named().setHeader("Set-Cookie", "s=1; Path=/v1").build());

        Calls.body(client, "http://api/v1/users");
        Calls.body(client, "http://api/v1/users");
        Calls.body(client, "http://api/v2/users");

        assertThat(a.requests().get(1).getHeaders().get("Cookie")).isEqualTo("s=1");
        assertThat(b.requests().get(0).getHeaders().get("Cookie")).isNull();
    }

    @Test
    void webSocket_takesItsRoute() throws Exception {
        OkHttpClient client = versions(new OkHttpClient.Builder());
        b.answer(new MockResponse.Builder()
                .webSocketUpgrade(new WebSocketListener() {
                    @Override
                    public void onOpen(WebSocket webSocket, Response response) {
                        webSocket.send("hello");
                    }
                })
                .build());
        CompletableFuture<String> message = new CompletableFuture<>();
        WebSocket socket = client.newWebSocket(Calls.get("http://api/v2/chat"), new WebSocketListener() {
            @Override
            public void onMessage(WebSocket webSocket, String text) {
                message.complete(text);
            }

            @Override
            public void onFailure(WebSocket webSocket, Throwable t, Response response) {
                message.completeExceptionally(t);
            }
        });

        assertThat(message.get()).isEqualTo("hello");
        assertThat(b.requests().get(0).getTarget()).isEqualTo("/chat");
        socket.cancel();
    }
}
