package dev.evenkeel.lb.core.strategy;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What every strategy owes, whatever its algorithm: a candidate whenever the request accepts one, never one that it does
 * not accept, and no exception. Each scenario is driven with calls that differ in key, address, duration and outcome.
 */
final class StrategyScenariosTest {
    private static final Outcome[] OUTCOMES = Outcome.values();

    static List<Named<LoadBalancingStrategy>> strategies() {
        return AllStrategies.all();
    }

    @ParameterizedTest
    @MethodSource("strategies")
    void oneCandidate_takesEverything(LoadBalancingStrategy strategy) {
        drive(new FakePool(strategy, 1, FakePool.ofSize(1)), 2_000);
    }

    @ParameterizedTest
    @MethodSource("strategies")
    void twoCandidates_bothServe(LoadBalancingStrategy strategy) {
        List<FakeCandidate> candidates = FakePool.ofSize(2);
        assertThat(drive(new FakePool(strategy, 2, candidates), 4_000)).containsAll(candidates);
    }

    @ParameterizedTest
    @MethodSource("strategies")
    void manyCandidates_allButOneTried_theOneIsPicked(LoadBalancingStrategy strategy) {
        for (int n : new int[] {2, 3, 10, 40, 100}) {
            List<FakeCandidate> candidates = FakePool.ofSize(n);
            FakePool pool = new FakePool(strategy, n, candidates);
            for (FakeCandidate left : candidates) {
                Set<FakeCandidate> tried = new HashSet<>(candidates);
                tried.remove(left);
                FakeRequest request = request(new Random(n), 0);
                request.tried = Set.copyOf(tried);
                assertThat(pool.call(request)).isSameAs(left);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("strategies")
    void manyCandidates_allTried_nothingIsPicked(LoadBalancingStrategy strategy) {
        List<FakeCandidate> candidates = FakePool.ofSize(5);
        FakePool pool = new FakePool(strategy, 3, candidates);
        FakeRequest request = FakeRequest.withKey("key");
        request.tried = Set.copyOf(candidates);
        assertThat(pool.pick(request)).isNull();
    }

    @ParameterizedTest
    @MethodSource("strategies")
    void extremeWeights_alwaysServe(LoadBalancingStrategy strategy) {
        drive(new FakePool(strategy, 4, FakePool.ofWeights(1, 65_535)), 4_000);
        drive(new FakePool(strategy, 5, FakePool.ofWeights(65_535, 1, 1, 1, 1, 1, 1, 1, 1, 1)), 4_000);
        drive(new FakePool(strategy, 6, FakePool.ofWeights(Double.MIN_VALUE, 1, 1e300)), 4_000);
    }

    @ParameterizedTest
    @MethodSource("strategies")
    void fractionalWeights_alwaysServe(LoadBalancingStrategy strategy) {
        drive(new FakePool(strategy, 7, FakePool.ofWeights(0.1, 1 / 3.0, Math.PI, 1, 2.5)), 4_000);
    }

    @ParameterizedTest
    @MethodSource("strategies")
    void weightsThatChangeEach10Ms_alwaysServe(LoadBalancingStrategy strategy) {
        List<FakeCandidate> candidates = FakePool.ofSize(20);
        FakePool pool = new FakePool(strategy, 8, candidates);
        Random random = new Random(8);
        for (int round = 0; round < 200; round++) {
            pool.clockNanos.addAndGet(10_000_000);
            candidates.forEach(candidate -> candidate.weight = 0.1 + 9.9 * random.nextDouble());
            pool.update(candidates);
            drive(pool, 20);
        }
    }

    @ParameterizedTest
    @MethodSource("strategies")
    void slowStart_rampsWithoutAGap(LoadBalancingStrategy strategy) {
        List<FakeCandidate> candidates = FakePool.ofWeights(1, 1, 1, 0.1);
        FakePool pool = new FakePool(strategy, 9, candidates);
        for (int percent = 10; percent <= 100; percent++) {
            candidates.get(3).weight = percent / 100.0;
            pool.update(candidates);
            drive(pool, 40);
        }
    }

    @ParameterizedTest
    @MethodSource("strategies")
    void candidatesAddedAndRemoved_whileTwoThreadsPick_alwaysServe(LoadBalancingStrategy strategy) throws Exception {
        List<FakeCandidate> stable = FakePool.ofSize(3);
        FakePool pool = new FakePool(strategy, 10, stable);
        AtomicBoolean done = new AtomicBoolean();
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            List<Future<?>> pickers = IntStream.range(0, 2)
                    .<Future<?>>mapToObj(thread -> threads.submit(() -> {
                        Random random = new Random(thread);
                        do {
                            FakeRequest request = request(random, pool.clockNanos.get());
                            FakeCandidate candidate = requireNonNull(pool.acquire(request));
                            pool.complete(candidate, OUTCOMES[random.nextInt(OUTCOMES.length)], 1_000_000);
                        } while (!done.get());
                    }))
                    .toList();
            Random random = new Random(10);
            List<FakeCandidate> spare = IntStream.range(0, 40)
                    .mapToObj(i -> FakeCandidate.of("spare" + i, 1 + i % 7))
                    .toList();
            for (int round = 0; round < 100; round++) {
                List<FakeCandidate> list = new ArrayList<>(stable);
                spare.stream().filter(candidate -> random.nextBoolean()).forEach(list::add);
                pool.clockNanos.addAndGet(1_000_000);
                pool.update(list);
            }
            done.set(true);
            for (Future<?> future : pickers) {
                future.get(30, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
        stable.forEach(candidate -> assertThat(candidate.inFlight()).isZero());
    }

    @ParameterizedTest
    @MethodSource("strategies")
    void oneFull_theOthersServe(LoadBalancingStrategy strategy) {
        for (int n : new int[] {2, 3, 50}) {
            List<FakeCandidate> candidates = FakePool.ofSize(n);
            candidates.get(n / 2).maxInFlight = 0;
            assertThat(drive(new FakePool(strategy, n, candidates), 2_000)).doesNotContain(candidates.get(n / 2));
        }
    }

    @ParameterizedTest
    @MethodSource("strategies")
    void allFull_nothingIsPicked_andServiceResumesAfterwards(LoadBalancingStrategy strategy) {
        List<FakeCandidate> candidates = FakePool.ofSize(4);
        candidates.forEach(candidate -> candidate.available = false);
        FakePool pool = new FakePool(strategy, 11, candidates);
        for (int i = 0; i < 100; i++) {
            assertThat(pool.pick(request(new Random(i), i))).isNull();
        }
        candidates.get(2).available = true;
        assertThat(pool.call(FakeRequest.any())).isSameAs(candidates.get(2));
        candidates.forEach(candidate -> candidate.available = true);
        drive(pool, 1_000);
    }

    @ParameterizedTest
    @MethodSource("strategies")
    void availabilityThatFlickers_neverAnUnavailableOne(LoadBalancingStrategy strategy) {
        Random random = new Random(12);
        List<FakeCandidate> candidates = FakePool.ofWeights(1, 2, 3, 4, 5, 6, 7, 8);
        FakePool pool = new FakePool(strategy, 12, candidates);
        for (int round = 0; round < 2_000; round++) {
            candidates.forEach(candidate -> candidate.available = random.nextInt(4) == 0);
            FakeRequest request = request(random, pool.clockNanos.addAndGet(1_000_000));
            FakeCandidate picked = pool.call(request);
            if (candidates.stream().anyMatch(request::accepts)) {
                assertThat(picked)
                        .isNotNull()
                        .satisfies(candidate ->
                                assertThat(request.accepts(candidate)).isTrue());
            } else {
                assertThat(picked).isNull();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("strategies")
    void picker_explainsEveryCandidate(LoadBalancingStrategy strategy) {
        FakePool pool = new FakePool(strategy, 13, FakePool.ofWeights(1, 2, 0.5));
        drive(pool, 100);
        pool.candidates()
                .forEach(candidate ->
                        assertThat(pool.picker().explain(candidate, 0)).isNotNull());
    }

    /** Makes calls of which up to eight are in flight, and returns who served. */
    private static Set<FakeCandidate> drive(FakePool pool, int calls) {
        Random random = new Random(calls);
        Set<FakeCandidate> served = new HashSet<>();
        Deque<FakeCandidate> inFlight = new ArrayDeque<>();
        for (int i = 0; i < calls; i++) {
            FakeRequest request = request(random, pool.clockNanos.addAndGet(100_000));
            FakeCandidate candidate = pool.acquire(request);
            assertThat(candidate).isNotNull();
            assertThat(pool.candidates()).contains(candidate);
            served.add(candidate);
            inFlight.add(candidate);
            while (inFlight.size() > random.nextInt(8)) {
                Outcome outcome = OUTCOMES[random.nextInt(OUTCOMES.length)];
                pool.complete(inFlight.remove(), outcome, random.nextInt(5_000_000));
            }
        }
        inFlight.forEach(candidate -> pool.complete(candidate, Outcome.SUCCESS, 1_000_000));
        return served;
    }

    private static FakeRequest request(Random random, long nowNanos) {
        FakeRequest request = FakeRequest.any();
        request.nowNanos = nowNanos;
        if (random.nextBoolean()) {
            request.affinityKey = "key" + random.nextInt(1_000);
        }
        if (random.nextBoolean()) {
            request.clientAddress = address(random);
        }
        return request;
    }

    private static InetAddress address(Random random) {
        byte[] bytes = new byte[random.nextBoolean() ? 4 : 16];
        random.nextBytes(bytes);
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }
}
