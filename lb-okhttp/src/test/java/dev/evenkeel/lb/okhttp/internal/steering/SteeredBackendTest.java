package dev.evenkeel.lb.okhttp.internal.steering;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.okhttp.connection.ConnectionPolicy;
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
