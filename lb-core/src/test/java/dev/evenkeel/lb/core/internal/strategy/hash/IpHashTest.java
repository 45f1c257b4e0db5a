package dev.evenkeel.lb.core.internal.strategy.hash;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.evenkeel.lb.core.strategy.FakeCandidate;
import dev.evenkeel.lb.core.strategy.FakePool;
import dev.evenkeel.lb.core.strategy.FakeRequest;
import dev.evenkeel.lb.core.strategy.Strategies;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class IpHashTest {

    @Test
    void hash_isNginxs() {

        assertThat(IpHash.hash(89, address(10, 1, 2, 3))).isEqualTo(nginx(89, 10, 1, 2));
        assertThat(IpHash.hash(89, address(10, 1, 2, 250))).isEqualTo(nginx(89, 10, 1, 2));
        assertThat(IpHash.hash(89, address(255, 255, 255, 255))).isEqualTo(nginx(89, 255, 255, 255));
        int[] ipv6 = IntStream.rangeClosed(240, 255).toArray();
        assertThat(IpHash.hash(89, address(ipv6))).isEqualTo(nginx(89, ipv6));
    }

    @Test
    void addressesOfOneNetwork_meetOneBackend() {
        FakePool pool = new FakePool(Strategies.ipHash(), 1, FakePool.ofSize(7));
        FakeCandidate owner = pool.pick(FakeRequest.from(address(192, 168, 7, 1)));
        for (int i = 0; i < 256; i++) {
            assertThat(pool.pick(FakeRequest.from(address(192, 168, 7, i)))).isSameAs(owner);
        }
    }

    @Test
    void weights_areWalkedInTheOrderOfTheList() {
        List<FakeCandidate> candidates = FakePool.ofWeights(5, 1, 2);
        FakePool pool = new FakePool(Strategies.ipHash(), 1, candidates);
        for (int i = 0; i < 256; i++) {
            int left = nginx(89, 10, i, 3) % 8;
            assertThat(pool.pick(FakeRequest.from(address(10, i, 3, 4))))
                    .isSameAs(candidates.get(left < 5 ? 0 : left < 6 ? 1 : 2));
        }
    }

    @Test
    void unavailableOwner_hashesOn_asNginxDoes() {
        List<FakeCandidate> candidates = FakePool.ofSize(5);
        FakePool pool = new FakePool(Strategies.ipHash(), 1, candidates);
        candidates.get(2).available = false;
        for (int i = 0; i < 256; i++) {
            int hash = nginx(89, 10, i, 3);
            while (hash % 5 == 2) {
                hash = nginx(hash, 10, i, 3);
            }
            assertThat(pool.pick(FakeRequest.from(address(10, i, 3, 4)))).isSameAs(candidates.get(hash % 5));
        }
    }

    @Test
    void oneOfManyAvailable_isFoundByRoundRobin() {
        List<FakeCandidate> candidates = FakePool.ofSize(200);
        candidates.forEach(candidate -> candidate.available = false);
        candidates.get(123).available = true;
        FakePool pool = new FakePool(Strategies.ipHash(), 1, candidates);
        assertThat(pool.pick(FakeRequest.from(address(10, 0, 0, 1)))).isSameAs(candidates.get(123));
    }

    /** nginx's hash has 6,271 values: of more backends, or larger weights, each has its share all the same. */
    @ParameterizedTest
    @CsvSource({"3, 2091, 2091", "3, 20000, 20000", "130, 1, 100", "1000, 1, 100", "7000, 1, 1"})
    void weightsBeyondNginxsHash_areTheShares(int backends, double light, double heavy) {
        double[] weights = new double[backends];
        Arrays.setAll(weights, i -> i % 2 == 0 ? light : heavy);
        List<FakeCandidate> candidates = FakePool.ofWeights(weights);
        Map<FakeCandidate, Integer> places = new HashMap<>();
        candidates.forEach(candidate -> places.put(candidate, places.size()));
        FakePool pool = new FakePool(Strategies.ipHash(), 1, candidates);
        int calls = 200_000;
        int[] counts = new int[backends];
        int lights = 0;
        for (int i = 0; i < calls; i++) {
            int place = places.get(requireNonNull(pool.pick(FakeRequest.from(address(i >> 16, i >> 8, i, 1)))));
            counts[place]++;
            lights += place % 2 == 0 ? 1 : 0;
        }
        double sum = Arrays.stream(weights).sum();
        double expected = calls * light * ((backends + 1) / 2) / sum;
        assertThat((double) lights).isCloseTo(expected, within(4 * Math.sqrt(expected)));
        for (int i = 0; i < backends; i++) {
            double share = calls * weights[i] / sum;
            assertThat((double) counts[i]).isCloseTo(share, within(5 * Math.sqrt(share) + 5));
        }
    }

    @ParameterizedTest
    @CsvSource({"2091", "2"})
    void oneNetwork_meetsOneBackend_andAnotherOneWhileThatIsOut(double weight) {
        List<FakeCandidate> candidates = FakePool.ofWeights(weight, weight, weight, weight);
        FakePool pool = new FakePool(Strategies.ipHash(), 1, candidates);
        FakeCandidate owner = requireNonNull(pool.pick(FakeRequest.from(address(10, 1, 2, 0))));
        owner.available = false;
        FakeCandidate substitute = requireNonNull(pool.pick(FakeRequest.from(address(10, 1, 2, 1))));
        assertThat(substitute).isNotSameAs(owner);
        for (int i = 0; i < 256; i++) {
            assertThat(pool.pick(FakeRequest.from(address(10, 1, 2, i)))).isSameAs(substitute);
        }
        owner.available = true;
        assertThat(pool.pick(FakeRequest.from(address(10, 1, 2, 255)))).isSameAs(owner);
    }

    @Test
    void manyBackends_ofIpv6_allHaveClients() {
        List<FakeCandidate> candidates = FakePool.ofSize(7_000);
        FakePool pool = new FakePool(Strategies.ipHash(), 1, candidates);
        Set<FakeCandidate> met = new HashSet<>();
        for (int i = 0; i < 100_000; i++) {
            met.add(pool.pick(
                    FakeRequest.from(address(0x20, 1, 0xD, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, i >> 16, i >> 8, i))));
        }
        assertThat(met).hasSize(7_000);
    }

    @Test
    void slowStart_movesOnlyClientsOfTheBackendThatWarmsUp() {
        List<FakeCandidate> candidates = FakePool.ofSize(5);
        FakePool pool = new FakePool(Strategies.ipHash(), 1, candidates);
        List<FakeCandidate> before = owners(pool);
        candidates.get(1).weight = 0.3;
        pool.update(candidates);
        List<FakeCandidate> during = owners(pool);
        int kept = 0;
        for (int i = 0; i < before.size(); i++) {
            if (before.get(i) != candidates.get(1)) {
                assertThat(during.get(i)).isSameAs(before.get(i));
            } else if (during.get(i) == before.get(i)) {
                kept++;
            }
        }
        assertThat(kept / (before.size() / 5.0)).isBetween(0.2, 0.4);
    }

    private static List<FakeCandidate> owners(FakePool pool) {
        List<FakeCandidate> owners = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            owners.add(requireNonNull(pool.pick(FakeRequest.from(address(10, i >> 8, i & 0xFF, 1)))));
        }
        return owners;
    }

    /** The formula of the nginx documentation, over what it takes of an address. */
    private static int nginx(int start, int... octets) {
        int hash = start;
        for (int octet : octets) {
            hash = (hash * 113 + octet) % 6271;
        }
        return hash;
    }

    private static InetAddress address(int... octets) {
        byte[] bytes = new byte[octets.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) octets[i];
        }
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The walk of nginx, one step a unit of weight's end, beside the division that stands for it where all weigh the same. */
    @ParameterizedTest
    @CsvSource({"1, 1", "2, 1", "5, 3", "7, 4", "100, 2", "3, 2090", "6271, 1"})
    void evenWeights_haveTheOwnersOfTheWalk(int backends, double weight) {
        double[] weights = new double[backends];
        Arrays.fill(weights, weight);
        List<FakeCandidate> candidates = FakePool.ofWeights(weights);
        FakePool pool = new FakePool(Strategies.ipHash(), 1, candidates);
        Random random = new Random(backends);
        double total = backends * weight;
        for (int i = 0; i < 300; i++) {
            InetAddress client = address(random.nextInt(256), random.nextInt(256), random.nextInt(256), 1);
            int value = IpHash.hash(89, client);
            double place = (int) (value % total);
            int owner = 0;
            for (double end = weight; place >= end && owner < backends - 1; end += weight) {
                owner++;
            }
            assertThat(pool.pick(FakeRequest.from(client))).isSameAs(candidates.get(owner));
        }
    }
}
