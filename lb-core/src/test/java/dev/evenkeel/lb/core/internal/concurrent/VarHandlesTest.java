package dev.evenkeel.lb.core.internal.concurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.junit.jupiter.api.Test;

/** A handle gives access to a private field of the class that looks it up. */
class VarHandlesTest {
    private static final VarHandle COUNT = VarHandles.field(MethodHandles.lookup(), "count", int.class);

    private volatile int count;

    @Test
    void handle_isOfTheOwnersField() {
        assertThat(COUNT.compareAndSet(this, 0, 3)).isTrue();
        assertThat(count).isEqualTo(3);
    }

    @Test
    void fieldThatIsMissing_isAnErrorOfTheClass() {
        assertThatThrownBy(() -> VarHandles.field(MethodHandles.lookup(), "total", int.class))
                .isInstanceOf(ExceptionInInitializerError.class);
    }
}
