package dev.evenkeel.lb.core.internal.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.core.PoolFixture;
import dev.evenkeel.lb.core.VirtualTime;
import dev.evenkeel.lb.core.internal.backend.BackendCondition;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.internal.backend.CheckedHealth;
import dev.evenkeel.lb.core.internal.pool.Pool;
import dev.evenkeel.lb.core.internal.runtime.PoolConfig;
import dev.evenkeel.lb.core.internal.stats.PoolStats;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.core.topology.SlowStart;
import dev.evenkeel.lb.core.topology.ZonePolicy;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** When a backend ramps up, and what a ramp and a reported weight make of its share. */
class SlowStartTrackerTest {
    private static final Duration WINDOW = Duration.ofSeconds(20);
    private static final long SECOND = 1_000_000_000L;
    private static final LoadBalancingStrategy BY_WEIGHT = Strategies.weightedRoundRobin();
    /** The first backend that the request accepts. */
    private static final LoadBalancingStrategy BLIND_TO_WEIGHTS = context -> request ->
            context.candidates().stream().filter(request::accepts).findFirst().orElse(null);

    private final PoolStats stats = new PoolStats();
    private final BackendState a = node("a", 10, Integer.MAX_VALUE);
    private final BackendState b = node("b", 10, Integer.MAX_VALUE);

    private BackendState node(String id, int weight, int most) {
        BackendState node = new BackendState(
                Backend.builder("http://" + id + ":1")
                        .id(id)
                        .weight(weight)
                        .maxInFlight(most)
                        .zone("near")
                        .build(),
                stats);
        node.condition(BackendCondition.of(node));
        return node;
    }

    private static PoolConfig config(LoadBalancingStrategy strategy, SlowStart slowStart) {
        try (Pool pool = (Pool) new PoolFixture()
                .builder("http://x:1")
                .strategy(strategy)
                .slowStart(slowStart)
                .zones(ZonePolicy.multiplied(Map.of("near", 3)))
                .build()) {
            return pool.config();
        }
    }

    private static SlowStartTracker tracker(LoadBalancingStrategy strategy) {
        PoolConfig config = config(strategy, SlowStart.of(WINDOW));
        return new SlowStartTracker(() -> config);
    }

    private static void become(BackendState node, HealthState state) {
        node.checkedHealth(new CheckedHealth(state, "as told"));
        node.condition(BackendCondition.of(node));
    }

    private static void become(BackendState node, AdminState state) {
        node.adminState(state, 0);
        node.condition(BackendCondition.of(node));
    }

    /** The first backend is settled; the second one has joined and ramps since a time of 0. */
    private SlowStartTracker rampOfTheSecond(LoadBalancingStrategy strategy) {
        SlowStartTracker tracker = tracker(strategy);
        tracker.update(List.of(a), 0);
        tracker.update(List.of(a, b), 0);
        assertThat(b.ramp().isRamping()).isTrue();
        return tracker;
    }

    // When.

    @Test
    void step_isATwentiethOfTheWindow_butAtLeastATenthOfASecond() {
        PoolConfig brief = config(BY_WEIGHT, SlowStart.of(Duration.ofSeconds(1)));

        assertThat(tracker(BY_WEIGHT).step()).isEqualTo(Duration.ofSeconds(1));
        assertThat(new SlowStartTracker(() -> brief).step()).isEqualTo(Duration.ofMillis(100));
    }

    @Test
    void factor_isWhatTheRampReachesInTheMiddleOfAStep() {
        SlowStartTracker tracker = rampOfTheSecond(BY_WEIGHT);
        assertThat(tracker.running()).isTrue();
        assertThat(b.ramp().factor()).isEqualTo(0.1);

        tracker.endStep();
        tracker.update(List.of(a, b), 10 * SECOND);
        assertThat(b.ramp().factor()).isEqualTo(0.525);

        // Within a step: half of what is left of it.
        tracker.update(List.of(a, b), 10 * SECOND + SECOND / 2);
        assertThat(b.ramp().factor()).isEqualTo(0.5375);

        tracker.update(List.of(a, b), 20 * SECOND);
        assertThat(b.ramp().isRamping()).isFalse();
        assertThat(tracker.running()).isFalse();
    }

    @Test
    void rampOfABackendThatGoesDown_ends_andBeginsAnewWhenItIsBack() {
        SlowStartTracker tracker = rampOfTheSecond(BY_WEIGHT);
        become(b, HealthState.DOWN);
        tracker.update(List.of(a, b), 5 * SECOND);
        assertThat(b.ramp().isRamping()).isFalse();
        assertThat(b.ramp().factor()).isEqualTo(1);
        assertThat(tracker.running()).isFalse();

        become(b, HealthState.UP);
        tracker.update(List.of(a, b), 6 * SECOND);
        assertThat(b.ramp().isRamping()).isTrue();
        assertThat(b.ramp().sinceNanos()).isEqualTo(6 * SECOND);
    }

    /** A drain leaves a backend warm, maintenance does not. */
    @Test
    void backendThatDrained_doesNotRamp_andOneInMaintenanceDoes() {
        SlowStartTracker tracker = rampOfTheSecond(BY_WEIGHT);
        become(b, AdminState.DRAINING);
        tracker.update(List.of(a, b), SECOND);
        become(b, AdminState.ACTIVE);
        tracker.update(List.of(a, b), 2 * SECOND);
        assertThat(b.ramp().isRamping()).isFalse();

        become(b, AdminState.MAINTENANCE);
        tracker.update(List.of(a, b), 3 * SECOND);
        become(b, AdminState.ACTIVE);
        tracker.update(List.of(a, b), 4 * SECOND);
        assertThat(b.ramp().isRamping()).isTrue();
    }

    // Whether a change concerns further backends.

    @Test
    void settledBackends_concernNoOther() {
        SlowStartTracker tracker = tracker(BY_WEIGHT);
        tracker.update(List.of(a, b), 0);

        assertThat(tracker.concernOthers(List.of(a, b))).isFalse();
    }

    @Test
    void rampThatRuns_concernsAll() {
        assertThat(rampOfTheSecond(BY_WEIGHT).concernOthers(List.of())).isTrue();
    }

    @Test
    void coldBackendThatSettles_concernsAll_butNotWithoutSlowStart() {
        PoolConfig off = config(BY_WEIGHT, SlowStart.off());
        assertThat(tracker(BY_WEIGHT).concernOthers(List.of(a))).isTrue();
        assertThat(new SlowStartTracker(() -> off).concernOthers(List.of(a))).isFalse();

        a.beginTrial(new VirtualTime());
        assertThat(tracker(BY_WEIGHT).concernOthers(List.of(a))).as("on trial").isFalse();
        a.endTrial();
        become(a, HealthState.DOWN);
        assertThat(tracker(BY_WEIGHT).concernOthers(List.of(a))).as("down").isFalse();
    }

    @Test
    void warmBackendThatSettles_concernsNoOther() {
        a.cold(false);

        assertThat(tracker(BY_WEIGHT).concernOthers(List.of(a))).isFalse();
    }

    @Test
    void reportedWeight_concernsAll_ifTheStrategyIgnoresWeights() {
        SlowStartTracker blind = tracker(BLIND_TO_WEIGHTS);
        SlowStartTracker byWeight = tracker(BY_WEIGHT);
        List<BackendState> both = List.of(a, b);
        blind.update(both, 0);
        assertThat(blind.concernOthers(both)).isFalse();

        a.ownLoadReport().weightPercent(50);
        assertThat(blind.concernOthers(both)).isTrue();
        assertThat(byWeight.concernOthers(both)).isFalse();
    }

    /** Until the next look at all: the share of each backend depends on the largest one. */
    @Test
    void unevenShares_concernAll_evenWhenNoBackendReportsAWeightAnyMore() {
        SlowStartTracker blind = tracker(BLIND_TO_WEIGHTS);
        List<BackendState> both = List.of(a, b);
        blind.update(both, 0);
        a.ownLoadReport().weightPercent(50);
        blind.apply(both, null);
        a.ownLoadReport().forget();
        assertThat(blind.concernOthers(both)).isTrue();

        blind.update(both, 0);
        blind.apply(both, null);
        assertThat(blind.concernOthers(both)).isFalse();
    }

    @Test
    void weights_makeNoSharesUneven_ifTheStrategyFollowsThem() {
        SlowStartTracker byWeight = tracker(BY_WEIGHT);
        byWeight.update(List.of(a, b), 0);
        a.ownLoadReport().weightPercent(50);
        byWeight.apply(List.of(a, b), null);

        assertThat(byWeight.concernOthers(List.of(a, b))).isFalse();
    }

    // What it makes of the share.

    @Test
    void weight_isScaledByRampReportAndZone_ifTheStrategyFollowsIt() {
        SlowStartTracker tracker = rampOfTheSecond(BY_WEIGHT);
        a.ownLoadReport().weightPercent(40);
        b.ownLoadReport().weightPercent(300);
        PoolConfig zoned = config(BY_WEIGHT, SlowStart.off());
        tracker.apply(List.of(a, b), null);
        assertThat(a.weight()).isEqualTo(4);
        assertThat(b.weight()).isEqualTo(3);

        tracker.apply(List.of(a, b), new LocalityRouting(() -> zoned));
        assertThat(a.weight()).isEqualTo(12);
        assertThat(b.weight()).isEqualTo(9);
        assertThat(List.of(a.admission(), b.admission())).containsOnly(1.0);
    }

    @Test
    void shareOfRequests_isThatOfTheLargest_ifTheStrategyIgnoresWeights() {
        SlowStartTracker tracker = rampOfTheSecond(BLIND_TO_WEIGHTS);
        a.ownLoadReport().weightPercent(40);
        tracker.apply(List.of(a, b), null);

        assertThat(a.admission()).isEqualTo(1);
        assertThat(b.admission()).isEqualTo(0.25);
        assertThat(List.of(a.weight(), b.weight())).containsOnly(10.0);
    }

    @Test
    void limit_rampsAsWell_butIsAtLeastOne_andUnlimitedStaysUnlimited() {
        BackendState limited = node("limited", 1, 30);
        BackendState small = node("small", 1, 5);
        SlowStartTracker tracker = tracker(BY_WEIGHT);
        List<BackendState> all = List.of(a, b, limited, small);
        tracker.update(List.of(a), 0);
        tracker.update(all, 0);
        tracker.apply(all, null);

        assertThat(limited.limit()).isEqualTo(3);
        assertThat(small.limit()).isEqualTo(1);
        assertThat(b.limit()).isEqualTo(BackendState.UNLIMITED);

        tracker.update(all, 20 * SECOND);
        tracker.apply(all, null);
        assertThat(limited.limit()).isEqualTo(30);
    }
}
