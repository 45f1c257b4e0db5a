package dev.evenkeel.lb.core.internal.health;

import static org.assertj.core.api.Assertions.assertThat;

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
}
