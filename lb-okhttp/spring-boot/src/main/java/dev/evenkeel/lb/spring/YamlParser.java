package dev.evenkeel.lb.spring;

import dev.evenkeel.lb.core.config.ConfigParser;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;

/** Reads YAML by the parser that Spring Boot brings: plain values only, and no key twice. */
final class YamlParser implements ConfigParser {
    @Override
    public @Nullable Object parse(byte[] text) throws IOException {
        LoaderOptions options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        try {
            return new Yaml(new SafeConstructor(options))
                    .load(new InputStreamReader(new ByteArrayInputStream(text), StandardCharsets.UTF_8));
        } catch (MarkedYAMLException e) {
            // Its message would quote the text, which may have secrets.
            int line = e.getProblemMark() == null ? 0 : e.getProblemMark().getLine() + 1;
            throw new IOException("YAML is malformed in line " + line + ": " + e.getProblem(), e);
        } catch (YAMLException e) {
            throw new IOException("YAML is malformed", e);
        }
    }
}
