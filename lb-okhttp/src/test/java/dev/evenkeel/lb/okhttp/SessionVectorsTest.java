package dev.evenkeel.lb.okhttp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.okhttp.TestBackend.Wire;
import dev.evenkeel.lb.okhttp.affinity.SessionCookie;
import dev.evenkeel.lb.okhttp.affinity.SessionPolicy;
import dev.evenkeel.lb.okhttp.internal.http.Cookies;
import dev.evenkeel.lb.okhttp.retry.RetryPolicy;
import java.util.ArrayList;
import java.util.List;
import mockwebserver3.MockResponse;
import okhttp3.Cookie;
import okhttp3.CookieJar;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What nginx's own tests expect of its {@code sticky} (nginx/nginx-tests@76bb761c). */
@Timeout(60)
class SessionVectorsTest {
    private final List<TestBackend> servers = new ArrayList<>();

    @AfterEach
    void stop() {
        servers.forEach(TestBackend::close);
    }

    /** ngx-sticky-failover, upstream_sticky_next.t: each server is tried exactly once, the sticky one first. */
    @ParameterizedTest
    @ValueSource(strings = {"roundRobin", "leastConnections", "ipHash"})
    void failedSession_triesEachServerOnce(String algorithm) throws Exception {
        for (String name : List.of("server1", "server2")) {
            TestBackend server = TestBackend.start(name, Wire.H1);
            server.answer(new MockResponse.Builder().code(404).build());
            servers.add(server);
        }
        try (LoadBalancer pool = LoadBalancers.builder("users")
                .strategy(Strategies.byName(algorithm))
                .backends(servers.stream().map(TestBackend::backend).toList())
                .build()) {
            OkHttpClient client = LoadBalancing.builder()
                    .pools(pool)
                    .sessions(SessionPolicy.byCookie(SessionCookie.of("sticky")))
                    .retries(RetryPolicy.builder().statuses(404).build())
                    .attach(TestBackend.client(Wire.H1).build());
            Request request = new Request.Builder()
                    .url("http://users/x")
                    .header("Cookie", "sticky=server2")
                    .build();

            try (Response response = client.newCall(request).execute()) {
                assertThat(response.code()).isEqualTo(404);
                assertThat(LoadBalancing.trace(response).orElseThrow().attempts())
                        .extracting(attempt -> attempt.backend().id())
                        .containsExactly("server2", "server1");
            }
            assertThat(servers)
                    .allSatisfy(server -> assertThat(server.requests()).hasSize(1));
        }
    }

    /**
     * ngx-sticky-maxage and ngx-sticky-maxage-max, upstream_sticky.t: {@code expires=1h 3m} and {@code expires=max} are sent as
     * these ages. The session is bound for as long, and not a second longer.
     */
    @ParameterizedTest
    @CsvSource({"ngx-sticky-maxage, 3780", "ngx-sticky-maxage-max, 315360000"})
    void cookie_bindsAsLongAsNginxSays(String vector, long maxAgeSeconds) {
        HttpUrl url = HttpUrl.get("http://users/x");
        long before = System.currentTimeMillis();
        Cookie cookie = Cookie.parse(url, "sticky=server2; max-age=" + maxAgeSeconds + "; path=/");
        assertThat(cookie).as(vector).isNotNull();
        assertThat(cookie.expiresAt() - maxAgeSeconds * 1_000).isBetween(before, System.currentTimeMillis());
        CookieJar jar = new CookieJar() {
            @Override
            public List<Cookie> loadForRequest(HttpUrl any) {
                return List.of(cookie);
            }

            @Override
            public void saveFromResponse(HttpUrl any, List<Cookie> cookies) {}
        };
        Request request = new Request.Builder().url(url).build();

        assertThat(Cookies.value(request, jar, "sticky", cookie.expiresAt() - 1))
                .isEqualTo("server2");
        assertThat(Cookies.value(request, jar, "sticky", cookie.expiresAt())).isNull();
    }
}
