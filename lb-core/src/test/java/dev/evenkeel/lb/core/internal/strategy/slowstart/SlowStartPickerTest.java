package dev.evenkeel.lb.core.internal.strategy.slowstart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.LoadReport;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.strategy.FakeCandidate;
import dev.evenkeel.lb.core.strategy.FakeContext;
import dev.evenkeel.lb.core.strategy.FakePool;
import dev.evenkeel.lb.core.strategy.FakeRequest;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.Picker;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Which call a candidate in slow start gets. All turns begin at the first candidate of the list. */
final class SlowStartPickerTest {
    private static final RandomGenerator ZERO = () -> 0L;

    /** The strategy's own pickers, the latest one at the end. */
    private final List<FakeCostPicker> own = new ArrayList<>();

    private Picker picker(List<FakeCandidate> candidates) {
        FakeContext seeded = FakeContext.of(0, candidates);
        FakeContext context =
                new FakeContext(seeded.candidates(), null, null, ZERO, seeded.timeSource(), seeded.figures());
        return SlowStartPicker.of(context, Candidate::weight, whole -> {
            own.add(new FakeCostPicker(whole));
            return own.get(own.size() - 1);
        });
    }

    private FakeCostPicker own() {
        return own.get(own.size() - 1);
    }

    private static FakeCandidate settled(String id) {
        return FakeCandidate.of(id);
    }

    private static FakeCandidate newcomer(String id) {
        FakeCandidate candidate = FakeCandidate.of(id);
        candidate.inSlowStart = true;
        return candidate;
    }

    private static FakeRequest at(long nowNanos) {
        FakeRequest request = FakeRequest.any();
        request.nowNanos = nowNanos;
        return request;
    }

    private static String picks(Picker picker, int count, FakeRequest request) {
        return IntStream.range(0, count)
                .mapToObj(i -> String.valueOf(picker.pick(request)))
                .collect(Collectors.joining(" "));
    }

    private static String picks(Picker picker, int count) {
        return picks(picker, count, FakeRequest.any());
    }

    @Test
    void newcomer_getsTheCallsOfItsTurns_andTheStrategyPicksForAllOther() {
        Picker picker = picker(List.of(settled("a"), newcomer("n"), settled("b")));
        assertThat(picks(picker, 6)).isEqualTo("a n a a n a");
    }

    @Test
    void turns_areByWeight() {
        FakeCandidate newcomer = newcomer("n");
        newcomer.weight = 0.1;
        Picker picker = picker(List.of(settled("a"), newcomer));
        List<Candidate> picked = Stream.generate(() -> picker.pick(FakeRequest.any()))
                .limit(1_100)
                .toList();
        assertThat(Collections.frequency(picked, newcomer)).isBetween(99, 101);
    }

    @Test
    void newcomerThatTheRequestRefuses_isPassedOverInItsTurn() {
        FakeCandidate newcomer = newcomer("n");
        Picker picker = picker(List.of(settled("a"), newcomer));
        assertThat(picks(picker, 4, FakeRequest.any().afterTrying(newcomer))).isEqualTo("a a a a");
    }

    /** The limit of one of two idle candidates is a cost of 3. */
    @Test
    void newcomerOfTooHighACost_isPassedOverInItsTurn() {
        Picker picker = picker(List.of(settled("a"), newcomer("n")));
        own().relativeCost = 2.9;
        assertThat(picks(picker, 2)).isEqualTo("a n");
        own().relativeCost = 3;
        assertThat(picks(picker, 2)).isEqualTo("a a");
    }

    @Test
    void strategy_isAskedForTheCostAndHealthOfNow() {
        Picker picker = picker(List.of(settled("a"), newcomer("n")));
        picks(picker, 2, at(7));
        assertThat(own().told).containsExactly("health of a at 7", "cost of n at 7");
    }

    @Test
    void noSettledCandidateAccepts_newcomersTakeTheCallInTurn() {
        FakeCandidate settled = settled("a");
        Picker picker = picker(List.of(settled, newcomer("n"), newcomer("m")));
        own().relativeCost = 100;
        FakeRequest retry = FakeRequest.any().afterTrying(settled);
        assertThat(picks(picker, 4, retry)).isEqualTo("n m n m");
    }

    @Test
    void noSettledCandidateAccepts_newcomersThatRefuseAreSkipped() {
        FakeCandidate settled = settled("a");
        FakeCandidate first = newcomer("n");
        Picker picker = picker(List.of(settled, first, newcomer("m")));
        assertThat(picks(picker, 3, FakeRequest.any().afterTrying(settled, first)))
                .isEqualTo("m m m");
    }

    @Test
    void noCandidateAccepts_nothingIsPicked() {
        FakeCandidate settled = settled("a");
        FakeCandidate newcomer = newcomer("n");
        Picker picker = picker(List.of(settled, newcomer));
        assertThat(picker.pick(FakeRequest.any().afterTrying(settled, newcomer)))
                .isNull();
    }

    @Test
    void bestSettledCandidateIsUnwell_newcomersStandInForIt() {
        FakeCandidate settled = settled("a");
        Picker picker = picker(List.of(settled, settled("b"), newcomer("n"), newcomer("m")));
        own().unwell.add(settled);
        assertThat(picks(picker, 2)).as("in the turns of a and b").isEqualTo("n m");
        own().unwell.clear();
        picks(picker, 2);
        assertThat(picks(picker, 2)).isEqualTo("a a");
    }

    @Test
    void bestSettledCandidateIsUnwell_butNewcomersHaveNoRoom_itGetsTheCall() {
        FakeCandidate settled = settled("a");
        Picker picker = picker(List.of(settled, newcomer("n")));
        own().unwell.add(settled);
        own().relativeCost = 100;
        assertThat(picks(picker, 3)).isEqualTo("a a a");
    }

    /** The first call asks n0 to n3, the second one n4, the third one n0 to n3 again. */
    @Test
    void bestSettledCandidateIsUnwell_fourNewcomersAreAsked_eachTimeTheNextOnes() {
        FakeCandidate settled = settled("a");
        List<FakeCandidate> candidates = new ArrayList<>(List.of(settled));
        IntStream.range(0, 5).forEach(i -> candidates.add(newcomer("n" + i)));
        candidates.subList(1, 5).forEach(full -> full.available = false);
        Picker picker = picker(candidates);
        own().unwell.add(settled);
        assertThat(picks(picker, 4)).isEqualTo("a n4 a n4");
    }

    @Test
    void whatHappensToCalls_isToldToTheStrategysPicker() {
        FakeCandidate settled = settled("a");
        FakeCandidate newcomer = newcomer("n");
        Picker picker = picker(List.of(settled, newcomer));
        picker.started(settled, 1);
        picker.completed(newcomer, Outcome.SERVER_ERROR, 5, 6);
        picker.reported(newcomer, LoadReport.builder().cpuUtilization(0.5).build(), 7);
        assertThat(own().told)
                .containsExactly("a started at 1", "n completed SERVER_ERROR in 5 at 6", "n reported 0.5 at 7");
    }

    @Test
    void explanation_isTheStrategys_andSaysThatACandidateIsInSlowStart() {
        FakeCandidate settled = settled("a");
        FakeCandidate newcomer = newcomer("n");
        Picker picker = picker(List.of(settled, newcomer));
        assertThat(picker.explain(settled, 9)).isEqualTo("cost of a at 9");
        assertThat(picker.explain(newcomer, 9)).isEqualTo("cost of n at 9; in slow start: turns by weight");
    }

    @Test
    void costPicker_thatKnowsNothing_judgesAllAlike() {
        CostPicker picker = request -> null;
        FakeCandidate candidate = FakePool.ofSize(1).get(0);
        assertThat(picker.relativeCost(candidate, 1)).isEqualTo(1);
        assertThat(picker.isUnwell(candidate, 1)).isFalse();
    }
}
