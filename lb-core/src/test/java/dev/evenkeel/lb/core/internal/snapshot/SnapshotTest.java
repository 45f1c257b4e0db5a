package dev.evenkeel.lb.core.internal.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.Subset;
import dev.evenkeel.lb.Unavailable;
import dev.evenkeel.lb.core.VirtualTime;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.internal.stats.PoolStats;
import dev.evenkeel.lb.core.topology.SubsetPolicy.Fallback;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a refused call is told of each backend. */
class SnapshotTest {
    private static final Subset V1 = Subset.of("version", "1");
    private static final Subset V2 = Subset.of("version", "2");
    private static final Subset V3 = Subset.of("version", "3");
    private static final String FAULT = "strategy \"mine\" threw";

    private final PoolStats stats = new PoolStats();
    private final BackendState a = open("a", "1", 3);
    private final BackendState b = open("b", "2", 4);
    private final BackendState unlimited = open("c", "2", Integer.MAX_VALUE);

    private BackendState open(String id, String version, int most) {
        BackendState node = new BackendState(
                Backend.builder("http://" + id + ":1")
                        .id(id)
                        .metadata("version", version)
                        .maxInFlight(most)
                        .build(),
                stats);
        node.close(null);
        return node;
    }

    private static void begin(BackendState node, int calls) {
        for (int i = 0; i < calls; i++) {
            node.started(0);
        }
    }

    /** Requests without a subset may go to all backends; versions 1 and 2 have some. */
    private static Snapshot snapshot(boolean closed, Fallback fallback, BackendState... nodes) {
        SelectionPlan plan = new SelectionPlan(
                List.of(new PriorityLevel(List.of(), WeightedChoice.FIRST, "")), WeightedChoice.FIRST);
        SubsetIndex subsets = new SubsetIndex(
                Map.of(V1, plan, V2, plan),
                Map.of(Set.of("version"), fallback),
                plan,
                SelectionPlan.NONE,
                null,
                fallback);
        return new Snapshot(7, plan.levels(), plan.draw(), subsets, List.of(), List.of(nodes), closed);
    }

    private static Unavailable refusal(Snapshot snapshot, @Nullable Subset subset, String detail) {
        return snapshot.unavailable("users", List.of(), null, subset, detail);
    }

    private static Unavailable refusal(BackendState... nodes) {
        return refusal(snapshot(false, Fallback.NO_FALLBACK, nodes), null, "");
    }

    // Full.

    @Test
    void fullBackends_areCounted_withTheCallsAndLimitsOfAll() {
        begin(a, 3);
        begin(b, 4);

        assertThat(refusal(a, b).message())
                .isEqualTo("pool \"users\" has no backend available: 2 backends (2 full); 7 of 7 calls in flight");
        assertThat(refusal(a, b).backends()).isEqualTo(2);
    }

    /** A call that has ended between the pick and the text. */
    @Test
    void backendWithALimit_isCalledFull_thoughACallHasJustEnded() {
        begin(a, 2);

        assertThat(refusal(a).message()).contains("1 backend (1 full); 2 of 3 calls in flight");
    }

    @Test
    void backendWithoutALimit_isNeverCalledFull() {
        begin(unlimited, 9);

        Unavailable refusal = refusal(unlimited);
        assertThat(refusal.reasons()).isEmpty();
        assertThat(refusal.occupancy()).isNull();
    }

    @Test
    void limitsBeyondAnInt_areToldAsNoLimit() {
        begin(a, 3);
        begin(unlimited, 1);

        Unavailable.Occupancy occupancy = refusal(a, unlimited).occupancy();
        assertThat(occupancy).isNotNull();
        assertThat(occupancy.limit()).isEqualTo(Integer.MAX_VALUE);
        assertThat(occupancy.text()).isEqualTo("4 calls in flight");
    }

    @Test
    void backendsThatAreOut_addNoRoomToTheOccupancy() {
        begin(a, 3);
        begin(b, 1);
        b.close(Ineligibility.DOWN);

        assertThat(refusal(a, b).message()).contains("2 backends (1 down, 1 full); 3 of 3 calls in flight");
    }

    /** It drains with calls in flight; its limit is not what keeps the request out. */
    @Test
    void onlyBackendsThatAreOut_haveNoOccupancy() {
        begin(a, 3);
        a.close(Ineligibility.DRAINING);

        assertThat(refusal(a).occupancy()).isNull();
        assertThat(refusal(a).reasons()).isEqualTo(Map.of(Ineligibility.DRAINING, 1));
    }

    @Test
    void backendsThatTheRequestMayNotUse_addNoRoomToTheOccupancy_andTriedOnesDo() {
        BackendState tried = open("d", "2", 5);
        begin(a, 3);
        begin(b, 1);
        begin(tried, 2);
        Snapshot snapshot = snapshot(false, Fallback.NO_FALLBACK, a, b, tried);

        Unavailable refusal = snapshot.unavailable(
                "users", List.of(tried.backend()), backend -> !backend.id().equals("b"), null, "");

        assertThat(refusal.reasons())
                .isEqualTo(Map.of(Ineligibility.FULL, 1, Ineligibility.TRIED, 1, Ineligibility.NOT_PERMITTED, 1));
        assertThat(refusal.occupancy()).isNotNull();
        assertThat(refusal.occupancy().text()).isEqualTo("5 of 8 calls in flight");
    }

    @Test
    void noBackendFull_noOccupancyIsTold() {
        begin(a, 1);
        Unavailable refusal =
                snapshot(false, Fallback.NO_FALLBACK, a).unavailable("users", List.of(a.backend()), null, null, "");

        assertThat(refusal.reasons()).isEqualTo(Map.of(Ineligibility.TRIED, 1));
        assertThat(refusal.occupancy()).isNull();
    }

    // The request's own reasons.

    @Test
    void requestsOwnReason_isThatItMayNotUseTheBackend_beforeThatItHasTriedIt() {
        List<Backend> tried = List.of(b.backend(), a.backend());

        assertThat(Snapshot.ofRequest(a, tried, backend -> false)).isEqualTo(Ineligibility.NOT_PERMITTED);
        assertThat(Snapshot.ofRequest(a, tried, backend -> true)).isEqualTo(Ineligibility.TRIED);
        assertThat(Snapshot.ofRequest(a, tried, null)).isEqualTo(Ineligibility.TRIED);
        assertThat(Snapshot.ofRequest(unlimited, tried, backend -> true)).isNull();
        assertThat(Snapshot.ofRequest(unlimited, tried, null)).isNull();
    }

    /** A retry carries the description of the backend as it was when it was tried. */
    @Test
    void triedBackend_isFoundByItsId() {
        Backend earlier = Backend.builder("http://a:1").id("a").weight(9).build();

        assertThat(Snapshot.isTried(a, List.of(earlier))).isTrue();
        assertThat(Snapshot.isTried(b, List.of(earlier))).isFalse();
        assertThat(Snapshot.isTried(b, List.of())).isFalse();
    }

    // A strategy's fault, or a refusal of a tier.

    @Test
    void callThatAFaultRefuses_isToldOfTheFault_andWhichBackendsWereOutAnyway() {
        BackendState onTrial = open("trial", "1", Integer.MAX_VALUE);
        VirtualTime time = new VirtualTime();
        onTrial.beginTrial(time);
        onTrial.ownEjection().takeTrialCall(time.nanoTime());
        begin(onTrial, 1);
        BackendState halfOpen = open("half", "1", Integer.MAX_VALUE);
        halfOpen.ownCircuit().state(BreakerState.HALF_OPEN, 0);
        BackendState limitedOnTrial = open("second", "1", 5);
        limitedOnTrial.beginTrial(time);
        limitedOnTrial.ownEjection().takeTrialCall(time.nanoTime());
        begin(limitedOnTrial, 1);
        begin(a, 3);

        Unavailable refusal = refusal(
                snapshot(false, Fallback.NO_FALLBACK, a, onTrial, limitedOnTrial, halfOpen, unlimited), null, FAULT);

        assertThat(refusal.reasons())
                .isEqualTo(Map.of(Ineligibility.FULL, 1, Ineligibility.EJECTED, 2, Ineligibility.BREAKER_OPEN, 1));
        assertThat(refusal.message())
                .isEqualTo("pool \"users\" has no backend available: 5 backends (2 ejected, 1 breaker open, 1 full); "
                        + FAULT);
    }

    @Test
    void callThatAFaultRefuses_findsABackendWithALimitFull_onlyWhenItIs() {
        begin(a, 2);

        assertThat(refusal(snapshot(false, Fallback.NO_FALLBACK, a), null, FAULT)
                        .reasons())
                .isEmpty();
    }

    // Subsets.

    @Test
    void subsetWithBackends_isToldOfItsOwnAlone() {
        begin(a, 3);
        begin(b, 4);
        Snapshot snapshot = snapshot(false, Fallback.ANY_ENDPOINT, a, b);

        assertThat(refusal(snapshot, V2, "").message())
                .isEqualTo("pool \"users\" has no backend available: 1 backend (1 full); asked for version=2;"
                        + " 4 of 4 calls in flight");
        assertThat(refusal(snapshot, V2, FAULT).detail()).isEqualTo("asked for version=2; " + FAULT);
    }

    @Test
    void subsetWithoutBackends_isToldSo_notWhatKeepsTheOtherBackends() {
        begin(a, 3);

        assertThat(refusal(snapshot(false, Fallback.NO_FALLBACK, a, b), V3, "").message())
                .isEqualTo("pool \"users\" has no backend available: 2 backends; none has version=3");
    }

    @Test
    void subsetThatFallsBackToFullBackends_isToldThatTheyAreFull() {
        begin(a, 3);
        begin(b, 4);

        assertThat(refusal(snapshot(false, Fallback.ANY_ENDPOINT, a, b), V3, "").message())
                .isEqualTo("pool \"users\" has no backend available: 2 backends (2 full); none has version=3;"
                        + " 7 of 7 calls in flight");
    }

    @Test
    void closedPool_saysThatItIsClosed_andNothingOfItsBackends() {
        begin(a, 3);
        Snapshot closed = snapshot(true, Fallback.NO_FALLBACK, a);
        String text = "pool \"users\" has no backend available: 1 backend; the pool is closed";

        assertThat(refusal(closed, null, "").message()).isEqualTo(text);
        assertThat(refusal(closed, V1, "").message()).isEqualTo(text);
        assertThat(refusal(closed, V3, FAULT).message()).isEqualTo(text);
    }
}
