package dev.evenkeel.lb.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.okhttp.TestBackend.Wire;
import dev.evenkeel.lb.okhttp.connection.Addressing;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import mockwebserver3.MockResponse;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A redirect to the logical host stays in the pool, one to another host leaves it. */
@Timeout(60)
class RedirectsTest {
    private static final HeldCertificate BOTH = new HeldCertificate.Builder()
            .addSubjectAlternativeName("users")
            .addSubjectAlternativeName("elsewhere")
            .ecdsa256()
            .build();

    @ParameterizedTest
    @EnumSource(Wire.class)
    void toAnotherHost_isNotSteered(Wire wire) throws Exception {
        try (TestBackend a = TestBackend.start("a", wire, BOTH);
                TestBackend b = TestBackend.start("b", wire, BOTH);
                TestBackend elsewhere = TestBackend.start("elsewhere", wire, BOTH);
                RecordingPool pool = RecordingPool.of(a, b)) {
            String there = wire.scheme() + "://elsewhere:" + elsewhere.server.getPort() + "/there";
            a.answer(redirect(there));
            b.answer(redirect(there));
            OkHttpClient client = LoadBalancing.attach(client(wire), pool);

            for (int i = 0; i < 4; i++) {
                try (Response response =
                        client.newCall(Calls.get(wire.scheme() + "://users/x")).execute()) {
                    assertThat(response.body().string()).isEqualTo("elsewhere");
                    assertThat(response.request().url().toString()).isEqualTo(there);
                }
            }

            assertThat(elsewhere.requests())
                    .hasSize(4)
                    .allSatisfy(request -> assertThat(request.getUrl().host()).isEqualTo("elsewhere"));
            assertThat(a.requests()).hasSize(2);
            assertThat(b.requests()).hasSize(2);
            assertThat(pool.outcomes()).hasSize(4).containsOnly(Outcome.SUCCESS);
        }
    }

    @Test
    void toAnotherHost_thatFails_isNotTheBackendsFaultAndNotTriedAgain() throws Exception {
        try (TestBackend a = TestBackend.start("a");
                TestBackend b = TestBackend.start("b");
                TestBackend elsewhere = TestBackend.start("elsewhere");
                RecordingPool pool = RecordingPool.of(a, b)) {
            String there = "http://elsewhere:" + elsewhere.server.getPort() + "/there";
            a.answer(redirect(there));
            OkHttpClient client = LoadBalancing.attach(client(Wire.H1), pool);

            elsewhere.answer(elsewhere.named().code(503).build());
            try (Response response = client.newCall(Calls.get("http://users/x")).execute()) {
                assertThat(response.code()).isEqualTo(503);
                assertThat(response.body().string()).isEqualTo("elsewhere");
            }
            assertThat(Calls.body(client, "http://users/x")).isEqualTo("b");
            elsewhere.close();
            client.connectionPool().evictAll();
            assertThatThrownBy(() -> Calls.body(client, "http://users/x")).isInstanceOf(IOException.class);

            assertThat(a.requests()).hasSize(2);
            assertThat(b.requests()).hasSize(1);
            assertThat(pool.outcomes()).hasSize(3).containsOnly(Outcome.SUCCESS);
            assertThat(pool.inFlight()).isZero();
        }
    }

    /** Until this was tested, the backend that had sent the redirect was rested for it. */
    @Test
    void toAnotherHost_thatWantsToBeLeftAlone_leavesTheBackendInUse() throws Exception {
        try (TestBackend a = TestBackend.start("a");
                TestBackend b = TestBackend.start("b");
                TestBackend elsewhere = TestBackend.start("elsewhere");
                LoadBalancer pool = LoadBalancers.builder("users")
                        .backends(List.of(a.backend(), b.backend()))
                        .build()) {
            String there = "http://elsewhere:" + elsewhere.server.getPort() + "/there";
            a.answer(redirect(there));
            b.answer(redirect(there));
            elsewhere.answer(
                    elsewhere.named().code(503).setHeader("Retry-After", "60").build());
            OkHttpClient client = LoadBalancing.attach(client(Wire.H1), pool);
            try (Response response = client.newCall(Calls.get("http://users/x")).execute()) {
                assertThat(response.code()).isEqualTo(503);
            }
            assertThat(pool.snapshot().backends())
                    .allSatisfy(backend -> assertThat(backend.ineligibilities()).isEmpty());
        }
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void toTheLogicalHost_staysAtTheBackendOfTheCall(Wire wire) throws Exception {
        try (TestBackend a = TestBackend.start("a", wire);
                TestBackend b = TestBackend.start("b", wire);
                RecordingPool pool = RecordingPool.of(a, b)) {
            for (TestBackend backend : List.of(a, b)) {
                backend.answer(request -> switch (request.getTarget()) {
                    case "/absolute" -> redirect(wire.scheme() + "://users/relative");
                    case "/relative" -> redirect("end");
                    default -> backend.named().build();
                });
            }
            OkHttpClient client = LoadBalancing.attach(TestBackend.client(wire).build(), pool);

            for (int i = 0; i < 4; i++) {
                try (Response response = client.newCall(Calls.get(wire.scheme() + "://users/absolute"))
                        .execute()) {
                    assertThat(response.body().string()).isEqualTo(i % 2 == 0 ? "a" : "b");
                    assertThat(response.request().url().toString()).isEqualTo(wire.scheme() + "://users/end");
                }
            }

            assertThat(a.requests()).hasSize(6);
            assertThat(b.requests()).hasSize(6);
            assertThat(a.connections()).isEqualTo(1);
            assertThat(pool.outcomes()).hasSize(4).containsOnly(Outcome.SUCCESS);
        }
    }

    @Test
    void toTheLogicalHost_withARewrittenBackend_staysAtTheBackend() throws Exception {
        try (TestBackend a = TestBackend.start("a");
                RecordingPool pool = RecordingPool.of(a)) {
            a.answer(request -> request.getTarget().equals("/x")
                    ? redirect("/end")
                    : a.named().build());
            OkHttpClient client = LoadBalancing.builder()
                    .pools(pool)
                    .addressing(Addressing.REWRITE)
                    .attach(new OkHttpClient());

            try (Response response = client.newCall(Calls.get("http://users/x")).execute()) {
                assertThat(response.body().string()).isEqualTo("a");
                assertThat(response.request().url().toString()).isEqualTo("http://users/end");
            }
            assertThat(pool.outcomes()).containsExactly(Outcome.SUCCESS);
        }
    }

    @Test
    void ofAPost_thatKeepsTheMethod_isNotSentToASecondBackend() throws Exception {
        try (TestBackend a = TestBackend.start("a");
                TestBackend b = TestBackend.start("b");
                RecordingPool pool = RecordingPool.of(a, b)) {
            a.answer(request -> request.getTarget().equals("/x")
                    ? new MockResponse.Builder()
                            .code(307)
                            .setHeader("Location", "/end")
                            .build()
                    : a.named().code(503).build());
            OkHttpClient client = LoadBalancing.attach(new OkHttpClient(), pool);

            Request post = new Request.Builder()
                    .url("http://users/x")
                    .post(RequestBody.create("body", MediaType.get("text/plain")))
                    .build();
            try (Response response = client.newCall(post).execute()) {
                assertThat(response.code()).isEqualTo(503);
            }
            assertThat(a.requests()).extracting(request -> request.getTarget()).containsExactly("/x", "/end");
            assertThat(b.requests()).isEmpty();
        }
    }

    @Test
    void prefixOfABackend_isPutBeforeThePathOnce() throws Exception {
        try (TestBackend a = TestBackend.start("a")) {
            Backend prefixed = Backend.of(a.uri() + "/v2");
            try (RecordingPool pool = RecordingPool.of(List.of(prefixed))) {
                a.answer(request -> request.getTarget().equals("/v2/x")
                        ? redirect("end")
                        : a.named().build());
                OkHttpClient client = LoadBalancing.attach(new OkHttpClient(), pool);

                try (Response response =
                        client.newCall(Calls.get("http://users/x")).execute()) {
                    assertThat(response.body().string()).isEqualTo("a");
                    assertThat(response.request().url().toString()).isEqualTo("http://users/end");
                }
                assertThat(a.requests())
                        .extracting(request -> request.getTarget())
                        .containsExactly("/v2/x", "/v2/end");
            }
        }
    }

    private static MockResponse redirect(String location) {
        return new MockResponse.Builder()
                .code(302)
                .setHeader("Location", location)
                .body("see there")
                .build();
    }

    private static OkHttpClient client(Wire wire) {
        return TestBackend.client(wire, BOTH)
                .dns(host -> List.of(InetAddress.getLoopbackAddress()))
                .build();
    }
}
