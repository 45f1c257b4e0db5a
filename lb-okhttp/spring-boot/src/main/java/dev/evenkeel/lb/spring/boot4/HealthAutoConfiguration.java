package dev.evenkeel.lb.spring.boot4;

import dev.evenkeel.lb.okhttp.config.LiveConfig;
import dev.evenkeel.lb.spring.EvenkeelAutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.context.annotation.Bean;

/** The health of the pools. {@code management.health.evenkeel.enabled=false} switches it off. */
@AutoConfiguration(
        after = EvenkeelAutoConfiguration.class,
        beforeName = "org.springframework.boot.health.autoconfigure.contributor.HealthContributorAutoConfiguration")
@ConditionalOnClass({HealthContributor.class, ConditionalOnEnabledHealthIndicator.class})
@ConditionalOnBean(LiveConfig.class)
@ConditionalOnEnabledHealthIndicator("evenkeel")
public class HealthAutoConfiguration {

    /** Called by Spring. */
    public HealthAutoConfiguration() {}

    /**
     * A contributor for each pool.
     *
     * @param config its pools
     * @return known as {@code evenkeel}
     */
    @Bean
    HealthContributor evenkeelHealthContributor(LiveConfig config) {
        return new PoolsHealthContributor(config);
    }
}
