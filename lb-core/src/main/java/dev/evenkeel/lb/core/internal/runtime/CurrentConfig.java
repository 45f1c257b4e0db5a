package dev.evenkeel.lb.core.internal.runtime;

import java.util.function.Supplier;

/**
 * The configuration in force. A component reads it where it uses it and keeps no copy, so that a reload reaches every
 * component. A component that has to act on a reload (restart a timer, replace a checker) compares it with the former
 * one in a {@code reloaded} method.
 */
public final class CurrentConfig implements Supplier<PoolConfig> {
    private volatile PoolConfig config;

    public CurrentConfig(PoolConfig first) {
        config = first;
    }

    @Override
    public PoolConfig get() {
        return config;
    }

    /** Under the pool's lock: replaces the configuration. The components that act are told next. */
    public void set(PoolConfig next) {
        config = next;
    }
}
