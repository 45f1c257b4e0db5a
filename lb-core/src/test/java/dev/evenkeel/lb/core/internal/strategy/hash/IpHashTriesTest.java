package dev.evenkeel.lb.core.internal.strategy.hash;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.strategy.FakeCandidate;
import dev.evenkeel.lb.core.strategy.FakePool;
import dev.evenkeel.lb.core.strategy.FakeRequest;
import dev.evenkeel.lb.core.strategy.Strategies;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** nginx's 21 tries, the round robin after them, and weights for which nginx's hash is too coarse. */
final class IpHashTriesTest {
    private static final int TRIES = 21;

    private static InetAddress client(int number) {
        try {
            return InetAddress.getByAddress(new byte[] {(byte) (number >> 16), (byte) (number >> 8), (byte) number, 1});
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The owners that a client's tries find among equal backends, by the function of either kind of list. */
    private static int[] tries(int client, int backends) {
        int[] owners = new int[TRIES];
        int nginx = 89;
        long mixed = client;
        for (int i = 0; i < TRIES; i++) {
            nginx = IpHash.hash(nginx, client(client));
            mixed = XxHash64.mix(mixed + 1);
            owners[i] = backends <= 6_271 ? nginx % backends : (int) ((mixed >>> 11) * 0x1p-53 * backends);
        }
        return owners;
    }

    /** A client whose last try finds a backend that no other try finds. */
    private static int clientWithADistinctLastTry(int backends) {
        return IntStream.range(1, 10_000)
                .filter(client -> {
                    int[] tries = tries(client, backends);
                    return Arrays.stream(tries).limit(TRIES - 1).noneMatch(owner -> owner == tries[TRIES - 1]);
                })
                .findFirst()
                .orElseThrow();
    }

    private static FakeCandidate pick(FakePool pool, int client) {
        return requireNonNull(pool.pick(FakeRequest.from(client(client))));
    }

    @ParameterizedTest
    @ValueSource(ints = {300, 7_000})
    void twentyFirstTry_isTheLast(int backends) {
        List<FakeCandidate> candidates = FakePool.ofSize(backends);
        FakePool pool = new FakePool(Strategies.ipHash(), 1, candidates);
        int client = clientWithADistinctLastTry(backends);
        int[] tries = tries(client, backends);
        assertThat(pick(pool, client)).isSameAs(candidates.get(tries[0]));
        Arrays.stream(tries).limit(TRIES - 1).forEach(owner -> candidates.get(owner).available = false);
        assertThat(pick(pool, client)).isSameAs(candidates.get(tries[TRIES - 1]));
        assertThat(pick(pool, client)).isSameAs(candidates.get(tries[TRIES - 1]));
    }

    @ParameterizedTest
    @ValueSource(ints = {300, 7_000})
    void clientWithoutAPlaceAfter21Tries_goesRoundRobin_alsoAfterAnUpdate(int backends) {
        List<FakeCandidate> candidates = FakePool.ofSize(backends);
        FakePool pool = new FakePool(Strategies.ipHash(), 1, candidates);
        int client = clientWithADistinctLastTry(backends);
        Arrays.stream(tries(client, backends)).forEach(owner -> candidates.get(owner).available = false);
        int last = candidates.indexOf(pick(pool, client));
        for (int i = 0; i < 10; i++) {
            pool.update(candidates);
            do {
                last = (last + 1) % backends;
            } while (!candidates.get(last).available);
            assertThat(pick(pool, client)).isSameAs(candidates.get(last));
        }
    }

    /** 8 is the sum of the weights, so it is 0 again. */
    @ParameterizedTest
    @ValueSource(strings = {"5,1,2", "2,2,2,2"})
    void hashOfTheSumOfTheWeights_beginsAgainAtTheFirstBackend(String weights) {
        List<FakeCandidate> candidates = FakePool.ofWeights(Arrays.stream(weights.split(","))
                .mapToDouble(Double::parseDouble)
                .toArray());
        int client = IntStream.range(0, 1 << 24)
                .filter(i -> IpHash.hash(89, client(i)) == 8)
                .findFirst()
                .orElseThrow();
        assertThat(pick(new FakePool(Strategies.ipHash(), 1, candidates), client))
                .isSameAs(candidates.get(0));
    }

    /** A pool in which most begin: as one at 1 % has a hundredth of a whole, nginx's whole numbers cannot tell them apart. */
    @Test
    void weightsThatAreNotWhole_areTheShares() {
        List<FakeCandidate> candidates = FakePool.ofSize(5);
        candidates.subList(0, 4).forEach(candidate -> candidate.weight = 0.01);
        assertThat(shareOfTheLast(candidates)).isBetween(0.95, 0.97);
    }

    /** 0.01 of 1.04. */
    @Test
    void weightsOfWhichTheFirstIsWhole_areTheShares() {
        List<FakeCandidate> candidates = FakePool.ofSize(5);
        candidates.subList(1, 5).forEach(candidate -> candidate.weight = 0.01);
        assertThat(shareOfTheLast(candidates)).isBetween(0.007, 0.012);
    }

    @Test
    void equalWeightsThatAreNotWhole_areTheShares() {
        List<FakeCandidate> candidates = FakePool.ofWeights(1, 10, 10, 10, 10);
        candidates.forEach(candidate -> candidate.weight = 0.1);
        assertThat(shareOfTheLast(candidates)).isBetween(0.19, 0.21);
    }

    private static double shareOfTheLast(List<FakeCandidate> candidates) {
        FakePool pool = new FakePool(Strategies.ipHash(), 1, candidates);
        FakeCandidate last = candidates.get(candidates.size() - 1);
        return IntStream.range(0, 20_000)
                        .filter(client -> pick(pool, client) == last)
                        .count()
                / 20_000.0;
    }

    @Test
    void affinity_isThatOfTheClientsNetwork() {
        assertThat(Strategies.ipHash().affinity(from(client(7)))).isEqualTo(IpHash.hash(89, client(7)));
        assertThat(Strategies.ipHash().affinity(from(null))).isNull();
    }

    private static RequestContext from(@Nullable InetAddress client) {
        return new RequestContext() {
            @Override
            public @Nullable InetAddress clientAddress() {
                return client;
            }
        };
    }

    @Test
    void strategy_usesWeights_andHasItsName() {
        assertThat(Strategies.ipHash().usesWeights()).isTrue();
        assertThat(Strategies.ipHash().name()).isEqualTo("ipHash");
    }
}
