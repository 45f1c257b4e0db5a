package dev.evenkeel.lb.spring;

import dev.evenkeel.lb.okhttp.HedgingCallFactory;
import dev.evenkeel.lb.okhttp.config.LiveConfig;
import java.io.IOException;
import okhttp3.OkHttpClient;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Primary;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.io.ResourceLoader;

/**
 * The running configuration, and clients attached to it. Nothing is configured without {@code evenkeel.config} or
 * {@code evenkeel.pools}, nor with {@code evenkeel.enabled=false}.
 *
 * <p>Each bean gives way to one of the application's own of the same type.
 */
@AutoConfiguration
@Conditional(DocumentCondition.class)
@ConditionalOnProperty(name = "evenkeel.enabled", matchIfMissing = true)
public class EvenkeelAutoConfiguration {

    /** Called by Spring. */
    public EvenkeelAutoConfiguration() {}

    /**
     * The running configuration. Its reloads are events of the application, of the type
     * {@link dev.evenkeel.lb.okhttp.config.ConfigEvent}.
     *
     * @param environment has {@code evenkeel.config} or the document, and the values of placeholders
     * @param resources finds the document
     * @param customizers called before it starts
     * @param events takes what happens at reloads
     * @return closed with the context
     * @throws IOException if the document cannot be read
     */
    @Bean
    @ConditionalOnMissingBean
    public LiveConfig evenkeelLiveConfig(
            ConfigurableEnvironment environment,
            ResourceLoader resources,
            ObjectProvider<LiveConfigCustomizer> customizers,
            ApplicationEventPublisher events)
            throws IOException {
        LiveConfig.Builder builder =
                new DocumentSource(environment, resources).builder().onReload(events::publishEvent);
        customizers.orderedStream().forEach(customizer -> customizer.customize(builder));
        return builder.start();
    }

    /**
     * Reads the document again when the environment changes.
     *
     * @param config the running configuration
     * @param environment the application's
     * @param resources finds the document
     * @return a listener
     */
    @Bean
    EnvironmentReload evenkeelEnvironmentReload(
            LiveConfig config, ConfigurableEnvironment environment, ResourceLoader resources) {
        return new EnvironmentReload(config, new DocumentSource(environment, resources));
    }

    /**
     * The client that is attached, and its threads' end.
     *
     * @param config the running configuration
     * @param customizers called in their order
     * @return closed with the context
     */
    @Bean
    @ConditionalOnMissingBean
    BalancedClient evenkeelBalancedClient(LiveConfig config, ObjectProvider<OkHttpClientCustomizer> customizers) {
        OkHttpClient.Builder builder = new OkHttpClient.Builder();
        customizers.orderedStream().forEach(customizer -> customizer.customize(builder));
        return new BalancedClient(config.callFactory(builder.build()));
    }

    /**
     * Makes calls that are balanced, and hedged if the document says so.
     *
     * @param client the attached client
     * @return what is injected as {@code Call.Factory}
     */
    @Bean
    @Primary
    @ConditionalOnMissingBean
    public HedgingCallFactory evenkeelCallFactory(BalancedClient client) {
        return client.calls();
    }

    /**
     * The attached client.
     *
     * @param client the same
     * @return an ordinary client
     */
    @Bean
    @ConditionalOnMissingBean
    public OkHttpClient evenkeelOkHttpClient(BalancedClient client) {
        return client.calls().client();
    }
}
