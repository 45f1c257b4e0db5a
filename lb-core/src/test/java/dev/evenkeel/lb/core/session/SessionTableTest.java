package dev.evenkeel.lb.core.session;

import static dev.evenkeel.lb.core.PoolFixture.lease;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.PoolFixture;
import dev.evenkeel.lb.core.strategy.Strategies;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SessionTableTest {
    private final PoolFixture fixture = new PoolFixture();
    private final SessionTable sessions = SessionTable.builder()
            .timeSource(fixture.time)
            .idleTimeout(Duration.ofMinutes(30))
            .maxSessions(1_000)
            .build();

    private LoadBalancer pool() {
        return fixture.builder("http://a:1", "http://b:1", "http://c:1")
                .strategy(Strategies.roundRobin())
                .build();
    }

    /** One request of a session, as a client makes it. */
    static String visit(LoadBalancer pool, SessionTable sessions, String user) {
        String bound = sessions.backendOf(user);
        Lease lease = lease(pool, RequestContext.NONE.withBoundBackend(bound));
        String id = lease.backend().id();
        if (!id.equals(bound)) {
            sessions.bind(user, bound, id);
            lease.bind();
        }
        lease.complete(Outcome.SUCCESS);
        return id;
    }

    @Test
    void sessions_stay_andNewOnesSpread() {
        LoadBalancer pool = pool();
        Set<String> met = new HashSet<>();
        for (int user = 0; user < 9; user++) {
            String first = visit(pool, sessions, "user " + user);
            met.add(first);
            for (int i = 0; i < 3; i++) {
                assertThat(visit(pool, sessions, "user " + user)).isEqualTo(first);
            }
        }
        assertThat(met).hasSize(3);
    }

    @Test
    void session_staysOnADrainingBackend_thenMoves_andStays() {
        LoadBalancer pool = pool();
        String first = visit(pool, sessions, "ann");
        var drained = pool.registry().drain(first).toCompletableFuture();
        assertThat(visit(pool, sessions, "ann")).isEqualTo(first);

        fixture.time.advance(Duration.ofMinutes(1));
        assertThat(drained).isCompleted();

        String second = visit(pool, sessions, "ann");
        assertThat(second).isNotEqualTo(first);
        pool.registry().activate(first);
        assertThat(visit(pool, sessions, "ann")).isEqualTo(second);
    }

    @Test
    void idleSession_isForgotten_andAnActiveOneIsNot() {
        sessions.bind("ann", null, "a:1");
        sessions.bind("bob", null, "b:1");
        fixture.time.advance(Duration.ofMinutes(29));
        assertThat(sessions.backendOf("ann")).isEqualTo("a:1");
        fixture.time.advance(Duration.ofMinutes(29));

        assertThat(sessions.backendOf("ann")).isEqualTo("a:1");
        assertThat(sessions.backendOf("bob")).isNull();
        sessions.forget("ann");
        assertThat(sessions.size()).isZero();
    }

    @Test
    void table_isBounded_andSoAreItsKeys() {
        for (int i = 0; i < 10_000; i++) {
            sessions.bind("x".repeat(10_000) + i, null, "a:1");
        }
        sessions.bind("x".repeat(10_000), null, "b:1");

        assertThat(sessions.size()).isBetween(1L, 1_000L);
        assertThat(sessions.toString()).doesNotContain("xxx");
    }

    @Test
    void longKeys_areToldApart() {
        sessions.bind("x".repeat(500) + "1", null, "a:1");
        sessions.bind("x".repeat(500) + "2", null, "b:1");

        assertThat(sessions.backendOf("x".repeat(500) + "1")).isEqualTo("a:1");
        assertThat(sessions.backendOf("x".repeat(500) + "2")).isEqualTo("b:1");
    }

    @Test
    void moveThatLostARace_leavesTheWinner() {
        sessions.bind("ann", null, "a:1");

        assertThat(sessions.bind("ann", null, "b:1")).isEqualTo("a:1");
        assertThat(sessions.bind("ann", "a:1", "c:1")).isEqualTo("c:1");
        assertThat(sessions.bind("ann", "a:1", "b:1")).isEqualTo("c:1");
    }

    @Test
    void firstRequestsThatRace_agree() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            for (int round = 0; round < 200; round++) {
                String key = "user " + round;
                CountDownLatch start = new CountDownLatch(1);
                List<Future<String>> bound = new ArrayList<>();
                for (int i = 0; i < 4; i++) {
                    String id = "b" + i;
                    bound.add(threads.submit(() -> {
                        start.await();
                        return sessions.bind(key, null, id);
                    }));
                }
                start.countDown();
                Set<String> answers = new HashSet<>();
                for (Future<String> one : bound) {
                    answers.add(one.get(30, TimeUnit.SECONDS));
                }
                assertThat(answers).hasSize(1);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void badSettings_areRefused() {
        assertThatThrownBy(() -> SessionTable.builder().maxSessions(0))
                .hasMessage("maxSessions must be 1..100000000: 0");
        assertThatThrownBy(() -> SessionTable.builder().idleTimeout(Duration.ofMillis(1)))
                .hasMessage("idleTimeout must be PT1S to PT168H: PT0.001S");
    }
}
