package dev.evenkeel.lb.examples.failures;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;

/** What the nginx servers have behind them: answers {@code /id…} after the time that work takes at that server. */
final class WorkServer implements AutoCloseable {
    static final Duration USUAL = Duration.ofMillis(10);

    static {
        // Without it each answer on a kept connection waits for the client's delayed acknowledgement.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        System.setProperty("sun.net.httpserver.maxIdleConnections", "4096");
    }

    private final HttpServer server;
    private final ExecutorService workers = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "work-server");
        thread.setDaemon(true);
        return thread;
    });
    private final Map<String, Duration> slow = new ConcurrentHashMap<>();

    WorkServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1_024);
        server.setExecutor(workers);
        server.createContext("/", exchange -> {
            String id = exchange.getRequestURI().getPath().split("/", 3)[1];
            pause(slow.getOrDefault(id, USUAL).toNanos());
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        server.start();
    }

    private static void pause(long nanos) {
        long until = System.nanoTime() + nanos;
        for (long left = nanos; left > 0; left = until - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    int port() {
        return server.getAddress().getPort();
    }

    /** Sets how many times longer than usual work takes at a server. */
    void slowDown(String id, int factor) {
        slow.put(id, USUAL.multipliedBy(factor));
    }

    @Override
    public void close() {
        server.stop(0);
        workers.shutdownNow();
    }
}
