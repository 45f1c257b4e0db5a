package dev.evenkeel.lb.core.internal.strategy.adaptive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.internal.strategy.support.CoarseClock;
import dev.evenkeel.lb.core.internal.strategy.support.RandomBits;
import dev.evenkeel.lb.core.internal.strategy.support.StratifiedSampler;
import dev.evenkeel.lb.core.strategy.FakeCandidate;
import dev.evenkeel.lb.core.strategy.FakeContext;
import dev.evenkeel.lb.spi.Candidate;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The scan beside a comparison one by one. */
final class IdleScanTest {
    private static final int NOW = CoarseClock.ofMillis(50_000);
    private static final float INVERSE = 0.1f;

    private final FakeContext.FakeFigures figures = new FakeContext.FakeFigures();

    private IdleScan scan(AdaptiveState... states) {
        return scan(candidates(states.length), states, new PickCounter(0, NOW));
    }

    private IdleScan scan(Candidate[] candidates, AdaptiveState[] states, PickCounter turns) {
        return new IdleScan(candidates, states, turns, figures, 1);
    }

    private static Candidate[] candidates(int size) {
        return Stream.generate(() -> FakeCandidate.of("a")).limit(size).toArray(Candidate[]::new);
    }

    private static int find(IdleScan scan, int cursor, long firstWord, int turn) {
        return scan.find(INVERSE, cursor, firstWord, turn, (long) NOW << 20, NOW);
    }

    private AdaptiveState state(PickCounter turns, Random random, double weight) {
        FakeCandidate backend = FakeCandidate.of("a");
        backend.weight = weight;
        backend.failureRate = random.nextInt(4) == 0 ? random.nextDouble() : 0;
        AdaptiveState state = new AdaptiveState(turns, random);
        refresh(state, backend, turns);
        return state;
    }

    private void refresh(AdaptiveState state, FakeCandidate backend, PickCounter turns) {
        state.refresh(backend, figures, turns, 10, INVERSE, 1, (long) NOW << 20, NOW);
    }

    /** Of a pool with even weights or uneven ones, whose candidates were picked so often at most, before or after the turn. */
    private AdaptiveState[] states(int size, int turn, Random random) {
        boolean isUneven = random.nextBoolean();
        PickCounter turns = new PickCounter(turn, NOW);
        turns.remember(isUneven ? 1_000 : 0, size);
        AdaptiveState[] states = new AdaptiveState[size];
        for (int i = 0; i < size; i++) {
            states[i] = state(turns, random, isUneven ? 1 + random.nextInt(3) : 1);
            for (int pick = random.nextInt(4); pick > 0; pick--) {
                states[i].picked(turn + 3 - random.nextInt(8), INVERSE);
            }
        }
        return states;
    }

    /** From the cheapest one on; of equal ones first what was picked longest ago. */
    private static Comparator<Integer> order(AdaptiveState[] states, int turn) {
        return Comparator.<Integer>comparingDouble(index -> states[index].idleCost(INVERSE))
                .thenComparingInt(index -> -(turn - states[index].lastTurn()));
    }

    private static int leastOf(AdaptiveState[] states, List<Integer> indexes, int turn) {
        return indexes.stream().min(order(states, turn)).orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1_000, -3, Integer.MAX_VALUE - 1})
    void cheapest_isTheFirstOfTheLeast_fromTheCursorOn(int turn) {
        Random random = new Random(turn);
        for (int round = 0; round < 300; round++) {
            int size = 1 + random.nextInt(AdaptivePicker.COMPARED);
            int cursor = random.nextInt(size);
            AdaptiveState[] states = states(size, turn, random);
            List<Integer> indexes =
                    IntStream.range(0, size).mapToObj(i -> (cursor + i) % size).toList();

            assertThat(find(scan(states), cursor, 0, turn))
                    .as("round %s", round)
                    .isEqualTo(leastOf(states, indexes, turn));
        }
    }

    /** Each pick looks at the second of the one before, at the one whose turn it is, and at what it draws. */
    @Test
    void cheapest_ofMany_isThatOfASample_andOfTheOneThatWasSecond() {
        Random random = new Random(7);
        for (int round = 0; round < 100; round++) {
            int size = AdaptivePicker.COMPARED + 1 + random.nextInt(100);
            AdaptiveState[] states = states(size, 1_000, random);
            Comparator<Integer> order = order(states, 1_000);
            PickCounter turns = new PickCounter(0, NOW);
            IdleScan scan = scan(candidates(size), states, turns);
            StratifiedSampler sample = new StratifiedSampler(size, IdleScan.DRAWS);
            int kept = 0;
            for (int pick = 0; pick < 5; pick++) {
                int cursor = random.nextInt(size);
                long firstWord = random.nextLong();
                List<Integer> indexes = Stream.concat(
                                Stream.of(kept, cursor),
                                IntStream.range(1, IdleScan.DRAWS)
                                        .mapToObj(i -> sample.draw(i, cursor, word(firstWord, i + 1))))
                        .toList();
                int second = indexes.stream().distinct().sorted(order).toList().get(1);

                int found = find(scan, cursor, firstWord, 1_000);
                assertThat(found).as("round %s, pick %s", round, pick).isEqualTo(leastOf(states, indexes, 1_000));
                kept = turns.takeRunnerUp(size, cursor);
                turns.keepRunnerUp(kept);
                assertThat(kept).as("round %s, pick %s", round, pick).isNotEqualTo(found);
                assertThat(order.compare(kept, second))
                        .as("round %s, pick %s: costs what the second does", round, pick)
                        .isZero();
            }
        }
    }

    @Test
    void second_isTakenByOnePick_andOfAPoolThatWasLargerByNone() {
        PickCounter turns = new PickCounter(0, NOW);

        turns.keepRunnerUp(40);
        assertThat(turns.takeRunnerUp(41, 7)).isEqualTo(40);
        assertThat(turns.takeRunnerUp(41, 8)).as("at the same time").isEqualTo(7);

        turns.keepRunnerUp(40);
        assertThat(turns.takeRunnerUp(40, 7)).isEqualTo(7);
    }

    private static long word(long first, int number) {
        long word = first;
        for (int i = 0; i < number; i++) {
            word = RandomBits.next(word);
        }
        return word;
    }

    /** Of many most are stale whenever a pick comes. */
    @Test
    void staleStates_ofASample_areRefreshed() {
        AdaptiveState[] states = states(100, 1_000, new Random(1));
        IdleScan scan = scan(states);
        for (AdaptiveState state : states) {
            state.outdate();
        }

        int found = find(scan, 3, 1, 1_000);

        assertThat(found).isNotEqualTo(IdleScan.UNKNOWN);
        assertThat(states[found].isStale(NOW)).isFalse();
        assertThat(states).filteredOn(state -> !state.isStale(NOW)).hasSizeBetween(2, IdleScan.DRAWS + 1);
    }

    /** A cost beyond all numbers is the highest, not a negative one. */
    @Test
    void infiniteCost_isTheHighest() {
        Random random = new Random(1);
        PickCounter turns = new PickCounter(1_000, NOW);
        AdaptiveState[] states = {state(turns, random, 1e-40), state(turns, random, 1)};
        states[0].picked(900, 1e-38f);

        assertThat(states[0].idleCost(Float.MAX_VALUE)).isInfinite();
        assertThat(scan(states).find(Float.MAX_VALUE, 0, 0, 1_000, (long) NOW << 20, NOW))
                .isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "0, 4", "3, 2", "3, 3", "4, 0"})
    void staleState_isRefreshedFirst_whereverItIs(int cursor, int stale) {
        AdaptiveState[] states = states(5, 1_000, new Random(1));
        IdleScan scan = scan(states);
        assertThat(find(scan, cursor, 0, 1_000)).isNotEqualTo(IdleScan.UNKNOWN);

        states[stale].outdate();
        assertThat(find(scan, cursor, 0, 1_001)).isEqualTo(IdleScan.UNKNOWN);

        refresh(states[stale], FakeCandidate.of("a"), new PickCounter(0, NOW));
        assertThat(find(scan, cursor, 0, 1_002)).as("is looked for at once").isNotEqualTo(IdleScan.UNKNOWN);
    }

    /** Each would take the time of a scan for nothing. */
    @Test
    void whereNoneIsIdle_onePickInSixteenLooks_untilOneIs() {
        AdaptiveState[] states = states(3, 1_000, new Random(1));
        Candidate[] candidates = candidates(3);
        IdleScan scan = scan(candidates, states, new PickCounter(0, NOW));
        int least = find(scan, 0, 0, 1_000);
        FakeCandidate cheapest = (FakeCandidate) candidates[least];

        cheapest.withInFlight(1);
        assertThat(find(scan, 0, 0, 1_001)).isEqualTo(IdleScan.UNKNOWN);
        cheapest.withInFlight(0);
        for (int turn = 1_002; turn < 1_008; turn++) {
            assertThat(find(scan, 0, 0, turn)).isEqualTo(IdleScan.UNKNOWN);
        }
        assertThat(find(scan, 0, 0, 1_008)).isEqualTo(least);
        assertThat(find(scan, 0, 0, 1_009)).isEqualTo(least);
    }

    @Test
    void agedCalls_makeACandidateNotIdle() {
        AdaptiveState[] states = states(2, 1_000, new Random(1));
        Candidate[] candidates = candidates(2);
        IdleScan scan = scan(candidates, states, new PickCounter(0, NOW));
        int least = find(scan, 0, 0, 1_000);

        figures.latencyP95Nanos = 1_000;
        ((FakeCandidate) candidates[least]).waitingNanos = 1_001;

        assertThat(find(scan, 0, 0, 1_001)).isEqualTo(IdleScan.UNKNOWN);
    }

    /** A pool under {@code adaptive}, which draws what its twin draws. */
    private static final class Twin {
        private final AdaptivePoolFixture pool;
        private final List<FakeCandidate> candidates;
        private final AdaptivePicker picker;

        Twin(int size, boolean isUneven) {
            pool = new AdaptivePoolFixture(100, new Random(1));
            candidates = IntStream.range(0, size)
                    .mapToObj(i -> FakeCandidate.of("b" + i, isUneven ? 1 + i % 3 : 1))
                    .toList();
            picker = pool.picker(candidates);
        }

        void change(int kind, int place, int size) {
            FakeCandidate changed = candidates.get(place);
            switch (kind) {
                case 0 -> changed.withInFlight(size % 3);
                case 1 -> candidates.forEach(candidate -> candidate.withInFlight(0));
                case 2 -> changed.withLatencyMillis(size);
                case 3 -> changed.failureRate = changed.failureRate == 0 ? 0.2 : 0;
                case 4 -> changed.waitingNanos = changed.waitingNanos == 0 ? 1e6 * size : 0;
                case 5 -> pool.strike(picker, changed);
                case 6 -> picker.completed(changed, Outcome.SUCCESS, 1_000_000L * size, pool.nowNanos);
                default -> pool.nowNanos += 100_000L * size;
            }
        }

        int pick() {
            return candidates.indexOf(pool.pick(picker));
        }
    }

    /** One looks for an idle candidate, and the other, but for a pick in sixteen, compares one by one. */
    @ParameterizedTest
    @CsvSource({"2, false", "5, true", "31, true", "32, false", "32, true"})
    void picks_areThoseOfAComparisonOneByOne(int size, boolean isUneven) {
        Twin looking = new Twin(size, isUneven);
        Twin comparing = new Twin(size, isUneven);
        looking.pool.figures.latencyP95Nanos = 20e6;
        comparing.pool.figures.latencyP95Nanos = 20e6;
        Random random = new Random(size);

        for (int step = 0; step < 10_000; step++) {
            if (random.nextInt(3) == 0) {
                int kind = random.nextInt(8);
                int place = random.nextInt(size);
                int amount = random.nextInt(50);
                looking.change(kind, place, amount);
                comparing.change(kind, place, amount);
            }
            comparing.pool.turns.idleFound(false);

            assertThat(looking.pick()).as("step %s", step).isEqualTo(comparing.pick());
        }
    }

    /**
     * Backends answer in 20 to 60 ms, and none is ever busy. The comparison one by one draws 32 for each pick, the other one
     * 16, and keeps one: without that its picks would take twice as long as the other's beyond the 20 ms.
     */
    @ParameterizedTest
    @ValueSource(ints = {100, 1_000})
    void picksAmongMany_areNearlyThoseOfTwiceAsManyDraws(int size) {
        Twin looking = latenciesSpread(size);
        Twin comparing = latenciesSpread(size);
        double lookingMillis = 0;
        double comparingMillis = 0;
        int picks = 20 * size;
        for (int pick = 0; pick < picks; pick++) {
            lookingMillis += latencyMillis(looking.pick(), size);
            comparing.pool.turns.idleFound(false);
            comparingMillis += latencyMillis(comparing.pick(), size);
        }

        assertThat(lookingMillis / picks - 20).isLessThan(1.6 * (comparingMillis / picks - 20));
    }

    private static Twin latenciesSpread(int size) {
        Twin twin = new Twin(size, false);
        twin.pool.figures.latencyNanos = 40e6;
        for (int i = 0; i < size; i++) {
            twin.candidates.get(i).withLatencyMillis(latencyMillis(i, size)).latencySampleNanos = twin.pool.nowNanos;
        }
        return twin;
    }

    /** 20 to 60 ms; neighbours are far apart. */
    private static double latencyMillis(int backend, int size) {
        return 20 + 40.0 * ((backend * 37 + size / 2) % size) / size;
    }
}
