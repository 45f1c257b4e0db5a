package dev.evenkeel.lb.examples.prototype;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.evenkeel.lb.examples.common.LocalPage;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A server on loopback that says its name. */
final class Server implements AutoCloseable {
    static final String NAME_HEADER = "X-Served-By";

    static {
        // Without it each answer on a kept connection waits for the client's delayed acknowledgement.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    private final String name;
    private final HttpServer server;
    private final ExecutorService workers;

    Server(String name, int port) throws IOException {
        this.name = name;
        try {
            server = HttpServer.create(new InetSocketAddress(LocalPage.loopback(), port), 0);
        } catch (BindException e) {
            throw new IOException("port " + port + " of " + name + " is taken; change it in the configuration", e);
        }
        workers = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "server-" + name);
            thread.setDaemon(true);
            return thread;
        });
        server.setExecutor(workers);
        server.createContext("/", this::answer);
        server.start();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = ("hello from " + name + "\n").getBytes(StandardCharsets.UTF_8);
            boolean head = exchange.getRequestMethod().equals("HEAD");
            exchange.getRequestBody().readAllBytes();
            exchange.getResponseHeaders().set("Content-Type", "text/plain");
            exchange.getResponseHeaders().set(NAME_HEADER, name);
            exchange.sendResponseHeaders(200, head ? -1 : body.length);
            if (!head) {
                exchange.getResponseBody().write(body);
            }
        }
    }

    @Override
    public void close() {
        server.stop(0);
        workers.shutdownNow();
    }
}
