package dev.evenkeel.lb.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.okhttp.discovery.OpenSockets;
import dev.evenkeel.lb.okhttp.route.Mirror;
import dev.evenkeel.lb.okhttp.route.Route;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import okhttp3.OkHttpClient;
import okhttp3.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The configuration changes while calls are under way, and none of them notices. */
@Timeout(60)
class LoadBalancingInterceptorTest {
    private static final String URL = "http://api.example.com/x";

    private static Route to(String pool) {
        return Route.builder("all").host("api.example.com").to(pool).build();
    }

    @Test
    void routes_swappedUnderTraffic_failNoCall_andHoldForTheNextOne() throws Exception {
        try (TestBackend a = TestBackend.start("a");
                TestBackend b = TestBackend.start("b");
                RecordingPool one = RecordingPool.named("one", List.of(a.backend()));
                RecordingPool two = RecordingPool.named("two", List.of(b.backend()))) {
            LoadBalancingBuilder builder = LoadBalancing.builder().pools(one, two);
            OkHttpClient client = builder.routes(List.of(to("one"))).attach(new OkHttpClient());
            LoadBalancingInterceptor interceptor =
                    LoadBalancing.interceptor(client).orElseThrow();
            AtomicBoolean stop = new AtomicBoolean();
            AtomicInteger calls = new AtomicInteger();
            Thread swapper = new Thread(() -> {
                for (int i = 0; !stop.get(); i++) {
                    if (i % 10 == 9) {
                        assertThatThrownBy(() -> interceptor.reconfigure(builder.routes(List.of(to("nobody")))))
                                .isInstanceOf(IllegalArgumentException.class);
                    } else {
                        interceptor.reconfigure(builder.routes(List.of(to(i % 2 == 0 ? "two" : "one"))));
                    }
                }
            });
            swapper.start();
            try {
                Calls.inParallel(3, 300, () -> {
                    assertThat(Calls.body(client, URL)).isIn("a", "b");
                    calls.incrementAndGet();
                });
            } finally {
                stop.set(true);
                swapper.join();
            }

            assertThat(calls).hasValue(900);
            interceptor.reconfigure(builder.routes(List.of(to("one"))));
            assertThat(Calls.body(client, URL)).isEqualTo("a");
            interceptor.reconfigure(builder.routes(List.of(to("two"))));
            assertThat(Calls.body(client, URL)).isEqualTo("b");
            assertThat(a.connections()).isLessThanOrEqualTo(4);
            assertThat(b.connections()).isLessThanOrEqualTo(4);
            assertThat(one.inFlight()).isZero();
            assertThat(two.inFlight()).isZero();
            assertThat(one.outcomes()).containsOnly(Outcome.SUCCESS);
        }
    }

    @Test
    void call_thatHasBegun_goesOnAsItBegan_evenIfItsPoolIsGone() throws Exception {
        try (TestBackend a = TestBackend.start("a");
                TestBackend b = TestBackend.start("b");
                RecordingPool one = RecordingPool.named("one", List.of(a.backend()));
                RecordingPool two = RecordingPool.named("two", List.of(b.backend()))) {
            a.answer(a.named().bodyDelay(300, TimeUnit.MILLISECONDS).build());
            OkHttpClient client =
                    LoadBalancing.builder().pools(one).route(to("one")).attach(new OkHttpClient());

            try (Response response = client.newCall(Calls.get(URL)).execute()) {
                LoadBalancing.interceptor(client)
                        .orElseThrow()
                        .reconfigure(LoadBalancing.builder().pools(two).route(to("two")));
                assertThat(Calls.body(client, URL)).isEqualTo("b");
                assertThat(response.body().string()).isEqualTo("a");
            }

            assertThat(one.outcomes()).containsExactly(Outcome.SUCCESS);
        }
    }

    @Test
    void connection_thatACallOpensToAPoolThatHasGone_isClosedBehindIt() throws Exception {
        try (TestBackend a = TestBackend.start("a");
                TestBackend b = TestBackend.start("b");
                RecordingPool one = RecordingPool.named("one", List.of(a.backend()));
                RecordingPool two = RecordingPool.named("two", List.of(b.backend()))) {
            OpenSockets sockets = new OpenSockets();
            AtomicReference<LoadBalancingInterceptor> interceptor = new AtomicReference<>();
            // Asked for when the call has its pool, and no connection yet.
            OkHttpClient client = LoadBalancing.builder()
                    .pools(one)
                    .affinityKey(request -> {
                        interceptor.get().reconfigure(LoadBalancing.builder().pools(two));
                        return "key";
                    })
                    .attach(new OkHttpClient.Builder().socketFactory(sockets).build());
            interceptor.set(LoadBalancing.interceptor(client).orElseThrow());

            try (Response response = client.newCall(Calls.get("http://one/x")).execute()) {
                assertThat(sockets.open()).isEqualTo(1);
                assertThat(response.body().string()).isEqualTo("a");
            }

            await().until(() -> sockets.open() == 0);
            assertThat(one.outcomes()).containsExactly(Outcome.SUCCESS);
        }
    }

    @Test
    void countsOfAMirror_areKept() throws Exception {
        try (TestBackend a = TestBackend.start("a");
                TestBackend b = TestBackend.start("b");
                RecordingPool one = RecordingPool.named("one", List.of(a.backend()));
                RecordingPool two = RecordingPool.named("two", List.of(b.backend()))) {
            LoadBalancingBuilder builder = LoadBalancing.builder()
                    .pools(one, two)
                    .routes(List.of(Route.builder("all")
                            .host("api.example.com")
                            .to("one")
                            .mirror(Mirror.to("two").maxBodySize(0))
                            .build()));
            OkHttpClient client = builder.attach(new OkHttpClient());
            okhttp3.Request post = new okhttp3.Request.Builder()
                    .url(URL)
                    .post(okhttp3.RequestBody.create(new byte[1]))
                    .build();

            Calls.body(client, post);
            LoadBalancing.interceptor(client).orElseThrow().reconfigure(builder);
            Calls.body(client, post);

            assertThat(LoadBalancing.mirrors(client))
                    .singleElement()
                    .satisfies(figures -> assertThat(figures.skipped()).isEqualTo(2));
        }
    }
}
