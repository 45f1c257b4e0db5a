package dev.evenkeel.lb.core.internal.strategy.load;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.evenkeel.lb.core.strategy.FakeCandidate;
import dev.evenkeel.lb.core.strategy.FakePool;
import dev.evenkeel.lb.core.strategy.FakeRequest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Draws without replacement, and no backend has an advantage by its place in the list. */
class PowerOfTwoTest {
    private static final int PICKS = 20_000;

    /** The shares of all picks by id. */
    private static Map<String, Double> shares(int choices, List<FakeCandidate> list, FakeRequest request) {
        FakePool pool = new FakePool(new PowerOfTwo(choices), 7, list);
        Map<String, Double> shares = new HashMap<>();
        for (int i = 0; i < PICKS; i++) {
            shares.merge(requireNonNull(pool.pick(request)).backend().id(), 1.0 / PICKS, Double::sum);
        }
        return shares;
    }

    /** Four standard deviations. */
    private static double noise(double share) {
        return 4 * Math.sqrt(share * (1 - share) / PICKS) + 1e-9;
    }

    private static List<List<FakeCandidate>> orders(List<FakeCandidate> list) {
        List<List<FakeCandidate>> orders = new ArrayList<>();
        orders.add(list);
        List<FakeCandidate> reversed = new ArrayList<>(list);
        Collections.reverse(reversed);
        orders.add(reversed);
        for (int seed = 1; seed <= 3; seed++) {
            List<FakeCandidate> shuffled = new ArrayList<>(list);
            Collections.shuffle(shuffled, new Random(seed));
            orders.add(shuffled);
        }
        return orders;
    }

    @ParameterizedTest
    @CsvSource({"2,2", "3,2", "3,3", "3,5", "5,2", "5,3", "5,5", "10,4", "10,9", "64,5", "65,5", "65,100", "100,3"})
    void oneThatIsOut_leavesItsCallsToTheRest_inEqualShares_inEveryOrder(int n, int choices) {
        List<FakeCandidate> list = FakePool.ofSize(n);
        FakeCandidate out = list.get(1);
        for (List<FakeCandidate> order : orders(list)) {
            Map<String, Double> full = withFull(choices, order, out);
            Map<String, Double> tried = shares(choices, order, FakeRequest.any().afterTrying(out));
            for (Map<String, Double> shares : List.of(full, tried)) {
                assertThat(shares).doesNotContainKey("b1").hasSize(n - 1);
                shares.forEach((id, share) ->
                        assertThat(share).as(id).isCloseTo(1.0 / (n - 1), within(noise(1.0 / (n - 1)))));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"2,2", "3,2", "5,2", "5,3", "65,3"})
    void idleOneThatIsOut_isNotPicked_besideBusyOnes(int n, int choices) {
        List<FakeCandidate> list = FakePool.ofSize(n);
        list.forEach(candidate -> candidate.withInFlight(5));
        list.get(1).withInFlight(0).available = false;
        assertThat(shares(choices, list, FakeRequest.any())).hasSize(n - 1).doesNotContainKey("b1");
    }

    private static Map<String, Double> withFull(int choices, List<FakeCandidate> list, FakeCandidate out) {
        out.available = false;
        Map<String, Double> shares = shares(choices, list, FakeRequest.any());
        out.available = true;
        return shares;
    }

    @ParameterizedTest
    @CsvSource({"3,3", "3,5", "4,3", "5,3", "5,5", "10,10", "65,5"})
    void busyOne_leavesTiesToTheRest_inEqualShares_inEveryOrder(int n, int choices) {
        List<FakeCandidate> list = FakePool.ofSize(n);
        list.get(1).withInFlight(5);
        for (List<FakeCandidate> order : orders(list)) {
            Map<String, Double> shares = shares(choices, order, FakeRequest.any());
            assertThat(shares).doesNotContainKey("b1");
            shares.forEach((id, share) ->
                    assertThat(share).as(id).isCloseTo(1.0 / (n - 1), within(noise(1.0 / (n - 1)))));
        }
    }

    /** The idle one wins whenever it is drawn: with d of n, in d/n of all picks. With replacement it would be fewer. */
    @ParameterizedTest
    @CsvSource({
        "2,2,1.0",
        "3,2,0.66667",
        "10,3,0.3",
        "10,9,0.9",
        "64,16,0.25",
        "64,63,0.98438",
        "100,5,0.05",
        "100,32,0.32"
    })
    void draws_areDistinct(int n, int choices, double expected) {
        List<FakeCandidate> list = FakePool.ofSize(n);
        list.forEach(candidate -> candidate.withInFlight(5));
        list.get(n - 1).withInFlight(0);
        double share = shares(choices, list, FakeRequest.any()).getOrDefault("b" + (n - 1), 0.0);
        assertThat(share).isCloseTo(expected, within(noise(expected) + 1e-5));
    }

    /** The heavy one is nearly always drawn, and two of three light ones with it. */
    @Test
    void lightOnes_areDrawnBesideAHeavyOne() {
        List<FakeCandidate> list = FakePool.ofWeights(10_000, 1, 1, 1);
        list.get(0).withInFlight(1_000_000);
        list.get(1).withInFlight(5);
        list.get(2).withInFlight(5);
        double share = shares(3, list, FakeRequest.any()).get("b3");
        assertThat(share).isCloseTo(2.0 / 3, within(noise(2.0 / 3)));
    }

    /** Three of six draw no idle one of three in one of C(6,3) = 20 picks, wherever the idle ones are in the list. */
    @ParameterizedTest
    @CsvSource({"0,1,2", "0,2,4", "1,2,5"})
    void neighbours_areDrawnTogether_asOftenAsOthers(int one, int two, int three) {
        List<FakeCandidate> list = FakePool.ofSize(6);
        list.forEach(candidate -> candidate.withInFlight(5));
        List.of(one, two, three).forEach(i -> list.get(i).withInFlight(0));
        double busy = shares(3, list, FakeRequest.any()).entrySet().stream()
                .filter(entry -> !List.of("b" + one, "b" + two, "b" + three).contains(entry.getKey()))
                .mapToDouble(Map.Entry::getValue)
                .sum();
        assertThat(busy).isCloseTo(0.05, within(noise(0.05)));
    }

    @ParameterizedTest
    @CsvSource({"2", "3", "4"})
    void weights_shareWhatOneLeaves_inEveryOrder(int choices) {
        List<FakeCandidate> list = FakePool.ofWeights(1, 50, 2, 5);
        FakeCandidate out = list.get(1);
        for (List<FakeCandidate> order : orders(list)) {
            Map<String, Double> shares =
                    shares(choices, order, FakeRequest.any().afterTrying(out));
            assertThat(shares.get("b0")).isCloseTo(0.125, within(noise(0.125)));
            assertThat(shares.get("b2")).isCloseTo(0.25, within(noise(0.25)));
            assertThat(shares.get("b3")).isCloseTo(0.625, within(noise(0.625)));
        }
    }

    @Test
    void fewOfALongList_areFound_andShareTheCalls() {
        List<FakeCandidate> list = FakePool.ofSize(500);
        list.forEach(candidate -> candidate.available = false);
        list.get(17).available = true;
        list.get(18).available = true;
        Map<String, Double> shares = shares(3, list, FakeRequest.any());
        assertThat(shares).containsOnlyKeys("b17", "b18");
        assertThat(shares.get("b17")).isCloseTo(0.5, within(noise(0.5)));
        list.get(17).available = false;
        list.get(18).available = false;
        assertThat(new FakePool(new PowerOfTwo(3), 1, list).pick(FakeRequest.any()))
                .isNull();
    }

    @Test
    void allOfAShortList_areCompared() {
        List<FakeCandidate> list = FakePool.ofSize(64);
        IntStream.range(0, 64).forEach(i -> list.get(i).withInFlight(64 - i));
        assertThat(shares(64, list, FakeRequest.any())).containsOnlyKeys("b63");
        assertThat(shares(Integer.MAX_VALUE, list, FakeRequest.any())).containsOnlyKeys("b63");
        assertThat(shares(1, list, FakeRequest.any())).hasSize(64);
    }

    /** In turns, which are exact, and not in the share of random draws. */
    @Test
    void candidateInSlowStart_hasTheReachedPartOfTheCalls() {
        List<FakeCandidate> list = FakePool.ofSize(2);
        list.get(1).weight = 0.25;
        list.get(1).inSlowStart = true;
        assertThat(shares(2, list, FakeRequest.any()).get("b1")).isCloseTo(0.2, within(1e-9));
    }

    @Test
    void explanation_hasTheCallsAndTheWeight() {
        List<FakeCandidate> list = FakePool.ofWeights(1, 2);
        list.get(1).withInFlight(3);
        FakePool pool = new FakePool(new PowerOfTwo(2), 1, list);
        assertThat(pool.picker().explain(list.get(1), 0)).isEqualTo("load 1.50 = 3 in flight / weight 2.00");
        assertThat(new PowerOfTwo(2).name()).isEqualTo("powerOfTwo");
    }
}
