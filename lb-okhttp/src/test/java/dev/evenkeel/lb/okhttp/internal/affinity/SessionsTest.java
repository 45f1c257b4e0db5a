package dev.evenkeel.lb.okhttp.internal.affinity;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Subset;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.session.SessionTable;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.TestBackend;
import dev.evenkeel.lb.okhttp.TestBackend.Wire;
import dev.evenkeel.lb.okhttp.affinity.AffinityKey;
import dev.evenkeel.lb.okhttp.affinity.RequestHint;
import dev.evenkeel.lb.okhttp.affinity.SessionCookie;
import dev.evenkeel.lb.okhttp.affinity.SessionPolicy;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import mockwebserver3.MockResponse;
import mockwebserver3.RecordedRequest;
import okhttp3.Cookie;
import okhttp3.CookieJar;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sessions over real sockets: by a cookie that servers set, by a table, by a hint. */
@Timeout(60)
class SessionsTest {
    private final List<TestBackend> servers = new ArrayList<>();
    private final Jar jar = new Jar();

    @BeforeEach
    void start() {
        for (String name : List.of("a", "b", "c")) {
            servers.add(TestBackend.start(name, Wire.H1));
        }
    }

    @AfterEach
    void stop() {
        servers.forEach(TestBackend::close);
    }

    private Backend described(TestBackend server) {
        return Backend.builder(server.uri())
                .id(server.name)
                .metadata("cookie", "s-" + server.name)
                .metadata("version", server.name.equals("c") ? "2" : "1")
                .build();
    }

    private LoadBalancer pool() {
        return LoadBalancers.builder("users")
                .strategy(Strategies.roundRobin())
                .backends(servers.stream().map(this::described).toList())
                .build();
    }

    private OkHttpClient client(LoadBalancer pool, SessionPolicy policy) {
        return LoadBalancing.builder()
                .pools(pool)
                .sessions(policy)
                .attach(TestBackend.client(Wire.H1).cookieJar(jar).build());
    }

    private TestBackend server(String name) {
        return servers.stream().filter(one -> one.name.equals(name)).findFirst().orElseThrow();
    }

    /** Servers that open a session for whoever has none, as HAProxy's or Traefik's servers would. */
    private void setCookies(String name, java.util.function.Function<TestBackend, String> value) {
        for (TestBackend server : servers) {
            server.answer(request -> hasCookie(request, name)
                    ? server.named().build()
                    : server.named()
                            .addHeader("Set-Cookie", name + "=" + value.apply(server) + "; Path=/")
                            .build());
        }
    }

    private static boolean hasCookie(RecordedRequest request, String name) {
        String cookies = request.getHeaders().get("Cookie");
        return cookies != null && cookies.contains(name + "=");
    }

    private static Request.Builder request() {
        return new Request.Builder().url("http://users/x");
    }

    private static String met(OkHttpClient client, Request.Builder request) throws IOException {
        try (Response response = client.newCall(request.build()).execute()) {
            response.body().string();
            return requireNonNull(response.header("Backend"));
        }
    }

    private static void assertMeets(OkHttpClient client, Request.Builder request, String backend) throws IOException {
        for (int i = 0; i < 6; i++) {
            assertThat(met(client, request)).isEqualTo(backend);
        }
    }

    // By cookie.

    @ParameterizedTest
    @ValueSource(strings = {"id", "metadata", "uriHash", "prefix", "suffix"})
    void cookieThatTheServerSets_bindsTheSession(String naming) throws Exception {
        SessionCookie cookie = SessionCookie.of("SRV");
        switch (naming) {
            case "id" -> setCookies("SRV", server -> server.name);
            case "metadata" -> {
                cookie = cookie.byMetadata("cookie");
                setCookies("SRV", server -> "s-" + server.name);
            }
            case "uriHash" -> {
                cookie = cookie.byUriHash();
                setCookies(
                        "SRV",
                        server ->
                                CookieBackendLookup.nameOf(SessionCookie.of("x").byUriHash(), described(server)));
            }
            case "prefix" -> {
                cookie = cookie.byMetadata("cookie").in(SessionCookie.ValuePart.BEFORE_TILDE);
                setCookies("SRV", server -> "s-" + server.name + "~4711");
            }
            default -> {
                cookie = cookie.in(SessionCookie.ValuePart.AFTER_DOT);
                setCookies("SRV", server -> "4711.x." + server.name);
            }
        }
        try (LoadBalancer pool = pool()) {
            OkHttpClient client = client(pool, SessionPolicy.byCookie(cookie));
            Set<String> homes = new HashSet<>();
            for (int session = 0; session < 3; session++) {
                jar.clear();
                String home = met(client, request());
                homes.add(home);
                assertMeets(client, request(), home);
            }
            assertThat(homes).hasSize(3);
        }
    }

    @Test
    void uriHash_isTraefiks() {
        // printf %s http://10.0.0.1:8080 | sha256sum
        assertThat(CookieBackendLookup.nameOf(SessionCookie.of("x").byUriHash(), Backend.of("http://10.0.0.1:8080")))
                .isEqualTo("cc3dd0c247d6ff41");
    }

    @Test
    void cookieInTheRequestItself_binds() throws Exception {
        try (LoadBalancer pool = pool()) {
            OkHttpClient client = client(pool, SessionPolicy.byCookie(SessionCookie.of("SRV")));

            assertMeets(client, request().header("Cookie", "a=1; SRV=b ; c=2"), "b");
            assertMeets(client, request().header("Cookie", "SRV=\"c\""), "c");
        }
    }

    @Test
    void unknownOrExpiredCookie_bindsNothing() throws Exception {
        try (LoadBalancer pool = pool()) {
            OkHttpClient client = client(pool, SessionPolicy.byCookie(SessionCookie.of("SRV")));
            jar.put(cookie("b", System.currentTimeMillis() - 1_000));
            Set<String> met = new HashSet<>();
            for (int i = 0; i < 3; i++) {
                met.add(met(client, request()));
            }
            assertThat(met).hasSize(3);

            jar.clear();
            met.clear();
            for (int i = 0; i < 3; i++) {
                met.add(met(client, request().header("Cookie", "SRV=zz; srv=a")));
            }
            assertThat(met).hasSize(3);
        }
    }

    @Test
    void cookie_bindsToADrainingBackend_fromItsFirstAnswerOn() throws Exception {
        setCookies("SRV", server -> server.name);
        try (LoadBalancer pool = pool()) {
            OkHttpClient client = client(pool, SessionPolicy.byCookie(SessionCookie.of("SRV")));
            String home = met(client, request());

            var drained = pool.registry().drain(home).toCompletableFuture();

            assertThat(drained).isNotDone();
            assertMeets(client, request(), home);
            jar.clear();
            assertThat(met(client, request())).isNotEqualTo(home);
            pool.registry().maintenance(home);
            jar.clear();
            jar.put(cookie(home, Long.MAX_VALUE));
            assertThat(met(client, request())).isNotEqualTo(home);
        }
    }

    @Test
    void names_followThePoolsList() throws Exception {
        try (LoadBalancer pool = pool()) {
            OkHttpClient client =
                    client(pool, SessionPolicy.byCookie(SessionCookie.of("SRV").byMetadata("cookie")));
            Backend a = described(server("a"));
            Backend renamed =
                    Backend.builder(a.uri()).id("a").metadata("cookie", "new").build();
            pool.registry().replaceAll(List.of(renamed, described(server("b")), described(server("c"))));

            assertMeets(client, request().header("Cookie", "SRV=new"), "a");
        }
    }

    // By table.

    @Test
    void table_remembers_moves_andStays() throws Exception {
        try (LoadBalancer pool = pool()) {
            OkHttpClient client = client(pool, SessionPolicy.byTable(AffinityKey.header("X-User")));
            Request.Builder ann = request().header("X-User", "ann");
            String first = met(client, ann);
            assertMeets(client, ann, first);

            TestBackend gone = server(first);
            gone.answer(request -> new MockResponse.Builder().code(503).build());
            String second = met(client, ann);

            assertThat(second).isNotEqualTo(first);
            gone.answer(request -> gone.named().build());
            assertMeets(client, ann, second);
            assertThat(pool.snapshot().inFlight()).isZero();
        }
    }

    @Test
    void table_survivesTheDeathOfAServer() throws Exception {
        try (LoadBalancer pool = pool()) {
            OkHttpClient client = client(pool, SessionPolicy.byTable(AffinityKey.cookie("SID")));
            Request.Builder bob = request().header("Cookie", "SID=bob");
            String first = met(client, bob);
            server(first).close();

            String second = met(client, bob);

            assertThat(second).isNotEqualTo(first);
            assertMeets(client, bob, second);
        }
    }

    @Test
    void table_keepsASessionOnADrainingBackend_untilTheDrainEnds() throws Exception {
        try (LoadBalancer pool = pool()) {
            OkHttpClient client = client(pool, SessionPolicy.byTable(AffinityKey.header("X-User")));
            Request.Builder ann = request().header("X-User", "ann");
            String first = met(client, ann);

            var drained = pool.registry()
                    .drain(first, java.time.Duration.ofSeconds(2))
                    .toCompletableFuture();
            assertThat(met(client, ann)).isEqualTo(first);
            drained.get(30, TimeUnit.SECONDS);

            String second = met(client, ann);
            assertThat(second).isNotEqualTo(first);
            pool.registry().activate(first);
            assertMeets(client, ann, second);
        }
    }

    @Test
    void sharedTable_isOneForTwoClients() throws Exception {
        SessionTable table = SessionTable.create();
        try (LoadBalancer pool = pool()) {
            SessionPolicy policy =
                    SessionPolicy.byTable(AffinityKey.header("X-User")).withSharedTable(table);
            OkHttpClient one = client(pool, policy);
            OkHttpClient other = client(pool, policy);
            Request.Builder ann = request().header("X-User", "ann");

            assertMeets(other, ann, met(one, ann));
            assertThat(table.size()).isEqualTo(1);
            met(one, request());
            assertThat(table.size()).isEqualTo(1);
        }
    }

    @Test
    void cookieGoesBeforeTheTable_whichRemembersWhereItLed() throws Exception {
        try (LoadBalancer pool = pool()) {
            OkHttpClient client = client(
                    pool, SessionPolicy.byTable(AffinityKey.header("X-User")).withCookie(SessionCookie.of("SRV")));
            Request.Builder ann = request().header("X-User", "ann");
            met(client, ann);

            assertThat(met(client, request().header("X-User", "ann").header("Cookie", "SRV=c")))
                    .isEqualTo("c");
            assertMeets(client, ann, "c");
        }
    }

    // WebSockets.

    @Test
    void webSocket_opensAtItsDrainingBackend() throws Exception {
        for (TestBackend server : servers) {
            server.answer(request ->
                    request.getHeaders().get("Upgrade") == null ? server.named().build() : echo(server.name));
        }
        try (LoadBalancer pool = pool()) {
            OkHttpClient client = client(pool, SessionPolicy.byTable(AffinityKey.header("X-User")));
            Request.Builder ann = request().header("X-User", "ann");
            String home = met(client, ann);
            var drained = pool.registry().drain(home).toCompletableFuture();

            BlockingQueue<String> answers = new LinkedBlockingQueue<>();
            CompletableFuture<WebSocket> opened = new CompletableFuture<>();
            client.newWebSocket(ann.build(), new WebSocketListener() {
                @Override
                public void onOpen(WebSocket webSocket, Response response) {
                    opened.complete(webSocket);
                }

                @Override
                public void onMessage(WebSocket webSocket, String text) {
                    answers.add(text);
                }

                @Override
                public void onFailure(WebSocket webSocket, Throwable t, Response response) {
                    opened.completeExceptionally(t);
                }
            });
            WebSocket socket = opened.get(30, TimeUnit.SECONDS);
            socket.send("hello");

            assertThat(answers.poll(30, TimeUnit.SECONDS)).isEqualTo(home + ": hello");
            assertThat(pool.snapshot().backend(home).inFlight()).isEqualTo(1);
            assertThat(drained).isNotDone();
            socket.close(1000, null);
            org.awaitility.Awaitility.await()
                    .atMost(java.time.Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(pool.snapshot().inFlight()).isZero());
        }
    }

    private static MockResponse echo(String name) {
        return new MockResponse.Builder()
                .webSocketUpgrade(new WebSocketListener() {
                    @Override
                    public void onMessage(WebSocket webSocket, String text) {
                        webSocket.send(name + ": " + text);
                    }

                    @Override
                    public void onClosing(WebSocket webSocket, int code, String reason) {
                        webSocket.close(code, reason);
                    }
                })
                .build();
    }

    // Hints and subsets.

    @Test
    void hint_goesBeforeEverythingElse() throws Exception {
        try (LoadBalancer pool = pool()) {
            OkHttpClient client = LoadBalancing.builder()
                    .pools(pool)
                    .subset(Subset.of("version", "1"))
                    .sessions(SessionPolicy.byCookie(SessionCookie.of("SRV")))
                    .attach(TestBackend.client(Wire.H1).build());

            Set<String> met = new HashSet<>();
            for (int i = 0; i < 6; i++) {
                met.add(met(client, request()));
            }
            assertThat(met).containsExactlyInAnyOrder("a", "b");
            assertMeets(client, request().tag(RequestHint.class, RequestHint.subset(Subset.of("version", "2"))), "c");
            assertMeets(
                    client, request().header("Cookie", "SRV=b").tag(RequestHint.class, RequestHint.backend("a")), "a");
            assertMeets(client, request().header("Cookie", "SRV=b"), "b");
            assertThatThrownBy(() -> met(
                            client,
                            request()
                                    .tag(
                                            RequestHint.class,
                                            RequestHint.subset(Subset.of("version", "3"))
                                                    .withBackend("a"))))
                    .hasMessageContaining("none has version=3");
        }
    }

    @Test
    void codeThatThrows_failsTheCall() {
        try (LoadBalancer pool = pool()) {
            OkHttpClient client = client(pool, SessionPolicy.byTable(request -> {
                throw new IllegalStateException("no user");
            }));
            assertThatThrownBy(() -> met(client, request()))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("the session of GET http://users/... is unknown");
            assertThat(pool.snapshot().inFlight()).isZero();
        }
    }

    @Test
    void badPolicies_areRefused() {
        assertThatThrownBy(() -> SessionCookie.of("a b"))
                .hasMessage("cookie name must be a token of RFC 6265: \"a b\"");
        assertThatThrownBy(() ->
                        new SessionCookie("a", SessionCookie.Naming.METADATA, null, SessionCookie.ValuePart.WHOLE))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> SessionPolicy.byCookie(SessionCookie.of("a")).withSharedTable(SessionTable.create()))
                .hasMessageStartingWith("session table must have a key");
        assertThatThrownBy(() -> SessionPolicy.byTable(AffinityKey.path()).withMaxSessions(0))
                .hasMessageContaining("maxSessions");
        assertThatThrownBy(() -> LoadBalancing.builder().sessions(null)).hasMessage("sessions must not be null");
        assertThatThrownBy(() -> LoadBalancing.builder().subset(null)).hasMessage("subset must not be null");
    }

    private static Cookie cookie(String value, long expiresAt) {
        return new Cookie.Builder()
                .name("SRV")
                .value(value)
                .domain("users")
                .expiresAt(expiresAt)
                .build();
    }

    /** Keeps what it is given, even beyond its time, as simple jars do. */
    private static final class Jar implements CookieJar {
        private final ConcurrentHashMap<String, Cookie> cookies = new ConcurrentHashMap<>();

        void put(Cookie cookie) {
            cookies.put(cookie.name(), cookie);
        }

        void clear() {
            cookies.clear();
        }

        @Override
        public List<Cookie> loadForRequest(HttpUrl url) {
            return cookies.values().stream()
                    .filter(cookie -> cookie.matches(url))
                    .toList();
        }

        @Override
        public void saveFromResponse(HttpUrl url, List<Cookie> set) {
            set.forEach(this::put);
        }
    }
}
