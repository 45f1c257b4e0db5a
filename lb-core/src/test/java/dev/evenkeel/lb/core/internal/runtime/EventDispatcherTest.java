package dev.evenkeel.lb.core.internal.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.LoadBalancerEvent.PoolClosed;
import dev.evenkeel.lb.core.LogLines;
import dev.evenkeel.lb.core.VirtualTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventDispatcherTest {
    private final VirtualTime time = new VirtualTime();
    private final EventDispatcher events = new EventDispatcher(new PoolLog("dispatcher", time, time));
    private final List<String> heard = new ArrayList<>();

    @Test
    void actions_runInTheirOrder_andOnlyWhenDelivered() {
        events.add(() -> heard.add("1"));
        events.add(() -> heard.add("2"));
        assertThat(heard).isEmpty();
        events.deliver();
        events.deliver();
        assertThat(heard).containsExactly("1", "2");
    }

    @Test
    void actionThatAddsAnother_doesNotDeliverItWithinItself() {
        events.add(() -> {
            events.add(() -> heard.add("inner"));
            events.deliver();
            heard.add("outer");
        });
        events.deliver();
        assertThat(heard).containsExactly("outer", "inner");
    }

    @Test
    void log_hearsBeforeTheListeners_andOneThatThrowsAffectsNoOther() {
        events.logBy(event -> heard.add("log"));
        events.addListener(event -> {
            throw new IllegalStateException("broken");
        });
        events.addListener(event -> heard.add("second"));
        events.add(new PoolClosed("dispatcher", java.time.Instant.EPOCH));
        try (LogLines log = new LogLines("pool dispatcher")) {
            events.deliver();
            assertThat(log.lines())
                    .singleElement()
                    .asString()
                    .startsWith("WARNING pool dispatcher: a listener failed on PoolClosed");
        }
        assertThat(heard).containsExactly("log", "second");
    }

    @Test
    void errorOfTheVirtualMachine_isRethrown_afterAllIsDelivered() {
        events.add(() -> {
            throw new OutOfMemoryError("test");
        });
        events.add(() -> heard.add("2"));
        assertThatThrownBy(events::deliver).isInstanceOf(OutOfMemoryError.class);
        assertThat(heard).containsExactly("2");
        events.add(() -> heard.add("3"));
        events.deliver();
        assertThat(heard).containsExactly("2", "3");
    }

    @Test
    void actionThatThrows_isLogged_andCounted() {
        events.add(() -> {
            throw new IllegalStateException("broken");
        });
        try (LogLines log = new LogLines("pool dispatcher")) {
            events.deliver();
            assertThat(log.lines()).containsExactly("WARNING pool dispatcher: a callback failed");
        }
        assertThat(events.log().faultCount()).isEqualTo(1);
    }

    @Test
    void listenersThatThrowErrorsOfTheVirtualMachine_theFirstIsRethrown_whenAllHaveHeard() {
        OutOfMemoryError first = new OutOfMemoryError("first");
        events.addListener(event -> {
            throw first;
        });
        events.addListener(event -> {
            throw new InternalError("second");
        });
        events.addListener(event -> heard.add("third"));
        events.add(new PoolClosed("dispatcher", java.time.Instant.EPOCH));
        assertThatThrownBy(events::deliver).isSameAs(first);
        assertThat(heard).containsExactly("third");
    }
}
