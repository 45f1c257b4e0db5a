package dev.evenkeel.lb.spring;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/** A server of loopback that says what it was asked: {@code name method path body}. */
final class Replica implements AutoCloseable {
    private final HttpServer server;
    private final AtomicInteger requests = new AtomicInteger();

    private Replica(HttpServer server) {
        this.server = server;
    }

    static Replica start(String name) {
        try {
            Replica replica =
                    new Replica(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
            replica.server.createContext("/", exchange -> {
                replica.requests.incrementAndGet();
                String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
                String answer = name + " " + exchange.getRequestMethod() + " " + exchange.getRequestURI() + " " + body;
                byte[] bytes = answer.strip().getBytes(StandardCharsets.UTF_8);
                exchange.getResponseHeaders().set("Content-Type", "text/plain;charset=UTF-8");
                exchange.getResponseHeaders().set("X-Replica", name);
                exchange.sendResponseHeaders(
                        exchange.getRequestURI().getPath().equals("/missing") ? 404 : 200, bytes.length);
                try (OutputStream out = exchange.getResponseBody()) {
                    out.write(bytes);
                }
            });
            replica.server.start();
            return replica;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Its id as a backend. */
    String id() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    String uri() {
        return "http://" + id();
    }

    int requests() {
        return requests.get();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
