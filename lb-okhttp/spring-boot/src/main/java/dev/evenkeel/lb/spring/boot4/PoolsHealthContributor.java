package dev.evenkeel.lb.spring.boot4;

import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.okhttp.config.LiveConfig;
import dev.evenkeel.lb.spring.PoolHealth;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.boot.health.contributor.HealthContributors;
import org.springframework.boot.health.contributor.HealthIndicator;

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
    public Stream<HealthContributors.Entry> stream() {
        return config.pools().stream().map(pool -> new HealthContributors.Entry(pool.name(), indicator(pool)));
    }

    private static HealthIndicator indicator(LoadBalancer pool) {
        return () -> {
            PoolHealth health = PoolHealth.of(pool.snapshot());
            Health.Builder builder = health.isDown() ? Health.down() : Health.up();
            return builder.withDetails(health.details()).build();
        };
    }
}
