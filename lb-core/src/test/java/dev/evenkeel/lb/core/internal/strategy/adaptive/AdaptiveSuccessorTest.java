package dev.evenkeel.lb.core.internal.strategy.adaptive;

import static dev.evenkeel.lb.core.internal.strategy.adaptive.AdaptivePoolFixture.backends;
import static dev.evenkeel.lb.core.internal.strategy.adaptive.AdaptivePoolFixture.changes;
import static dev.evenkeel.lb.core.internal.strategy.adaptive.AdaptivePoolFixture.joins;
import static dev.evenkeel.lb.core.internal.strategy.adaptive.AdaptivePoolFixture.leaves;
import static dev.evenkeel.lb.core.internal.strategy.adaptive.AdaptivePoolFixture.with;
import static dev.evenkeel.lb.core.internal.strategy.adaptive.AdaptivePoolFixture.without;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.core.internal.strategy.support.CoarseClock;
import dev.evenkeel.lb.core.strategy.FakeCandidate;
import dev.evenkeel.lb.spi.CandidateChange;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a picker of {@code adaptive} when candidates join, leave, or change their weight. */
final class AdaptiveSuccessorTest {
    private final AdaptivePoolFixture pool = new AdaptivePoolFixture();
    private final List<FakeCandidate> five = backends(1, 1, 1, 1, 1);

    /** Makes the successor of a picker of {@code a} to {@code e}. */
    private interface Update {
        AdaptivePicker of(AdaptivePoolFixture fixture, AdaptivePicker before, List<FakeCandidate> candidates);
    }

    /** The candidates of a successor in its order: the first pick among equal ones is where the turn stands. */
    private static String order(int size, int seed, Update update) {
        return IntStream.range(0, size)
                .mapToObj(place -> {
                    AdaptivePoolFixture fixture = new AdaptivePoolFixture(place - 1, new Random(seed));
                    List<FakeCandidate> candidates = backends(1, 1, 1, 1, 1);
                    AdaptivePicker next = update.of(fixture, fixture.picker(candidates), candidates);
                    return String.valueOf(fixture.pick(next));
                })
                .collect(Collectors.joining());
    }

    private static AdaptivePicker afterLeaving(
            AdaptivePoolFixture fixture, AdaptivePicker before, List<FakeCandidate> candidates, String ids) {
        FakeCandidate[] left =
                ids.chars().mapToObj(id -> candidates.get(id - 'a')).toArray(FakeCandidate[]::new);
        List<CandidateChange> changes =
                Set.of(left).size() == 1 ? List.of(leaves(left[0])) : List.of(leaves(left[0]), leaves(left[1]));
        return requireNonNull(fixture.successor(before, without(candidates, left), changes));
    }

    @ParameterizedTest
    @CsvSource({"a, ebcd", "b, aecd", "d, abce", "e, abcd", "ab, edc", "bc, aed", "de, abc", "ae, dbc", "ea, dbc"})
    void gap_isFilledByTheLastCandidate(String left, String order) {
        assertThat(order(
                        order.length(),
                        1,
                        (fixture, before, candidates) -> afterLeaving(fixture, before, candidates, left)))
                .isEqualTo(order);
    }

    /** A new candidate costs twice as much at first, so that its place reads as the next one's. */
    @Test
    void newCandidate_getsARandomPlace_whoseCandidateMovesToTheEnd() {
        Set<String> orders = new TreeSet<>();
        for (int seed = 0; seed < 100; seed++) {
            orders.add(order(6, seed, (fixture, before, candidates) -> {
                FakeCandidate joined = FakeCandidate.of("f");
                return requireNonNull(fixture.successor(before, with(candidates, joined), List.of(joins(joined))));
            }));
        }

        assertThat(orders).containsExactlyInAnyOrder("bbcdea", "accdeb", "abddec", "abceed", "abcdee", "abcdea");
    }

    @Test
    void changeOfWeight_keepsTheOrder() {
        assertThat(order(
                        5,
                        1,
                        (fixture, before, candidates) -> requireNonNull(
                                fixture.successor(before, candidates, List.of(changes(candidates.get(2), 1.001))))))
                .isEqualTo("abcde");
    }

    /** Which of the candidates the picker picks if the request accepts no other one. */
    private List<FakeCandidate> pickable(AdaptivePicker picker, List<FakeCandidate> all) {
        return all.stream()
                .filter(candidate -> pool.pickOnly(picker, candidate, all) != null)
                .toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 20, 70})
    void successors_equalAFreshPicker(int most) {
        Random random = new Random(most);
        List<FakeCandidate> all = IntStream.range(0, most)
                .mapToObj(i -> FakeCandidate.of("b" + i, 1 + random.nextInt(3)))
                .toList();
        List<FakeCandidate> present = new ArrayList<>(all.subList(0, most / 2));
        AdaptivePicker picker = pool.picker(present);
        for (int update = 0; update < 60; update++) {
            List<CandidateChange> changes = new ArrayList<>();
            for (int i = random.nextInt(3); i >= 0; i--) {
                changeOne(random, all.get(random.nextInt(most)), present, changes);
            }
            picker = pool.successor(picker, present, changes);
            assertThat(picker).isNotNull();
            boolean isUneven = pool.turns.isUneven();
            AdaptivePicker fresh = pool.picker(present);

            assertThat(isUneven).isEqualTo(pool.turns.isUneven());
            assertThat(pickable(picker, all)).hasSameElementsAs(present);
            for (FakeCandidate candidate : present) {
                candidate.withInFlight(random.nextInt(1_000));
                assertThat(picker.explain(candidate, 0)).isEqualTo(fresh.explain(candidate, 0));
            }
            if (most <= 32) {
                assertThat(pool.pick(picker)).isEqualTo(pool.pick(fresh));
            }
        }
    }

    /** Joins, leaves, or gets a new weight; nothing if it has changed already, or is the last one. */
    private static void changeOne(
            Random random, FakeCandidate candidate, List<FakeCandidate> present, List<CandidateChange> changes) {
        if (changes.stream().anyMatch(change -> change.candidate() == candidate)) {
            return;
        }
        if (!present.contains(candidate)) {
            present.add(candidate);
            changes.add(joins(candidate));
        } else if (random.nextBoolean() && present.size() > 1) {
            present.remove(candidate);
            changes.add(leaves(candidate));
        } else {
            changes.add(changes(candidate, candidate.weight % 3 + 1));
        }
    }

    @Test
    void changes_thatAreNotKnownOrDoNotFit_haveNoSuccessor() {
        AdaptivePicker picker = pool.picker(five);
        FakeCandidate stranger = FakeCandidate.of("x");
        FakeCandidate other = FakeCandidate.of("y");
        FakeCandidate a = five.get(0);
        FakeCandidate b = five.get(1);

        assertThat(pool.successor(picker, five, null)).as("not known").isNull();
        assertThat(pool.successor(picker, five, List.of(leaves(a))))
                .as("one left, and the list is as long")
                .isNull();
        assertThat(pool.successor(picker, without(five, a, b), List.of(leaves(a))))
                .as("one left, and two are missing")
                .isNull();
        assertThat(pool.successor(picker, without(five, a), List.of(leaves(stranger))))
                .as("an unknown one left")
                .isNull();
        assertThat(pool.successor(picker, without(five, a, b), List.of(leaves(a), leaves(stranger))))
                .as("an unknown one left as well")
                .isNull();
        assertThat(pool.successor(picker, with(five, stranger), List.of(joins(stranger), joins(other))))
                .as("two joined, and one is there")
                .isNull();
        assertThat(pool.successor(picker, with(five, stranger, other), List.of(joins(stranger))))
                .as("one joined, and two are there")
                .isNull();
        assertThat(pool.successor(picker, without(five, a), List.of(changes(b, 2))))
                .as("a weight changed, and one is missing")
                .isNull();
        assertThat(pool.successor(picker, five, List.of()))
                .as("nothing changed")
                .isNotNull();
    }

    @Test
    void returningCandidate_countsAsNew() {
        AdaptivePicker picker = pool.picker(five);
        FakeCandidate e = five.get(4);
        for (int i = 0; i < 50; i++) {
            pool.pick(picker);
        }
        assertThat(picker.explain(e, pool.nowNanos)).contains("x 1 rest");

        AdaptivePicker without = requireNonNull(pool.successor(picker, without(five, e), List.of(leaves(e))));
        AdaptivePicker returned = requireNonNull(pool.successor(without, five, List.of(joins(e))));
        pool.pick(returned);

        assertThat(returned.explain(e, pool.nowNanos)).contains("x 2 new");
        assertThat(returned.explain(five.get(0), pool.nowNanos)).contains("x 1 rest");
    }

    /**
     * Two candidates of weight 100, of which the second one gets these weights one after the other: the candidates whose
     * state the last change outdates.
     */
    private String outdatedBy(double... weights) {
        List<FakeCandidate> two = backends(100, 100);
        AdaptivePicker picker = pool.picker(two);
        for (double weight : weights) {
            pool.pick(picker);
            picker = requireNonNull(pool.successor(picker, two, List.of(changes(two.get(1), weight))));
        }
        return two.stream()
                .filter(candidate -> pool.state(candidate).isStale(CoarseClock.of(pool.nowNanos)))
                .map(FakeCandidate::toString)
                .collect(Collectors.joining());
    }

    @ParameterizedTest
    @CsvSource({"101, b", "99, b", "102, b", "98, b", "103, ab", "97, ab", "1000, ab", "1, ab"})
    void averageWeight_isKnownToOnePercent(double weight, String outdated) {
        assertThat(outdatedBy(weight)).isEqualTo(outdated);
    }

    @Test
    void averageWeight_thatDriftsInSmallSteps_isLearnedOnceItIsOffByOnePercent() {
        assertThat(outdatedBy(101.5)).isEqualTo("b");
        assertThat(outdatedBy(101.5, 103)).isEqualTo("ab");
        assertThat(outdatedBy(101.5, 103, 104.5))
                .as("learned with the second step")
                .isEqualTo("b");
    }

    /** How many picks the pool remembers at least, which shows in how many it makes before it is at work. */
    private int memory() {
        while (!pool.turns.hasBegun()) {
            pool.turns.next(0);
        }
        return (int) pool.turns.picks() - 1;
    }

    @Test
    void memory_isTwoTurnsOfTheLightestCandidate() {
        pool.picker(backends(6, 2));

        assertThat(memory()).isEqualTo(8);
    }

    @Test
    void memory_isBounded() {
        pool.picker(backends(60_000, 0.5));

        assertThat(memory()).isEqualTo(100_000);
    }

    /** Of weights 8, 4, 4 and 2: the one at this place gets another weight; 0 if it leaves. */
    @ParameterizedTest
    @CsvSource({"3, 0, 8", "3, 8, 12", "3, 1, 34", "3, 3, 12", "0, 0, 10", "0, 10, 20", "1, 0, 14", "1, 1, 30"})
    void memory_followsTheLightestCandidate(int place, double weight, int memory) {
        List<FakeCandidate> candidates = backends(8, 4, 4, 2);
        AdaptivePicker picker = pool.picker(candidates);
        FakeCandidate changed = candidates.get(place);

        AdaptivePicker next = weight == 0
                ? pool.successor(picker, without(candidates, changed), List.of(leaves(changed)))
                : pool.successor(picker, candidates, List.of(changes(changed, weight)));

        assertThat(next).isNotNull();
        assertThat(memory()).isEqualTo(memory);
    }

    @Test
    void memory_followsALighterCandidateThatJoins() {
        List<FakeCandidate> candidates = backends(8, 4, 4, 2);
        FakeCandidate joined = FakeCandidate.of("light", 1);

        assertThat(pool.successor(pool.picker(candidates), with(candidates, joined), List.of(joins(joined))))
                .isNotNull();
        assertThat(memory()).isEqualTo(38);
    }

    @ParameterizedTest
    @CsvSource({"100, 100, false", "100, 101, false", "100, 102, true", "100, 103, true", "1, 2, true"})
    void weights_areUneven_ifTheAverageIsOnePercentAboveTheLightest(double one, double other, boolean isUneven) {
        pool.picker(backends(one, other));

        assertThat(pool.turns.isUneven()).isEqualTo(isUneven);
    }

    @Test
    void weights_thatBecomeEqual_areEven_afterALightestOneThatWasNearlyAsHeavyHasLeft() {
        List<FakeCandidate> four = backends(200, 201, 201, 201);
        List<FakeCandidate> three = four.subList(1, 4);
        AdaptivePicker next = requireNonNull(pool.successor(pool.picker(four), three, List.of(leaves(four.get(0)))));

        List<CandidateChange> heavier =
                three.stream().map(each -> changes(each, 300)).toList();
        assertThat(pool.successor(next, three, heavier)).isNotNull();

        assertThat(pool.turns.isUneven()).isFalse();
    }
}
