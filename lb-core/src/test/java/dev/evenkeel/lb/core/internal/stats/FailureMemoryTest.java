package dev.evenkeel.lb.core.internal.stats;

import static dev.evenkeel.lb.core.PoolFixture.lease;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.LoadBalancerBuilder;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.VirtualTime;
import dev.evenkeel.lb.core.health.BreakerPolicy;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.core.strategy.AllStrategies;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.spi.HealthCheck;
import dev.evenkeel.lb.spi.HealthResult;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** For how long a failure is held against a backend that is well, in pools that are mostly idle. */
class FailureMemoryTest {
    private static final String FIRST = "b0";
    private static final Duration ANSWER = Duration.ofMillis(5);
    private static final Duration GAP = Duration.ofMillis(95);

    private final VirtualTime time = new VirtualTime();
    private final Set<String> refusing = new TreeSet<>();
    private final Random keys = new Random(7);

    static List<Named<LoadBalancingStrategy>> strategies() {
        return AllStrategies.all();
    }

    static List<Arguments> strategiesAndFailures() {
        // In a tier of 0 ms is only the backend with the lowest median: of equals, any. A step of the median is wider
        // than 0.1 ms.
        Named<LoadBalancingStrategy> narrow =
                Named.of("latencyTiers of 0.1 ms", Strategies.latencyTiers(Duration.ofNanos(100_000)));
        return Stream.concat(AllStrategies.all().stream(), Stream.of(narrow))
                .filter(strategy -> !strategy.getName().equals("latencyTiers of 0 ms"))
                .flatMap(strategy -> Failure.ALL.stream().map(failure -> Arguments.of(strategy, failure)))
                .toList();
    }

    private LoadBalancerBuilder pool(LoadBalancingStrategy strategy, long seed, int... weights) {
        LoadBalancerBuilder builder = LoadBalancers.builder("users")
                .strategy(strategy)
                .timeSource(time)
                .scheduler(time)
                .random(new Random(seed));
        for (int i = 0; i < weights.length; i++) {
            builder.backend(Backend.builder("http://b" + i)
                    .id("b" + i)
                    .weight(weights[i])
                    .build());
        }
        return builder;
    }

    /** How a call fails, and after what time. */
    record Failure(Outcome outcome, Duration after) {
        static final List<Failure> ALL = List.of(
                new Failure(Outcome.SERVER_ERROR, Duration.ofMillis(1)),
                new Failure(Outcome.NEVER_SENT, Duration.ofMillis(1)),
                new Failure(Outcome.THROTTLED, Duration.ofMillis(1)),
                new Failure(Outcome.GATEWAY_ERROR, Duration.ofSeconds(2)),
                new Failure(Outcome.FAILED, Duration.ofSeconds(1)),
                new Failure(Outcome.TIMED_OUT, Duration.ofSeconds(1)),
                new Failure(Outcome.CANCELLED, Duration.ofSeconds(1)));
    }

    /** Of any key and address, so that strategies by these spread the calls, too. */
    private RequestContext request() {
        String key = "key-" + keys.nextInt();
        byte[] address = new byte[4];
        keys.nextBytes(address);
        return new RequestContext() {
            @Override
            public String affinityKey() {
                return key;
            }

            @Override
            public InetAddress clientAddress() {
                try {
                    return InetAddress.getByAddress(address);
                } catch (UnknownHostException e) {
                    throw new AssertionError(e);
                }
            }
        };
    }

    /** Makes calls, one in 100 ms. Returns how many each backend got. */
    private int[] call(LoadBalancer pool, int backends, int calls) {
        int[] counts = new int[backends];
        for (int i = 0; i < calls; i++) {
            counts[Integer.parseInt(call(pool).substring(1))]++;
            time.advance(GAP);
        }
        return counts;
    }

    private String call(LoadBalancer pool) {
        Lease lease = lease(pool, request());
        String id = lease.backend().id();
        if (refusing.contains(id)) {
            lease.complete(Outcome.NEVER_SENT);
        } else {
            time.advance(ANSWER);
            lease.responded();
            lease.complete(Outcome.SUCCESS);
        }
        return id;
    }

    /** Calls that end while a slow one waits: the witnesses without which the client itself might have paused. */
    private void callBeside(LoadBalancer pool, Duration end) {
        for (Duration at = GAP.plus(ANSWER);
                at.compareTo(end) < 0;
                at = at.plus(GAP).plus(ANSWER)) {
            time.schedule(
                    () -> {
                        Lease beside = lease(pool, request());
                        time.schedule(
                                () -> {
                                    beside.responded();
                                    beside.complete(Outcome.SUCCESS);
                                },
                                ANSWER);
                    },
                    at.minus(ANSWER));
        }
    }

    private void failOnce(LoadBalancer pool, String id) {
        failOnce(pool, id, new Failure(Outcome.SERVER_ERROR, Duration.ofMillis(1)));
    }

    private void failOnce(LoadBalancer pool, String id, Failure failure) {
        for (int i = 0; i < 10_000; i++) {
            Lease lease = lease(pool, request());
            boolean isIt = lease.backend().id().equals(id);
            if (isIt) {
                callBeside(pool, failure.after());
                time.advance(failure.after());
            } else {
                time.advance(ANSWER);
                lease.responded();
            }
            lease.complete(isIt ? failure.outcome() : Outcome.SUCCESS);
            time.advance(GAP);
            if (isIt) {
                return;
            }
        }
        throw new AssertionError(id + " gets no call");
    }

    @ParameterizedTest
    @MethodSource("strategiesAndFailures")
    void oneFailure_isForgottenWithin30Seconds_underEveryStrategy(LoadBalancingStrategy strategy, Failure failure) {
        LoadBalancer usual = pool(strategy, 1, 1, 1, 1).build();
        call(usual, 3, 300);
        int before = call(usual, 3, 600)[0];

        LoadBalancer pool = pool(strategy, 1, 1, 1, 1).build();
        call(pool, 3, 300);
        failOnce(pool, FIRST, failure);
        call(pool, 3, 300);

        assertThat((double) call(pool, 3, 600)[0]).isBetween(before - 70.0, before + 70.0);
    }

    /** Neither the one that failed nor those that are lighter than the heaviest. */
    @Test
    void oneFailure_inAnIdlePoolOfWeights_leavesTheOthersTheirShares() {
        LoadBalancer pool =
                pool(Strategies.weightedLeastConnections(), 1, 1, 2, 3).build();
        call(pool, 3, 300);
        failOnce(pool, FIRST);

        int[] penalised = call(pool, 3, 200);
        assertThat(penalised[0]).as("a sixth of 200 without the failure").isLessThan(29);
        assertThat((double) penalised[2] / penalised[1]).isBetween(1.4, 1.6);

        call(pool, 3, 100);
        assertThat(call(pool, 3, 600)).containsExactly(100, 200, 300);
    }

    @ParameterizedTest
    @MethodSource("strategiesAndFailures")
    void oneFailure_isForgottenAtOnce_whenACheckHasSucceeded(LoadBalancingStrategy strategy, Failure failure) {
        HealthCheck check = (backend, timeout) -> CompletableFuture.completedFuture(HealthResult.healthy("fine"));
        HealthCheckPolicy policy = HealthCheckPolicy.builder(check)
                .interval(Duration.ofSeconds(1))
                .jitterPercent(0)
                .build();
        LoadBalancer pool = pool(strategy, 1, 1, 1, 1).healthCheck(policy).build();
        int usual = call(pool, 3, 600)[0];
        failOnce(pool, FIRST, failure);
        time.advance(Duration.ofSeconds(1));

        assertThat(call(pool, 3, 120)[0]).isBetween(usual / 5 - 30, usual / 5 + 30);
    }

    /** Of what makes calls fail, a check may know nothing. */
    @Test
    void backendThatAlwaysFails_staysAvoided_thoughItsChecksSucceed() {
        HealthCheck check = (backend, timeout) -> CompletableFuture.completedFuture(HealthResult.healthy("fine"));
        HealthCheckPolicy policy = HealthCheckPolicy.builder(check)
                .interval(Duration.ofSeconds(1))
                .skipProven(false)
                .build();
        LoadBalancer pool = pool(Strategies.leastConnections(), 1, 1, 1, 1)
                .healthCheck(policy)
                .circuitBreaker(BreakerPolicy.off())
                .build();
        refusing.add(FIRST);
        call(pool, 3, 300);

        assertThat(call(pool, 3, 3_000)[0]).isLessThan(3_000 / 3 / 3);
    }

    /** In the other strategies' memory, too, and not only in the pool's. */
    @Test
    void failures_beforeTheChecksFoundItDown_areForgottenWithItsReturn_underLeastConnections() {
        Set<String> sick = new TreeSet<>();
        HealthCheck check = (backend, timeout) -> CompletableFuture.completedFuture(
                sick.contains(backend.id()) ? HealthResult.unhealthy("sick") : HealthResult.healthy("fine"));
        HealthCheckPolicy policy = HealthCheckPolicy.builder(check)
                .interval(Duration.ofSeconds(1))
                .fastInterval(Duration.ofMillis(100))
                .build();
        LoadBalancer pool = pool(Strategies.leastConnections(), 1, 1, 1, 1)
                .healthCheck(policy)
                .build();
        call(pool, 3, 30);
        sick.add(FIRST);
        for (int i = 0; i < 5; i++) {
            Lease lease = lease(pool);
            lease.complete(lease.backend().id().equals(FIRST) ? Outcome.SERVER_ERROR : Outcome.SUCCESS);
        }
        time.advance(Duration.ofSeconds(3));
        assertThat(pool.snapshot().backend(FIRST).health()).isEqualTo(HealthState.DOWN);
        sick.clear();
        time.advance(Duration.ofSeconds(3));
        assertThat(pool.snapshot().backend(FIRST).health()).isEqualTo(HealthState.UP);

        assertThat(call(pool, 3, 30)[0]).isEqualTo(10);
    }

    /** Tables that are too small to be even, which two variants have on purpose. */
    static List<Arguments> strategiesAndEvenness() {
        return AllStrategies.all().stream()
                .map(each -> Arguments.of(each, !each.getName().contains("small")))
                .toList();
    }

    /** 40 clients of 5 servers that refuse connections for 3 s each, in turn; each client makes ten calls a second. */
    @ParameterizedTest
    @MethodSource("strategiesAndEvenness")
    void fleet_aMinuteAfterARollingRestart_usesAllServersAsBefore(LoadBalancingStrategy strategy, boolean even) {
        List<LoadBalancer> clients = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            clients.add(pool(strategy, i, 1, 1, 1, 1, 1).build());
        }
        int[] usual = fleetCalls(clients, 60);
        for (int server = 0; server < 5; server++) {
            refusing.add("b" + server);
            fleetCalls(clients, 3);
            refusing.clear();
            fleetCalls(clients, 3);
        }
        fleetCalls(clients, 60);

        int[] counts = fleetCalls(clients, 60);
        double calls = Arrays.stream(counts).sum();
        for (int server = 0; server < 5; server++) {
            assertThat((double) counts[server]).isBetween(0.8 * usual[server], 1.2 * usual[server]);
            if (even) {
                assertThat((double) counts[server] / calls).isBetween(0.16, 0.24);
            }
        }
    }

    private int[] fleetCalls(List<LoadBalancer> clients, int seconds) {
        int[] counts = new int[5];
        for (int turn = 0; turn < seconds * 10; turn++) {
            for (LoadBalancer client : clients) {
                Lease lease = lease(client, request());
                String id = lease.backend().id();
                counts[Integer.parseInt(id.substring(1))]++;
                if (refusing.contains(id)) {
                    lease.complete(Outcome.NEVER_SENT);
                } else {
                    time.schedule(
                            () -> {
                                lease.responded();
                                lease.complete(Outcome.SUCCESS);
                            },
                            ANSWER);
                }
            }
            time.advance(Duration.ofMillis(100));
        }
        return counts;
    }
}
