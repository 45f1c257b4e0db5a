package dev.evenkeel.lb.spring;

import dev.evenkeel.lb.okhttp.HedgingCallFactory;
import dev.evenkeel.lb.okhttp.config.LiveConfig;
import dev.evenkeel.lb.okhttp.metrics.ClientMetrics;
import dev.evenkeel.lb.okhttp.metrics.ConfigMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;

/** The client's meters on the application's registries, which Spring Boot's actuator makes and binds. */
@AutoConfiguration(after = EvenkeelAutoConfiguration.class)
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnBean(HedgingCallFactory.class)
public class MetricsAutoConfiguration {

    /** Called by Spring. */
    public MetricsAutoConfiguration() {}

    /**
     * The meters.
     *
     * @param calls the attached client
     * @return bound by Spring Boot
     */
    @Bean
    PoolMeters evenkeelPoolMeters(HedgingCallFactory calls) {
        return new PoolMeters(new ClientMetrics(calls, List.of()));
    }

    /**
     * The meters of reloads.
     *
     * @param config the running configuration
     * @return bound by Spring Boot
     */
    @Bean
    @ConditionalOnBean(LiveConfig.class)
    ConfigMetrics evenkeelConfigMetrics(LiveConfig config) {
        return new ConfigMetrics(config);
    }
}
