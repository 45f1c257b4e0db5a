package dev.evenkeel.lb.spring;

import dev.evenkeel.lb.core.config.ConfigParser;
import dev.evenkeel.lb.okhttp.config.LiveConfig;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.io.Resource;
import org.springframework.core.io.ResourceLoader;

/** Where the document comes from: a resource, which is followed if it is a file, or the environment. */
final class DocumentSource {
    /** The property that names the resource. */
    static final String LOCATION = "evenkeel.config";

    /** One byte more than a document may have; the rest is refused without being read. */
    private static final int MAX_BYTES = (1 << 20) + 1;

    private final ConfigurableEnvironment environment;
    private final ResourceLoader resources;

    DocumentSource(ConfigurableEnvironment environment, ResourceLoader resources) {
        this.environment = environment;
        this.resources = resources;
    }

    LiveConfig.Builder builder() throws IOException {
        String location = location();
        LiveConfig.Builder builder;
        if (location == null) {
            builder = LiveConfig.builder(DocumentProperties.json(environment));
        } else {
            if (DocumentProperties.isIn(environment)) {
                throw new IllegalStateException("either evenkeel.config or evenkeel.pools must be set, not both: "
                        + "evenkeel.config is \"" + location + "\"");
            }
            Resource resource = resources.getResource(location);
            builder = resource.isFile()
                    ? LiveConfig.builder(resource.getFile().toPath())
                    : LiveConfig.builder(text(resource));
            ConfigParser parser = parser(location);
            if (parser != null) {
                builder = builder.parser(parser);
            }
        }
        return builder.environment(environment::getProperty);
    }

    /** Puts the document as it is now in force, that of the application's own bean if there is no other; returns whether it differs. */
    boolean reload(LiveConfig config) throws IOException {
        String location = location();
        if (location == null) {
            return DocumentProperties.isIn(environment)
                    ? config.reload(DocumentProperties.json(environment))
                    : config.reload();
        }
        Resource resource = resources.getResource(location);
        return resource.isFile() ? config.reload() : config.reload(text(resource));
    }

    private @Nullable String location() {
        return environment.getProperty(LOCATION);
    }

    private static String text(Resource resource) throws IOException {
        try (InputStream in = resource.getInputStream()) {
            return new String(in.readNBytes(MAX_BYTES), StandardCharsets.UTF_8);
        }
    }

    private static @Nullable ConfigParser parser(String location) {
        String name = location.toLowerCase(Locale.ROOT);
        return name.endsWith(".yaml") || name.endsWith(".yml") ? new YamlParser() : null;
    }
}
