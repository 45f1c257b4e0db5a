package dev.evenkeel.lb.core.socket;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.Outcome;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** A lease that tells how it ended, once. */
record FakeLease(Backend backend, Consumer<Outcome> end, Consumer<Outcome> answer, AtomicBoolean ended)
        implements Lease {
    FakeLease(String id, Consumer<Outcome> end) {
        this(id, end, answered -> {});
    }

    FakeLease(String id, Consumer<Outcome> end, Consumer<Outcome> answer) {
        this(Backend.builder("http://h:1").id(id).build(), end, answer, new AtomicBoolean());
    }

    @Override
    public void responded() {}

    @Override
    public void responded(Outcome outcome) {
        answer.accept(outcome);
    }

    @Override
    public boolean complete(Outcome outcome) {
        boolean first = ended.compareAndSet(false, true);
        if (first) {
            end.accept(outcome);
        }
        return first;
    }
}
