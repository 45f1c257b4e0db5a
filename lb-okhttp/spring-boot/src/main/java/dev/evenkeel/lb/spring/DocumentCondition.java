package dev.evenkeel.lb.spring;

import dev.evenkeel.lb.okhttp.config.LiveConfig;
import java.util.Objects;
import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.ConfigurationCondition;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** Whether the application has a document: its location, its pools as properties, or a running one as a bean. */
final class DocumentCondition extends SpringBootCondition implements ConfigurationCondition {
    @Override
    public ConfigurationPhase getConfigurationPhase() {
        return ConfigurationPhase.REGISTER_BEAN;
    }

    @Override
    public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
        ConditionMessage.Builder message = ConditionMessage.forCondition("Evenkeel's configuration");
        if (context.getEnvironment().containsProperty(DocumentSource.LOCATION)) {
            return ConditionOutcome.match(message.foundExactly(DocumentSource.LOCATION));
        }
        if (DocumentProperties.hasPools((ConfigurableEnvironment) context.getEnvironment())) {
            return ConditionOutcome.match(message.foundExactly("evenkeel.pools"));
        }
        int beans = Objects.requireNonNull(context.getBeanFactory())
                .getBeanNamesForType(LiveConfig.class, false, false)
                .length;
        return beans > 0
                ? ConditionOutcome.match(message.foundExactly("a bean LiveConfig"))
                : ConditionOutcome.noMatch(message.because("neither evenkeel.config nor evenkeel.pools is set"));
    }
}
