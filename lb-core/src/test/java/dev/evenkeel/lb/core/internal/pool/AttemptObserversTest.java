package dev.evenkeel.lb.core.internal.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.AttemptObserver;
import dev.evenkeel.lb.AttemptObserver.AttemptKind;
import dev.evenkeel.lb.AttemptObserver.CallOutcome;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.LogLines;
import dev.evenkeel.lb.core.VirtualTime;
import dev.evenkeel.lb.core.internal.runtime.PoolLog;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AttemptObserversTest {
    private static final Backend A = Backend.of("http://a:1");

    private final VirtualTime time = new VirtualTime();
    private final AttemptObservers observers = new AttemptObservers(new PoolLog("observers", time, time));
    private final List<String> heard = new ArrayList<>();

    private AttemptObserver named(String name) {
        return new AttemptObserver() {
            @Override
            public void attemptStarted(Backend backend, AttemptKind kind) {
                heard.add(name + " " + kind);
            }

            @Override
            public void attemptEnded(Backend backend, Outcome outcome, long latencyNanos) {
                heard.add(name + " " + outcome + " " + latencyNanos);
            }

            @Override
            public void callEnded(CallOutcome outcome, long durationNanos) {
                heard.add(name + " call " + outcome.text() + " " + durationNanos);
            }
        };
    }

    @Test
    void observers_hearInTheirOrder_untilTheyAreRemoved() {
        AttemptObserver first = named("first");
        observers.add(first);
        observers.add(named("second"));
        observers.attemptStarted(A, () -> AttemptKind.RETRY);
        observers.remove(first);
        observers.attemptEnded(A, Outcome.FAILED, 5);
        assertThat(heard).containsExactly("first RETRY", "second RETRY", "second FAILED 5");
    }

    @Test
    void observers_hearOfTheEndOfACall() {
        observers.callEnded(CallOutcome.SUCCESS, 1);
        observers.add(named("first"));
        observers.callEnded(CallOutcome.NO_BACKEND, 7);
        assertThat(heard).containsExactly("first call no backend 7");
    }

    @Test
    void withoutObservers_theKindIsNotAskedFor() {
        assertThat(observers.isEmpty()).isTrue();
        observers.attemptStarted(A, () -> {
            throw new AssertionError();
        });
        observers.attemptEnded(A, Outcome.SUCCESS, 1);
    }

    @Test
    void observerThatThrows_isLoggedOnce_andTheNextOnesHear() {
        observers.add(new AttemptObserver() {
            @Override
            public void attemptEnded(Backend backend, Outcome outcome, long latencyNanos) {
                throw new IllegalStateException("broken");
            }
        });
        observers.add(named("second"));
        try (LogLines log = new LogLines("pool observers")) {
            observers.attemptEnded(A, Outcome.SUCCESS, 1);
            observers.attemptEnded(A, Outcome.SUCCESS, 2);
            assertThat(log.lines())
                    .containsExactly("WARNING pool observers: an observer of attempts failed; this is told only once");
        }
        assertThat(heard).containsExactly("second SUCCESS 1", "second SUCCESS 2");
    }
}
