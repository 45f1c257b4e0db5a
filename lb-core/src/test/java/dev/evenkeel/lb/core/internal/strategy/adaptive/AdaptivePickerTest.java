package dev.evenkeel.lb.core.internal.strategy.adaptive;

import static dev.evenkeel.lb.core.internal.strategy.adaptive.AdaptivePoolFixture.HALVES;
import static dev.evenkeel.lb.core.internal.strategy.adaptive.AdaptivePoolFixture.MILLI;
import static dev.evenkeel.lb.core.internal.strategy.adaptive.AdaptivePoolFixture.backends;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.evenkeel.lb.core.strategy.FakeCandidate;
import dev.evenkeel.lb.core.strategy.FakePool;
import dev.evenkeel.lb.core.strategy.FakeRequest;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which candidate {@code adaptive} picks, and what it says of it. */
final class AdaptivePickerTest {
    private final AdaptivePoolFixture pool = new AdaptivePoolFixture();

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 1, Integer.MAX_VALUE, -4})
    void cheapest_isPicked_whereverTheScanBegins(int lastTurn) {
        AdaptivePoolFixture fixture = new AdaptivePoolFixture(lastTurn, new Random(1));
        List<FakeCandidate> candidates = backends(1, 1, 1, 1);
        IntStream.range(0, 4).forEach(i -> candidates.get(i).withInFlight(new int[] {3, 1, 4, 2}[i]));
        AdaptivePicker picker = fixture.picker(candidates);

        for (int turn = 0; turn < 8; turn++) {
            assertThat(fixture.pick(picker)).hasToString("b");
        }
    }

    @ParameterizedTest
    @CsvSource({"-1, a", "0, b", "2, d", "3, e", "4, a", "-2, a", "-3, e", "2147483647, d"})
    void firstPick_amongEqualOnes_isWhereTheTurnStands(int lastTurn, String first) {
        AdaptivePoolFixture fixture = new AdaptivePoolFixture(lastTurn, new Random(1));

        assertThat(fixture.pick(fixture.picker(backends(1, 1, 1, 1, 1)))).hasToString(first);
    }

    @ParameterizedTest
    @ValueSource(strings = {"abc", "acb", "bac", "bca", "cab", "cba"})
    void tie_goesToTheOneThatWasPickedLeastRecently(String order) {
        for (int lastTurn = 100; lastTurn < 103; lastTurn++) {
            AdaptivePoolFixture fixture = new AdaptivePoolFixture(lastTurn, new Random(1));
            List<FakeCandidate> candidates = backends(1, 1, 1);
            AdaptivePicker picker = fixture.picker(candidates);
            order.chars().forEach(id -> fixture.pickOnly(picker, candidates.get(id - 'a'), candidates));

            assertThat(fixture.pick(picker)).hasToString(order.substring(0, 1));
        }
    }

    @Test
    void callsInFlight_costByWeight() {
        List<FakeCandidate> candidates = backends(4, 1);
        candidates.get(0).withInFlight(6);
        candidates.get(1).withInFlight(3);
        AdaptivePicker picker = pool.picker(candidates);

        assertThat(pool.pick(picker)).hasToString("a");
        candidates.get(0).withInFlight(16);
        assertThat(pool.pick(picker)).hasToString("b");
    }

    @Test
    void triedCandidate_isPassedOver_andNullIsPickedIfAllAre() {
        List<FakeCandidate> candidates = backends(1, 1, 1);
        IntStream.range(0, 3).forEach(i -> candidates.get(i).withInFlight(i));
        AdaptivePicker picker = pool.picker(candidates);

        assertThat(pool.pick(picker, candidates.get(0))).hasToString("b");
        assertThat(pool.pick(picker, candidates.get(0), candidates.get(1))).hasToString("c");
        assertThat(pool.pick(picker, candidates.toArray(FakeCandidate[]::new))).isNull();
    }

    @Test
    void agedCalls_multiplyTheCost() {
        List<FakeCandidate> candidates = backends(1, 1);
        pool.figures.latencyP95Nanos = 10.0 * MILLI;
        candidates.get(0).withInFlight(1).waitingNanos = 100.0 * MILLI;
        candidates.get(1).withInFlight(5);
        AdaptivePicker picker = pool.picker(candidates);

        assertThat(pool.pick(picker)).hasToString("b");
        assertThat(pool.pick(picker)).hasToString("b");
    }

    @Test
    void struckCandidate_isPickedOnlyWhereTheRestAreOverloaded() {
        List<FakeCandidate> candidates = backends(1, 1);
        AdaptivePicker picker = pool.picker(candidates);
        pool.strike(picker, candidates.get(0));
        candidates.get(1).withInFlight(90);
        assertThat(pool.pick(picker)).hasToString("b");
        candidates.get(1).withInFlight(110);
        assertThat(pool.pick(picker)).hasToString("a");
    }

    /** The picks of each of so many candidates. */
    private static int[] picks(AdaptivePoolFixture fixture, List<FakeCandidate> candidates, int picks) {
        AdaptivePicker picker = fixture.picker(candidates);
        int[] counts = new int[candidates.size()];
        for (int i = 0; i < picks; i++) {
            counts[candidates.indexOf(fixture.pick(picker))]++;
        }
        return counts;
    }

    private static List<FakeCandidate> busy(int n) {
        List<FakeCandidate> candidates = FakePool.ofSize(n);
        candidates.forEach(candidate -> candidate.withInFlight(5));
        return candidates;
    }

    @Test
    void upToThirtyTwoCandidates_areAllCompared_withoutRandomness() {
        AtomicInteger drawn = new AtomicInteger();
        AdaptivePoolFixture fixture = new AdaptivePoolFixture(-1, () -> drawn.incrementAndGet());
        List<FakeCandidate> candidates = busy(32);
        candidates.get(31).withInFlight(0);

        assertThat(picks(fixture, candidates, 64)[31]).isEqualTo(64);
        assertThat(drawn).hasValue(0);
    }

    /** Half of them, so that the best is found in half of the picks: within four standard deviations. */
    @Test
    void ofSixtyFourCandidates_aSampleOfThirtyTwoIsCompared() {
        List<FakeCandidate> candidates = busy(64);
        candidates.get(40).withInFlight(0);

        assertThat(picks(pool, candidates, 1_000)[40]).isBetween(437, 563);
    }

    @Test
    void sample_inWhichACandidateIsAccepted_isEnough() {
        List<FakeCandidate> candidates = busy(64);
        candidates.get(0).withInFlight(1);
        candidates.get(40).withInFlight(0);

        int[] picks = picks(pool, candidates, 1_000);

        assertThat(picks[0])
                .as("where the sample had the first and not the best one")
                .isBetween(180, 320);
        assertThat(picks[40]).isBetween(437, 563);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 17, 63})
    void sample_inWhichNoCandidateIsAccepted_isFollowedByAll(int accepting) {
        List<FakeCandidate> candidates = busy(64);
        candidates.forEach(candidate -> candidate.available = false);
        candidates.get(accepting).available = true;

        assertThat(picks(pool, candidates, 50)[accepting]).isEqualTo(50);

        candidates.get(accepting).available = false;
        assertThat(pool.picker(candidates).pick(FakeRequest.any())).isNull();
    }

    /** A candidate with the median of its pool, which is 10 ms, times a factor. */
    private FakeCandidate slower(double factor) {
        pool.figures.latencyNanos = 10.0 * MILLI;
        pool.figures.latencyP95Nanos = 40.0 * MILLI;
        FakeCandidate candidate = FakeCandidate.of("a").withLatencyMillis(10 * factor);
        candidate.latencySampleNanos = pool.nowNanos;
        return candidate;
    }

    @Test
    void relativeCost_isByLatencyFailuresAgeAndStrikes() {
        AdaptivePicker picker = pool.picker(backends(1, 1));
        FakeCandidate newcomer = slower(0.5);
        assertThat(picker.relativeCost(newcomer, pool.nowNanos)).isCloseTo(0.525, within(1e-6));

        newcomer.waitingNanos = 80.0 * MILLI;
        assertThat(picker.relativeCost(newcomer, pool.nowNanos)).as("aged").isCloseTo(1.05, within(1e-6));

        newcomer.failureRate = 0.2;
        assertThat(picker.relativeCost(newcomer, pool.nowNanos))
                .as("failures that are looked at every 100 ms")
                .isCloseTo(1.05, within(1e-6));
        newcomer.latencySampleNanos = pool.nowNanos += 105 * MILLI;
        assertThat(picker.relativeCost(newcomer, pool.nowNanos)).isCloseTo(3.15, within(1e-6));

        newcomer.withLatencyMillis(20);
        pool.strike(picker, newcomer);
        assertThat(picker.relativeCost(newcomer, pool.nowNanos))
                .as("with a strike")
                .isCloseTo(100 * 2 / 1.05 * 3 * 2, within(1e-3));
    }

    @Test
    void relativeCost_ofAnAverageCandidate_isOne() {
        assertThat(pool.picker(backends(1, 1)).relativeCost(slower(1), pool.nowNanos))
                .isEqualTo(1);
    }

    /** Of backends that seem a fifth slower than the pool's median, and of one that fails, which is not usual. */
    @Test
    void backendOutOfSlowStart_countsAsTheUsualOne_howeverQuickItSeems() {
        FakeCandidate failing = slower(1);
        failing.failureRate = 0.5;
        List<FakeCandidate> atWork = List.of(slower(1.26), slower(1.26), failing);
        AdaptivePicker before = pool.picker(atWork);
        pool.pick(before);
        FakeCandidate newcomer = slower(0.5);
        before.relativeCost(newcomer, pool.nowNanos);

        pool.pick(pool.picker(List.of(atWork.get(0), atWork.get(1), failing, newcomer)));

        assertThat(pool.state(newcomer).factor()).isCloseTo(1.2f, within(1e-5f));
    }

    private boolean isUnwell(FakeCandidate candidate) {
        AdaptivePicker picker = pool.picker(List.of(candidate));
        assertThat(pool.pick(picker)).isEqualTo(candidate);
        return picker.isUnwell(candidate, pool.nowNanos);
    }

    @ParameterizedTest
    @CsvSource({"0, false", "120, false", "121, true"})
    void hangingCandidate_isUnwell_beyondThreePercentiles(long waitingMillis, boolean isUnwell) {
        FakeCandidate candidate = slower(1);
        candidate.waitingNanos = (double) waitingMillis * MILLI;

        assertThat(isUnwell(candidate)).isEqualTo(isUnwell);
    }

    /** Failures multiply the cost by 1 + 10 times their share. */
    @ParameterizedTest
    @CsvSource({
        "1, 0, false",
        "1, 0.2, false",
        "1, 0.21, true",
        // Slow alone is no reason, nor are failures that cost three times, nor what costs three times because it is
        // quick.
        "8, 0, false",
        "2, 0.2, false",
        "2, 0.3, true",
        "0.7142857142857143, 0.3, false",
        "0.8, 0.3, true"
    })
    void failingCandidate_isUnwell_ifItsFailuresAndItsCostAreThreefold(
            double slowness, double failureRate, boolean isUnwell) {
        FakeCandidate candidate = slower(slowness);
        candidate.failureRate = failureRate;

        assertThat(isUnwell(candidate)).isEqualTo(isUnwell);
    }

    @Test
    void candidateWithAStrike_isUnwell() {
        FakeCandidate candidate = slower(1);
        pool.strike(pool.picker(List.of(candidate)), candidate);

        assertThat(isUnwell(candidate)).isTrue();
    }

    @Test
    void explanation_namesEachTerm() {
        AdaptivePoolFixture fixture = new AdaptivePoolFixture(-1, HALVES);
        List<FakeCandidate> candidates = backends(6, 2);
        FakeCandidate heavy = candidates.get(0);
        FakeCandidate light = candidates.get(1);
        fixture.figures.latencyNanos = 10.0 * MILLI;
        fixture.figures.latencyP95Nanos = 40.0 * MILLI;
        heavy.withInFlight(3).withLatencyMillis(20).latencySampleNanos = fixture.nowNanos;
        heavy.waitingNanos = 80.0 * MILLI;
        heavy.failureRate = 0.2;
        AdaptivePicker picker = fixture.picker(candidates);
        fixture.strike(picker, heavy);
        assertThat(fixture.pick(picker)).isEqualTo(light);

        // Each backend begins with one pick and this one made three: 1.5 on average. As if it had had its share before,
        // the heavy one has (0.5 x 1.5 + ln 2) of its 2.25, and the light one (0.5 x 0.5 + ln 2 + 1) of its 0.75.
        assertThat(picker.explain(heavy, fixture.nowNanos))
                .isEqualTo(
                        "cost 3.22e+03 = (3 in flight / relative weight 1.50 x 1.00 unfaded + 0.82) x 1.90 latency x 2.00 age"
                                + " x 3.00 failures x 100 rest (1 strikes)");
        assertThat(picker.explain(light, fixture.nowNanos))
                .isEqualTo(
                        "cost 2.59 = (0 in flight / relative weight 0.500 x 1.00 unfaded + 2.59) x 1.00 latency x 1.00 age"
                                + " x 1.00 failures x 1 rest (0 strikes)");
    }
}
