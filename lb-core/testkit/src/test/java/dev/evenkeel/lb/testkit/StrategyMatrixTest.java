package dev.evenkeel.lb.testkit;

import static dev.evenkeel.lb.testkit.Promise.FIRST_PICKS;
import static dev.evenkeel.lb.testkit.Promise.LAST_WORKING;
import static dev.evenkeel.lb.testkit.Promise.NO_REFUSAL;
import static dev.evenkeel.lb.testkit.Promise.NO_STARVATION;
import static dev.evenkeel.lb.testkit.Promise.RECOVERY;
import static dev.evenkeel.lb.testkit.Promise.SHARES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.spi.Candidate;
import java.util.EnumSet;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The library's own strategies in the matrix. */
final class StrategyMatrixTest {
    /** -Devenkeel.matrix.seed=n draws other combinations. */
    private static final long SEED = Long.getLong("evenkeel.matrix.seed", 1);

    private static final int LARGE = 10_000;

    static List<StrategyMatrix> strategies() {
        return List.of(
                StrategyMatrix.of("roundRobin", Strategies::roundRobin).ignoringWeights(),
                StrategyMatrix.of("weightedRoundRobin", Strategies::weightedRoundRobin),
                StrategyMatrix.of("random", Strategies::random),
                StrategyMatrix.of("ipHash", Strategies::ipHash).withTolerance(0.1),
                StrategyMatrix.of("consistentHash", Strategies::consistentHash).withTolerance(0.1),
                StrategyMatrix.of("ring", () -> Strategies.consistentHash().ring())
                        .withTolerance(0.5),
                StrategyMatrix.of(
                        "rendezvous", () -> Strategies.consistentHash().rendezvous()),
                StrategyMatrix.of(
                                "bounded load",
                                () -> Strategies.consistentHash().loadFactor(1.25))
                        .withTolerance(0.1),
                StrategyMatrix.of("resourceBased", Strategies::resourceBased),
                // What seems slow gets no calls, noise or not; under adaptive only among equal weights, see below.
                StrategyMatrix.of("latencyTiers", Strategies::latencyTiers).without(Feature.NOISE),
                // A light backend gets more while a heavy one has failed, in proportion. Of 10,000 backends in two
                // tiers each is picked once or twice, light ones less often.
                StrategyMatrix.of("adaptive", Strategies::adaptive)
                        .withTolerance(Feature.RETRIES, 1)
                        .withTolerance(Feature.TIERS, 0.2)
                        .without(Feature.NOISE),
                StrategyMatrix.of("adaptive, load reports", Strategies::adaptiveWithLoadReports)
                        .withTolerance(Feature.RETRIES, 1)
                        .withTolerance(Feature.TIERS, 0.2)
                        .without(Feature.NOISE),
                StrategyMatrix.of("leastConnections", Strategies::leastConnections)
                        .ignoringWeights(),
                StrategyMatrix.of("weightedLeastConnections", Strategies::weightedLeastConnections),
                StrategyMatrix.of("powerOfTwo", Strategies::powerOfTwo),
                StrategyMatrix.of("powerOfTwo of 5", () -> Strategies.powerOfTwo(5)),
                // It compares two candidates, each as likely as any other. Of two idle ones it takes the quicker for
                // its weight: each time, so that the other may get nothing. And a light one gets as much as its chance
                // to be drawn with a lighter or a slower one, whatever its weight.
                StrategyMatrix.of("leastResponseTime", Strategies::leastResponseTime)
                        .without(FIRST_PICKS, SHARES, NO_STARVATION));
    }

    @Test
    void sample_hasEachPairOfValues() {
        List<Combination> sample = StrategyMatrix.sample(SEED);
        assertThat(sample).hasSizeLessThan(100).doesNotHaveDuplicates();
        for (Combination one : StrategyMatrix.all(SEED)) {
            assertThat(sample)
                    .anyMatch(other -> other.load() == one.load() && other.feature() == one.feature())
                    .anyMatch(other -> other.size() == one.size() && other.feature() == one.feature())
                    .anyMatch(other -> other.weights() == one.weights() && other.feature() == one.feature())
                    .anyMatch(other -> other.load() == one.load() && other.size() == one.size())
                    .anyMatch(other -> other.load() == one.load() && other.weights() == one.weights())
                    .anyMatch(other -> other.size() == one.size() && other.weights() == one.weights());
        }
    }

    @Test
    void combination_readsItsOwnText() {
        assertThat(StrategyMatrix.all(7))
                .allSatisfy(one -> assertThat(Combination.parse(one.toString())).isEqualTo(one));
    }

    @Test
    void featureThatAStrategyIsWithout_findsNothing() {
        StrategyMatrix none = StrategyMatrix.of("none", () -> context -> request -> null);
        Combination noisy = new Combination(Load.IDLE, 3, Weighting.EQUAL, Feature.NOISE, SEED);

        assertThat(none.broken(noisy)).isNotEmpty();
        assertThat(none.without(Feature.NOISE).broken(noisy)).isEmpty();
    }

    /** Of two backends of the weights 1 and 2 the first gets 45 %: a third more than its share. */
    @Test
    void toleranceOfAFeature_countsWithThatFeatureAlone() {
        StrategyMatrix uneven = StrategyMatrix.of("uneven", () -> context -> {
                    RandomGenerator random = context.random();
                    return request -> context.candidates().get(random.nextDouble() < 0.45 ? 0 : 1);
                })
                .without(FIRST_PICKS, NO_REFUSAL, LAST_WORKING, RECOVERY);
        Combination plain = new Combination(Load.IDLE, 2, Weighting.ONE_TWO_THREE, Feature.NONE, SEED);

        assertThat(uneven.broken(plain)).anyMatch(fault -> fault.contains(": SHARES: "));
        assertThat(uneven.withTolerance(Feature.RETRIES, 0.5).broken(plain)).isNotEmpty();
        assertThat(uneven.withTolerance(Feature.NONE, 0.5).broken(plain)).isEmpty();
        assertThatThrownBy(() -> uneven.withTolerance(Feature.NONE, 1.1)).hasMessage("tolerance must be 0..1: 1.1");
    }

    /** A strategy that always takes the first backend, as one that breaks ties by the order of the list. */
    @Test
    void strategyThatFollowsTheOrderOfTheList_isFound_andTheCombinationNamed() {
        StrategyMatrix first = StrategyMatrix.of(
                "first",
                () -> context -> request -> context.candidates().stream()
                        .filter(request::accepts)
                        .findFirst()
                        .orElse(null));
        Combination idle = new Combination(Load.IDLE, 3, Weighting.EQUAL, Feature.NONE, SEED);

        assertThat(first.broken(idle))
                .isNotEmpty()
                .allMatch(fault -> fault.startsWith("first breaks a promise in \"idle / 3 / equal / none / seed 1\": "))
                .anyMatch(fault -> fault.contains(": FIRST_PICKS: "))
                .anyMatch(fault -> fault.contains(": NO_STARVATION: "))
                .anyMatch(fault -> fault.contains(": RECOVERY: "))
                .noneMatch(fault -> fault.contains(": LAST_WORKING: "));
    }

    @Test
    void strategyThatGivesUp_isFound() {
        StrategyMatrix one = StrategyMatrix.of(
                "one",
                () -> context -> request -> {
                    Candidate last =
                            context.candidates().get(context.candidates().size() - 1);
                    return request.accepts(last) ? last : null;
                });
        Combination saturated = new Combination(Load.SATURATED, 3, Weighting.EQUAL, Feature.NONE, SEED);

        assertThat(one.broken(saturated)).anyMatch(fault -> fault.contains(": NO_REFUSAL: "));
    }

    @ParameterizedTest
    @MethodSource("strategies")
    void sample_keepsThePromises(StrategyMatrix matrix) {
        assertThat(StrategyMatrix.sample(SEED).stream()
                        .filter(one -> one.size() < LARGE)
                        .flatMap(one -> matrix.broken(one).stream()))
                .isEmpty();
    }

    /** The largest pools, a seventh of the sample, take nearly half of its time. */
    @Tag("long")
    @ParameterizedTest
    @MethodSource("strategies")
    void wholeSample_keepsThePromises(StrategyMatrix matrix) {
        matrix.check(SEED);
    }

    /** Weights are as nothing to it. */
    @Test
    void check_namesTheFaultsOfTheWholeSample() {
        StrategyMatrix even = StrategyMatrix.of("even", () -> context -> {
                    RandomGenerator random = context.random();
                    return request -> context.candidates()
                            .get(random.nextInt(context.candidates().size()));
                })
                .without(EnumSet.complementOf(EnumSet.of(Feature.NONE)).toArray(new Feature[0]));
        List<String> faults = StrategyMatrix.sample(SEED).stream()
                .flatMap(one -> even.broken(one).stream())
                .toList();

        assertThat(faults).isNotEmpty().anyMatch(fault -> fault.contains(": SHARES: "));
        assertThatThrownBy(() -> even.check(SEED))
                .isInstanceOf(AssertionError.class)
                .hasMessage(String.join("\n", faults));
    }

    /** One call of fifty fails, mostly at a heavy backend: no reason to send most calls to a light one. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "idle / 2 / 1:100:100 / retries",
                "idle / 2 / 1:10x5 / retries",
                "idle / 3 / 99:1 / retries",
                "idle / 10 / 99:1 / retries",
                "1 call in 1 s / 2 / 99:1 / retries"
            })
    void adaptive_keepsTheWeights_ofBackendsThatFailNowAndThen(String combination) {
        StrategyMatrix.of("adaptive", Strategies::adaptive)
                .withTolerance(1)
                .check(Combination.parse(combination + " / seed " + SEED));
    }

    /** Beside a canary alone, which all calls go to meanwhile. A heavy backend is tried rarely then. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void adaptive_hasAHeavyBackendBack_thatWasSlow(long seed) {
        StrategyMatrix.of("adaptive", Strategies::adaptive)
                .check(new Combination(Load.IDLE, 3, Weighting.NINETY_NINE_ONE, Feature.TRIED, seed));
    }

    /** One call in fifty fails. A light backend has few calls to show that it works. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 8, 11, 13, 28})
    void weightedLeastConnections_starvesNoLightBackend_whereCallsFail(long seed) {
        StrategyMatrix.of("weightedLeastConnections", Strategies::weightedLeastConnections)
                .check(Combination.parse("busy / 10 / 1:10x5 / retries / seed " + seed));
    }

    /** Two heavy backends have room enough: a canary beside them, and one that joins, get no more than their share. */
    @Test
    void boundedLoad_givesALightNewcomerItsRamp_besideHeavyBackends() {
        StrategyMatrix.of("bounded load", () -> Strategies.consistentHash().loadFactor(1.25))
                .withTolerance(0.1)
                .check(Combination.parse("busy / 3 / 99:1 / slow start / seed " + SEED));
    }

    /** As long as the ramp lasts. Afterwards a light backend has its chance to be drawn with a lighter or a slower one. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "idle / 3 / 1:100:100",
                "idle / 3 / 99:1",
                "idle / 63 / 1:100:100",
                "idle / 63 / 99:1",
                "idle / 65 / 99:1"
            })
    void leastResponseTime_givesALightNewcomerItsRamp(String combination) {
        StrategyMatrix.of("leastResponseTime", Strategies::leastResponseTime)
                .without(FIRST_PICKS, SHARES, NO_STARVATION)
                .check(Combination.parse(combination + " / slow start / seed " + SEED));
    }

    /**
     * A small difference of latencies is mostly noise, and does not outweigh weights. With equal ones it follows the latencies:
     * a pool of two idle backends may go to one of them for a minute.
     */
    @ParameterizedTest
    @MethodSource("unevenAndNoisy")
    void adaptive_keepsUnevenWeights_whereLatenciesAreNoisy(Combination combination) {
        StrategyMatrix.of("adaptive", Strategies::adaptive).check(combination);
    }

    static List<Combination> unevenAndNoisy() {
        return StrategyMatrix.all(SEED).stream()
                .filter(one -> one.feature() == Feature.NOISE && one.weights() != Weighting.EQUAL && one.size() <= 65)
                .toList();
    }

    /**
     * Takes hours, so that the profile {@code long} leaves it out. It runs with {@code -Dsurefire.groups=long
     * -Dsurefire.excludedGroups=mutations}.
     */
    @Tag("long")
    @Tag("soak")
    @ParameterizedTest
    @MethodSource("strategies")
    void everyCombination_keepsThePromises(StrategyMatrix matrix) {
        assertThat(StrategyMatrix.all(SEED).parallelStream()
                        .flatMap(combination -> tolerant(matrix, combination).broken(combination).stream()))
                .isEmpty();
    }

    /**
     * Maglev's order of turns, which is Envoy's, rounds up: of 10,000 backends of the weights 99 and 1 the light half has 1.43 times
     * its share.
     */
    private static StrategyMatrix tolerant(StrategyMatrix matrix, Combination combination) {
        boolean isMaglev =
                matrix.toString().equals("consistentHash") || matrix.toString().equals("bounded load");
        return isMaglev && combination.size() == 10_000 ? matrix.withTolerance(0.5) : matrix;
    }
}
