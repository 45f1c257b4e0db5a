package dev.evenkeel.lb.spring;

import dev.evenkeel.lb.okhttp.config.LiveConfig;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/** The actuator's endpoint {@code evenkeel}, where it is exposed. */
@AutoConfiguration(after = EvenkeelAutoConfiguration.class)
@ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
@ConditionalOnBean(LiveConfig.class)
@ConditionalOnAvailableEndpoint(EvenkeelEndpoint.class)
public class EndpointAutoConfiguration {

    /** Called by Spring. */
    public EndpointAutoConfiguration() {}

    /**
     * The endpoint.
     *
     * @param config its pools
     * @return an endpoint
     */
    @Bean
    @ConditionalOnMissingBean
    public EvenkeelEndpoint evenkeelEndpoint(LiveConfig config) {
        return new EvenkeelEndpoint(config);
    }
}
