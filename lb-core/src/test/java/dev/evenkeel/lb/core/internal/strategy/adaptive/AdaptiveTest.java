package dev.evenkeel.lb.core.internal.strategy.adaptive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.core.strategy.FakeCandidate;
import dev.evenkeel.lb.core.strategy.FakeContext;
import dev.evenkeel.lb.core.strategy.FakePool;
import dev.evenkeel.lb.core.strategy.FakeRequest;
import dev.evenkeel.lb.spi.Picker;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a picker of {@code adaptive} begins with, and takes over from the one before. */
final class AdaptiveTest {
    @Test
    void adaptive_usesWeightsAndAvoidsFailures() {
        assertThat(Adaptive.INSTANCE.usesWeights()).isTrue();
        assertThat(Adaptive.INSTANCE.avoidsFailures()).isTrue();
        assertThat(Adaptive.INSTANCE.name()).isEqualTo("adaptive");
    }

    /** Of four backends there are 24 orders, of which only four begin elsewhere in the same ring. */
    @Test
    void clientsOfAFleet_scanInOrdersOfTheirOwn() {
        Set<String> orders = new TreeSet<>();
        for (int seed = 0; seed < 300; seed++) {
            FakePool pool = new FakePool(Adaptive.INSTANCE, seed, FakePool.ofSize(4));
            StringBuilder order = new StringBuilder();
            for (int i = 0; i < 4; i++) {
                order.append(pool.call(FakeRequest.any()));
            }
            orders.add(order.toString());
        }

        assertThat(orders).hasSize(24);
    }

    /** A list whose order has changed: what has changed is not known. */
    @Test
    void pickerWhoseChangesAreNotKnown_goesOnWithTheTurnsOfTheOneBefore() {
        List<FakeCandidate> candidates = FakePool.ofSize(3);
        FakePool pool = new FakePool(Adaptive.INSTANCE, 1, candidates);
        pool.count(7, FakeRequest.any());
        AdaptivePicker before = (AdaptivePicker) pool.picker();
        int turn = before.turns().turn();

        List<FakeCandidate> reversed = new ArrayList<>(candidates);
        Collections.reverse(reversed);
        pool.update(reversed);

        AdaptivePicker after = (AdaptivePicker) pool.picker();
        assertThat(after).isNotSameAs(before);
        assertThat(after.turns().turn()).isEqualTo(turn);
        assertThat(after.lookup()).isSameAs(before.lookup());
        assertThat(pool.count(2, FakeRequest.any())).containsOnly(0, 1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void pickerAfterOneOfTheOtherKind_beginsAnew(boolean followsReports) {
        Adaptive strategy = followsReports ? Adaptive.WITH_LOAD_REPORTS : Adaptive.INSTANCE;
        Adaptive other = followsReports ? Adaptive.INSTANCE : Adaptive.WITH_LOAD_REPORTS;
        FakeContext first = FakeContext.of(1, FakePool.ofSize(3));
        Picker before = other.newPicker(first);

        AdaptivePicker after = (AdaptivePicker) strategy.newPicker(new FakeContext(
                first.candidates(), before, List.of(), first.random(), first.timeSource(), first.figures()));

        assertThat(after.lookup().followsReports()).isEqualTo(followsReports);
        assertThat(after.turns()).isNotSameAs(((AdaptivePicker) before).turns());
    }
}
