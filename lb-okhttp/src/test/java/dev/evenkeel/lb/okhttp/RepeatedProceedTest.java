package dev.evenkeel.lb.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.okhttp.TestBackend.Wire;
import java.io.IOException;
import java.util.List;
import mockwebserver3.MockResponse;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An interceptor of the application above ours may send a request as often as it likes: each time is a pass of its own. */
@Timeout(60)
class RepeatedProceedTest {

    @ParameterizedTest
    @EnumSource(Wire.class)
    void eachProceed_goesToTheBackendLeasedForIt(Wire wire) throws Exception {
        try (TestBackend a = TestBackend.start("a", wire);
                TestBackend b = TestBackend.start("b", wire);
                TestBackend c = TestBackend.start("c", wire);
                RecordingPool pool = RecordingPool.of(a, b, c)) {
            OkHttpClient client = attach(wire, pool, chain -> {
                for (String expected : List.of("a", "b")) {
                    try (Response response = chain.proceed(chain.request())) {
                        assertThat(response.body().string()).isEqualTo(expected);
                    }
                }
                return chain.proceed(chain.request());
            });

            for (int i = 0; i < 10; i++) {
                assertThat(Calls.body(client, wire.scheme() + "://users/x")).isEqualTo("c");
            }

            assertThat(List.of(a, b, c)).allSatisfy(backend -> {
                assertThat(backend.requests()).hasSize(10);
                assertThat(backend.connections()).isEqualTo(1);
            });
            assertThat(pool.outcomes()).hasSize(30).containsOnly(Outcome.SUCCESS);
            assertThat(pool.inFlight()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void bodilessResponses_areCompletedToo(Wire wire) throws Exception {
        try (TestBackend a = TestBackend.start("a", wire);
                TestBackend b = TestBackend.start("b", wire);
                RecordingPool pool = RecordingPool.of(a, b)) {
            a.answer(new MockResponse.Builder().code(204).build());
            b.answer(new MockResponse.Builder()
                    .code(204)
                    .clearHeaders()
                    .setHeader("Backend", "b")
                    .build());
            OkHttpClient client = attach(wire, pool, chain -> {
                chain.proceed(chain.request()).close();
                return chain.proceed(chain.request());
            });

            for (String method : List.of("GET", "HEAD")) {
                Request request = new Request.Builder()
                        .url(wire.scheme() + "://users/x")
                        .method(method, null)
                        .build();
                try (Response response = client.newCall(request).execute()) {
                    assertThat(response.header("Backend")).isEqualTo("b");
                }
            }

            assertThat(pool.outcomes()).hasSize(4).containsOnly(Outcome.SUCCESS);
        }
    }

    @ParameterizedTest
    @EnumSource(Wire.class)
    void secondProceed_afterAFailedFirst_startsAfresh(Wire wire) throws Exception {
        try (TestBackend a = TestBackend.start("a", wire);
                TestBackend b = TestBackend.start("b", wire);
                RecordingPool pool = RecordingPool.of(a, b)) {
            a.answer(a.named().code(503).build());
            b.answer(b.named().code(503).build());
            OkHttpClient client = attach(wire, pool, chain -> {
                try (Response response = chain.proceed(chain.request())) {
                    assertThat(response.code()).isEqualTo(503);
                }
                a.answer(a.named().build());
                b.answer(b.named().build());
                return chain.proceed(chain.request());
            });

            try (Response response =
                    client.newCall(Calls.get(wire.scheme() + "://users/x")).execute()) {
                assertThat(response.body().string()).isEqualTo(response.header("Backend"));
                assertThat(LoadBalancing.trace(response).orElseThrow().attempts())
                        .hasSize(1)
                        .extracting(attempt -> attempt.backend().id())
                        .containsExactly(response.header("Backend"));
            }
            assertThat(pool.outcomes()).containsExactly(Outcome.GATEWAY_ERROR, Outcome.GATEWAY_ERROR, Outcome.SUCCESS);
        }
    }

    @Test
    void secondProceed_withTheFirstResponseOpen_failsAsInOkHttpAndLeavesNothingInFlight() throws Exception {
        try (TestBackend a = TestBackend.start("a");
                TestBackend b = TestBackend.start("b");
                RecordingPool pool = RecordingPool.of(a, b)) {
            Response[] first = new Response[1];
            OkHttpClient client = attach(Wire.H1, pool, chain -> {
                first[0] = chain.proceed(chain.request());
                return chain.proceed(chain.request());
            });

            assertThatThrownBy(() -> Calls.body(client, "http://users/x"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("previous response is still open");

            first[0].close();
            assertThat(pool.inFlight()).isZero();
            assertThat(pool.acquired()).isEqualTo(pool.completions().size());
        }
    }

    @Test
    void interceptorAbove_thatAnswersItself_acquiresNothing() throws Exception {
        try (TestBackend a = TestBackend.start("a");
                RecordingPool pool = RecordingPool.of(a)) {
            OkHttpClient client = attach(Wire.H1, pool, chain -> {
                throw new IOException("not today");
            });

            assertThatThrownBy(() -> Calls.body(client, "http://users/x"))
                    .isInstanceOf(IOException.class)
                    .hasMessage("not today");
            assertThat(pool.acquired()).isZero();
        }
    }

    private static OkHttpClient attach(Wire wire, RecordingPool pool, Interceptor above) {
        return LoadBalancing.attach(
                TestBackend.client(wire).addInterceptor(above).build(), pool);
    }
}
