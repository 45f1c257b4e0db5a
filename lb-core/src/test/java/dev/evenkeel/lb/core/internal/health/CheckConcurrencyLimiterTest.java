package dev.evenkeel.lb.core.internal.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** At most so many checks at once; the others wait in order. */
class CheckConcurrencyLimiterTest {
    @Test
    void checks_beyondTheLimit_waitInOrder() {
        CheckConcurrencyLimiter limiter = new CheckConcurrencyLimiter(2);
        List<String> started = new ArrayList<>();
        for (String check : List.of("a", "b", "c", "d")) {
            limiter.enter(() -> started.add(check));
        }

        assertThat(started).containsExactly("a", "b");
        limiter.leave();
        assertThat(started).containsExactly("a", "b", "c");
        limiter.leave();
        limiter.leave();
        assertThat(started).containsExactly("a", "b", "c", "d");
    }

    @Test
    void checksThatEndAtOnce_areStartedInALoop() {
        CheckConcurrencyLimiter limiter = new CheckConcurrencyLimiter(1);
        List<Integer> started = new ArrayList<>();
        limiter.enter(() -> started.add(-1));
        for (int i = 0; i < 20_000; i++) {
            int number = i;
            limiter.enter(() -> {
                started.add(number);
                limiter.leave();
            });
        }

        limiter.leave();

        assertThat(started).hasSize(20_001);
    }

    /** The starting thread's loop, not the check's own thread, starts the next one. */
    @Test
    void checkThatEntersAnother_doesNotStartItRecursively() {
        CheckConcurrencyLimiter limiter = new CheckConcurrencyLimiter(5);
        List<String> order = new ArrayList<>();
        limiter.enter(() -> {
            order.add("first begins");
            limiter.enter(() -> order.add("second"));
            order.add("first ends");
        });

        assertThat(order).containsExactly("first begins", "first ends", "second");
    }

    @Test
    void checkThatThrows_doesNotKeepFurtherOnesFromStarting() {
        CheckConcurrencyLimiter limiter = new CheckConcurrencyLimiter(2);
        List<String> started = new ArrayList<>();
        assertThatThrownBy(() -> limiter.enter(() -> {
                    throw new OutOfMemoryError("test");
                }))
                .isInstanceOf(OutOfMemoryError.class);

        limiter.enter(() -> started.add("next"));
        limiter.enter(() -> started.add("waits for the slot of the one that threw"));

        assertThat(started).containsExactly("next");
        limiter.leave();
        assertThat(started).hasSize(2);
    }
}
