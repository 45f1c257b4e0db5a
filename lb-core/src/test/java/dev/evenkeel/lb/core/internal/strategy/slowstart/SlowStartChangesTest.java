package dev.evenkeel.lb.core.internal.strategy.slowstart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.core.strategy.FakeCandidate;
import dev.evenkeel.lb.core.strategy.FakeContext;
import dev.evenkeel.lb.core.strategy.FakePool;
import dev.evenkeel.lb.core.strategy.FakeRequest;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.CandidateChange;
import dev.evenkeel.lb.spi.Picker;
import dev.evenkeel.lb.spi.PickerContext;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which picker a list of candidates gets, as ramps begin, go on and end. */
final class SlowStartChangesTest {
    private static final RandomGenerator ZERO = () -> 0L;

    private final List<FakeCandidate> candidates = FakePool.ofSize(3);
    /** The contexts of the strategy's own pickers, in the order in which these were made. */
    private final List<PickerContext> contexts = new ArrayList<>();

    private static FakeContext context(
            List<FakeCandidate> candidates, @Nullable Picker predecessor, @Nullable List<CandidateChange> changes) {
        FakeContext seeded = FakeContext.of(0, candidates);
        return new FakeContext(seeded.candidates(), predecessor, changes, ZERO, seeded.timeSource(), seeded.figures());
    }

    private Picker picker(PickerContext context) {
        return SlowStartPicker.of(context, Candidate::weight, part -> {
            contexts.add(part);
            return new FakeCostPicker(part);
        });
    }

    private Picker next(@Nullable Picker predecessor) {
        return picker(context(candidates, predecessor, null));
    }

    private PickerContext last() {
        return contexts.get(contexts.size() - 1);
    }

    @Test
    void noneInSlowStart_thePickerIsTheStrategysOwn() {
        FakeContext context = context(candidates, null, null);
        assertThat(picker(context)).isInstanceOf(FakeCostPicker.class);
        assertThat(last()).isSameAs(context);
    }

    @Test
    void allInSlowStart_competeAsUsual() {
        candidates.forEach(candidate -> candidate.inSlowStart = true);
        FakeContext context = context(candidates, null, null);
        assertThat(picker(context)).isInstanceOf(FakeCostPicker.class);
        assertThat(last()).isSameAs(context);
    }

    @Test
    void someInSlowStart_theStrategyKnowsOnlyTheRest_inTheContextOfThePool() {
        candidates.get(1).inSlowStart = true;
        Picker predecessor = request -> null;
        FakeContext context = context(candidates, predecessor, null);
        assertThat(picker(context)).isInstanceOf(SlowStartPicker.class);
        assertThat(last().candidates()).containsExactly(candidates.get(0), candidates.get(2));
        assertThat(last().predecessor()).isSameAs(predecessor);
        assertThat(last().changes()).isNull();
        assertThat(last().random()).isSameAs(context.random());
        assertThat(last().timeSource()).isSameAs(context.timeSource());
        assertThat(last().figures()).isSameAs(context.figures());
    }

    @Test
    void rampGoesOn_theStrategyKeepsItsPicker() {
        candidates.get(1).inSlowStart = true;
        candidates.get(1).weight = 0.1;
        Picker first = next(null);
        candidates.get(1).weight = 0.2;
        Picker second = next(first);
        assertThat(second).isInstanceOf(SlowStartPicker.class).isNotSameAs(first);
        assertThat(contexts).hasSize(1);
    }

    /** Only the settled candidates change then, but a ramp goes on all the same. */
    @Test
    void settledCandidateChanges_theRampGoesOn() {
        candidates.get(1).inSlowStart = true;
        Picker first = next(null);
        candidates.get(2).weight = 5;
        List<CandidateChange> changes = List.of(new CandidateChange(candidates.get(2), 1, 5));
        assertThat(picker(context(candidates, first, changes))).isInstanceOf(SlowStartPicker.class);
        assertThat(last().candidates()).containsExactly(candidates.get(0), candidates.get(2));
    }

    @Test
    void newcomerLeaves_orAnotherOneJoins_theStrategyKeepsItsPicker() {
        candidates.get(1).inSlowStart = true;
        candidates.get(2).inSlowStart = true;
        Picker both = next(null);
        Picker one = picker(context(candidates.subList(0, 2), both, null));
        assertThat(one).isInstanceOf(SlowStartPicker.class);
        next(one);
        assertThat(contexts).hasSize(1);
    }

    @Test
    void weightOfASettledCandidateChanges_theStrategyMakesAnotherPicker() {
        candidates.get(1).inSlowStart = true;
        Picker first = next(null);
        candidates.get(2).weight = 5;
        next(first);
        assertThat(contexts).hasSize(2);
        assertThat(last().predecessor()).isInstanceOf(FakeCostPicker.class);
    }

    @Test
    void settledCandidateLeaves_theStrategyMakesAnotherPicker() {
        candidates.get(1).inSlowStart = true;
        Picker first = next(null);
        picker(context(candidates.subList(0, 2), first, null));
        assertThat(contexts).hasSize(2);
        assertThat(last().candidates()).containsExactly(candidates.get(0));
        assertThat(last().predecessor()).isInstanceOf(FakeCostPicker.class);
    }

    @Test
    void rampEnds_theStrategysNextPickerKnowsAll_andContinuesItsLastOne() {
        candidates.get(1).inSlowStart = true;
        Picker first = next(null);
        candidates.get(1).inSlowStart = false;
        assertThat(next(first)).isInstanceOf(FakeCostPicker.class);
        assertThat(last().candidates()).isEqualTo(candidates);
        assertThat(last().predecessor()).isInstanceOf(FakeCostPicker.class);
    }

    @Test
    void turns_continueWhenTheRampGoesOn() {
        candidates.get(1).inSlowStart = true;
        Picker first = next(null);
        assertThat(first.pick(FakeRequest.any())).isSameAs(candidates.get(0));
        Picker second = next(first);
        assertThat(second.pick(FakeRequest.any())).isSameAs(candidates.get(1));
    }

    @Test
    void knownChanges_copyTheWeightsOfUnchangedCandidates() {
        candidates.get(1).inSlowStart = true;
        List<Candidate> read = new ArrayList<>();
        Picker first = next(null);
        candidates.get(1).weight = 0.5;
        FakeContext changed = context(candidates, first, List.of(new CandidateChange(candidates.get(1), 1, 0.5)));
        SlowStartPicker.of(
                changed,
                candidate -> {
                    read.add(candidate);
                    return candidate.weight();
                },
                FakeCostPicker::new);
        assertThat(read).containsOnly(candidates.get(1));
    }

    @Test
    void ramping_isByCandidate() {
        candidates.get(1).inSlowStart = true;
        assertThat(SlowStartPicker.ramping(context(candidates, null, null), false))
                .containsExactly(false, true, false);
    }

    @Test
    void ramping_ofKnownChanges_readsTheseOnly() {
        FakeCandidate unchanged = candidates.get(1);
        FakeCandidate changed = candidates.get(2);
        unchanged.inSlowStart = true;
        FakeContext context = context(candidates, null, List.of(new CandidateChange(changed, 1, 2)));
        assertThat(SlowStartPicker.ramping(context, false)).isNull();
        changed.inSlowStart = true;
        assertThat(SlowStartPicker.ramping(context, false)).containsExactly(false, true, true);
    }

    @Test
    void ramping_whileARampGoesOn_readsAllCandidates() {
        candidates.get(1).inSlowStart = true;
        FakeContext context = context(candidates, null, List.of());
        assertThat(SlowStartPicker.ramping(context, true)).containsExactly(false, true, false);
    }
}
