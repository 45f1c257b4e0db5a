package dev.evenkeel.lb.core.strategy;

import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import dev.evenkeel.lb.spi.PickRequest;
import dev.evenkeel.lb.spi.Picker;
import dev.evenkeel.lb.spi.PickerContext;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A rotation over the candidates from a random start. A candidate that the request does not accept is passed over for its
 * successor. Exact: n·k picks give each of n candidates k.
 */
final class RoundRobin implements LoadBalancingStrategy {

    static final RoundRobin INSTANCE = new RoundRobin();

    private RoundRobin() {}

    @Override
    public Picker newPicker(PickerContext context) {
        AtomicInteger counter = context.predecessor() instanceof Rotation previous
                ? previous.counter
                : new AtomicInteger(context.random().nextInt());
        return new Rotation(context.candidates().toArray(Candidate[]::new), counter);
    }

    @Override
    public String name() {
        return "roundRobin";
    }

    private static final class Rotation implements Picker {
        private final Candidate[] candidates;
        private final AtomicInteger counter;

        Rotation(Candidate[] candidates, AtomicInteger counter) {
            this.candidates = candidates;
            this.counter = counter;
        }

        @Override
        public @Nullable Candidate pick(PickRequest request) {
            int n = candidates.length;
            int start = Integer.remainderUnsigned(counter.getAndIncrement(), n);
            for (int i = 0; i < n; i++) {
                int index = start + i;
                Candidate candidate = candidates[index < n ? index : index - n];
                if (request.accepts(candidate)) {
                    return candidate;
                }
            }
            return null;
        }
    }
}
