package dev.evenkeel.lb.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.core.config.ConfigException;
import dev.evenkeel.lb.okhttp.config.LiveConfig;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.DeferredImportSelector;
import org.springframework.context.annotation.Import;
import org.springframework.core.type.AnnotationMetadata;

/** When the starter configures what. */
class ConfigurationTest {
    private static final String POOLS =
            "{ \"pools\": [ { \"name\": \"users\", \"backends\": [ \"http://10.0.0.1:80\" ] } ] }";

    private final ApplicationContextRunner runner = new ApplicationContextRunner()
            .withConfiguration(
                    AutoConfigurations.of(EvenkeelAutoConfiguration.class, RequestFactoryAutoConfiguration.class));

    @TempDir
    private Path directory;

    @Test
    void applicationWithoutADocument_getsNothing() {
        runner.run(context -> assertThat(context)
                .hasNotFailed()
                .doesNotHaveBean(LiveConfig.class)
                .doesNotHaveBean(OkHttpClient.class));
    }

    @Test
    void starter_switchedOff_doesNothing() {
        runner.withPropertyValues("evenkeel.config=classpath:nothing.json", "evenkeel.enabled=false")
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(LiveConfig.class));
    }

    @Test
    void document_inYaml() throws Exception {
        Path file = Files.writeString(directory.resolve("balancing.yaml"), """
                pools:
                  - name: ${POOL}
                    backends: [ "http://10.0.0.1:80" ]
                """);

        runner.withPropertyValues("evenkeel.config=" + file.toUri(), "POOL=users")
                .run(context -> assertThat(context.getBean(LiveConfig.class)
                                .pool("users")
                                .snapshot()
                                .backends())
                        .hasSize(1));
    }

    @Test
    void document_inYaml_withAKeyTwice_isRefused() throws Exception {
        Path file = Files.writeString(directory.resolve("balancing.yml"), "pools: []\npools: []\n");

        runner.withPropertyValues("evenkeel.config=" + file.toUri())
                .run(context -> assertThat(context.getStartupFailure())
                        .rootCause()
                        .hasMessageContaining("duplicate key pools"));
    }

    @Test
    void document_thatIsWrong_stopsTheStart_andNamesEveryFault() throws Exception {
        Path file = Files.writeString(directory.resolve("balancing.json"), POOLS.replace("backends", "bakends"));

        runner.withPropertyValues("evenkeel.config=" + file.toUri())
                .run(context -> assertThat(context.getStartupFailure())
                        .hasRootCauseInstanceOf(ConfigException.class)
                        .rootCause()
                        .hasMessageContaining("bakends"));
    }

    @Test
    void document_writtenAsProperties_isRefused_andNamesTheField() throws Exception {
        Path file = Files.writeString(
                directory.resolve("balancing.json"),
                POOLS.replace("\"backends\"", "\"health-check\": {\"type\": \"tcp\"}, \"backends\""));

        runner.withPropertyValues("evenkeel.config=" + file.toUri())
                .run(context -> assertThat(context.getStartupFailure())
                        .rootCause()
                        .hasMessageContaining("health-check")
                        .hasMessageContaining("expected one of")
                        .hasMessageContaining("healthCheck"));
    }

    @Test
    void document_thatIsNotThere_stopsTheStart() {
        Path missing = directory.resolve("missing.json");

        runner.withPropertyValues("evenkeel.config=" + missing.toUri())
                .run(context -> assertThat(context.getStartupFailure())
                        .rootCause()
                        .isInstanceOf(NoSuchFileException.class)
                        .hasMessageContaining(missing.toString()));
    }

    @Test
    void document_andProperties_together_areRefused() throws Exception {
        Path file = Files.writeString(directory.resolve("balancing.json"), POOLS);

        runner.withPropertyValues("evenkeel.config=" + file.toUri(), "evenkeel.pools[0].name=users")
                .run(context -> assertThat(context.getStartupFailure())
                        .rootCause()
                        .hasMessage(
                                "either evenkeel.config or evenkeel.pools must be set, not both: evenkeel.config is \""
                                        + file.toUri() + "\""));
    }

    /** The starter's auto-configurations alone, by their names: those of Spring Boot need what is hidden here. */
    static final class OfTheStarter implements DeferredImportSelector {
        @Override
        public String[] selectImports(AnnotationMetadata importer) {
            return ImportCandidates.load(AutoConfiguration.class, ConfigurationTest.class.getClassLoader())
                    .getCandidates()
                    .stream()
                    .filter(name -> name.startsWith("dev.evenkeel."))
                    .toArray(String[]::new);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @Import(OfTheStarter.class)
    static class Bare {}

    /** Neither actuator nor Micrometer, Spring's clients, Spring Cloud and YAML: the client alone is left. */
    @Test
    void starter_needsNothingButSpringBoot() {
        new ApplicationContextRunner()
                .withClassLoader(new FilteredClassLoader(
                        "org.springframework.boot.actuate",
                        "org.springframework.boot.health",
                        "org.springframework.boot.restclient",
                        "org.springframework.boot.web.client",
                        "org.springframework.cloud",
                        "org.springframework.http",
                        "org.springframework.web",
                        "org.yaml",
                        "io.micrometer"))
                .withUserConfiguration(Bare.class)
                .withPropertyValues("evenkeel.pools[0].name=users", "evenkeel.pools[0].backends=http://10.0.0.1:80")
                .run(context -> {
                    assertThat(context).hasNotFailed().hasSingleBean(OkHttpClient.class);
                    assertThat(context.getBeanNamesForType(Object.class))
                            .filteredOn(name -> name.startsWith("evenkeel"))
                            .containsExactlyInAnyOrder(
                                    "evenkeelLiveConfig",
                                    "evenkeelEnvironmentReload",
                                    "evenkeelBalancedClient",
                                    "evenkeelCallFactory",
                                    "evenkeelOkHttpClient");
                });
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnBeans {
        @Bean
        LiveConfig own() {
            return LiveConfig.start(POOLS);
        }

        @Bean
        OkHttpClient client(LiveConfig config) {
            return config.attach(new OkHttpClient());
        }
    }

    @Test
    void beansOfTheApplication_takeTheirPlace() {
        runner.withUserConfiguration(OwnBeans.class).run(context -> {
            assertThat(context).hasNotFailed().hasSingleBean(LiveConfig.class).hasSingleBean(OkHttpClient.class);
            assertThat(context).hasBean("own").hasBean("client").hasSingleBean(OkHttpRequestFactory.class);
        });
    }

    @Configuration(proxyBeanMethods = false)
    static class Customizers {
        @Bean
        OkHttpClientCustomizer redirects() {
            return builder -> builder.followRedirects(false);
        }

        @Bean
        LiveConfigCustomizer variables() {
            return builder -> builder.environment(name -> name.equals("PORT") ? "81" : null);
        }
    }

    @Test
    void customizers_areCalled() {
        runner.withUserConfiguration(Customizers.class)
                .withPropertyValues(
                        "evenkeel.pools[0].name=users", "evenkeel.pools[0].backends=http://10.0.0.1:${PORT}")
                .run(context -> {
                    assertThat(context.getBean(OkHttpClient.class).followRedirects())
                            .isFalse();
                    assertThat(context.getBean(LiveConfig.class)
                                    .pool("users")
                                    .snapshot()
                                    .backends()
                                    .get(0)
                                    .backend()
                                    .id())
                            .isEqualTo("10.0.0.1:81");
                });
    }
}
