package dev.evenkeel.lb.core.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.Backend;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Timing and errors of a combination; {@link Discoveries} has the rules' behaviour as a whole. */
class CompositeDiscoveryTest {
    private static final Backend A = Backend.of("http://a:1");

    private final FakeReceiver receiver = new FakeReceiver();
    private final PushOrigin origin = new PushOrigin();

    private CompositeDiscovery union() {
        return new CompositeDiscovery(
                "union", List.of(origin.discovery()), Duration.ofSeconds(5), new CombinationRule.Union());
    }

    @Test
    void sameListAgain_isToldAgain_sinceItEndsAnError() {
        union().start(receiver);
        origin.has(List.of(A));
        origin.has(List.of(A));
        assertThat(receiver.lists).hasSize(2);
    }

    @Test
    void duplicateIds_areAnErrorOfTheSource_andItsListStays() {
        union().start(receiver);
        origin.has(List.of(A));
        origin.has(List.of(A, A));
        assertThat(receiver.lists).hasSize(1);
        assertThat(receiver.errors)
                .singleElement()
                .satisfies(error -> assertThat(error)
                        .hasMessage("duplicate backend id \"a:1\" in one source of a union; its last good list stays"));
    }

    @Test
    void emptyList_countsOnlyIfThePoolHonoursIt() {
        union().start(receiver);
        origin.has(List.of());
        assertThat(receiver.lists).isEmpty();
        assertThat(receiver.errors).hasSize(1);
        receiver.honoursEmpty = true;
        origin.has(List.of());
        assertThat(receiver.lists).containsExactly(List.of());
    }

    @Test
    void combinationOfNothing_isRefused() {
        assertThatThrownBy(() -> new CompositeDiscovery("union", List.of(), Duration.ZERO, new CombinationRule.Union()))
                .hasMessage("union must have at least one source: none");
    }
}
