package dev.evenkeel.lb.okhttp.internal.steering;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.okhttp.connection.ConnectionPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** The lanes to one backend, without a connection. */
class SteeredBackendTest {
    private static final Backend BACKEND =
            Backend.builder("http://10.0.0.1:80").id("a").build();

    private static SteeredBackend steered(int lanes) {
        return new SteeredBackend(
                "users", BACKEND, ConnectionPolicy.builder().lanes(lanes).build());
    }

    @Test
    void call_entersTheLeastBusyLane() {
        SteeredBackend steered = steered(2);
        ConnectionLane first = requireNonNull(steered.enter());
        ConnectionLane second = requireNonNull(steered.enter());

        assertThat(second).isNotSameAs(first);
        second.exit();
        assertThat(steered.enter()).isSameAs(second);
    }

    /** The look at a lane's age is between the choice and the entry. */
    @Test
    void laneThatAnotherCallHasEnteredMeanwhile_isNoLongerTheLeastBusy() {
        AtomicReference<Runnable> meanwhile = new AtomicReference<>(() -> {});
        SteeredBackend steered = new SteeredBackend(
                "users",
                BACKEND,
                ConnectionPolicy.builder()
                        .lanes(2)
                        .maxAge(Duration.ofMinutes(1), 0)
                        .timeSource(() -> {
                            meanwhile.getAndSet(() -> {}).run();
                            return 0;
                        })
                        .build());
        List<ConnectionLane> others = new ArrayList<>();
        meanwhile.set(() -> others.add(steered.enter()));

        ConnectionLane lane = steered.enter();

        assertThat(others).hasSize(1).doesNotContain(lane);
    }

    @Test
    void laneInPlaceOfAnother_isKnownAsSuch() {
        SteeredBackend steered = steered(1);
        ConnectionLane first = requireNonNull(steered.enter());
        steered.renew(first);
        ConnectionLane second = requireNonNull(steered.enter());

        assertThat(first.isReplacing()).isFalse();
        assertThat(second).isNotSameAs(first);
        assertThat(second.isReplacing()).isTrue();
    }

    @Test
    void callBeyondTheHundredthOfALane_entersAFurtherLane_untilThereIsRoom() {
        SteeredBackend steered = steered(2);
        Map<ConnectionLane, Integer> calls = new HashMap<>();
        for (int i = 0; i < 2 * SteeredBackend.MAX_CALLS; i++) {
            calls.merge(requireNonNull(steered.enter()), 1, Integer::sum);
        }
        assertThat(calls.values()).containsExactly(SteeredBackend.MAX_CALLS, SteeredBackend.MAX_CALLS);

        ConnectionLane further = requireNonNull(steered.enter());
        assertThat(calls).doesNotContainKey(further);
        assertThat(steered.enter()).isSameAs(further);

        ConnectionLane regular = calls.keySet().iterator().next();
        regular.exit();
        assertThat(steered.enter()).isSameAs(regular);
        assertThat(steered.enter()).isSameAs(further);
    }

    @Test
    void callsBeyondTheLastLane_shareTheRegularOnes() {
        SteeredBackend steered = steered(1);
        Set<ConnectionLane> lanes = new HashSet<>();
        for (int i = 0; i < (1 + SteeredBackend.MAX_FURTHER_LANES) * SteeredBackend.MAX_CALLS; i++) {
            lanes.add(requireNonNull(steered.enter()));
        }
        assertThat(lanes).hasSize(1 + SteeredBackend.MAX_FURTHER_LANES);

        assertThat(requireNonNull(steered.enter()).calls()).isEqualTo(SteeredBackend.MAX_CALLS + 1);
    }

    @Test
    void furtherLanes_areRetiredWithTheBackend() {
        SteeredBackend steered = steered(1);
        for (int i = 0; i < SteeredBackend.MAX_CALLS; i++) {
            steered.enter();
        }
        ConnectionLane further = requireNonNull(steered.enter());
        steered.retire();
        further.exit();

        assertThat(further.enter()).isFalse();
    }

    @Test
    void retired_letsNoCallIn_neitherOneForALane() {
        SteeredBackend steered = steered(1);
        assertThat(steered.enterLane(3)).isNotNull(); // of one lane: the first
        steered.enterLane(0).exit();

        steered.retire();

        assertThat(steered.enter()).isNull();
    }

    @Test
    void backendOfTheSameUri_isServed_andOneThatMovedIsNot() {
        SteeredBackend steered = steered(1);

        assertThat(steered.serves(
                        Backend.builder("http://10.0.0.1:80").id("a").weight(7).build()))
                .isTrue();
        assertThat(steered.serves(Backend.builder("http://10.0.0.2:80").id("a").build()))
                .isFalse();
    }

    @Test
    void warmUp_isBegunByOneCaller_untilItIsOver() {
        SteeredBackend steered = steered(1);
        assertThat(steered.beginWarmUp()).isTrue();
        assertThat(steered.beginWarmUp()).isFalse();

        steered.warm(false);
        assertThat(steered.isWarm()).isFalse();
        assertThat(steered.beginWarmUp()).isTrue();

        steered.warm(true);
        assertThat(steered.isWarm()).isTrue();
        assertThat(steered.beginWarmUp()).isFalse();
    }

    @Test
    void proxy_isDemandedForAllLanes() {
        SteeredBackend steered = steered(2);
        assertThat(steered.proxied()).isFalse();
        steered.proxied(true);
        assertThat(steered.proxied()).isTrue();
        assertThat(steered.httpUri()).hasToString("http://10.0.0.1:80/");
    }
}
