package dev.evenkeel.lb.core.internal.health;

import static dev.evenkeel.lb.core.PoolFixture.lease;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadReport;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.LoadBalancerBuilder;
import dev.evenkeel.lb.core.PoolFixture;
import dev.evenkeel.lb.core.load.LoadReportPolicy;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.spi.LoadReportSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Polls of load reports at a bounded rate, and what a strategy makes of them. */
class LoadReportPaceTest {
    private static final int PER_SECOND = 20;
    private static final long SECOND = 1_000_000_000L;

    private final PoolFixture fixture = new PoolFixture();
    private final List<Poll> polls = new ArrayList<>();
    private final Map<String, Double> inFlight = new HashMap<>();

    private record Poll(String backend, long atNanos) {}

    private LoadReport report(Backend backend) {
        polls.add(new Poll(backend.id(), fixture.time.nanoTime()));
        return LoadReport.builder()
                .metric(LoadReport.IN_FLIGHT, inFlight.getOrDefault(backend.id(), 5.0))
                .build();
    }

    private LoadBalancerBuilder builder(int backends) {
        return fixture.builder(IntStream.range(0, backends)
                        .mapToObj(i -> "http://b" + i + ":1")
                        .toArray(String[]::new))
                .loadReports(policy());
    }

    private final LoadReportSource source = LoadReportSource.of(this::report);

    private LoadReportPolicy policy() {
        return LoadReportPolicy.of(source).withInterval(Duration.ofMillis(1)).withMaxPerSecond(PER_SECOND);
    }

    private long mostInASecond() {
        long most = 0;
        int first = 0;
        for (int last = 0; last < polls.size(); last++) {
            while (polls.get(last).atNanos - polls.get(first).atNanos >= SECOND) {
                first++;
            }
            most = Math.max(most, last - first + 1);
        }
        return most;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 20, 1_000})
    void polls_areNoMoreThanTheBoundInAnySecond_andOfAllBackendsAlike(int backends) {
        int rounds = 10;
        builder(backends).build();
        fixture.time.advance(Duration.ofSeconds(Math.max(20, rounds * backends / PER_SECOND)));

        double seconds = Math.max(20, rounds * backends / PER_SECOND);
        assertThat(mostInASecond()).isLessThanOrEqualTo(PER_SECOND);
        assertThat(polls.size() / seconds).isBetween(0.75 * PER_SECOND, 1.0 * PER_SECOND);
        Map<String, Integer> byBackend = new HashMap<>();
        polls.forEach(poll -> byBackend.merge(poll.backend, 1, Integer::sum));
        double mean = (double) polls.size() / backends;
        assertThat(byBackend).hasSize(backends);
        assertThat(byBackend.values())
                .allSatisfy(count -> assertThat(count / mean).isBetween(0.7, 1.3));
    }

    @Test
    void polls_areInADifferentOrderInEachProcess() {
        List<String> orders = new ArrayList<>();
        for (int seed = 0; seed < 3; seed++) {
            polls.clear();
            LoadBalancer pool = builder(20).random(new Random(seed)).build();
            fixture.time.advance(Duration.ofSeconds(2));
            pool.close();
            orders.add(polls.stream().map(Poll::backend).distinct().toList().toString());
        }
        assertThat(orders).doesNotHaveDuplicates();
    }

    @Test
    void polls_afterAPause_doNotCatchUp() {
        builder(20).build();
        fixture.time.advance(Duration.ofSeconds(5));
        polls.clear();
        fixture.time.advance(Duration.ofSeconds(60));

        assertThat(mostInASecond()).isLessThanOrEqualTo(PER_SECOND);
    }

    @ParameterizedTest
    @CsvSource({"5000, 3", "2000, 8"})
    void interval_thatIsLongerThanTheRound_holds(long intervalMillis, int atMost) {
        builder(3)
                .loadReports(policy().withInterval(Duration.ofMillis(intervalMillis)))
                .build();
        fixture.time.advance(Duration.ofMillis(15_000));

        assertThat(polls.stream().filter(poll -> poll.backend.equals("b0:1")).count())
                .isBetween(atMost - 1L, atMost + 1L);
        assertThat(mostInASecond()).isLessThanOrEqualTo(3);
    }

    /** Makes a call each 2 s, all of the same latency; returns the calls of the first backend. */
    private int callsOfFirst(LoadBalancer pool, int calls) {
        int ofFirst = 0;
        for (int i = 0; i < calls; i++) {
            Lease lease = lease(pool);
            ofFirst += lease.backend().id().equals("b0:1") ? 1 : 0;
            fixture.time.advance(Duration.ofMillis(10));
            lease.complete(Outcome.SUCCESS);
            fixture.time.advance(Duration.ofMillis(1_990));
        }
        return ofFirst;
    }

    @Test
    void quietPool_leavesABackendAlone_thatHasManyRequestsInFlight_untilItHasNot() {
        LoadBalancer pool =
                builder(4).strategy(Strategies.adaptiveWithLoadReports()).build();
        callsOfFirst(pool, 20);
        inFlight.put("b0:1", 80.0);
        fixture.time.advance(Duration.ofSeconds(2));
        assertThat(callsOfFirst(pool, 40)).isZero();

        inFlight.put("b0:1", 4.0);
        fixture.time.advance(Duration.ofSeconds(3));
        assertThat(callsOfFirst(pool, 40)).isBetween(8, 20);
    }

    @Test
    void reload_thatOptsIn_counts_andOneThatOptsOut() {
        LoadBalancer pool = builder(4).build();
        inFlight.put("b0:1", 80.0);
        assertThat(callsOfFirst(pool, 40)).isBetween(8, 12);

        builder(4).strategy(Strategies.adaptiveWithLoadReports()).applyTo(pool);
        fixture.time.advance(Duration.ofSeconds(2));
        assertThat(callsOfFirst(pool, 40)).isZero();

        builder(4).strategy(Strategies.adaptive()).applyTo(pool);
        assertThat(callsOfFirst(pool, 40)).isGreaterThan(7);
    }
}
