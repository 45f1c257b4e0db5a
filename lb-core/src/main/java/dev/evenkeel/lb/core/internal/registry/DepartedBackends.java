package dev.evenkeel.lb.core.internal.registry;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.core.internal.backend.BackendState;
import dev.evenkeel.lb.core.internal.stats.PoolStats;
import dev.evenkeel.lb.spi.TimeSource;
import java.time.Duration;

/** The state of backends that have left, which they get back if they return within ten minutes. */
final class DepartedBackends {
    private static final Duration REMEMBERED = Duration.ofMinutes(10);

    private final PoolStats poolStats;
    private final Cache<String, BackendState> departed;

    DepartedBackends(PoolStats poolStats, TimeSource timeSource) {
        this.poolStats = poolStats;
        this.departed = Caffeine.newBuilder()
                .maximumSize(10_000)
                .expireAfterWrite(REMEMBERED)
                .ticker(timeSource::nanoTime)
                .executor(Runnable::run)
                .build();
    }

    void remember(BackendState node) {
        departed.put(node.backend().id(), node);
    }

    /** The state for a backend that joins: the one it left with, or a new one. */
    BackendState stateOf(Backend backend) {
        BackendState node = departed.getIfPresent(backend.id());
        if (node == null) {
            return new BackendState(backend, poolStats);
        }
        departed.invalidate(backend.id());
        return node;
    }
}
