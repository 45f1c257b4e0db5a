package dev.evenkeel.lb.okhttp.internal.steering;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.okhttp.connection.ConnectionPolicy;
import org.junit.jupiter.api.Test;

/** The backends under one logical host, as they move, go and come back. */
class SteeredHostTest {
    private static final Backend BACKEND = backend("http://10.0.0.1:80");
    private static final Backend MOVED = backend("http://10.0.0.2:80");

    private final SteeredHost host = new SteeredHost("users", ConnectionPolicy.standard());

    private static Backend backend(String uri) {
        return Backend.builder(uri).id("a").build();
    }

    @Test
    void backend_keepsItsLanes() {
        SteeredBackend steered = host.backend(BACKEND);

        assertThat(host.backend(backend("http://10.0.0.1:80"))).isSameAs(steered);
        assertThat(host.enter(BACKEND)).isSameAs(host.enter(BACKEND));
    }

    @Test
    void backendThatMoved_getsNewLanes_andTheOldAreRetired() {
        SteeredBackend before = host.backend(BACKEND);
        SteeredBackend after = host.backend(MOVED);

        assertThat(after).isNotSameAs(before);
        assertThat(after.backend()).isEqualTo(MOVED);
        assertThat(before.enter()).isNull();
    }

    @Test
    void backendThatWent_getsNewLanes_whenItIsBack() {
        SteeredBackend before = host.backend(BACKEND);
        host.forget(BACKEND);

        assertThat(before.enter()).isNull();
        assertThat(host.backend(BACKEND)).isNotSameAs(before);
    }

    @Test
    void lanesRetiredMeanwhile_areReplacedForTheNextCall() {
        SteeredBackend before = host.backend(BACKEND);
        before.retire();

        ConnectionLane lane = host.enter(BACKEND);

        assertThat(lane.calls()).isEqualTo(1);
        assertThat(host.backend(BACKEND)).isNotSameAs(before);
    }

    @Test
    void callAfterTheClose_getsALaneThatEndsWithIt() {
        host.close();
        ConnectionLane lane = host.enter(BACKEND);
        assertThat(lane.calls()).isEqualTo(1);

        lane.exit();

        assertThat(lane.enter()).isFalse();
    }

    @Test
    void use_isNotedUntilItIsAskedFor() {
        assertThat(host.wasUsed()).isTrue(); // a new host
        assertThat(host.wasUsed()).isFalse();
        host.touch();
        assertThat(host.wasUsed()).isTrue();
    }
}
