package dev.evenkeel.lb.examples.consumers;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The lines that a newcomer copies from README.md, or from the page of the Spring Boot starter. */
final class Readme {
    private static final Pattern BACKEND = Pattern.compile("http://10\\.0\\.0\\.\\d+:\\d+");

    private final String text;

    Readme(String text) {
        this.text = text;
    }

    /** The dependency for Maven. */
    String dependency() {
        return block("xml", "<artifactId>lb-okhttp</artifactId>");
    }

    /** The BOM for Maven. */
    String bom() {
        return block("xml", "<artifactId>lb-bom</artifactId>");
    }

    /** The Spring Boot starter for Maven. */
    String starter() {
        return block("xml", "<artifactId>lb-spring-boot-starter</artifactId>");
    }

    /** An application with a pool of these backends, which it calls by Spring Boot's RestClient. */
    String springProgram(List<String> backends) {
        return """
                import org.springframework.boot.SpringApplication;
                import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
                import org.springframework.context.ConfigurableApplicationContext;
                import org.springframework.context.annotation.Configuration;
                import org.springframework.web.client.RestClient;

                @Configuration(proxyBeanMethods = false)
                @EnableAutoConfiguration
                public class Program {
                    public static void main(String[] args) {
                        try (ConfigurableApplicationContext context = SpringApplication.run(
                                Program.class,
                                "--server.port=0",
                                "--evenkeel.pools[0].name=users",
                                "--evenkeel.pools[0].backends=%s")) {
                            RestClient client = context.getBean(RestClient.Builder.class).baseUrl("http://users").build();
                            System.out.println(client.get().uri("/api/42").retrieve().body(String.class));
                        }
                    }
                }
                """.formatted(String.join(",", backends));
    }

    /** The lines for Gradle. */
    String gradle() {
        return block("kotlin", "platform(");
    }

    /** The first program, with these backends in place of its own. */
    String program(List<String> backends) {
        String block = block("java", "LoadBalancing.attach(");
        Matcher url = BACKEND.matcher(block);
        int[] next = {0};
        return """
                import dev.evenkeel.lb.LoadBalancer;
                import dev.evenkeel.lb.core.LoadBalancers;
                import dev.evenkeel.lb.okhttp.LoadBalancing;
                import okhttp3.OkHttpClient;
                import okhttp3.Request;
                import okhttp3.Response;

                public class Program {
                    public static void main(String[] args) throws Exception {
                %s
                    }
                }
                """.formatted(url.replaceAll(match -> backends.get(next[0]++ % backends.size())));
    }

    /** The first block of a language that has a text. */
    private String block(String language, String has) {
        Matcher block = Pattern.compile("^```" + language + "\\n(.*?)^```", Pattern.MULTILINE | Pattern.DOTALL)
                .matcher(text);
        while (block.find()) {
            if (block.group(1).contains(has)) {
                return block.group(1);
            }
        }
        throw new AssertionError("README.md must have a block of " + language + " with " + has);
    }
}
