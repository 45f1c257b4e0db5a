package dev.evenkeel.lb.core.internal.backend;

import dev.evenkeel.lb.core.internal.concurrent.VarHandles;
import dev.evenkeel.lb.core.internal.stats.BackendStats;
import dev.evenkeel.lb.core.internal.stats.FailureMemory;
import dev.evenkeel.lb.core.internal.stats.PoolStats;
import dev.evenkeel.lb.spi.Candidate;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The states that strategies and detectors keep at a backend ({@link Candidate#state}); each writes its own. */
public abstract class PluginStates extends BackendStats implements Candidate {
    private static final VarHandle FIRST_STATE = VarHandles.field(MethodHandles.lookup(), "firstState", Object.class);
    private static final VarHandle OTHER_STATES = VarHandles.field(MethodHandles.lookup(), "otherStates", Object.class);

    /** The state of the first strategy or detector; never replaced. */
    private volatile @Nullable Object firstState;
    /** The state of the second one, or of all further ones as {@link States}; null if there are none. */
    private volatile @Nullable Object otherStates;

    PluginStates(PoolStats pool) {
        super(pool);
    }

    @Override
    public <T> T state(Class<T> key, Supplier<? extends T> initial) {
        // Read for each of 10,000 backends of each new picker: a map would be one more object to load.
        Object state = firstState;
        if (state == null || state.getClass() != key) {
            state = otherState(key);
        }
        return key.cast(state != null ? state : addState(key, initial.get()));
    }

    @Override
    public void forgetFailures() {
        super.forgetFailures();
        failureMemories().forEach(FailureMemory::forgetFailures);
    }

    @Override
    public void takeFailureBack(long nowNanos) {
        super.takeFailureBack(nowNanos);
        failureMemories().forEach(memory -> memory.takeFailureBack(nowNanos));
    }

    /** The memories of strategies and detectors. */
    private Stream<FailureMemory> failureMemories() {
        Object others = otherStates;
        Stream<?> further = others instanceof States many ? many.byKey.values().stream() : Stream.ofNullable(others);
        return Stream.concat(Stream.ofNullable(firstState), further)
                .filter(FailureMemory.class::isInstance)
                .map(FailureMemory.class::cast);
    }

    private @Nullable Object otherState(Class<?> key) {
        Object others = otherStates;
        if (others instanceof States many) {
            return many.byKey.get(key);
        }
        return others != null && others.getClass() == key ? others : null;
    }

    private Object addState(Class<?> key, Object initial) {
        while (true) {
            Object first = firstState;
            Object others = otherStates;
            Object existing = (first != null && first.getClass() == key) ? first : otherState(key);
            if (existing != null) {
                return existing;
            }
            boolean plain = initial.getClass() == key;
            boolean added = (first == null && plain)
                    ? FIRST_STATE.compareAndSet(this, null, initial)
                    : OTHER_STATES.compareAndSet(
                            this,
                            others,
                            (others == null && plain)
                                    ? initial
                                    : States.of(others).and(key, initial));
            if (added) {
                return initial;
            }
        }
    }

    /** For the few backends with states of more than two classes, or under another class than the state's own. */
    private record States(Map<Class<?>, Object> byKey) {

        static States of(@Nullable Object others) {
            if (others instanceof States states) {
                return states;
            }
            return new States(others == null ? Map.of() : Map.of(others.getClass(), others));
        }

        States and(Class<?> key, Object state) {
            Map<Class<?>, Object> copy = new HashMap<>(byKey);
            copy.put(key, state);
            return new States(Map.copyOf(copy));
        }
    }
}
