package dev.evenkeel.lb.examples.registries;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/** HTTP servers of a service, all of which stay up: calls that fail do so because of discovery. */
final class Replicas implements AutoCloseable {
    private final List<HttpServer> servers = new ArrayList<>();
    private final List<AtomicLong> requests = new ArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();

    Replicas(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            AtomicLong counter = new AtomicLong();
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
            server.setExecutor(threads);
            server.createContext("/", exchange -> {
                counter.incrementAndGet();
                exchange.sendResponseHeaders(204, -1);
                exchange.close();
            });
            server.start();
            servers.add(server);
            requests.add(counter);
        }
    }

    int port(int number) {
        return servers.get(number).getAddress().getPort();
    }

    String address(int number) {
        return "127.0.0.1:" + port(number);
    }

    long requests(int number) {
        return requests.get(number).get();
    }

    @Override
    public void close() {
        servers.forEach(server -> server.stop(0));
        threads.shutdownNow();
    }
}
