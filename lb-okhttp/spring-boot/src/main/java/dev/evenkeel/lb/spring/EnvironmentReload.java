package dev.evenkeel.lb.spring;

import dev.evenkeel.lb.core.config.ConfigException;
import dev.evenkeel.lb.okhttp.config.LiveConfig;
import java.io.IOException;
import org.springframework.context.ApplicationEvent;
import org.springframework.context.ApplicationListener;

/**
 * Reloads the document when Spring Cloud has changed the environment: after a refresh, or by the configuration
 * server's bus. A document that is refused leaves the one in force as it is, with a warning.
 */
final class EnvironmentReload implements ApplicationListener<ApplicationEvent> {
    /** By its name: an application without Spring Cloud has no such class. */
    private static final String CHANGE = "org.springframework.cloud.context.environment.EnvironmentChangeEvent";

    private static final System.Logger LOG = System.getLogger("dev.evenkeel.lb");

    private final LiveConfig config;
    private final DocumentSource source;

    EnvironmentReload(LiveConfig config, DocumentSource source) {
        this.config = config;
        this.source = source;
    }

    @Override
    public void onApplicationEvent(ApplicationEvent event) {
        if (!event.getClass().getName().equals(CHANGE)) {
            return;
        }
        try {
            boolean unused = source.reload(config);
        } catch (ConfigException | IOException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "the configuration in force stays, since that of the changed environment is refused: "
                            + (e instanceof ConfigException faulty ? faulty.summary() : e.getMessage()));
        }
    }
}
