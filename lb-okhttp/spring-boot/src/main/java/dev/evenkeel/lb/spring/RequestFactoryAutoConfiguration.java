package dev.evenkeel.lb.spring;

import okhttp3.Call;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.http.client.ClientHttpRequestFactory;

/** The request factory over the attached client, where the application has spring-web. */
@AutoConfiguration(after = EvenkeelAutoConfiguration.class)
@ConditionalOnClass(ClientHttpRequestFactory.class)
@ConditionalOnBean(BalancedClient.class)
public class RequestFactoryAutoConfiguration {

    /** Called by Spring. */
    public RequestFactoryAutoConfiguration() {}

    /**
     * Sends Spring's requests by the attached client.
     *
     * @param calls makes the calls
     * @return what a {@code RestClient} of the application's own takes as its request factory
     */
    @Bean
    @ConditionalOnMissingBean
    public OkHttpRequestFactory evenkeelRequestFactory(Call.Factory calls) {
        return new OkHttpRequestFactory(calls);
    }
}
