package dev.evenkeel.lb.core.strategy;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Named.named;

import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.internal.strategy.hash.HashTablePicker;
import dev.evenkeel.lb.core.internal.strategy.hash.KeyPlacement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ConsistentHashTest {
    private static final int KEYS = 20_000;

    static List<Named<ConsistentHash>> forms() {
        return List.of(
                named("maglev", Strategies.consistentHash()),
                named("ring", Strategies.consistentHash().ring()),
                named("rendezvous", Strategies.consistentHash().rendezvous()));
    }

    @ParameterizedTest
    @MethodSource("forms")
    void key_alwaysMeetsTheSameBackend_whateverTheOrderOfTheList(ConsistentHash strategy) {
        List<FakeCandidate> candidates = FakePool.ofSize(20);
        List<FakeCandidate> shuffled = new ArrayList<>(candidates);
        Collections.shuffle(shuffled, new Random(1));
        assertThat(owners(new FakePool(strategy, 1, candidates)))
                .isEqualTo(owners(new FakePool(strategy, 2, shuffled)));
    }

    @ParameterizedTest
    @MethodSource("forms")
    void oneOfHundredLeaves_fewOtherKeysMove_andItsKeysReturnToIt(ConsistentHash strategy) {
        List<FakeCandidate> candidates = FakePool.ofSize(100);
        FakePool pool = new FakePool(strategy, 1, candidates);
        List<FakeCandidate> before = owners(pool);
        for (FakeCandidate leaving : List.of(candidates.get(0), candidates.get(50), candidates.get(99))) {
            List<FakeCandidate> rest = new ArrayList<>(candidates);
            rest.remove(leaving);
            pool.update(rest);
            List<FakeCandidate> without = owners(pool);
            long moved = IntStream.range(0, KEYS)
                    .filter(key -> before.get(key) != without.get(key))
                    .count();
            long owned = before.stream().filter(owner -> owner == leaving).count();
            assertThat(moved).isBetween(owned, owned + KEYS / 100);
            pool.update(candidates);
            assertThat(owners(pool)).isEqualTo(before);
        }
    }

    @ParameterizedTest
    @MethodSource("forms")
    void unavailableOwner_itsKeysSpreadOverTheOthers_andReturn(ConsistentHash strategy) {
        List<FakeCandidate> candidates = FakePool.ofSize(10);
        FakePool pool = new FakePool(strategy, 1, candidates);
        List<FakeCandidate> before = owners(pool);
        FakeCandidate full = candidates.get(3);
        full.available = false;
        List<FakeCandidate> during = owners(pool);
        int[] takenBy = new int[10];
        for (int key = 0; key < KEYS; key++) {
            if (before.get(key) == full) {
                takenBy[candidates.indexOf(during.get(key))]++;
            } else {
                assertThat(during.get(key)).isSameAs(before.get(key));
            }
        }
        assertThat(takenBy[3]).isZero();
        for (int i = 0; i < 10; i++) {
            assertThat(takenBy[i]).isBetween(i == 3 ? 0 : 50, 600);
        }
        assertThat(owners(pool)).isEqualTo(during);
        full.available = true;
        assertThat(owners(pool)).isEqualTo(before);
    }

    @ParameterizedTest
    @MethodSource("forms")
    void weights_shareTheKeys(ConsistentHash strategy) {
        List<FakeCandidate> candidates = FakePool.ofWeights(1, 2, 3, 4);
        List<FakeCandidate> owners = owners(new FakePool(strategy, 1, candidates));
        for (FakeCandidate candidate : candidates) {
            double share = Collections.frequency(owners, candidate) / (double) KEYS;
            assertThat(share / (candidate.weight / 10)).isBetween(0.85, 1.15);
        }
    }

    @ParameterizedTest
    @MethodSource("forms")
    void slowStart_movesOnlyKeysOfTheBackendThatWarmsUp(ConsistentHash strategy) {
        List<FakeCandidate> candidates = FakePool.ofSize(10);
        FakePool pool = new FakePool(strategy, 1, candidates);
        List<FakeCandidate> atLast = owners(pool);
        FakeCandidate warming = candidates.get(4);
        int before = 0;
        for (double weight : new double[] {0.1, 0.3, 0.6, 0.9}) {
            warming.weight = weight;
            pool.update(candidates);
            List<FakeCandidate> owners = owners(pool);
            for (int key = 0; key < KEYS; key++) {
                if (owners.get(key) != atLast.get(key)) {
                    assertThat(atLast.get(key)).isSameAs(warming);
                }
            }
            int taken = Collections.frequency(owners, warming);
            double ideal = weight / (9 + weight) * KEYS;
            assertThat(taken / ideal).isBetween(0.7, 1.35);
            assertThat(taken).isGreaterThan(before);
            before = taken;
        }
        warming.weight = 1;
        pool.update(candidates);
        assertThat(owners(pool)).isEqualTo(atLast);
    }

    /** Half of all keys are those of the newcomer in the end, so many come to it again after it has passed them on. */
    @ParameterizedTest
    @MethodSource("forms")
    void slowStart_ofAHeavyNewcomer_givesItTheShareOfItsWeight_andTakesNoKeyBack(ConsistentHash strategy) {
        List<FakeCandidate> candidates = FakePool.ofWeights(1, 2, 3);
        FakePool pool = new FakePool(strategy, 1, candidates);
        double whole = Collections.frequency(owners(pool), candidates.get(2)) / 0.5;
        FakeCandidate warming = candidates.get(2);
        List<FakeCandidate> before = List.of();
        for (double part : new double[] {0.1, 0.2, 0.4, 0.8, 1}) {
            warming.weight = 3 * part;
            pool.update(candidates);
            List<FakeCandidate> owners = owners(pool);
            double ideal = 3 * part / (3 + 3 * part) * whole;
            assertThat(Collections.frequency(owners, warming) / ideal)
                    .as("part %s", part)
                    .isBetween(0.85, 1.15);
            for (int key = 0; key < before.size(); key++) {
                if (before.get(key) == warming) {
                    assertThat(owners.get(key)).isSameAs(warming);
                }
            }
            before = owners;
        }
    }

    @Test
    void slowStart_doesNotBuildAnotherTable() {
        List<FakeCandidate> candidates = FakePool.ofSize(10);
        FakePool pool = new FakePool(Strategies.consistentHash(), 1, candidates);
        KeyPlacement table = ((HashTablePicker) pool.picker()).placement();
        candidates.get(4).weight = 0.5;
        pool.update(candidates);
        assertThat(((HashTablePicker) pool.picker()).placement()).isSameAs(table);
        pool.update(candidates.subList(1, 10));
        assertThat(((HashTablePicker) pool.picker()).placement()).isNotSameAs(table);
    }

    @ParameterizedTest
    @MethodSource("forms")
    void lightWeights_ofNearlyAll_stillShareTheKeys(ConsistentHash strategy) {
        List<FakeCandidate> candidates = FakePool.ofWeights(1, 1, 1, 1, 1);
        candidates.subList(0, 4).forEach(candidate -> candidate.weight = 0.01);
        List<FakeCandidate> owners = owners(new FakePool(strategy, 1, candidates));
        assertThat(Collections.frequency(owners, candidates.get(4)) / (double) KEYS)
                .isBetween(0.93, 0.98);
    }

    @ParameterizedTest
    @MethodSource("forms")
    void noKey_orAnEmptyOne_isSpreadByWeight(ConsistentHash strategy) {
        List<FakeCandidate> candidates = FakePool.ofWeights(1, 2, 3);
        FakePool pool = new FakePool(strategy, 1, candidates);
        assertThat(pool.count(6_000, FakeRequest.any())).containsExactly(1_000, 2_000, 3_000);
        assertThat(pool.count(6_000, FakeRequest.withKey(""))).containsExactly(1_000, 2_000, 3_000);
    }

    @ParameterizedTest
    @MethodSource("forms")
    void boundedLoad_ofManyBackends_holdsToo(ConsistentHash strategy) {
        List<FakeCandidate> candidates = FakePool.ofSize(200);
        FakePool pool = new FakePool(strategy.loadFactor(1.5), 1, candidates);
        FakeRequest hot = FakeRequest.withKey("hot");
        FakeCandidate owner = requireNonNull(pool.pick(hot));
        for (int calls = 1; calls <= 2_000; calls++) {
            requireNonNull(pool.acquire(hot));
        }
        assertThat(candidates).allMatch(candidate -> candidate.inFlight() <= 16);
        assertThat(owner.inFlight()).isBetween(15, 16);
    }

    @ParameterizedTest
    @MethodSource("forms")
    void boundedLoad_hotKey_spillsInOrderAndComesBack(ConsistentHash strategy) {
        List<FakeCandidate> candidates = FakePool.ofSize(10);
        FakePool pool = new FakePool(strategy.loadFactor(1.5), 1, candidates);
        FakeRequest hot = FakeRequest.withKey("hot");
        FakeCandidate owner = requireNonNull(pool.pick(hot));
        List<FakeCandidate> served = new ArrayList<>();
        for (int calls = 1; calls <= 400; calls++) {
            served.add(requireNonNull(pool.acquire(hot)));
            int most =
                    candidates.stream().mapToInt(FakeCandidate::inFlight).max().orElseThrow();
            assertThat(most).isLessThanOrEqualTo((int) Math.ceil(1.5 * calls / 10) + 1);
        }
        assertThat(Collections.frequency(served, owner)).isBetween(58, 62);
        served.forEach(candidate -> pool.complete(candidate, dev.evenkeel.lb.Outcome.SUCCESS, 1));
        assertThat(pool.pick(hot)).isSameAs(owner);
    }

    @Test
    void boundedLoad_countsOnOverChangesOfTheList() {
        List<FakeCandidate> candidates = FakePool.ofSize(2);
        FakePool pool = new FakePool(Strategies.consistentHash().loadFactor(2), 1, candidates);
        List<FakeCandidate> served = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            pool.update(candidates);
            served.add(requireNonNull(pool.acquire(FakeRequest.withKey("hot"))));
        }
        assertThat(served).containsOnly(served.get(0));
    }

    @Test
    void boundedLoad_explainsItsSlots() {
        List<FakeCandidate> candidates = FakePool.ofSize(2);
        FakePool pool = new FakePool(Strategies.consistentHash().loadFactor(2), 1, candidates);
        assertThat(pool.picker().explain(candidates.get(0), 0)).isEqualTo("0 in flight of 1 slots");
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.99, 0, -1, Double.NaN, Double.POSITIVE_INFINITY, 1_001})
    void boundedLoad_factorOutOfRange_isRefused(double factor) {
        assertThatThrownBy(() -> Strategies.consistentHash().loadFactor(factor))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("bounded load factor must be 1..1000: " + factor + "; usual are 1.25 to 2");
    }

    @Test
    void maglev_afterAnotherForm_isTheDefaultAgain_withTheSameLoadFactor() {
        ConsistentHash hash = Strategies.consistentHash();
        assertThat(hash.ring().maglev()).isEqualTo(hash);
        assertThat(hash.rendezvous().maglev()).isEqualTo(hash);
        assertThat(hash.loadFactor(2).ring().maglev()).isEqualTo(hash.loadFactor(2));
    }

    @Test
    void affinity_isTheKey_unlessThatIsEmpty() {
        ConsistentHash hash = Strategies.consistentHash();
        assertThat(hash.affinity(RequestContext.ofAffinityKey("user-1"))).isEqualTo("user-1");
        assertThat(hash.affinity(RequestContext.ofAffinityKey(""))).isNull();
        assertThat(hash.affinity(RequestContext.NONE)).isNull();
    }

    @Test
    void strategy_usesWeights() {
        assertThat(Strategies.consistentHash().usesWeights()).isTrue();
    }

    @Test
    void rendezvous_isEven() {
        int[] counts = new int[100];
        List<FakeCandidate> candidates = FakePool.ofSize(100);
        FakePool pool = new FakePool(Strategies.consistentHash().rendezvous(), 1, candidates);
        for (int i = 0; i < 100_000; i++) {
            counts[candidates.indexOf(pool.pick(FakeRequest.withKey("key" + i)))]++;
        }
        assertThat(Statistics.chiSquare(
                        counts,
                        candidates.stream().mapToDouble(FakeCandidate::weight).toArray()))
                .isLessThan(Statistics.chiSquareLimit(99));
    }

    private static List<FakeCandidate> owners(FakePool pool) {
        FakeRequest request = FakeRequest.any();
        List<FakeCandidate> owners = new ArrayList<>(KEYS);
        for (int i = 0; i < KEYS; i++) {
            request.affinityKey = "user-" + i;
            owners.add(requireNonNull(pool.pick(request)));
        }
        return owners;
    }
}
