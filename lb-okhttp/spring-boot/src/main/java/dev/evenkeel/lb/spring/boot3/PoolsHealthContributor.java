package dev.evenkeel.lb.spring.boot3;

import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.okhttp.config.LiveConfig;
import dev.evenkeel.lb.spring.PoolHealth;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.health.CompositeHealthContributor;
import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthContributor;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.boot.actuate.health.NamedContributor;

/** One contributor for each pool of the document that is in force. */
final class PoolsHealthContributor implements CompositeHealthContributor {
    private final LiveConfig config;

    PoolsHealthContributor(LiveConfig config) {
        this.config = config;
    }

    @Override
    public @Nullable HealthContributor getContributor(String name) {
        return config.pools().stream()
                .filter(pool -> pool.name().equals(name))
                .findFirst()
                .map(PoolsHealthContributor::indicator)
                .orElse(null);
    }

    @Override
    public Iterator<NamedContributor<HealthContributor>> iterator() {
        return config.pools().stream()
                .map(pool -> NamedContributor.<HealthContributor>of(pool.name(), indicator(pool)))
                .iterator();
    }

    private static HealthIndicator indicator(LoadBalancer pool) {
        return () -> {
            PoolHealth health = PoolHealth.of(pool.snapshot());
            Health.Builder builder = health.isDown() ? Health.down() : Health.up();
            return builder.withDetails(health.details()).build();
        };
    }
}
