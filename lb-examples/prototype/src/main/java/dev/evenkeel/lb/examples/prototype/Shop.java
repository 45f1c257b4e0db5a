package dev.evenkeel.lb.examples.prototype;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.okhttp.config.LiveConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import okhttp3.OkHttpClient;

/** The client of {@code http://shop.example}: everything else is said by a file, which may be changed while it runs. */
final class Shop implements AutoCloseable {
    private final LiveConfig config;
    private final OkHttpClient client;

    private Shop(LiveConfig config) {
        this.config = config;
        // What no route takes would go where its URL says. Here that is nowhere: no name server is asked.
        client = config.attach(new OkHttpClient.Builder()
                .dns(host -> {
                    throw new UnknownHostException(host);
                })
                .build());
    }

    /** Opens what a file describes. */
    static Shop open(Path file) throws IOException {
        return new Shop(LiveConfig.start(file));
    }

    List<LoadBalancer> pools() {
        return config.pools();
    }

    /** What the routes to a pool ask, in short. */
    List<String> rules(String pool) {
        List<String> rules = new ArrayList<>();
        try {
            for (JsonNode route : new ObjectMapper().readTree(config.toConfig()).path("routes")) {
                if (route.path("to").asText().equals(pool)) {
                    String prefix = route.path("pathPrefix").asText();
                    rules.add(route.path("host").asText() + (prefix.isEmpty() ? ", all else" : prefix + "/*"));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("what a configuration writes is JSON", e);
        }
        return rules;
    }

    OkHttpClient client() {
        return client;
    }

    @Override
    public void close() {
        client.dispatcher().executorService().shutdown();
        client.connectionPool().evictAll();
        config.close();
    }
}
