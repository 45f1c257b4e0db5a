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
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The scan beside a comparison one by one. */
final class IdleScanTest {
    private static final int NOW = CoarseClock.ofMillis(50_000);
    private static final float INVERSE = 0.1f;

    private final FakeContext.FakeFigures figures = new FakeContext.FakeFigures();

    private IdleScan scan(AdaptiveState[] states, @Nullable StratifiedSampler sample) {
        return new IdleScan(candidates(states.length), states, sample, new PickCounter(0, NOW), figures);
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

    private static int leastOf(AdaptiveState[] states, List<Integer> indexes, int turn) {
        return indexes.stream()
                .min(Comparator.<Integer>comparingDouble(index -> states[index].idleCost(INVERSE))
                        .thenComparingInt(index -> -(turn - states[index].lastTurn())))
                .orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1_000, -3, Integer.MAX_VALUE - 1})
    void cheapest_isTheFirstOfTheLeast_fromTheCursorOn(int turn) {
        Random random = new Random(turn);
        for (int round = 0; round < 300; round++) {
            int size = 1 + random.nextInt(40);
            int cursor = random.nextInt(size);
            AdaptiveState[] states = states(size, turn, random);
            List<Integer> indexes =
                    IntStream.range(0, size).mapToObj(i -> (cursor + i) % size).toList();

            assertThat(find(scan(states, null), cursor, 0, turn))
                    .as("round %s", round)
                    .isEqualTo(leastOf(states, indexes, turn));
        }
    }

    @Test
    void cheapest_ofASample_isAmongTheSameDraws() {
        Random random = new Random(7);
        for (int round = 0; round < 300; round++) {
            int size = 33 + random.nextInt(100);
            int cursor = random.nextInt(size);
            AdaptiveState[] states = states(size, 1_000, random);
            StratifiedSampler sample = new StratifiedSampler(size, 32);
            long firstWord = random.nextLong();
            List<Integer> indexes = IntStream.range(0, 32)
                    .mapToObj(i -> i == 0 ? cursor : sample.draw(i, cursor, word(firstWord, i)))
                    .toList();

            assertThat(find(scan(states, sample), cursor, firstWord, 1_000))
                    .as("round %s", round)
                    .isEqualTo(leastOf(states, indexes, 1_000));
        }
    }

    private static long word(long first, int number) {
        long word = first;
        for (int i = 0; i < number; i++) {
            word = RandomBits.next(word);
        }
        return word;
    }

    /** A cost beyond all numbers is the highest, not a negative one. */
    @Test
    void infiniteCost_isTheHighest() {
        Random random = new Random(1);
        PickCounter turns = new PickCounter(1_000, NOW);
        AdaptiveState[] states = {state(turns, random, 1e-40), state(turns, random, 1)};
        states[0].picked(900, 1e-38f);

        assertThat(states[0].idleCost(Float.MAX_VALUE)).isInfinite();
        assertThat(scan(states, null).find(Float.MAX_VALUE, 0, 0, 1_000, (long) NOW << 20, NOW))
                .isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "0, 4", "3, 2", "3, 3", "4, 0"})
    void staleState_isRefreshedFirst_whereverItIs(int cursor, int stale) {
        AdaptiveState[] states = states(5, 1_000, new Random(1));
        IdleScan scan = scan(states, null);
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
        IdleScan scan = new IdleScan(candidates, states, null, new PickCounter(0, NOW), figures);
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
        IdleScan scan = new IdleScan(candidates, states, null, new PickCounter(0, NOW), figures);
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
    @CsvSource({"2, false", "5, true", "32, false", "32, true", "33, false", "100, true"})
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
}
