package dev.evenkeel.lb.core.internal.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.core.VirtualTime;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.internal.stats.PoolStats;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class DepartedBackendsTest {
    private final VirtualTime time = new VirtualTime();
    private final DepartedBackends departed = new DepartedBackends(new PoolStats(), time);
    private final Backend backend = Backend.of("http://a:1");
    private final BackendState known = new BackendState(backend, new PoolStats());

    @Test
    void backendThatReturnsWithinTenMinutes_getsItsStateOnce() {
        departed.remember(known);
        time.advance(Duration.ofSeconds(599));
        assertThat(departed.stateOf(backend)).isSameAs(known);
        assertThat(departed.stateOf(backend)).isNotSameAs(known);
    }

    @Test
    void laterItIsANewOne() {
        departed.remember(known);
        time.advance(Duration.ofMinutes(10));
        assertThat(departed.stateOf(backend)).isNotSameAs(known);
    }
}
