package dev.evenkeel.lb.core.strategy;

import static dev.evenkeel.lb.core.Vectors.integers;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.Vectors;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.HealthCheck;
import dev.evenkeel.lb.spi.HealthResult;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What other balancers' tests and documentation expect of the strategies that look at load and latency. Where our rule differs
 * from theirs on purpose, the case says so and holds what both promise.
 */
final class DynamicVectorsTest {
    private static final long SLOW_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long FAST_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final FakeRequest ANY = FakeRequest.any();

    static Stream<Vectors> vectors() {
        return Vectors.all("dynamic.json").stream();
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void vector_isMet(Vectors vector) {
        JsonNode given = vector.given();
        JsonNode expect = vector.expect();
        switch (vector.id()) {
            case "ngx-leastconn-idle" -> idle(given, expect);
            case "env-lr-full" -> fullScan(given, expect);
            case "env-lr-pnc" -> powerOfFive(given, expect);
            case "env-lr-w12" -> idleInTurnsByWeight(given, expect);
            case "env-lr-bias0" -> idleLikeWeightedRoundRobin();
            case "env-lr-w12-h0busy", "env-lr-pending", "env-lr-equal" -> busyOneGetsLess(given);
            case "ngx-random-weights" -> parallel(Strategies.powerOfTwo(), given, expect);
            case "ngx-random2-leastconn" -> busyOfTwo(expect);
            case "trf-p2c-tie" -> tie();
            case "ngx-leasttime-10" -> sequential(List.of(SLOW_NANOS, FAST_NANOS), false, given, expect);
            case "ngx-leasttime-equal", "ngx-leasttime-header" ->
                // Latency ends with the headers (Lease.responded), so the body's time does not matter.
                sequential(List.of(FAST_NANOS, FAST_NANOS), false, given, expect);
            case "ngx-leasttime-settled" -> sequential(List.of(SLOW_NANOS, FAST_NANOS), true, given, expect);
            case "ngx-leasttime-reprobe" -> triedAgain(given, expect);
            case "trf-lt-inflight" -> latencyAndInFlight(given, expect);
            case "trf-lt-w" -> latencyByWeight(given, expect);
            case "env-ewma" -> peakEwma(given, expect);
            case "ngx-maxconns-both1", "ngx-maxconns-single", "env-cb" -> limits(given, expect);
            case "env-rdv-loc0" -> unplacedLocality(given, expect);
            case "env-excluded" -> excluded();
            case "grpc-ring-dup" -> duplicates();
            case "trf-wrr-tree" -> tree(given, expect);
            default -> throw new AssertionError("no test for " + vector);
        }
    }

    private static FakePool pool(LoadBalancingStrategy strategy, double... weights) {
        return new FakePool(strategy, 7, FakePool.ofWeights(weights));
    }

    private static void busy(FakePool pool, JsonNode active) {
        for (int i = 0; i < active.size(); i++) {
            ((FakeCandidate) pool.candidates().get(i))
                    .withInFlight(active.get(i).asInt());
        }
    }

    private static void idle(JsonNode given, JsonNode expect) {
        FakePool pool = new FakePool(
                Strategies.leastConnections(),
                7,
                FakePool.ofSize(given.get("servers").asInt()));
        int[] counts = pool.count(given.get("requestsSequential").asInt(), ANY);
        assertThat(counts)
                .containsExactly(
                        integers(expect.get("counts")).stream().mapToInt(i -> i).toArray());
    }

    private static void fullScan(JsonNode given, JsonNode expect) {
        FakePool pool = new FakePool(
                Strategies.leastConnections(),
                7,
                FakePool.ofSize(given.get("active").size()));
        busy(pool, given.get("active"));
        assertThat(pool.pick(ANY))
                .isSameAs(pool.candidates().get(expect.get("pick").asInt()));
    }

    /** Theirs draws with replacement, so the draws say nothing of ours; of all four distinct ones it is the least busy. */
    private static void powerOfFive(JsonNode given, JsonNode expect) {
        FakePool pool = new FakePool(
                Strategies.powerOfTwo(given.get("choiceCount").asInt()),
                7,
                FakePool.ofSize(given.get("active").size()));
        busy(pool, given.get("active"));
        assertThat(pool.pick(ANY))
                .isSameAs(pool.candidates().get(expect.get("pick").asInt()));
    }

    /** The sequence, from wherever it starts. */
    private static void idleInTurnsByWeight(JsonNode given, JsonNode expect) {
        FakePool pool = pool(
                Strategies.weightedLeastConnections(),
                integers(given.get("weights")).stream().mapToDouble(i -> i).toArray());
        List<Integer> sequence = new ArrayList<>();
        for (int i = 0; i < 3 * given.get("picks").asInt(); i++) {
            sequence.add(pool.candidates().indexOf(pool.call(ANY)));
        }
        assertThat(sequence).containsSubsequence(integers(expect.get("sequence")));
        assertThat(sequence.toString()).contains("1, 0, 1, 1, 0, 1");
    }

    private static void idleLikeWeightedRoundRobin() {
        double[] weights = {5, 3, 2};
        assertThat(pool(Strategies.weightedLeastConnections(), weights).count(1_000, ANY))
                .isEqualTo(pool(Strategies.weightedRoundRobin(), weights).count(1_000, ANY));
    }

    /**
     * Envoy turns (weight / active) into the weights of a round robin, so a busy one still gets some; ours is the argmin of
     * (in flight + 1) / weight, and takes it only when it is the least. Both: the one with less to do gets more.
     */
    private static void busyOneGetsLess(JsonNode given) {
        FakePool pool = pool(
                Strategies.weightedLeastConnections(),
                integers(given.get("weights")).stream().mapToDouble(i -> i).toArray());
        JsonNode active = given.has("active") ? given.get("active") : given.get("pending");
        busy(pool, active);
        int[] counts = pool.count(given.get("picks").asInt(), ANY);
        int busy = active.get(0).asInt() > active.get(1).asInt() ? 0 : 1;
        assertThat(counts[1 - busy]).isGreaterThan(counts[busy]);
    }

    private static void parallel(LoadBalancingStrategy strategy, JsonNode given, JsonNode expect) {
        double[] weights =
                integers(given.get("weights")).stream().mapToDouble(i -> i).toArray();
        for (int seed = 0; seed < 50; seed++) {
            FakePool pool = new FakePool(strategy, seed, FakePool.ofWeights(weights));
            List<Integer> counts = new ArrayList<>();
            for (int i = 0; i < given.get("parallel").asInt(); i++) {
                pool.acquire(ANY);
            }
            pool.candidates().forEach(candidate -> counts.add(candidate.inFlight()));
            assertThat(counts).isEqualTo(integers(expect.get("counts")));
        }
    }

    private static void busyOfTwo(JsonNode expect) {
        FakePool pool = pool(Strategies.powerOfTwo(), 1, 1);
        ((FakeCandidate) pool.candidates().get(0)).withInFlight(1);
        assertThat(pool.count(100, ANY)[0])
                .isEqualTo(expect.get("busyServerPicks").asInt());
    }

    /** The first draw: then each is picked as often as the other. */
    private static void tie() {
        int[] counts = pool(Strategies.powerOfTwo(), 1, 1).count(10_000, ANY);
        assertThat(counts[0]).isCloseTo(5_000, within(250));
    }

    private static void sequential(List<Long> latencies, boolean settled, JsonNode given, JsonNode expect) {
        for (int seed = 0; seed < 20; seed++) {
            FakePool pool = new FakePool(Strategies.leastResponseTime(), seed, FakePool.ofSize(2));
            if (settled || given.has("warmup")) {
                run(pool, latencies, given.path("warmup").asInt(2));
            }
            assertThat(run(pool, latencies, given.get("requestsSequential").asInt()))
                    .isEqualTo(integers(expect.get("counts")));
        }
    }

    /** Calls one after the other; the clock and the pool's median follow. */
    private static List<Integer> run(FakePool pool, List<Long> latencies, int calls) {
        Integer[] counts = {0, 0};
        for (int i = 0; i < calls; i++) {
            FakeCandidate picked = requireNonNull(pool.acquire(requestAt(pool)));
            int index = pool.candidates().indexOf(picked);
            counts[index]++;
            pool.clockNanos.addAndGet(latencies.get(index));
            pool.figures.latencyNanos = pool.figures.latencyNanos == 0
                    ? latencies.get(index)
                    : Math.min(pool.figures.latencyNanos, latencies.get(index));
            pool.complete(picked, Outcome.SUCCESS, latencies.get(index));
        }
        return List.of(counts);
    }

    private static FakeRequest requestAt(FakePool pool) {
        FakeRequest request = FakeRequest.any();
        request.nowNanos = pool.clockNanos.get();
        return request;
    }

    private static void triedAgain(JsonNode given, JsonNode expect) {
        FakePool pool = pool(Strategies.leastResponseTime(), 1, 1);
        List<Long> latencies = List.of(SLOW_NANOS, FAST_NANOS);
        run(pool, latencies, 2);
        assertThat(run(pool, latencies, 10)).containsExactly(0, 10);
        // Ours drifts to the average instead of ending at once, and the fast one has the picks of before: more than
        // once.
        pool.clockNanos.addAndGet(TimeUnit.MINUTES.toNanos(10));
        List<Integer> counts =
                run(pool, latencies, given.get("requestsSequential").asInt());
        assertThat(counts).isEqualTo(integers(expect.get("counts")));
    }

    private static void latencyAndInFlight(JsonNode given, JsonNode expect) {
        FakePool pool = pool(Strategies.leastResponseTime(), 1, 1);
        teach(pool, given.get("avgTtfbMs"));
        busy(pool, given.get("inflight"));
        List<Integer> counts = new ArrayList<>(List.of(0, 0));
        for (int i = 0; i < given.get("next").asInt(); i++) {
            int index = pool.candidates().indexOf(pool.acquire(requestAt(pool)));
            counts.set(index, counts.get(index) + 1);
        }
        assertThat(counts).isEqualTo(integers(expect.get("counts")));
    }

    private static void teach(FakePool pool, JsonNode millis) {
        for (int i = 0; i < millis.size(); i++) {
            FakeCandidate candidate = (FakeCandidate) pool.candidates().get(i);
            candidate.inFlight.incrementAndGet();
            pool.complete(
                    candidate,
                    Outcome.SUCCESS,
                    TimeUnit.MILLISECONDS.toNanos(millis.get(i).asInt()));
        }
    }

    private static void latencyByWeight(JsonNode given, JsonNode expect) {
        FakePool pool = pool(
                Strategies.leastResponseTime(),
                integers(given.get("weights")).stream().mapToDouble(i -> i).toArray());
        teach(pool, given.get("avgTtfbMs"));
        int[] counts = new int[2];
        for (int i = 0; i < given.get("requests").asInt(); i++) {
            FakeCandidate picked = requireNonNull(pool.acquire(requestAt(pool)));
            int index = pool.candidates().indexOf(picked);
            counts[index]++;
            pool.complete(
                    picked,
                    Outcome.SUCCESS,
                    TimeUnit.MILLISECONDS.toNanos(
                            given.get("avgTtfbMs").get(index).asInt()));
        }
        List<Integer> expected = integers(expect.get("counts"));
        assertThat(counts[0]).isCloseTo(expected.get(0), within(1));
        assertThat(counts[1]).isCloseTo(expected.get(1), within(1));
    }

    /** Envoy punishes a host without a sample; ours counts as the pool's median (ALGORITHMS.md). The known ones are alike. */
    private static void peakEwma(JsonNode given, JsonNode expect) {
        for (int i = 0; i < 2; i++) {
            JsonNode one = given.get("cases").get(i);
            FakePool pool = pool(Strategies.leastResponseTime(), 1);
            FakeCandidate candidate = (FakeCandidate) pool.candidates().get(0);
            long nanos = TimeUnit.MILLISECONDS.toNanos(one.get("rttMs").asInt());
            pool.figures.latencyNanos = nanos;
            candidate.inFlight.incrementAndGet();
            pool.complete(candidate, Outcome.SUCCESS, nanos);
            candidate.withInFlight(one.get("active").asInt());
            String explained = pool.picker().explain(candidate, pool.clockNanos.get());
            Matcher load = Pattern.compile("load ([0-9.]+) = ").matcher(explained);
            assertThat(load.lookingAt()).as(explained).isTrue();
            assertThat(Double.parseDouble(load.group(1)))
                    .isEqualTo(expect.get("costs").get(i).asDouble());
            assertThat(explained).contains(one.get("active").asInt() + " in flight");
        }
    }

    private static void limits(JsonNode given, JsonNode expect) {
        List<Integer> most = given.has("maxConns")
                ? integers(given.get("maxConns"))
                : List.of(expect.get("maxRequests").asInt());
        LoadBalancer pool = LoadBalancers.builder("users")
                .backends(java.util.stream.IntStream.range(0, most.size())
                        .mapToObj(i -> Backend.builder("http://b" + i + ".test")
                                .id("b" + i)
                                .maxInFlight(most.get(i))
                                .build())
                        .toList())
                .strategy(Strategies.leastConnections())
                .build();
        try (pool) {
            int parallel = given.path("parallel").asInt(most.get(0) + 1);
            Map<String, Integer> counts = new HashMap<>();
            int rejected = 0;
            for (int i = 0; i < parallel; i++) {
                if (pool.acquire(RequestContext.NONE) instanceof Lease lease) {
                    counts.merge(lease.backend().id(), 1, Integer::sum);
                } else {
                    rejected++;
                }
            }
            for (int i = 0; i < most.size(); i++) {
                assertThat(counts.get("b" + i)).isEqualTo(most.get(i));
            }
            assertThat(rejected).isEqualTo(expect.path("rejected").asInt(1));
        }
    }

    /** What weighs nothing is not placed at all; the others get their share of the keys. */
    private static void unplacedLocality(JsonNode given, JsonNode expect) {
        List<Integer> weights = integers(given.get("localityWeights"));
        List<FakeCandidate> placed = new ArrayList<>();
        for (int i = 0; i < weights.size(); i++) {
            if (weights.get(i) > 0) {
                placed.add(FakeCandidate.of("b" + i, weights.get(i)));
            }
        }
        FakePool pool = new FakePool(Strategies.consistentHash().rendezvous(), 7, placed);
        int[] counts = new int[4];
        int keys = given.get("keys").asInt();
        for (int i = 0; i < keys; i++) {
            String id =
                    requireNonNull(pool.pick(FakeRequest.withKey("key-" + i))).toString();
            counts[id.charAt(1) - '0']++;
        }
        assertThat(counts[3]).isEqualTo(expect.get("counts4th").asInt());
        for (int i = 0; i < 3; i++) {
            assertThat(counts[i]).isCloseTo(keys * weights.get(i) / 6, within(keys / 20));
        }
    }

    /** Hosts whose first check has not ended do not count as missing in their tier. */
    private static void excluded() {
        List<String> unchecked = List.of("b", "c");
        HealthCheck pendingOrUp = (backend, timeout) -> unchecked.contains(backend.id())
                ? new CompletableFuture<>()
                : CompletableFuture.completedFuture(HealthResult.healthy(""));
        LoadBalancer pool = LoadBalancers.builder("users")
                .backend(Backend.builder("http://a.test").id("a").build())
                .backend(Backend.builder("http://b.test").id("b").build())
                .backend(Backend.builder("http://c.test").id("c").build())
                .backend(Backend.builder("http://d.test").id("d").priority(1).build())
                .backend(Backend.builder("http://e.test").id("e").priority(1).build())
                .healthCheck(HealthCheckPolicy.builder(pendingOrUp)
                        .initialState(HealthState.DOWN)
                        .build())
                .strategy(Strategies.roundRobin())
                .build();
        try (pool) {
            await().until(() -> pool.snapshot().backends().stream()
                            .filter(backend -> backend.health() == HealthState.UP)
                            .count()
                    == 3);
            // A health is seen before the shares that follow from it.
            await().until(() -> pool.snapshot().tier(0).loadPercent() == 100
                    && !pool.snapshot().tier(0).panic());
            for (int i = 0; i < 100; i++) {
                Lease lease = (Lease) pool.acquire(RequestContext.NONE);
                assertThat(lease.backend().id()).isEqualTo("a");
                lease.complete(Outcome.SUCCESS);
            }
        }
    }

    private static void duplicates() {
        assertThatThrownBy(() -> LoadBalancers.builder("users")
                        .backends("http://a.test", "http://a.test")
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a.test");
    }

    /** Two groups are two zones here: each gets the same share, and one without a healthy member nothing. */
    private static void tree(JsonNode given, JsonNode expect) {
        for (int row = 0; row < given.get("down").size(); row++) {
            List<FakeCandidate> groups = FakePool.ofSize(given.get("balancers").asInt());
            Set<Integer> down = Set.copyOf(integers(given.get("down").get(row)));
            int each = given.get("serversEach").asInt();
            List<FakePool> leaves = new ArrayList<>();
            List<FakeCandidate> living = new ArrayList<>();
            for (int g = 0; g < groups.size(); g++) {
                List<FakeCandidate> up = new ArrayList<>();
                for (int s = 1; s <= each; s++) {
                    if (!down.contains(g * each + s)) {
                        up.add(FakeCandidate.of("s" + (g * each + s)));
                    }
                }
                if (!up.isEmpty()) {
                    living.add(groups.get(g));
                }
                leaves.add(up.isEmpty() ? null : new FakePool(Strategies.roundRobin(), 7, up));
            }
            FakePool parent = new FakePool(Strategies.roundRobin(), 7, living);
            List<Integer> counts = new ArrayList<>(java.util.Collections.nCopies(groups.size() * each, 0));
            for (int i = 0; i < given.get("requests").asInt(); i++) {
                Candidate group = requireNonNull(parent.call(ANY));
                FakePool leaf = requireNonNull(leaves.get(groups.indexOf(group)));
                int server = Integer.parseInt(
                        requireNonNull(leaf.call(ANY)).toString().substring(1));
                counts.set(server - 1, counts.get(server - 1) + 1);
            }
            assertThat(counts).isEqualTo(integers(expect.get("counts").get(row)));
        }
    }
}
