package dev.evenkeel.lb.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.okhttp.config.LiveConfig;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.ByteArrayResource;

/** What docs/spring-boot.md shows compiles on this Spring Boot, and its properties are a document. */
@Timeout(60)
class SpringPageTest {
    private static final String IMPORTS = """
            import dev.evenkeel.lb.*;
            import dev.evenkeel.lb.core.*;
            import dev.evenkeel.lb.okhttp.*;
            import dev.evenkeel.lb.okhttp.config.*;
            import dev.evenkeel.lb.spring.*;
            import java.time.Duration;
            import okhttp3.OkHttpClient;
            import org.slf4j.Logger;
            import org.springframework.cloud.client.discovery.DiscoveryClient;
            import org.springframework.context.annotation.Bean;
            import org.springframework.context.event.EventListener;
            import org.springframework.web.bind.annotation.PathVariable;
            import org.springframework.web.client.RestClient;
            import org.springframework.web.client.support.RestClientAdapter;
            import org.springframework.web.service.annotation.GetExchange;
            import org.springframework.web.service.invoker.HttpServiceProxyFactory;
            """;

    @TempDir
    private Path classes;

    private static List<String> blocks(String language) throws Exception {
        Path here = Path.of("").toAbsolutePath();
        Path module = here.endsWith("boot4") ? here.getParent().getParent() : here.getParent();
        Path page = module.resolve("docs/spring-boot.md");
        return Pattern.compile("^```" + language + "\\n(.*?)^```", Pattern.MULTILINE | Pattern.DOTALL)
                .matcher(Files.readString(page))
                .results()
                .map(match -> match.group(1))
                .toList();
    }

    @Test
    void java_compiles() throws Exception {
        List<String> blocks = blocks("java");
        assertThat(blocks).hasSizeGreaterThan(4);
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        for (String block : blocks) {
            Path source = Files.writeString(
                    classes.resolve("Block.java"), IMPORTS + "abstract class Block {\n Logger log;\n" + block + "}\n");
            StringWriter faults = new StringWriter();
            boolean compiles = ToolProvider.getSystemJavaCompiler()
                    .getTask(
                            faults,
                            null,
                            null,
                            List.of("-proc:none", "-cp", classPath, "-d", classes.toString()),
                            null,
                            ToolProvider.getSystemJavaCompiler()
                                    .getStandardFileManager(null, null, null)
                                    .getJavaFileObjects(source))
                    .call();
            assertThat(compiles).as(faults + "\n" + block).isTrue();
        }
    }

    @Test
    void properties_areADocument() throws Exception {
        for (String yaml : blocks("yaml")) {
            StandardEnvironment environment = new StandardEnvironment();
            new YamlPropertySourceLoader()
                    .load("page", new ByteArrayResource(yaml.getBytes(StandardCharsets.UTF_8)))
                    .forEach(environment.getPropertySources()::addLast);
            ConfigurationPropertySources.attach(environment);

            try (LiveConfig config = LiveConfig.start(DocumentProperties.json(environment))) {
                assertThat(config.pools()).isNotEmpty();
            }
        }
    }
}
