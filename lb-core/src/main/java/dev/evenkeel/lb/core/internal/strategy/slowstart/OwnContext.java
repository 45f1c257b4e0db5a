package dev.evenkeel.lb.core.internal.strategy.slowstart;

import dev.evenkeel.lb.PoolFigures;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.Picker;
import dev.evenkeel.lb.spi.PickerContext;
import dev.evenkeel.lb.spi.TimeSource;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The context of the strategy's own picker, which sees a part of the candidates. Its changes are unknown. */
record OwnContext(
        PickerContext whole,
        List<Candidate> candidates,
        @Nullable Picker predecessor) implements PickerContext {

    @Override
    public RandomGenerator random() {
        return whole.random();
    }

    @Override
    public TimeSource timeSource() {
        return whole.timeSource();
    }

    @Override
    public PoolFigures figures() {
        return whole.figures();
    }

    @Override
    public void afterPublication(Runnable work) {
        whole.afterPublication(work);
    }
}
