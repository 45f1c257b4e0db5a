package dev.evenkeel.lb.okhttp.internal.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.NoBackendAvailableException;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.Subset;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.okhttp.Calls;
import dev.evenkeel.lb.okhttp.HedgingCallFactory;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.LoadBalancingBuilder;
import dev.evenkeel.lb.okhttp.RecordingPool;
import dev.evenkeel.lb.okhttp.TestBackend;
import dev.evenkeel.lb.okhttp.TestBackend.Wire;
import dev.evenkeel.lb.okhttp.affinity.AffinityKey;
import dev.evenkeel.lb.okhttp.affinity.RequestHint;
import dev.evenkeel.lb.okhttp.connection.Addressing;
import dev.evenkeel.lb.okhttp.connection.ConnectionPolicy;
import dev.evenkeel.lb.okhttp.internal.steering.AttachedPool;
import dev.evenkeel.lb.okhttp.internal.steering.SteeredHost;
import dev.evenkeel.lb.okhttp.retry.HedgePolicy;
import dev.evenkeel.lb.okhttp.retry.RetryPolicy;
import dev.evenkeel.lb.okhttp.route.HeaderEdit;
import dev.evenkeel.lb.okhttp.route.Route;
import dev.evenkeel.lb.okhttp.route.RouteBuilder;
import dev.evenkeel.lb.okhttp.route.Split;
import dev.evenkeel.lb.okhttp.trace.CallTrace;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import mockwebserver3.MockResponse;
import mockwebserver3.SocketEffect;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Requests on their routes: to which pool they go, and what is changed on the way. */
@Timeout(60)
class ClientRoutingTest {
    private TestBackend a;
    private TestBackend b;
    private TestBackend c;
    private RecordingPool users;
    private RecordingPool images;

    @BeforeEach
    void start() {
        a = TestBackend.start("a");
        b = TestBackend.start("b");
        c = TestBackend.start("c");
        users = RecordingPool.named("users", List.of(a.backend(), b.backend()));
        images = RecordingPool.named("images", List.of(c.backend()));
    }

    @AfterEach
    void stop() {
        users.close();
        images.close();
        List.of(a, b, c).forEach(TestBackend::close);
    }

    private LoadBalancingBuilder pools() {
        return LoadBalancing.builder().pools(users, images);
    }

    private static RouteBuilder users(String name) {
        return Route.builder(name).host("api.example.com").to("users");
    }

    private OkHttpClient client(Route... routes) {
        return pools().routes(List.of(routes)).attach(new OkHttpClient());
    }

    @Test
    void request_goesToThePoolOfItsRoute_underItsOwnHost() throws Exception {
        OkHttpClient client = client(
                Route.builder("images")
                        .host("api.example.com")
                        .pathPrefix("/images")
                        .to("images")
                        .build(),
                users("rest").build());

        assertThat(Calls.body(client, "http://api.example.com/images/1")).isEqualTo("c");
        assertThat(Calls.body(client, "http://api.example.com/x")).isEqualTo("a");
        assertThat(Calls.body(client, "http://api.example.com:8080/y")).isEqualTo("b");

        assertThat(c.requests().get(0).getHeaders().get("Host")).isEqualTo("api.example.com");
        assertThat(b.requests().get(0).getHeaders().get("Host")).isEqualTo("api.example.com:8080");
    }

    @Test
    void pool_claimsItsNameBesideTheRoutes_andRoutesComeFirst() throws Exception {
        OkHttpClient client = client(
                Route.builder("v2").host("users").pathPrefix("/v2").to("images").build());

        assertThat(Calls.body(client, "http://users/v1")).isEqualTo("a");
        assertThat(Calls.body(client, "http://users/v2")).isEqualTo("c");
        assertThat(Calls.body(client, "http://images/x")).isEqualTo("c");
    }

    @Test
    void request_thatNobodyClaims_passesUntouched() throws Exception {
        try (TestBackend other = TestBackend.start("other")) {
            OkHttpClient client = client(users("rest").build());

            try (Response response =
                    client.newCall(Calls.get(other.uri() + "/x")).execute()) {
                assertThat(response.body().string()).isEqualTo("other");
                assertThat(LoadBalancing.trace(response)).isEmpty();
            }
            assertThat(users.acquired()).isZero();
        }
    }

    @Test
    void trace_namesTheRoute() throws Exception {
        OkHttpClient client = client(users("rest").build());
        a.answer(a.named().code(503).build());

        try (Response response =
                client.newCall(Calls.get("http://api.example.com/x")).execute()) {
            CallTrace trace = LoadBalancing.trace(response).orElseThrow();
            assertThat(trace.route()).isEqualTo("rest");
            assertThat(trace.pool()).isEqualTo("users");
            assertThat(trace.attempts())
                    .extracting(attempt -> attempt.backend().id())
                    .containsExactly("a", "b");
        }
        try (Response response = client.newCall(Calls.get("http://images/x")).execute()) {
            assertThat(LoadBalancing.trace(response).orElseThrow().route()).isNull();
        }
    }

    @Test
    void failure_namesTheRoute() throws Exception {
        OkHttpClient client = client(users("rest").retries(RetryPolicy.none()).build());
        a.peek(new MockResponse.Builder()
                .onRequestStart(new SocketEffect.CloseSocket())
                .build());

        assertThatThrownBy(() -> Calls.body(
                        client,
                        new Request.Builder()
                                .url("http://api.example.com/x")
                                .post(okhttp3.RequestBody.create(new byte[1]))
                                .build()))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("pool \"users\" (route \"rest\") failed after 1 attempt: ")
                .satisfies(e -> assertThat(LoadBalancing.trace((IOException) e)
                                .orElseThrow()
                                .route())
                        .isEqualTo("rest"));
    }

    @Test
    void backend_underTwoHosts_hasConnectionsOfItsOwnForEach() throws Exception {
        HeldCertificate certificate = new HeldCertificate.Builder()
                .addSubjectAlternativeName("one.example.com")
                .addSubjectAlternativeName("two.example.com")
                .ecdsa256()
                .build();
        try (TestBackend tls = TestBackend.start("tls", Wire.H2_TLS, certificate);
                RecordingPool pool = RecordingPool.named("tls", List.of(tls.backend()))) {
            OkHttpClient client = LoadBalancing.builder()
                    .pools(pool)
                    .route(Route.builder("all").host("*.example.com").to("tls").build())
                    .attach(TestBackend.client(Wire.H2_TLS, certificate).build());
            Set<String> names = new HashSet<>();
            tls.answer(request -> {
                names.add(request.getHandshakeServerNames().toString());
                return tls.named().build();
            });

            for (int i = 0; i < 3; i++) {
                assertThat(Calls.body(client, "https://one.example.com/x")).isEqualTo("tls");
                assertThat(Calls.body(client, "https://two.example.com/x")).isEqualTo("tls");
            }

            assertThat(tls.connections()).isEqualTo(2);
            assertThat(names).containsExactlyInAnyOrder("[one.example.com]", "[two.example.com]");
        }
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void failover_staysOnTheRoute(Wire wire) throws Exception {
        HeldCertificate certificate = new HeldCertificate.Builder()
                .addSubjectAlternativeName("api.example.com")
                .ecdsa256()
                .build();
        try (TestBackend one = TestBackend.start("one", wire, certificate);
                TestBackend two = TestBackend.start("two", wire, certificate);
                RecordingPool pool = RecordingPool.of(one, two)) {
            OkHttpClient client = LoadBalancing.builder()
                    .pools(pool)
                    .route(users("all").stripPrefix("/api").build())
                    .attach(TestBackend.client(wire, certificate).build());
            one.answer(one.named().code(503).build());

            for (int i = 0; i < 5; i++) {
                assertThat(Calls.body(client, wire.scheme() + "://api.example.com/api/x"))
                        .isEqualTo("two");
            }

            assertThat(one.requests()).isNotEmpty();
            assertThat(two.requests()).hasSize(5);
            assertThat(one.requests())
                    .allSatisfy(request -> assertThat(request.getTarget()).isEqualTo("/x"));
        }
    }

    @Test
    void split_isExact() throws Exception {
        OkHttpClient client = client(Route.builder("canary")
                .host("api.example.com")
                .to(Split.builder().pool("users", 95).pool("images", 5).build())
                .build());
        List<String> answers = new ArrayList<>();

        for (int i = 0; i < 200; i++) {
            answers.add(Calls.body(client, "http://api.example.com/x"));
        }

        assertThat(answers).filteredOn("c"::equals).hasSize(10);
        // Not all at once: one of each twenty.
        for (int i = 0; i < 200; i += 20) {
            assertThat(answers.subList(i, i + 20)).filteredOn("c"::equals).hasSize(1);
        }
    }

    @Test
    void split_thatIsSticky_goesByTheKey() throws Exception {
        Split split = Split.builder()
                .pool("users", 50)
                .pool("images", 50)
                .sticky(AffinityKey.header("User"))
                .build();
        OkHttpClient one =
                client(Route.builder("split").host("api.example.com").to(split).build());
        OkHttpClient another =
                client(Route.builder("split").host("api.example.com").to(split).build());
        Set<String> pools = new HashSet<>();

        for (int user = 0; user < 30; user++) {
            Request request = new Request.Builder()
                    .url("http://api.example.com/x")
                    .header("User", "user-" + user)
                    .build();
            String pool = poolOf(one, request);
            pools.add(pool);
            for (int i = 0; i < 3; i++) {
                assertThat(poolOf(one, request)).isEqualTo(pool);
                assertThat(poolOf(another, request)).isEqualTo(pool);
            }
        }

        assertThat(pools).containsExactlyInAnyOrder("users", "images");
    }

    private static String poolOf(OkHttpClient client, Request request) throws IOException {
        try (Response response = client.newCall(request).execute()) {
            return LoadBalancing.trace(response).orElseThrow().pool();
        }
    }

    @Test
    void path_isRewrittenOnTheWireAlone() throws Exception {
        OkHttpClient client =
                client(users("api").pathPrefix("/api").stripPrefix("/api").build());

        try (Response response = client.newCall(Calls.get("http://api.example.com/api/x%2Fy?q=1"))
                .execute()) {
            HttpUrl url = HttpUrl.get("http://api.example.com/api/x%2Fy?q=1");
            assertThat(response.request().url()).isEqualTo(url);
            assertThat(response.networkResponse().request().url()).isEqualTo(url);
        }

        assertThat(a.requests().get(0).getTarget()).isEqualTo("/x%2Fy?q=1");
    }

    @Test
    void path_isRewrittenBehindTheBackendsOwnPrefix() throws Exception {
        for (Addressing addressing : Addressing.values()) {
            try (RecordingPool prefixed =
                    RecordingPool.named("prefixed", List.of(dev.evenkeel.lb.Backend.of(a.uri() + "/api")))) {
                OkHttpClient client = LoadBalancing.builder()
                        .pools(prefixed)
                        .addressing(addressing)
                        .route(Route.builder("api")
                                .host("api.example.com")
                                .to("prefixed")
                                .stripPrefix("/api")
                                .build())
                        .attach(new OkHttpClient());

                try (Response response = client.newCall(Calls.get("http://api.example.com/api/x"))
                        .execute()) {
                    assertThat(response.request().url()).hasToString("http://api.example.com/api/x");
                }
                assertThat(a.requests().get(a.requests().size() - 1).getTarget())
                        .isEqualTo("/api/x");
            }
        }
    }

    @Test
    void redirect_withinTheRoute_isRewrittenAsTheRequestWas() throws Exception {
        OkHttpClient client =
                client(users("api").pathPrefix("/api").stripPrefix("/api").build());
        a.answer(request -> request.getTarget().equals("/old")
                ? new MockResponse.Builder()
                        .code(302)
                        .setHeader("Location", "/api/new")
                        .build()
                : a.named().build());

        try (Response response =
                client.newCall(Calls.get("http://api.example.com/api/old")).execute()) {
            assertThat(response.body().string()).isEqualTo("a");
            assertThat(response.request().url()).hasToString("http://api.example.com/api/new");
        }

        assertThat(a.requests()).extracting(request -> request.getTarget()).containsExactly("/old", "/new");
    }

    @Test
    void headers_areChangedInRequestAndResponse() throws Exception {
        OkHttpClient client = client(users("api")
                .requestHeaders(HeaderEdit.set("X-Tenant", "7"), HeaderEdit.remove("X-Internal"))
                .responseHeaders(HeaderEdit.remove("Backend"), HeaderEdit.set("X-Route", "api"))
                .build());

        try (Response response = client.newCall(new Request.Builder()
                        .url("http://api.example.com/x")
                        .header("X-Internal", "1")
                        .build())
                .execute()) {
            assertThat(response.header("Backend")).isNull();
            assertThat(response.header("X-Route")).isEqualTo("api");
        }

        assertThat(a.requests().get(0).getHeaders().get("X-Tenant")).isEqualTo("7");
        assertThat(a.requests().get(0).getHeaders().get("X-Internal")).isNull();
    }

    @Test
    void headers_thatTheRouteSets_doNotFollowARedirectToAnotherHost() throws Exception {
        try (TestBackend stranger = TestBackend.start("stranger")) {
            a.answer(new MockResponse.Builder()
                    .code(302)
                    .setHeader("Location", stranger.uri() + "/x")
                    .build());
            OkHttpClient client = client(users("api")
                    .requestHeaders(HeaderEdit.set("X-Tenant", "7"), HeaderEdit.set("X-Own", "route's"))
                    .requestHeaders(HeaderEdit.set("Host", "inner"))
                    .build());

            assertThat(Calls.body(
                            client,
                            new Request.Builder()
                                    .url("http://api.example.com/x")
                                    .header("X-Own", "application's")
                                    .build()))
                    .isEqualTo("stranger");

            assertThat(a.requests().get(0).getHeaders().get("Host")).isEqualTo("inner");
            assertThat(stranger.requests().get(0).getHeaders().get("X-Tenant")).isNull();
            assertThat(stranger.requests().get(0).getHeaders().get("X-Own")).isEqualTo("application's");
            assertThat(stranger.requests().get(0).getHeaders().get("Host"))
                    .isEqualTo(HttpUrl.get(stranger.uri()).host() + ":" + stranger.server.getPort());
        }
    }

    @Test
    void retries_areTheRoutes() throws Exception {
        OkHttpClient client = client(
                users("once").pathPrefix("/once").retries(RetryPolicy.none()).build(),
                users("rest").build());
        a.answer(a.named().code(503).build());

        try (Response response =
                client.newCall(Calls.get("http://api.example.com/once")).execute()) {
            assertThat(response.code()).isEqualTo(503);
        }
        assertThat(Calls.body(client, "http://api.example.com/x")).isEqualTo("b");
        assertThat(Calls.body(client, "http://api.example.com/x")).isEqualTo("b");
    }

    @Test
    void deadline_endsACallWhoseAnswerDoesNotCome() throws Exception {
        OkHttpClient client =
                client(users("slow").timeout(Duration.ofMillis(200)).build());
        List.of(a, b)
                .forEach(backend -> backend.answer(
                        backend.named().headersDelay(30, TimeUnit.SECONDS).build()));

        assertThatThrownBy(() -> Calls.body(client, "http://api.example.com/x"))
                .isInstanceOf(InterruptedIOException.class)
                .hasMessage("timeout: route \"slow\" allows 200 ms for a call");

        // By the watchdog's thread, perhaps.
        await().untilAsserted(() -> assertThat(users.outcomes()).containsExactly(Outcome.TIMED_OUT));
        await().untilAsserted(() -> assertThat(users.inFlight()).isZero());
    }

    @Test
    void deadline_endsABodyThatDribbles() throws Exception {
        OkHttpClient client =
                client(users("slow").timeout(Duration.ofMillis(500)).build());
        a.answer(new MockResponse.Builder()
                .body("x".repeat(1_000))
                .throttleBody(1, 100, TimeUnit.MILLISECONDS)
                .build());

        try (Response response =
                client.newCall(Calls.get("http://api.example.com/x")).execute()) {
            assertThatThrownBy(() -> response.body().string())
                    .isInstanceOf(InterruptedIOException.class)
                    .hasMessage("timeout: route \"slow\" allows 500 ms for a call");
        }
        // By the watchdog's thread, perhaps.
        await().untilAsserted(() -> assertThat(users.outcomes()).containsExactly(Outcome.TIMED_OUT));
    }

    @Test
    void readTimeout_isTheRoutes() throws Exception {
        OkHttpClient client = client(users("hasty")
                .readTimeout(Duration.ofMillis(100))
                .retries(RetryPolicy.none())
                .build());
        a.answer(a.named().headersDelay(30, TimeUnit.SECONDS).build());

        assertThatThrownBy(() -> Calls.body(client, "http://api.example.com/x"))
                .isInstanceOf(java.net.SocketTimeoutException.class);
    }

    @Test
    void configuration_thatIsWrong_isRefusedWithEveryFault() {
        assertThatThrownBy(() -> client(
                        users("x").build(),
                        users("x").build(),
                        Route.builder("y").host("h").to("nobody").build()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "routes must have different names: number 1 and number 2 are called \"x\"; route \"y\": no pool is"
                                + " called \"nobody\"; there are [images, users]");
    }

    @Test
    void reconfiguration_holdsForTheNextCall_andKeepsConnections() throws Exception {
        LoadBalancingBuilder builder = pools().routes(List.of(users("rest").build()));
        OkHttpClient client = builder.attach(new OkHttpClient());
        assertThat(Calls.body(client, "http://images/x")).isEqualTo("c");
        assertThat(Calls.body(client, "http://api.example.com/x")).isEqualTo("a");

        LoadBalancing.interceptor(client)
                .orElseThrow()
                .reconfigure(builder.routes(List.of(Route.builder("rest")
                        .host("api.example.com")
                        .to("images")
                        .build())));

        assertThat(Calls.body(client, "http://api.example.com/x")).isEqualTo("c");
        assertThat(Calls.body(client, "http://images/x")).isEqualTo("c");
        assertThat(c.connections()).isEqualTo(2); // One for each host, and none for the change.
        assertThatThrownBy(() -> LoadBalancing.interceptor(client)
                        .orElseThrow()
                        .reconfigure(builder.routes(
                                List.of(Route.builder("x").to("nobody").build()))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(Calls.body(client, "http://api.example.com/x")).isEqualTo("c");
    }

    @Test
    void hostsWithoutEnd_areForgotten() {
        AttachedPool pool = AttachedPool.of(users, ConnectionPolicy.standard());
        SteeredHost first = pool.steered("host0.example.com");

        for (int i = 1; i < 5_000; i++) {
            pool.steered("host" + i + ".example.com");
        }

        assertThat(pool.hosts()).isLessThanOrEqualTo(1_001);
        assertThat(pool.steered("host0.example.com")).isNotSameAs(first);
        assertThat(pool.steered("users")).isSameAs(pool.steered("users"));
    }

    @Test
    void outcome_isClassifiedOnTheRoute() throws Exception {
        List<HttpUrl> seen = new ArrayList<>();
        OkHttpClient client = pools().outcomes(ending -> {
                    seen.add(ending.request().url());
                    return Outcome.THROTTLED;
                })
                .route(users("api").stripPrefix("/api").build())
                .attach(new OkHttpClient());

        Calls.body(client, "http://api.example.com/api/x");

        assertThat(seen).containsOnly(HttpUrl.get("http://api.example.com/api/x"));
        assertThat(users.completions())
                .extracting(RecordingPool.Completion::backend, RecordingPool.Completion::outcome)
                .containsExactly(tuple("a", Outcome.THROTTLED));
    }

    @Test
    void subset_isPartOfTheContext() throws Exception {
        List<Subset> asked = new ArrayList<>();
        Subset two = Subset.of("version", "2");
        LoadBalancer recording = (LoadBalancer) java.lang.reflect.Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {LoadBalancer.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("acquire")) {
                        asked.add(((RequestContext) arguments[0]).subset());
                    }
                    return method.invoke(users, arguments);
                });
        OkHttpClient client = LoadBalancing.builder()
                .pools(recording)
                .route(users("two").subset(two).build())
                .attach(new OkHttpClient());

        assertThatThrownBy(() -> Calls.body(client, "http://api.example.com/x"))
                .isInstanceOf(NoBackendAvailableException.class)
                .hasMessageContaining("none has version=2");
        Calls.body(client, "http://users/x");

        assertThat(asked).containsExactly(two, null);
    }

    @Test
    void subsetOfAClientOrRoute_isDeclared_andThatOfAHintIsNot() throws Exception {
        try (LoadBalancer pool = LoadBalancers.builder("versions")
                .backend(Backend.builder("http://127.0.0.1:1")
                        .metadata("version", "1")
                        .metadata("stage", "prod")
                        .build())
                .build()) {
            OkHttpClient client = LoadBalancing.builder()
                    .pools(pool)
                    .subset(Subset.of("version", "2"))
                    .route(Route.builder("canary")
                            .host("api.example.com")
                            .to("versions")
                            .subset(Subset.of("stage", "canary"))
                            .build())
                    .attach(new OkHttpClient());

            assertThatThrownBy(() -> Calls.body(client, "http://versions/")).hasMessageContaining("none has version=2");
            assertThatThrownBy(() -> Calls.body(client, "http://api.example.com/"))
                    .hasMessageContaining("none has stage=canary");
            Request hinted = new Request.Builder()
                    .url("http://versions/")
                    .tag(RequestHint.class, RequestHint.subset(Subset.of("color", "red")))
                    .build();
            assertThatThrownBy(() -> client.newCall(hinted).execute())
                    .isInstanceOf(NoBackendAvailableException.class)
                    .hasMessageContaining("pool \"versions\" has no backend available: 1 backend")
                    .hasMessageContaining("asked for color=red, but subsets by [color] are not declared"
                            + " ([stage], [version] are); declare them by SubsetPolicy.withSelector(\"color\")");
        }
    }

    @Test
    void hedging_isTheRoutes_andStaysInItsPool() throws Exception {
        OkHttpClient client = client(Route.builder("hedged")
                .host("api.example.com")
                .to(Split.builder().pool("users", 1).build())
                .hedging(HedgePolicy.builder().delay(Duration.ofMillis(20)).build())
                .build());
        HedgingCallFactory calls = LoadBalancing.hedging(
                client, HedgePolicy.builder().delay(Duration.ofHours(1)).build());
        a.answer(a.named().headersDelay(30, TimeUnit.SECONDS).build());

        try (Response response =
                calls.newCall(Calls.get("http://api.example.com/x")).execute()) {
            assertThat(response.body().string()).isEqualTo("b");
        }
    }

    @Test
    void tlsOfAnotherName_isThePoolsUnderAuto() throws Exception {
        HeldCertificate certificate = new HeldCertificate.Builder()
                .addSubjectAlternativeName("localhost")
                .ecdsa256()
                .build();
        HandshakeCertificates trusted = new HandshakeCertificates.Builder()
                .addTrustedCertificate(certificate.certificate())
                .build();
        try (TestBackend tls = TestBackend.start("tls", Wire.H2_TLS, certificate);
                RecordingPool pool = RecordingPool.named(
                        "tls", List.of(dev.evenkeel.lb.Backend.of("https://localhost:" + tls.server.getPort())))) {
            OkHttpClient client = LoadBalancing.builder()
                    .pools(pool)
                    .route(Route.builder("all")
                            .host("api.example.com")
                            .to("tls")
                            .stripPrefix("/api")
                            .build())
                    .attach(new OkHttpClient.Builder()
                            .sslSocketFactory(trusted.sslSocketFactory(), trusted.trustManager())
                            .build());

            try (Response response =
                    client.newCall(Calls.get("https://api.example.com/api/x")).execute()) {
                assertThat(response.body().string()).isEqualTo("tls");
                assertThat(response.request().url()).hasToString("https://api.example.com/api/x");
            }
            assertThat(tls.requests().get(0).getTarget()).isEqualTo("/x");
        }
    }
}
