package dev.evenkeel.lb.spring.boot3;

import dev.evenkeel.lb.spring.OkHttpRequestFactory;
import dev.evenkeel.lb.spring.RequestFactoryAutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.web.client.RestClientCustomizer;
import org.springframework.boot.web.client.RestTemplateCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Gives the attached client to what Spring Boot's {@code RestClient.Builder} and {@code RestTemplateBuilder} make, and
 * to its HTTP interfaces. {@code evenkeel.rest-clients=false} switches it off.
 */
@AutoConfiguration(after = RequestFactoryAutoConfiguration.class)
@ConditionalOnClass(RestClientCustomizer.class)
@ConditionalOnBean(OkHttpRequestFactory.class)
@ConditionalOnProperty(name = "evenkeel.rest-clients", matchIfMissing = true)
public class RestClientAutoConfiguration {

    /** Called by Spring. */
    public RestClientAutoConfiguration() {}

    /**
     * Sets the request factory of clients, before the application's own customizers.
     *
     * @param requests over the attached client
     * @return a customizer
     */
    @Bean
    @Order(Ordered.HIGHEST_PRECEDENCE)
    public RestClientCustomizer evenkeelRestClientCustomizer(OkHttpRequestFactory requests) {
        return builder -> builder.requestFactory(requests);
    }

    /**
     * Sets the request factory of templates, before the application's own customizers.
     *
     * @param requests over the attached client
     * @return a customizer
     */
    @Bean
    @Order(Ordered.HIGHEST_PRECEDENCE)
    public RestTemplateCustomizer evenkeelRestTemplateCustomizer(OkHttpRequestFactory requests) {
        return template -> template.setRequestFactory(requests);
    }
}
