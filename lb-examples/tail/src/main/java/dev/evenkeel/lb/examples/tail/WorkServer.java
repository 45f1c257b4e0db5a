package dev.evenkeel.lb.examples.tail;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** A server on loopback with a few workers; each request occupies one for a while, the rest queue in order. */
final class WorkServer implements AutoCloseable {
    static {
        // Without it each answer on a kept connection waits for the client's delayed acknowledgement.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        System.setProperty("sun.net.httpserver.maxIdleConnections", "4096");
    }

    private static final double SPREAD = 0.15;

    /**
     * Requests that take long for no reason of their own.
     *
     * @param share of the requests, 0 to 1
     * @param time that they take
     */
    record Stalls(double share, Duration time) {
        static final Stalls NONE = new Stalls(0, Duration.ZERO);
    }

    private final HttpServer server;
    private final ExecutorService workers;
    private final AtomicLong requests = new AtomicLong();
    private volatile int status;
    private volatile Runnable arrival = () -> {};

    /**
     * Starts a server.
     *
     * @param workers how many requests are worked on at a time
     * @param work the median time of one, log-normal with a spread of 0.15
     * @param status what is answered
     * @param seed of the work's spread
     */
    WorkServer(int workers, Duration work, int status, long seed) throws IOException {
        this(workers, work, status, seed, Stalls.NONE);
    }

    /**
     * Starts a server that stalls at times.
     *
     * @param workers how many requests are worked on at a time
     * @param work the median time of one, log-normal with a spread of 0.15
     * @param status what is answered
     * @param seed of the work's spread, and of which requests stall
     * @param stalls what some requests take instead
     */
    WorkServer(int workers, Duration work, int status, long seed, Stalls stalls) throws IOException {
        this.status = status;
        Random random = new Random(seed);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1_024);
        this.workers = Executors.newFixedThreadPool(workers, task -> {
            Thread thread = new Thread(task, "work-server");
            thread.setDaemon(true);
            return thread;
        });
        server.setExecutor(this.workers);
        server.createContext("/", exchange -> {
            requests.incrementAndGet();
            arrival.run();
            double factor;
            boolean stalled;
            synchronized (random) {
                factor = Math.exp(SPREAD * random.nextGaussian());
                stalled = stalls.share > 0 && random.nextDouble() < stalls.share;
            }
            pause(stalled ? stalls.time.toNanos() : (long) (work.toNanos() * factor));
            exchange.sendResponseHeaders(this.status, -1);
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

    /** Sets what is answered from now on. */
    void status(int answered) {
        status = answered;
    }

    /** Sets what is told of each request. */
    void onRequest(Runnable told) {
        arrival = told;
    }

    String uri() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    String id() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    long requests() {
        return requests.get();
    }

    @Override
    public void close() {
        server.stop(0);
        workers.shutdownNow();
    }
}
