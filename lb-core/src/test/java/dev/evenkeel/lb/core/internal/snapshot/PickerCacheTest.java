package dev.evenkeel.lb.core.internal.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.PoolFigures;
import dev.evenkeel.lb.Subset;
import dev.evenkeel.lb.core.VirtualTime;
import dev.evenkeel.lb.core.internal.backend.BackendList;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.internal.backend.BackendTable;
import dev.evenkeel.lb.core.internal.runtime.EventDispatcher;
import dev.evenkeel.lb.core.internal.runtime.PoolLog;
import dev.evenkeel.lb.core.internal.runtime.PoolRuntime;
import dev.evenkeel.lb.core.internal.runtime.PoolScheduler;
import dev.evenkeel.lb.core.internal.stats.PoolStats;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import dev.evenkeel.lb.spi.Picker;
import dev.evenkeel.lb.spi.PickerContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which groups keep their picker, and which picker a backend refers to. */
class PickerCacheTest {
    /** As {@code PickerCache.KEPT}. */
    private static final int KEPT = 64;

    private final VirtualTime time = new VirtualTime();
    private final EventDispatcher events = new EventDispatcher(new PoolLog("pickers", time, time));
    private final PoolRuntime runtime =
            new PoolRuntime("pickers", events, time, new PoolScheduler(time, time), new Random(1), null);
    private final PoolStats stats = new PoolStats();
    private final BackendState a = node("a");
    private final BackendState b = node("b");
    private final BackendList both = BackendList.copyOf(List.of(a, b));
    /** What the strategy was given for each picker. */
    private final List<PickerContext> made = new ArrayList<>();

    private final LoadBalancingStrategy strategy = context -> {
        made.add(context);
        return request -> context.candidates().get(0);
    };
    private final PickerCache cache = new PickerCache(runtime, strategy, PoolFigures.NONE, new DeferredWork(runtime));

    private BackendState node(String id) {
        return new BackendState(Backend.builder("http://" + id + ":1").id(id).build(), stats);
    }

    private static CandidateGroup.Key key(int tier) {
        return new CandidateGroup.Key(tier, false, "", null);
    }

    private static CandidateGroup.Key key(@Nullable Subset subset) {
        return new CandidateGroup.Key(0, false, "", subset);
    }

    private static CandidateGroup.Key inZone(String zone) {
        return new CandidateGroup.Key(0, false, zone, null);
    }

    private void build(int... tiers) {
        cache.begin();
        for (int tier : tiers) {
            cache.group(key(tier), List.of(a));
        }
    }

    private void buildFirst(int tiers) {
        cache.begin();
        for (int tier = 0; tier < tiers; tier++) {
            cache.group(key(tier), List.of(a));
        }
    }

    @Test
    void pickers_areOfTheStrategyThatMadeThem() {
        assertThat(cache.isOf(strategy)).isTrue();
        assertThat(cache.isOf(Strategies.roundRobin())).isFalse();
    }

    @Test
    void unchangedGroup_keepsItsPicker_andAChangedOneIsDerivedFromIt() {
        Picker first = cache.group(key(0), List.of(a)).picker;
        assertThat(cache.group(key(0), List.of(a)).picker).isSameAs(first);
        assertThat(made).hasSize(1);

        Picker second = cache.group(key(0), List.of(a, b)).picker;
        assertThat(made.get(1).predecessor()).isSameAs(first);
        a.ramp(2, BackendState.UNLIMITED, 1);
        cache.group(key(0), List.of(a, b));
        assertThat(made.get(2).predecessor()).isSameAs(second);
        cache.group(key(1), List.of(a, b));
        assertThat(made.get(3).predecessor()).as("another group").isNull();
    }

    @Test
    void groupOfTheWholePool_sharesItsList() {
        cache.whole(both);

        assertThat(cache.group(key(0), List.of(a, b)).nodes).isSameAs(both);
        assertThat(cache.group(key(1), List.of(a)).nodes).containsExactly(a);
    }

    // What is kept of groups that are not used.

    @Test
    void unusedGroups_areKept_inCaseTheyAreNeededAgain() {
        buildFirst(1 + KEPT);
        build(0);
        build(0);
        int before = made.size();
        build(KEPT);

        assertThat(made).hasSize(before);
    }

    @Test
    void unusedGroups_areDropped_onceThereAreTooMany() {
        buildFirst(2 + KEPT);
        build(0);
        build(0);
        int before = made.size();
        build(0);
        assertThat(made).as("in use").hasSize(before);

        build(1 + KEPT);
        assertThat(made).hasSize(before + 1);
        assertThat(made.get(before).predecessor()).isNull();
    }

    /** The number in use is no reason to drop a group, however large it is. */
    @Test
    void manyGroupsInUse_leaveRoomForUnusedOnes() {
        buildFirst(4 * KEPT);
        int[] most = new int[4 * KEPT - 1];
        for (int i = 0; i < most.length; i++) {
            most[i] = i;
        }
        build(most);
        build(most);
        int before = made.size();
        build(4 * KEPT - 1);

        assertThat(made).hasSize(before);
    }

    @Test
    void turnsOfZones_goOn_whileTheyAreInUse_andBeginAnewOnceTheyWereDropped() {
        cache.begin();
        AtomicInteger turn = cache.turn(key(0));
        assertThat(cache.turn(key(0))).isSameAs(turn);
        assertThat(cache.turn(inZone("far"))).isNotSameAs(turn);

        buildFirst(3 + KEPT);
        cache.turn(key(0));
        cache.begin();
        cache.turn(key(0));
        cache.begin();
        assertThat(cache.turn(key(0))).as("in use").isSameAs(turn);

        buildFirst(3 + KEPT);
        build(1);
        build(1);
        assertThat(cache.turn(key(0))).as("dropped").isNotSameAs(turn);
    }

    // Which picker a backend refers to.

    @Test
    void backend_refersToThePickerOfThePool_notToThatOfASubset_unlessOnlyTheSubsetUsesIt() {
        b.inSubsetsOnly(true);
        Picker ofPool = cache.group(key(null), List.of(a)).picker;
        Picker ofSubset = cache.group(key(Subset.of("version", "1")), List.of(a, b)).picker;

        assertThat(a.picker()).isSameAs(ofPool).isNotSameAs(ofSubset);
        assertThat(b.picker()).isSameAs(ofSubset);
    }

    /** Without a write to each backend. */
    @Test
    void backendsOfAGroup_followItsNextPicker() {
        cache.group(key(0), List.of(a, b));
        Picker next = cache.group(key(0), List.of(b)).picker;

        assertThat(a.picker()).isSameAs(next);
        assertThat(b.picker()).isSameAs(next);
    }

    @Test
    void backendThatJoinsAGroup_refersToItsPicker_andAnEmptyGroupHasNone() {
        BackendTable table = new BackendTable();
        table.put(a);
        table.put(b);
        CandidateGroup before = cache.group(key(0), List.of(a));
        CandidateGroup grown = cache.amended(key(0), before, List.of(b), List.of(b));

        assertThat(grown).isNotNull();
        assertThat(grown.nodes).containsExactly(a, b);
        assertThat(b.picker()).isSameAs(grown.picker);
        assertThat(a.picker()).isSameAs(grown.picker);
        assertThat(cache.amended(key(0), grown, List.of(b), List.of(b))).isSameAs(grown);
        assertThat(cache.amended(key(0), grown, List.of(a, b), List.of())).isNull();
    }

    @Test
    void backendThatHasLeft_refersToNoPicker() {
        cache.group(key(0), List.of(a, b));
        PickerCache.forget(a);

        assertThat(a.picker()).isNull();
        assertThat(b.picker()).isNotNull();
    }

    // A strategy that throws.

    private CandidateGroup groupOf(Throwable fault) {
        LoadBalancingStrategy broken = context -> {
            if (fault instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) fault;
        };
        return new PickerCache(runtime, broken, PoolFigures.NONE, new DeferredWork(runtime)).group(key(0), List.of(a));
    }

    @Test
    void strategyThatMakesNoPicker_failsItsCalls_notTheSnapshot() {
        IllegalArgumentException fault = new IllegalArgumentException("no ring of one");
        CandidateGroup group = groupOf(fault);

        assertThatThrownBy(() -> group.picker.pick(null))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("it could not make a picker: java.lang.IllegalArgumentException: no ring of one")
                .hasCause(fault);
        events.deliver();
        assertThat(events.log().faultCount()).isZero();
    }

    @Test
    void fatalErrorOfAStrategy_isRethrown_onceTheLockIsReleased() {
        OutOfMemoryError fatal = new OutOfMemoryError("thrown by a test");
        groupOf(fatal);

        assertThatThrownBy(events::deliver).isSameAs(fatal);
    }
}
