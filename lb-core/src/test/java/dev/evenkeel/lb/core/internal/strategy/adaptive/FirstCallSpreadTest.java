package dev.evenkeel.lb.core.internal.strategy.adaptive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.PoolFixture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When the clients of a fleet first call a backend that is new. */
final class FirstCallSpreadTest {
    private static final int CLIENTS = 200;
    private static final String NEW = "new:1";

    private final PoolFixture fixture = new PoolFixture();

    /** A client that has made some calls, and hears of a new backend. */
    private LoadBalancer client(int backends, long seed) {
        LoadBalancer pool = fixture.builder(IntStream.range(0, backends - 1)
                        .mapToObj(i -> "http://b" + i + ":1")
                        .toArray(String[]::new))
                .random(new Random(seed))
                .build();
        for (int i = 0; i < 20 * backends; i++) {
            call(pool, Duration.ofMillis(1));
        }
        return pool;
    }

    private String call(LoadBalancer pool, Duration latency) {
        Lease lease = PoolFixture.lease(pool);
        fixture.time.advance(latency);
        lease.responded();
        lease.complete(Outcome.SUCCESS);
        return lease.backend().id();
    }

    /** How many calls the pool makes until the new backend has had one. */
    private int callsUntilNew(LoadBalancer pool, Duration latency) {
        int calls = 1;
        while (!call(pool, latency).equals(NEW)) {
            calls++;
        }
        return calls;
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 5, 20})
    void firstCalls_areSpreadOverFourRounds(int backends) {
        int[] byRound = new int[4];
        for (int seed = 0; seed < CLIENTS; seed++) {
            try (LoadBalancer pool = client(backends, seed)) {
                pool.registry().add(Backend.of("http://" + NEW));
                // One more turn, since the new backend wins no tie.
                int calls = callsUntilNew(pool, Duration.ofMillis(1));
                assertThat(calls).isLessThanOrEqualTo(5 * backends);
                byRound[Math.min(3, (calls - 1) / backends)]++;
            }
        }

        // A quarter each, within four standard deviations of the draw; the last one also has what is late.
        assertThat(IntStream.of(byRound).boxed().toList())
                .allSatisfy(count -> assertThat(count).isBetween(26, 76));
    }

    @Test
    void quietClient_waitsForTwoSecondsAtMost() {
        for (int seed = 0; seed < CLIENTS; seed++) {
            try (LoadBalancer pool = client(20, seed)) {
                pool.registry().add(Backend.of("http://" + NEW));
                call(pool, Duration.ofMillis(1));
                fixture.time.advance(Duration.ofSeconds(2));

                // The other backends are as idle, but have been picked more often.
                assertThat(callsUntilNew(pool, Duration.ofMillis(1))).isLessThanOrEqualTo(20);
            }
        }
    }

    @Test
    void newBackend_isUsedAtOnce_whereAllOtherBackendsAreBusy() {
        for (int seed = 0; seed < 20; seed++) {
            try (LoadBalancer pool = client(5, seed)) {
                List<Lease> busy = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    busy.add(PoolFixture.lease(pool));
                }
                pool.registry().add(Backend.of("http://" + NEW));

                assertThat(PoolFixture.lease(pool).backend().id()).isEqualTo(NEW);
                busy.forEach(lease -> lease.complete(Outcome.SUCCESS));
            }
        }
    }

    @Test
    void newBackend_hasItsShare_onceItHasAnswered() {
        try (LoadBalancer pool = client(5, 1)) {
            pool.registry().add(Backend.of("http://" + NEW));
            callsUntilNew(pool, Duration.ofMillis(1));

            long calls = IntStream.range(0, 100)
                    .filter(i -> call(pool, Duration.ofMillis(1)).equals(NEW))
                    .count();
            assertThat(calls).isGreaterThanOrEqualTo(20);
        }
    }

    @Test
    void explanation_saysThatABackendIsNew() {
        try (LoadBalancer pool = client(5, 1)) {
            pool.registry().add(Backend.of("http://" + NEW));
            call(pool, Duration.ofMillis(1));

            assertThat(pool.explain(RequestContext.NONE).toString()).contains("x 2 new (0 strikes)");
        }
    }
}
