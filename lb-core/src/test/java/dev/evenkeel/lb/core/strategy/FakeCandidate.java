package dev.evenkeel.lb.core.strategy;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.spi.Candidate;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** A candidate whose figures a test sets. Thread-safe, as a real one. */
public final class FakeCandidate implements Candidate {
    public final AtomicInteger inFlight = new AtomicInteger();
    public volatile double weight;
    public volatile boolean inSlowStart;
    public volatile int maxInFlight = Integer.MAX_VALUE;
    public volatile boolean available = true;
    public volatile double latencyNanos;
    public volatile long latencySampleNanos;
    public volatile int latencySamples = Integer.MAX_VALUE;
    public volatile double waitingNanos;
    public volatile double failureRate;

    private final Backend backend;
    private final Map<Class<?>, Object> states = new ConcurrentHashMap<>();

    private FakeCandidate(Backend backend, double weight) {
        this.backend = backend;
        this.weight = weight;
    }

    public static FakeCandidate of(String id) {
        return of(id, 1);
    }

    /** With this effective weight, which is the configured one too if it can be. */
    public static FakeCandidate of(String id, double weight) {
        boolean configurable = weight == Math.rint(weight) && weight >= 1 && weight <= Backend.MAX_WEIGHT;
        Backend.Builder backend = Backend.builder("http://backend.test:8080").id(id);
        return new FakeCandidate(backend.weight(configurable ? (int) weight : 1).build(), weight);
    }

    public FakeCandidate withInFlight(int calls) {
        inFlight.set(calls);
        return this;
    }

    public FakeCandidate withLatencyMillis(double millis) {
        latencyNanos = millis * 1e6;
        return this;
    }

    @Override
    public Backend backend() {
        return backend;
    }

    @Override
    public double weight() {
        return weight;
    }

    @Override
    public boolean isInSlowStart() {
        return inSlowStart;
    }

    @Override
    public int inFlight() {
        return inFlight.get();
    }

    @Override
    public boolean isAvailable() {
        return available && inFlight.get() < maxInFlight;
    }

    @Override
    public double latencyNanos() {
        return latencyNanos;
    }

    @Override
    public long latencySampleNanos() {
        return latencySampleNanos;
    }

    @Override
    public int latencySamples() {
        return latencySamples;
    }

    @Override
    public double waitingNanos(long nowNanos) {
        return waitingNanos;
    }

    @Override
    public double failureRate(long nowNanos) {
        return failureRate;
    }

    @Override
    public <T> T state(Class<T> key, Supplier<? extends T> initial) {
        Object state = states.get(key);
        return key.cast(state != null ? state : states.computeIfAbsent(key, ignored -> initial.get()));
    }

    @Override
    public String toString() {
        return backend.id();
    }
}
