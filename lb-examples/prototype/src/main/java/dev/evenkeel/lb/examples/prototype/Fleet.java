package dev.evenkeel.lb.examples.prototype;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A server for each backend, where the configuration says that it is. They are there before the pools, whose checks would
 * find them down for a while.
 */
final class Fleet implements AutoCloseable {
    private final List<Server> servers = new ArrayList<>();

    private Fleet() {}

    static Fleet start(Path config) throws IOException {
        Fleet fleet = new Fleet();
        try {
            for (JsonNode pool : new ObjectMapper().readTree(config.toFile()).path("pools")) {
                for (JsonNode backend : pool.path("backends")) {
                    int port = URI.create(backend.path("uri").asText()).getPort();
                    fleet.servers.add(new Server(backend.path("id").asText(), port));
                }
            }
        } catch (IOException | RuntimeException e) {
            fleet.close();
            throw e;
        }
        return fleet;
    }

    int size() {
        return servers.size();
    }

    @Override
    public void close() {
        servers.forEach(Server::close);
    }
}
