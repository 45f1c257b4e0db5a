package dev.evenkeel.lb.examples.playground;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.evenkeel.lb.examples.common.LocalPage;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A real HTTP server on loopback that can be made slow, faulty and narrow, that can hang and die, and comes back on the port
 * that it had. One thread at a time may command it.
 */
final class Server implements AutoCloseable {
    /** Below the ports that systems give to outgoing connections: a dead server's port must stay free. */
    private static final int FIRST_PORT = 20_000;

    private static final int LAST_PORT = 29_999;
    private static final int ATTEMPTS = 100;
    private static final double SPREAD = 0.15;
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    static {
        System.setProperty("sun.net.httpserver.maxIdleConnections", "4096");
    }

    private final int port;
    private final AtomicLong requests = new AtomicLong();
    private volatile Behaviour behaviour;
    private volatile boolean hung;
    private @Nullable HttpServer server;
    private @Nullable ThreadPoolExecutor workers;

    /** Starts one on a free port. */
    Server(Behaviour behaviour) throws IOException {
        this.behaviour = behaviour;
        port = startAnywhere();
    }

    private int startAnywhere() throws IOException {
        for (int attempt = 1; ; attempt++) {
            int candidate = ThreadLocalRandom.current().nextInt(FIRST_PORT, LAST_PORT + 1);
            try {
                start(candidate);
                return candidate;
            } catch (BindException e) {
                if (attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private void start(int where) throws IOException {
        HttpServer started = HttpServer.create(new InetSocketAddress(LocalPage.loopback(), where), 1_024);
        int capacity = behaviour.capacity();
        workers = new ThreadPoolExecutor(capacity, capacity, 1, TimeUnit.MINUTES, new LinkedBlockingQueue<>(), task -> {
            Thread thread = new Thread(task, "playground-server");
            thread.setDaemon(true);
            return thread;
        });
        started.setExecutor(workers);
        started.createContext("/", this::answer);
        started.start();
        server = started;
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            requests.incrementAndGet();
            Behaviour now = behaviour;
            double factor = Math.exp(SPREAD * ThreadLocalRandom.current().nextGaussian());
            work((long) (TimeUnit.MILLISECONDS.toNanos(now.millis()) * factor));
            boolean fails = ThreadLocalRandom.current().nextInt(100) < now.errorPercent();
            exchange.sendResponseHeaders(fails ? 500 : 200, -1);
        }
    }

    /** Takes so long, or until it does not hang any more; ends at once if it dies. */
    private void work(long nanos) {
        long until = System.nanoTime() + nanos;
        for (long left = nanos; (left > 0 || hung) && !Thread.currentThread().isInterrupted(); ) {
            LockSupport.parkNanos(hung ? LOOK_NANOS : left);
            left = until - System.nanoTime();
        }
    }

    void behave(Behaviour next) {
        behaviour = next;
        ThreadPoolExecutor pool = workers;
        if (pool != null && next.capacity() > pool.getMaximumPoolSize()) {
            pool.setMaximumPoolSize(next.capacity());
            pool.setCorePoolSize(next.capacity());
        } else if (pool != null) {
            pool.setCorePoolSize(next.capacity());
            pool.setMaximumPoolSize(next.capacity());
        }
    }

    /** Accepts connections and requests, and answers none. */
    void hang() {
        hung = true;
    }

    /** Closes the port and every connection. */
    void kill() {
        HttpServer running = server;
        if (running != null) {
            running.stop(0);
            server = null;
        }
        ThreadPoolExecutor pool = workers;
        if (pool != null) {
            pool.shutdownNow();
            workers = null;
        }
        hung = false;
    }

    /** Answers again, whether it was dead or hung. */
    void restart() throws IOException {
        hung = false;
        if (server == null) {
            start(port);
        }
    }

    String uri() {
        return "http://127.0.0.1:" + port;
    }

    /** Requests that it got so far. */
    long requests() {
        return requests.get();
    }

    @Override
    public void close() {
        kill();
    }
}
