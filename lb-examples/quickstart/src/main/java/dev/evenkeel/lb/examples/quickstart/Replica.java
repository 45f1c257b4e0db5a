package dev.evenkeel.lb.examples.quickstart;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A small HTTP/1.1 server that can die as a killed process does: its port closed, its connections reset. (The JDK's
 * HttpServer only knows how to say good-bye.) It answers requests without a body, each with its own name.
 */
final class Replica implements AutoCloseable {
    static final String NAME_HEADER = "X-Replica";

    private static final int MAX_HEAD_BYTES = 64 * 1024;

    private final String name;
    private final Duration latency;
    private final byte[] answer;
    private final ExecutorService workers;
    private final InetSocketAddress address;
    private @Nullable Life life;

    /** Starts a server that takes about so long for an answer. */
    Replica(String name, Duration latency) throws IOException {
        this.name = name;
        this.latency = latency;
        String body = "hello from " + name + "\n";
        answer = ("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n" + NAME_HEADER + ": " + name + "\r\nContent-Length: "
                        + body.length() + "\r\n\r\n" + body)
                .getBytes(StandardCharsets.US_ASCII);
        AtomicInteger threads = new AtomicInteger();
        workers = Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "replica-" + name + "-" + threads.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
        ServerSocket listener = Ports.listenAnywhere();
        address = (InetSocketAddress) listener.getLocalSocketAddress();
        live(listener);
    }

    String name() {
        return name;
    }

    String address() {
        return address.getHostString() + ":" + address.getPort();
    }

    /** Starts again on the port it had. */
    void restart() throws IOException {
        live(Ports.listen(address));
    }

    /** Closes the port and resets every connection; returns how many those were. */
    int kill() {
        Life last = life;
        life = null;
        return last == null ? 0 : last.end();
    }

    @Override
    public void close() {
        kill();
        workers.shutdownNow();
        try {
            workers.awaitTermination(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void live(ServerSocket listener) {
        Life next = new Life(listener);
        life = next;
        workers.execute(next::acceptAll);
    }

    /** From one start to one death. */
    private final class Life {
        private final ServerSocket listener;
        private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
        private volatile boolean over;

        Life(ServerSocket listener) {
            this.listener = listener;
        }

        void acceptAll() {
            while (!over) {
                try {
                    Socket connection = listener.accept();
                    connections.add(connection);
                    if (over) {
                        reset(connection);
                        return;
                    }
                    connection.setTcpNoDelay(true);
                    workers.execute(() -> serve(connection));
                } catch (IOException e) {
                    // The port was closed, or a connection broke before it began.
                }
            }
        }

        private void serve(Socket connection) {
            try (connection) {
                InputStream in = new BufferedInputStream(connection.getInputStream());
                OutputStream out = connection.getOutputStream();
                while (readHead(in)) {
                    work();
                    out.write(answer);
                }
            } catch (IOException e) {
                // The client has gone, or we were killed.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                connections.remove(connection);
            }
        }

        int end() {
            over = true;
            try {
                listener.close();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
            Set<Socket> victims = Set.copyOf(connections);
            victims.forEach(this::reset);
            return victims.size();
        }

        private void reset(Socket connection) {
            try (connection) {
                connection.setSoLinger(true, 0);
            } catch (IOException e) {
                // It was closed already.
            }
        }
    }

    /** Reads up to the empty line; false if the client closes instead. */
    private static boolean readHead(InputStream in) throws IOException {
        int lineLength = 0;
        for (int i = 0; i < MAX_HEAD_BYTES; i++) {
            int next = in.read();
            if (next == -1) {
                return false;
            } else if (next == '\n') {
                if (lineLength == 0) {
                    return true;
                }
                lineLength = 0;
            } else if (next != '\r') {
                lineLength++;
            }
        }
        return false;
    }

    /** The latency, give or take a quarter. */
    private void work() throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(
                (long) (latency.toNanos() * ThreadLocalRandom.current().nextDouble(0.75, 1.25)));
    }
}
