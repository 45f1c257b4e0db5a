package dev.evenkeel.lb.core.internal.strategy.support;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.spi.Candidate;
import java.util.function.Supplier;

/** A candidate that keeps nothing. */
public class Blank implements Candidate {
    private static final Backend BACKEND =
            Backend.builder("http://a.test").id("a").build();

    @Override
    public Backend backend() {
        return BACKEND;
    }

    @Override
    public double weight() {
        return 1;
    }

    @Override
    public int inFlight() {
        return 0;
    }

    @Override
    public boolean isAvailable() {
        return true;
    }

    @Override
    public double latencyNanos() {
        return 0;
    }

    @Override
    public long latencySampleNanos() {
        return 0;
    }

    @Override
    public double waitingNanos(long nowNanos) {
        return 0;
    }

    @Override
    public double failureRate(long nowNanos) {
        return 0;
    }

    @Override
    public <T> T state(Class<T> key, Supplier<? extends T> initial) {
        return initial.get();
    }
}
