package dev.evenkeel.lb.core.strategy;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Named.named;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.evenkeel.lb.LoadReport;
import dev.evenkeel.lb.core.internal.load.HaproxyAgentResponse;
import dev.evenkeel.lb.core.internal.strategy.hash.AffinityPicker;
import dev.evenkeel.lb.core.internal.strategy.hash.HashRing;
import dev.evenkeel.lb.core.internal.strategy.hash.Maglev;
import dev.evenkeel.lb.core.internal.strategy.load.ReportedWeight;
import dev.evenkeel.lb.core.internal.strategy.support.Weights;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What other balancers' tests and documentation expect of the algorithms that we share with them. */
final class StaticVectorsTest {

    static List<Named<JsonNode>> vectors() throws IOException {
        try (InputStream in = StaticVectorsTest.class.getResourceAsStream("vectors-static.json")) {
            JsonNode vectors = new ObjectMapper().readTree(in);
            return StreamSupport.stream(vectors.spliterator(), false)
                    .map(vector -> named(
                            vector.get("id").asText() + ": "
                                    + vector.get("source").asText(),
                            vector))
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void vector_isMet(JsonNode vector) {
        JsonNode given = vector.get("given");
        JsonNode expect = vector.get("expect");
        switch (vector.get("id").asText()) {
            case "ngx-rr-30" -> counts(Strategies.roundRobin(), given, expect);
            case "ngx-wrr-doc-511" -> counts(Strategies.weightedRoundRobin(), given, expect);
            case "env-locwrr-seq" ->
                assertThat(sequence(doubles(given.get("weights")), 6)).isEqualTo(ints(expect.get("sequence")));
            case "trf-wrr-113" -> traefikSequence(given, expect);
            case "env-rr-w21" -> weightsChange(given, expect);
            case "env-rr-w213" -> hostJoins(given);
            case "env-rr-seeds" -> startOffsets(given, expect);
            case "ngx-maxconns-weight" -> limits(given, expect);
            case "ngx-sticky-failover" -> failover();
            case "grpc-wrand-zero" -> equalDraws(given, expect);
            case "ngx-iphash-2" -> clientAddresses(expect);
            case "ngx-iphash-noaddr" -> noAddress(expect);
            case "ngx-hash-emptykey", "grpc-ring-nohash" -> noKey(given, expect);
            case "ngx-hash-samekey" -> sameKey();
            case "env-maglev-7", "env-maglev-host", "env-maglev-w12", "env-maglev-loc" -> maglevTable(given, expect);
            case "env-maglev-lopsided" -> lopsidedMaglev(expect);
            case "env-maglev-prime" ->
                refused(() -> Strategies.consistentHash()
                        .maglev(given.get("tableSize").asInt()));
            case "go-maglev-dead" -> deadInMaglev(expect);
            case "env-ring-basic" -> ring(given, expect);
            case "env-ring-tiny" -> tinyRing(given, expect);
            case "env-ring-minmax" -> refused(() -> Strategies.consistentHash().ring(2, 1));
            case "grpc-ring-weights" -> weightedRing(given, expect);
            case "env-rdv-123" -> weightedRendezvous(given, expect);
            case "env-rdv-add" -> rendezvousGrows(given);
            case "trf-hrw-5050" -> rendezvousRecovers(given, expect);
            case "hap-hash-maxconn" -> spill();
            case "hap-hbf-150" -> boundedLoad(given, expect);
            case "env-bl-order" -> overflowOrder(given);
            case "grpc-ss-123", "grpc-ss-301", "grpc-ss-floor" -> reportedWeights(given, expect);
            case "env-csw-eps" -> errorPenalty(given, expect);
            case "grpc-wrr-util" -> utilization(given);
            case "afd-flow" -> frontDoor(given);
            case "afd-latency70" -> frontDoorBorder(given);
            case "hap-agent" -> agent(given, expect);
            default -> throw new AssertionError("no test of " + vector);
        }
    }

    private static void counts(LoadBalancingStrategy strategy, JsonNode given, JsonNode expect) {
        FakePool pool = new FakePool(strategy, 1, FakePool.ofWeights(doubles(given.get("weights"))));
        assertThat(pool.count(given.get("picks").asInt(), FakeRequest.any())).isEqualTo(ints(expect.get("counts")));
    }

    /** The same cycle from another start. */
    private static void traefikSequence(JsonNode given, JsonNode expect) {
        StringBuilder expected = new StringBuilder();
        expect.get("sequence").forEach(name -> expected.append(name.asText().charAt(0) - 'A'));
        StringBuilder cycles = new StringBuilder();
        for (int pick : sequence(doubles(given.get("weights")), 28)) {
            cycles.append(pick);
        }
        assertThat(cycles).contains(expected);
    }

    private static void weightsChange(JsonNode given, JsonNode expect) {
        List<FakeCandidate> candidates = FakePool.ofWeights(1, 2);
        StartingAt start = new StartingAt(0);
        FakeContext context = context(candidates, start);
        var picker = Strategies.weightedRoundRobin().newPicker(context);
        IntStream.range(0, 6).forEach(i -> picker.pick(FakeRequest.any()));
        double[] weights = doubles(given.get("weightsChangedTo"));
        candidates.get(0).weight = weights[0];
        candidates.get(1).weight = weights[1];
        var changed = Strategies.weightedRoundRobin().newPicker(context.next(picker, candidates));
        int[] counts = new int[2];
        IntStream.range(0, given.get("picks").asInt())
                .forEach(i -> counts[candidates.indexOf(changed.pick(FakeRequest.any()))]++);
        assertThat(counts).isEqualTo(ints(expect.get("counts")));
    }

    /** Envoy's order is that of its deadline queue; ours is nginx's. The counts of each cycle are the same. */
    private static void hostJoins(JsonNode given) {
        double[] weights = doubles(given.get("weights"));
        FakePool pool = new FakePool(Strategies.weightedRoundRobin(), 1, FakePool.ofWeights(weights[0], weights[1]));
        pool.count(3, FakeRequest.any());
        pool.update(FakePool.ofWeights(weights));
        assertThat(pool.count(6, FakeRequest.any())).containsExactly(2, 1, 3);
        assertThat(pool.count(6, FakeRequest.any())).containsExactly(2, 1, 3);
    }

    private static void startOffsets(JsonNode given, JsonNode expect) {
        int[] counts = new int[3];
        for (int seed = 0; seed < given.get("schedulers").asInt(); seed++) {
            List<FakeCandidate> candidates = FakePool.ofWeights(doubles(given.get("weights")));
            var picker = Strategies.weightedRoundRobin().newPicker(context(candidates, new StartingAt(seed)));
            counts[candidates.indexOf(picker.pick(FakeRequest.any()))]++;
        }
        assertThat(counts).isEqualTo(ints(expect.get("counts")));
    }

    private static void limits(JsonNode given, JsonNode expect) {
        List<FakeCandidate> candidates = FakePool.ofWeights(doubles(given.get("weights")));
        candidates.get(0).maxInFlight = given.get("maxConns").get(0).asInt();
        FakePool pool = new FakePool(Strategies.weightedRoundRobin(), 1, candidates);
        int[] counts = new int[2];
        for (int i = 0; i < given.get("parallel").asInt(); i++) {
            counts[candidates.indexOf(pool.acquire(FakeRequest.any()))]++;
        }
        assertThat(counts).isEqualTo(ints(expect.get("counts")));
    }

    private static void failover() {
        for (LoadBalancingStrategy strategy : List.of(Strategies.roundRobin(), Strategies.ipHash())) {
            FakePool pool = new FakePool(strategy, 1, FakePool.ofSize(2));
            FakeCandidate first = requireNonNull(pool.pick(FakeRequest.any()));
            FakeCandidate second = requireNonNull(pool.pick(FakeRequest.any().afterTrying(first)));
            assertThat(second).isNotSameAs(first);
            assertThat(pool.pick(FakeRequest.any().afterTrying(first, second))).isNull();
        }
    }

    /** We have no weight 0; what the vector shows is that equal weights take the draw as it is. */
    private static void equalDraws(JsonNode given, JsonNode expect) {
        List<FakeCandidate> candidates = FakePool.ofSize(given.get("bound").asInt());
        int[] draws = ints(given.get("draws"));
        List<Long> words = new ArrayList<>();
        for (int draw : draws) {
            words.add((long) draw << 62);
        }
        RandomGenerator random = () -> words.remove(0);
        var picker = Strategies.random().newPicker(context(candidates, random));
        assertThat(IntStream.range(0, draws.length)
                        .map(i -> candidates.indexOf(picker.pick(FakeRequest.any())))
                        .toArray())
                .isEqualTo(ints(expect.get("picks")));
    }

    private static void clientAddresses(JsonNode expect) {
        List<FakeCandidate> candidates = FakePool.ofSize(2);
        FakePool pool = new FakePool(Strategies.ipHash(), 1, candidates);
        int[] counts = new int[2];
        for (int i = 1; i <= 30; i++) {
            counts[candidates.indexOf(pool.pick(FakeRequest.from(ipv4(127, 0, i, 2))))]++;
        }
        assertThat(counts).isEqualTo(ints(expect.get("counts")));
    }

    private static void noAddress(JsonNode expect) {
        int[] counts = new FakePool(Strategies.ipHash(), 1, FakePool.ofSize(2)).count(30, FakeRequest.any());
        assertThat(counts).contains(expect.get("allOnSameServer").asInt());
    }

    private static void noKey(JsonNode given, JsonNode expect) {
        int[] expected = ints(expect.get("counts"));
        int requests = given.has("requests")
                ? given.get("requests").asInt()
                : given.get("picks").asInt();
        FakeRequest request = given.has("key") ? FakeRequest.withKey("") : FakeRequest.any();
        for (ConsistentHash strategy : List.of(
                Strategies.consistentHash(),
                Strategies.consistentHash().ring(2, 2),
                Strategies.consistentHash().rendezvous())) {
            FakePool pool = new FakePool(strategy, 1, FakePool.ofSize(expected.length));
            assertThat(pool.count(requests, request)).isEqualTo(expected);
        }
    }

    private static void sameKey() {
        int[] counts = new FakePool(Strategies.consistentHash(), 1, FakePool.ofSize(3))
                .count(10, FakeRequest.withKey("constant"));
        assertThat(counts).contains(10);
    }

    private static void maglevTable(JsonNode given, JsonNode expect) {
        String[] ids = {"127.0.0.1:90", "127.0.0.1:91"};
        for (String field : List.of("hosts", "keys")) {
            ids = given.has(field) ? texts(given.get(field)) : ids;
        }
        double[] weights = new double[ids.length];
        Arrays.fill(weights, 1);
        if (given.has("weights")) {
            weights = doubles(given.get("weights"));
        }
        int[] table = Maglev.Table.ofSize(given.get("tableSize").asInt())
                .place(ids, Weights.of(weights))
                .table();
        assertThat(table).isEqualTo(ints(expect.get("table")));
    }

    /** The weights of the file are of localities: 127 for one host, and 1 that 1,023 hosts share. */
    private static void lopsidedMaglev(JsonNode expect) {
        String[] ids = IntStream.range(0, 1_024).mapToObj(i -> "127.0.0.1:" + i).toArray(String[]::new);
        double[] weights = new double[1_024];
        Arrays.fill(weights, 1 / 1_023.0);
        weights[0] = 127;
        int[] counts = new int[1_024];
        for (int owner :
                Maglev.Table.ofSize(65_537).place(ids, Weights.of(weights)).table()) {
            counts[owner]++;
        }
        assertThat(counts[0]).isEqualTo(expect.get("heavyHost").asInt());
        assertThat(Arrays.copyOfRange(counts, 1, 1_024))
                .containsOnly(expect.get("lightHost").asInt());
    }

    /** The file's permutations begin at 2 and 1 and go by 4 and 2 for the two that live. */
    private static void deadInMaglev(JsonNode expect) {
        int[] table = Maglev.populate(new int[] {2, 1}, new int[] {4, 2}, Weights.even(2, 1), 7);
        assertThat(Arrays.stream(table).map(owner -> 2 * owner).toArray()).isEqualTo(ints(expect.get("table")));
    }

    private static void ring(JsonNode given, JsonNode expect) {
        String[] ids = texts(given.get("hosts"));
        double[] weights = new double[ids.length];
        Arrays.fill(weights, 1);
        int size = given.get("ringSize").asInt();
        HashRing ring = HashRing.Size.of(size, size).place(ids, Weights.of(weights));
        List<String> points = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            points.add(ids[ring.owner(i)] + " " + Long.toUnsignedString(ring.points()[i]));
        }
        List<String> expected = new ArrayList<>();
        expect.get("ring")
                .forEach(point -> expected.add("127.0.0.1:" + point.get("port").asText() + " "
                        + point.get("position").asText()));
        assertThat(points).isEqualTo(expected);
    }

    private static void tinyRing(JsonNode given, JsonNode expect) {
        int size = given.get("ringSize").asInt();
        HashRing ring = HashRing.Size.of(size, size)
                .place(new String[] {"a", "b", "c"}, Weights.of(doubles(given.get("weights"))));
        int[] counts = new int[3];
        IntStream.range(0, size).forEach(point -> counts[ring.owner(point)]++);
        assertThat(counts).isEqualTo(ints(expect.get("replicas")));
    }

    private static void weightedRing(JsonNode given, JsonNode expect) {
        List<FakeCandidate> candidates = FakePool.ofWeights(doubles(given.get("weights")));
        ConsistentHash strategy = Strategies.consistentHash()
                .ring(given.get("minRing").asInt(), given.get("maxRing").asInt());
        FakePool pool = new FakePool(strategy, 1, candidates);
        double[] counts = new double[3];
        for (int i = 0; i < 10_000; i++) {
            counts[candidates.indexOf(pool.pick(FakeRequest.withKey("" + i)))]++;
        }
        assertThat(counts[0] / counts[1]).isCloseTo(expect.get("ratio01").asDouble(), within(0.03));
        assertThat(counts[1] / counts[2]).isCloseTo(expect.get("ratio12").asDouble(), within(0.03));
    }

    private static void weightedRendezvous(JsonNode given, JsonNode expect) {
        List<FakeCandidate> candidates = hosts(given);
        AffinityPicker picker = rendezvous(candidates);
        int[] counts = new int[3];
        for (int i = 0; i < 6_000; i++) {
            long hash = Long.divideUnsigned(-1, 6_000) * i;
            counts[candidates.indexOf(picker.pick(FakeRequest.any(), hash))]++;
        }
        for (int i = 0; i < 3; i++) {
            JsonNode range = expect.get("ranges").get(i);
            assertThat(counts[i]).isBetween(range.get(0).asInt(), range.get(1).asInt());
        }
    }

    private static void rendezvousGrows(JsonNode given) {
        List<FakeCandidate> candidates = FakePool.ofSize(given.get("hosts").asInt());
        List<FakeCandidate> more = new ArrayList<>(candidates);
        more.add(FakeCandidate.of("b3"));
        AffinityPicker before = rendezvous(candidates);
        AffinityPicker after = rendezvous(more);
        int changed = 0;
        for (int i = 0; i < 100; i++) {
            long hash = i * 1_000_000L;
            changed += before.pick(FakeRequest.any(), hash) == after.pick(FakeRequest.any(), hash) ? 0 : 1;
        }
        assertThat(changed).isBetween(1, 49);
    }

    private static void rendezvousRecovers(JsonNode given, JsonNode expect) {
        List<FakeCandidate> candidates = FakePool.ofWeights(doubles(given.get("weights")));
        FakePool pool = new FakePool(Strategies.consistentHash().rendezvous(), 1, candidates);
        candidates.get(0).available = false;
        assertThat(pool.pick(FakeRequest.withKey("10.0.0.1"))).isSameAs(candidates.get(1));
        candidates.get(0).available = true;
        int[] counts = new int[2];
        for (int i = 0; i < given.get("clientIps").asInt(); i++) {
            counts[candidates.indexOf(pool.pick(FakeRequest.withKey("10.0.0." + i)))]++;
        }
        assertThat(counts[0]).isCloseTo(expect.get("counts").get(0).asInt(), within(10));
    }

    private static void spill() {
        List<FakeCandidate> candidates = FakePool.ofSize(2);
        candidates.forEach(candidate -> candidate.maxInFlight = 1);
        for (ConsistentHash strategy :
                List.of(Strategies.consistentHash(), Strategies.consistentHash().ring())) {
            FakePool pool = new FakePool(strategy, 1, candidates);
            FakeCandidate first = requireNonNull(pool.acquire(FakeRequest.withKey("/url")));
            FakeCandidate second = requireNonNull(pool.acquire(FakeRequest.withKey("/url")));
            assertThat(Set.of(first, second)).hasSize(2);
            candidates.forEach(candidate -> candidate.inFlight.set(0));
            assertThat(pool.pick(FakeRequest.withKey("/url"))).isSameAs(first);
        }
    }

    private static void boundedLoad(JsonNode given, JsonNode expect) {
        double factor = given.get("hashBalanceFactor").asDouble() / 100;
        List<FakeCandidate> candidates = FakePool.ofSize(10);
        FakePool pool = new FakePool(Strategies.consistentHash().loadFactor(factor), 1, candidates);
        IntStream.range(0, 1_000).forEach(i -> pool.acquire(FakeRequest.withKey("hot")));
        int most = candidates.stream().mapToInt(FakeCandidate::inFlight).max().orElseThrow();
        assertThat(most / 100.0).isEqualTo(expect.get("maxLoadOverAverage").asDouble(), within(0.01));
    }

    /** Envoy's sequence is a shuffle of its own; what holds for ours too is that a key's sequence is walked in order. */
    private static void overflowOrder(JsonNode given) {
        List<FakeCandidate> candidates = FakePool.ofSize(given.get("hosts").asInt());
        FakePool pool = new FakePool(Strategies.consistentHash().ring(), 1, candidates);
        FakeRequest request = FakeRequest.withKey("2");
        List<FakeCandidate> order = new ArrayList<>();
        while (order.size() < candidates.size()) {
            order.add(requireNonNull(pool.pick(request.afterTrying(order.toArray(FakeCandidate[]::new)))));
        }
        assertThat(new HashSet<>(order)).hasSize(candidates.size());
        int[] sequence = ints(given.get("sequence"));
        for (JsonNode overloaded : given.get("overloaded")) {
            Set<FakeCandidate> full = new HashSet<>();
            for (int i = 0; i < sequence.length; i++) {
                if (IntStream.of(ints(overloaded)).boxed().toList().contains(sequence[i])) {
                    full.add(order.get(i));
                }
            }
            request.tried = Set.copyOf(full);
            assertThat(pool.pick(request))
                    .isSameAs(order.stream()
                            .filter(next -> !full.contains(next))
                            .findFirst()
                            .orElseThrow());
        }
    }

    private static void reportedWeights(JsonNode given, JsonNode expect) {
        double[] weights = doubles(given.get("weights"));
        List<FakeCandidate> candidates = FakePool.ofSize(weights.length);
        FakePool pool = new FakePool(Strategies.resourceBased().blackoutDuration(Duration.ZERO), 1, candidates);
        for (int i = 0; i < weights.length; i++) {
            report(pool, candidates.get(i), weights[i], 1);
        }
        assertThat(countReported(pool, given.get("picks").asInt())).isEqualTo(ints(expect.get("counts")));
    }

    private static void errorPenalty(JsonNode given, JsonNode expect) {
        LoadReport report = LoadReport.builder()
                .qps(given.get("qps").asDouble())
                .eps(given.get("eps").asDouble())
                .build();
        assertThat(ReportedWeight.of(
                        report,
                        given.get("utilization").asDouble(),
                        given.get("penalty").asDouble()))
                .isCloseTo(expect.get("weight").asDouble(), within(1.0));
    }

    private static void utilization(JsonNode given) {
        double[] utilization = doubles(given.get("utilization"));
        double[] qps = doubles(given.get("qps"));
        List<FakeCandidate> candidates = FakePool.ofSize(qps.length);
        FakePool pool = new FakePool(Strategies.resourceBased().blackoutDuration(Duration.ZERO), 1, candidates);
        double sum = 0;
        for (int i = 0; i < qps.length; i++) {
            report(pool, candidates.get(i), qps[i], utilization[i]);
            sum += qps[i] / utilization[i];
        }
        int[] counts = countReported(pool, given.get("picks").asInt());
        for (int i = 0; i < qps.length; i++) {
            assertThat(counts[i] / 10_000.0).isCloseTo(qps[i] / utilization[i] / sum, within(0.0002));
        }
    }

    /** Which backends are available, and of which priority, the pool has decided before. */
    private static void frontDoor(JsonNode given) {
        JsonNode backends = given.get("backends");
        List<FakeCandidate> candidates =
                List.of(FakeCandidate.of("A", 5), FakeCandidate.of("B", 8), FakeCandidate.of("D", 1));
        candidates.forEach(candidate -> candidate.withLatencyMillis(
                backends.get(candidate.backend().id()).get("latency").asDouble()));
        FakePool pool = new FakePool(
                Strategies.latencyTiers(
                        Duration.ofMillis(given.get("sensitivityMs").asInt())),
                1,
                candidates);
        assertThat(pool.count(13_000, FakeRequest.any())).containsExactly(5_000, 8_000, 0);
    }

    private static void frontDoorBorder(JsonNode given) {
        List<FakeCandidate> candidates = FakePool.ofSize(3);
        double fastest = given.get("fastestMs").asDouble();
        int sensitivity = given.get("sensitivityMs").asInt();
        candidates.get(0).withLatencyMillis(fastest);
        candidates.get(1).withLatencyMillis(fastest + sensitivity);
        candidates.get(2).withLatencyMillis(fastest + sensitivity + 0.001);
        FakePool pool = new FakePool(Strategies.latencyTiers(Duration.ofMillis(sensitivity)), 1, candidates);
        assertThat(pool.count(100, FakeRequest.any())).containsExactly(50, 50, 0);
    }

    private static void agent(JsonNode given, JsonNode expect) {
        List<HaproxyAgentResponse> replies = new ArrayList<>();
        given.get("replies").forEach(reply -> replies.add(HaproxyAgentResponse.parse(reply.asText() + "\n")));
        assertThat(replies.get(0).weightPercent())
                .isEqualTo(expect.get("weight").asInt());
        assertThat(replies.get(1).maxInFlight()).isEqualTo(expect.get("maxconn").asInt());
        assertThat(replies.get(2).admin()).isEqualTo(HaproxyAgentResponse.Admin.MAINT);
        assertThat(replies.get(3).state()).isEqualTo(HaproxyAgentResponse.State.DOWN);
    }

    private static void refused(Runnable setting) {
        assertThatThrownBy(setting::run).isInstanceOf(IllegalArgumentException.class);
    }

    private static void report(FakePool pool, FakeCandidate candidate, double qps, double utilization) {
        LoadReport report =
                LoadReport.builder().qps(qps).cpuUtilization(utilization).build();
        pool.picker().reported(candidate, report, pool.clockNanos.get());
    }

    private static int[] countReported(FakePool pool, int picks) {
        FakeRequest request = FakeRequest.any();
        request.nowNanos = pool.clockNanos.addAndGet(1_000_000_000);
        return pool.count(picks, request);
    }

    private static AffinityPicker rendezvous(List<FakeCandidate> candidates) {
        return (AffinityPicker) Strategies.consistentHash().rendezvous().newPicker(FakeContext.of(1, candidates));
    }

    private static List<FakeCandidate> hosts(JsonNode given) {
        String[] ids = texts(given.get("hosts"));
        double[] weights = doubles(given.get("weights"));
        return IntStream.range(0, ids.length)
                .mapToObj(i -> FakeCandidate.of(ids[i], weights[i]))
                .toList();
    }

    private static int[] sequence(double[] weights, int picks) {
        List<FakeCandidate> candidates = FakePool.ofWeights(weights);
        var picker = Strategies.weightedRoundRobin().newPicker(context(candidates, new StartingAt(0)));
        return IntStream.range(0, picks)
                .map(i -> candidates.indexOf(picker.pick(FakeRequest.any())))
                .toArray();
    }

    private static FakeContext context(List<FakeCandidate> candidates, RandomGenerator random) {
        FakeContext seeded = FakeContext.of(0, candidates);
        return new FakeContext(seeded.candidates(), null, null, random, seeded.timeSource(), seeded.figures());
    }

    private static double[] doubles(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .mapToDouble(JsonNode::asDouble)
                .toArray();
    }

    private static int[] ints(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .mapToInt(JsonNode::asInt)
                .toArray();
    }

    private static String[] texts(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(JsonNode::asText)
                .toArray(String[]::new);
    }

    private static InetAddress ipv4(int a, int b, int c, int d) {
        try {
            return InetAddress.getByAddress(new byte[] {(byte) a, (byte) b, (byte) c, (byte) d});
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Fixes where a rotation begins. */
    private static final class StartingAt extends Random {
        private final int start;

        StartingAt(int start) {
            this.start = start;
        }

        @Override
        public int nextInt(int bound) {
            return start % bound;
        }
    }
}
