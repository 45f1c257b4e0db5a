package dev.evenkeel.lb.core.internal.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.PoolFigures;
import dev.evenkeel.lb.core.PoolFixture;
import dev.evenkeel.lb.core.VirtualTime;
import dev.evenkeel.lb.core.internal.backend.BackendCondition;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.internal.pool.Pool;
import dev.evenkeel.lb.core.internal.runtime.EventDispatcher;
import dev.evenkeel.lb.core.internal.runtime.PoolConfig;
import dev.evenkeel.lb.core.internal.runtime.PoolLog;
import dev.evenkeel.lb.core.internal.runtime.PoolRuntime;
import dev.evenkeel.lb.core.internal.runtime.PoolScheduler;
import dev.evenkeel.lb.core.internal.stats.PoolStats;
import dev.evenkeel.lb.core.strategy.Strategies;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which backends a change evaluates anew, and when its snapshot is published. */
class SnapshotPublisherChangesTest {
    /** As {@code SnapshotPublisher.LARGE}. */
    private static final int LARGE = 1_000;

    private final VirtualTime time = new VirtualTime();
    private final PoolRuntime runtime = new PoolRuntime(
            "changes",
            new EventDispatcher(new PoolLog("changes", time, time)),
            time,
            new PoolScheduler(time, time),
            new Random(1),
            null);
    private final PoolConfig config = config();
    private final SnapshotPublisher publisher =
            new SnapshotPublisher(runtime, new SnapshotBuilder(runtime, () -> config, PoolFigures.NONE));
    private final List<BackendState> nodes = new ArrayList<>();

    private static PoolConfig config() {
        try (Pool pool = (Pool) new PoolFixture()
                .builder("http://x:1")
                .strategy(Strategies.roundRobin())
                .build()) {
            return pool.config();
        }
    }

    private void join(int count) {
        PoolStats stats = new PoolStats();
        publisher.updateNow(() -> {
            for (int i = 0; i < count; i++) {
                BackendState node = new BackendState(
                        Backend.builder("http://b:1").id("b" + i).build(), stats);
                publisher.nodes.put(node);
                publisher.touch(node);
                nodes.add(node);
            }
        });
        assertThat(publisher.current().all()).hasSize(count);
    }

    private void touch(int count) {
        nodes.subList(0, count).forEach(publisher::touch);
    }

    /** How many backends a change evaluates: each of them gets the condition that it really has. */
    private long evaluated(Runnable change) {
        nodes.forEach(node -> node.condition(BackendCondition.DOWN));
        publisher.updateNow(change);
        return nodes.stream()
                .filter(node -> node.condition() == BackendCondition.HEALTHY)
                .count();
    }

    // Which backends.

    @Test
    void changeOfOneBackend_evaluatesThisOneAlone_andAChangeOfAllEachOne() {
        join(20);

        assertThat(evaluated(() -> touch(1))).isEqualTo(1);
        assertThat(evaluated(publisher::touchAll)).isEqualTo(20);
        assertThat(evaluated(() -> touch(1))).isEqualTo(1);
        assertThat(evaluated(() -> {})).isZero();
    }

    @Test
    void changeThatTouchesABackendAgainAndAgain_countsItOnce() {
        join(20);

        assertThat(evaluated(() -> {
                    for (int i = 0; i < 30; i++) {
                        touch(1);
                    }
                }))
                .isEqualTo(1);
    }

    /** More than 8 backends, and more than a sixteenth of the pool. */
    @ParameterizedTest
    @CsvSource({"20, 8", "160, 10", "400, 25"})
    void changeOfManyBackends_evaluatesAll(int size, int few) {
        join(size);

        assertThat(evaluated(() -> touch(few))).isEqualTo(few);
        assertThat(evaluated(() -> touch(few + 1))).isEqualTo(size);
        assertThat(evaluated(() -> touch(1))).isEqualTo(1);
    }

    @Test
    void touchedBackends_areInTheOrderOfThePool_howeverTheyWereTouched() {
        join(20);
        assertThat(evaluated(() -> {
                    publisher.touch(nodes.get(7));
                    publisher.touch(nodes.get(2));
                    nodes.get(2).removed(true);
                    publisher.touch(nodes.get(5));
                }))
                .isEqualTo(2);

        List<BackendState> used = new ArrayList<>(nodes);
        used.remove(2);
        assertThat(publisher.current().levels().get(0).groups().get(0).nodes).isEqualTo(used);
    }

    @Test
    void backendThatHasLeft_isNotFound_andRefersToNoPicker() {
        join(2);
        BackendState left = nodes.get(0);
        assertThat(left.picker()).isNotNull();
        publisher.updateNow(() -> {
            publisher.remove(left);
            publisher.touchAll();
        });

        assertThat(left.picker()).isNull();
        assertThat(publisher.find("b0")).isNull();
        assertThat(publisher.current().all()).containsExactly(nodes.get(1));
    }

    // When.

    @Test
    void observationsInALargePool_waitAMicrosecondForEachBackend() {
        join(LARGE);
        long version = publisher.current().version();

        publisher.update(() -> touch(1));
        assertThat(publisher.current().version()).isEqualTo(version);
        time.advance(Duration.ofNanos(LARGE * 1_000 - 1));
        assertThat(publisher.current().version()).isEqualTo(version);
        time.advance(Duration.ofNanos(1));
        assertThat(publisher.current().version()).isEqualTo(version + 1);
    }

    @Test
    void observationAtTheEndOfThePause_waitsNoLonger() {
        join(LARGE);
        long version = publisher.current().version();
        time.advance(Duration.ofNanos(LARGE * 1_000));
        publisher.update(() -> touch(1));

        assertThat(publisher.current().version()).isEqualTo(version + 1);
        assertThat(time.pendingTimers()).isZero();
    }

    @Test
    void observationsInASmallerPool_doNotWait() {
        join(LARGE - 1);
        long version = publisher.current().version();
        publisher.update(() -> touch(1));

        assertThat(publisher.current().version()).isEqualTo(version + 1);
        assertThat(time.pendingTimers()).isZero();
    }

    @Test
    void actionThatAwaitsASnapshot_runsOnce() {
        join(1);
        List<Long> versions = new ArrayList<>();
        publisher.updateNow(() ->
                publisher.whenPublished(() -> versions.add(publisher.current().version())));
        long version = publisher.current().version();
        publisher.updateNow(() -> touch(1));

        assertThat(versions).containsExactly(version);
    }

    // The end.

    @Test
    void pool_closesOnce_andChangesNoMore() {
        join(2);
        List<String> ran = new ArrayList<>();
        assertThat(publisher.isClosed()).isFalse();

        assertThat(publisher.close(() -> ran.add("last"))).isTrue();
        assertThat(publisher.isClosed()).isTrue();
        assertThat(publisher.current().closed()).isTrue();
        assertThat(publisher.close(() -> ran.add("again"))).isFalse();
        publisher.update(() -> ran.add("late"));
        assertThat(ran).containsExactly("last");
        assertThatThrownBy(() -> publisher.updateNow(() -> ran.add("asked for")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("pool \"changes\" is closed");
    }
}
