package dev.evenkeel.lb.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PoolSnapshot;
import dev.evenkeel.lb.okhttp.TestBackend.Wire;
import dev.evenkeel.lb.okhttp.trace.CallTrace;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import mockwebserver3.MockResponse;
import okhttp3.Cache;
import okhttp3.Cookie;
import okhttp3.CookieJar;
import okhttp3.Credentials;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What OkHttp keeps by URL, all backends share: cookies, credentials, the cache. */
@Timeout(60)
class CookiesAuthenticatorAndCacheTest {

    @ParameterizedTest
    @EnumSource(Wire.class)
    void cookie_withTheLogicalHostAsItsDomain_isSharedByAllBackends(Wire wire) throws Exception {
        try (TestBackend a = TestBackend.start("a", wire);
                TestBackend b = TestBackend.start("b", wire);
                TestBackend c = TestBackend.start("c", wire);
                RecordingPool pool = RecordingPool.of(a, b, c)) {
            Jar jar = new Jar();
            OkHttpClient client =
                    LoadBalancing.attach(TestBackend.client(wire).cookieJar(jar).build(), pool);
            a.answer(a.named()
                    .addHeader("Set-Cookie", "session=1; Domain=users; Path=/")
                    .addHeader("Set-Cookie", "host=2; Path=/")
                    .build());

            for (int i = 0; i < 3; i++) {
                Calls.body(client, wire.scheme() + "://users/x");
            }

            assertThat(jar.cookies)
                    .extracting(Cookie::name, Cookie::domain)
                    .containsExactlyInAnyOrder(tuple("session", "users"), tuple("host", "users"));
            for (TestBackend other : List.of(b, c)) {
                assertThat(other.requests()).hasSize(1);
                assertThat(other.requests().get(0).getHeaders().get("Cookie")).isEqualTo("session=1; host=2");
            }
        }
    }

    @Test
    void cookie_ofABackendThatIsFledFrom_isKeptForTheNext() throws Exception {
        try (TestBackend a = TestBackend.start("a");
                TestBackend b = TestBackend.start("b");
                RecordingPool pool = RecordingPool.of(a, b)) {
            OkHttpClient client = LoadBalancing.attach(
                    new OkHttpClient.Builder().cookieJar(new Jar()).build(), pool);
            a.answer(a.named().code(503).setHeader("Set-Cookie", "session=1").build());

            assertThat(Calls.body(client, "http://users/x")).isEqualTo("b");
            assertThat(b.requests().get(0).getHeaders().get("Cookie")).isEqualTo("session=1");
        }
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void challenge_isAnsweredAtTheBackendThatMadeIt_asOneAttempt(Wire wire) throws Exception {
        try (TestBackend a = TestBackend.start("a", wire);
                TestBackend b = TestBackend.start("b", wire);
                RecordingPool pool = RecordingPool.of(a, b)) {
            List<HttpUrl> challenged = new CopyOnWriteArrayList<>();
            String credentials = Credentials.basic("ada", "lovelace");
            OkHttpClient client = LoadBalancing.attach(
                    TestBackend.client(wire)
                            .authenticator((route, response) -> {
                                challenged.add(response.request().url());
                                assertThat(route.address().url().host()).isEqualTo("users");
                                return response.request()
                                        .newBuilder()
                                        .header("Authorization", credentials)
                                        .build();
                            })
                            .build(),
                    pool);
            for (TestBackend backend : List.of(a, b)) {
                backend.answer(
                        request -> credentials.equals(request.getHeaders().get("Authorization"))
                                ? backend.named().build()
                                : new MockResponse.Builder()
                                        .code(401)
                                        .setHeader("WWW-Authenticate", "Basic realm=\"users\"")
                                        .body("who are you?")
                                        .build());
            }
            String url = wire.scheme() + "://users/x";

            Calls.checkAnsweredByTheBackendLeased(client, url);
            Calls.checkAnsweredByTheBackendLeased(client, url);

            assertThat(challenged).containsExactly(HttpUrl.get(url), HttpUrl.get(url));
            assertThat(a.requests()).hasSize(2);
            assertThat(b.requests()).hasSize(2);
            assertThat(a.connections()).isEqualTo(1);
            assertThat(b.connections()).isEqualTo(1);
            assertThat(pool.outcomes()).containsExactly(Outcome.SUCCESS, Outcome.SUCCESS);
        }
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void cacheableUrl_overManyBackends_costsOneNetworkCall(Wire wire, @TempDir Path directory) throws Exception {
        try (TestBackend a = TestBackend.start("a", wire);
                TestBackend b = TestBackend.start("b", wire);
                TestBackend c = TestBackend.start("c", wire);
                TestBackend d = TestBackend.start("d", wire);
                Cache cache = new Cache(directory.toFile(), 1_000_000);
                RecordingPool pool = RecordingPool.of(a, b, c, d)) {
            OkHttpClient client =
                    LoadBalancing.attach(TestBackend.client(wire).cache(cache).build(), pool);
            List<TestBackend> backends = List.of(a, b, c, d);
            backends.forEach(backend -> backend.answer(
                    backend.named().setHeader("Cache-Control", "max-age=3600").build()));

            for (int i = 0; i < 8; i++) {
                assertThat(Calls.body(client, wire.scheme() + "://users/x")).isEqualTo("a");
            }

            assertThat(cache.networkCount()).isEqualTo(1);
            assertThat(cache.hitCount()).isEqualTo(7);
            assertThat(a.requests()).hasSize(1);
            assertThat(backends)
                    .extracting(backend -> backend.requests().size())
                    .containsExactly(1, 0, 0, 0);
            // A hit is neither a success nor a failure of the backend that was not asked.
            PoolSnapshot snapshot = pool.snapshot();
            assertThat(snapshot.inFlight()).isZero();
            assertThat(snapshot.backends()).allSatisfy(status -> {
                assertThat(status.count(Outcome.SUCCESS))
                        .isEqualTo(status.backend().id().equals("a") ? 1 : 0);
                assertThat(status.failureRate()).isZero();
                assertThat(status.outcomes().entrySet())
                        .filteredOn(count -> count.getKey().isFailure())
                        .allSatisfy(count -> assertThat(count.getValue()).isZero());
            });
            assertThat(snapshot.backend("b").latency()).isNull();
            assertThat(pool.outcomes())
                    .filteredOn(outcome -> outcome == Outcome.DISCARDED)
                    .hasSize(7);
        }
    }

    @Test
    void staleEntry_isRevalidatedAtAnotherBackend(@TempDir Path directory) throws Exception {
        try (TestBackend a = TestBackend.start("a");
                TestBackend b = TestBackend.start("b");
                Cache cache = new Cache(directory.toFile(), 1_000_000);
                RecordingPool pool = RecordingPool.of(a, b)) {
            OkHttpClient client =
                    LoadBalancing.attach(new OkHttpClient.Builder().cache(cache).build(), pool);
            a.answer(a.named()
                    .setHeader("ETag", "\"1\"")
                    .setHeader("Cache-Control", "max-age=0")
                    .build());
            b.answer(new MockResponse.Builder().code(304).build());

            assertThat(Calls.body(client, "http://users/x")).isEqualTo("a");
            try (Response response = client.newCall(Calls.get("http://users/x")).execute()) {
                assertThat(response.code()).isEqualTo(200);
                assertThat(response.body().string()).isEqualTo("a");
                assertThat(response.cacheResponse()).isNotNull();
                assertThat(response.networkResponse()).isNotNull();
                assertThat(LoadBalancing.trace(response).orElseThrow().attempts())
                        .extracting(attempt -> attempt.backend().id(), CallTrace.AttemptTrace::outcome)
                        .containsExactly(tuple("b", Outcome.SUCCESS));
            }

            assertThat(b.requests().get(0).getHeaders().get("If-None-Match")).isEqualTo("\"1\"");
            assertThat(pool.outcomes()).containsExactly(Outcome.SUCCESS, Outcome.SUCCESS);
        }
    }

    @Test
    void staleEntry_whoseRevalidationFailsAtOneBackend_isRevalidatedAtTheNext(@TempDir Path directory)
            throws Exception {
        try (TestBackend a = TestBackend.start("a");
                TestBackend b = TestBackend.start("b");
                TestBackend c = TestBackend.start("c");
                Cache cache = new Cache(directory.toFile(), 1_000_000);
                RecordingPool pool = RecordingPool.of(a, b, c)) {
            OkHttpClient client =
                    LoadBalancing.attach(new OkHttpClient.Builder().cache(cache).build(), pool);
            a.answer(a.named()
                    .setHeader("ETag", "\"1\"")
                    .setHeader("Cache-Control", "max-age=0")
                    .build());
            b.answer(b.named().code(503).build());
            c.answer(new MockResponse.Builder().code(304).build());

            assertThat(Calls.body(client, "http://users/x")).isEqualTo("a");
            assertThat(Calls.body(client, "http://users/x")).isEqualTo("a");

            assertThat(c.requests().get(0).getHeaders().get("If-None-Match")).isEqualTo("\"1\"");
            assertThat(pool.outcomes()).containsExactly(Outcome.SUCCESS, Outcome.GATEWAY_ERROR, Outcome.SUCCESS);
            assertThat(pool.inFlight()).isZero();
        }
    }

    /** Keeps cookies as the RFC says, and nothing else. */
    private static final class Jar implements CookieJar {
        private final List<Cookie> cookies = new CopyOnWriteArrayList<>();

        @Override
        public void saveFromResponse(HttpUrl url, List<Cookie> received) {
            cookies.addAll(received);
        }

        @Override
        public List<Cookie> loadForRequest(HttpUrl url) {
            List<Cookie> matching = new ArrayList<>();
            for (Cookie cookie : cookies) {
                if (cookie.matches(url)) {
                    matching.add(cookie);
                }
            }
            return matching;
        }
    }
}
