package dev.evenkeel.lb.spring;

import dev.evenkeel.lb.okhttp.config.LiveConfig;

/**
 * Sets what a document cannot have before the running configuration starts: listeners, an outcome classifier, a client
 * for checks. Each bean of this type is called once, in the order of its {@code @Order}.
 */
@FunctionalInterface
public interface LiveConfigCustomizer {

    /**
     * Changes the configuration to come.
     *
     * @param builder has the document, and placeholders from the environment
     */
    void customize(LiveConfig.Builder builder);
}
