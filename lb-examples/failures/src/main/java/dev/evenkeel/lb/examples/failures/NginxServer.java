package dev.evenkeel.lb.examples.failures;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A real nginx, master and worker, with a directory of its own on a loopback port. */
final class NginxServer implements AutoCloseable {
    /** What to do if {@link #find} finds none. */
    static final String MISSING = "nginx is not installed: apt-get install --no-install-recommends nginx-light";

    private static final long START_NANOS = TimeUnit.SECONDS.toNanos(20);

    private final Path binary;
    private final String id;
    private final Path directory;
    private final int port;
    private Process process;

    /**
     * Starts it.
     *
     * @param directory where it runs; it is there, and has the files that the configuration names
     * @param id its name in a pool
     * @param port that the configuration listens on
     * @param configuration of an nginx that stays in the foreground
     */
    NginxServer(Path binary, Path directory, String id, int port, String configuration) throws IOException {
        this.binary = binary;
        this.id = id;
        this.directory = directory;
        this.port = port;
        Files.writeString(directory.resolve("nginx.conf"), configuration);
        this.process = launch();
        awaitListening();
    }

    /** Where nginx is, or null if it is nowhere. */
    static @Nullable Path find() {
        String path = Objects.requireNonNullElse(System.getenv("PATH"), "");
        return Stream.concat(Stream.of(path.split(File.pathSeparator)), Stream.of("/usr/sbin"))
                .map(directory -> Path.of(directory, "nginx"))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
    }

    String id() {
        return id;
    }

    String uri() {
        return "http://127.0.0.1:" + port;
    }

    /** The lines of {@code access.log}, one for each request that has ended. */
    List<String> log() {
        try {
            return Files.readAllLines(directory.resolve("access.log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Dies at once, without a word to its clients. */
    void kill() {
        signal("KILL");
        awaitEnd();
    }

    /** Ends when its last request has: {@code nginx -s quit}. */
    void quit() {
        signalMaster("QUIT");
        awaitEnd();
    }

    /** Ends at once, with the requests under way: {@code nginx -s stop}. */
    void stop() {
        signalMaster("TERM");
        awaitEnd();
    }

    /** New workers take over, and the old ones end when their last requests have: {@code nginx -s reload}. */
    void reload() {
        signalMaster("HUP");
    }

    boolean isRunning() {
        return process.isAlive();
    }

    /** Hangs: the kernel accepts connections, and no process answers. */
    void freeze() {
        signal("STOP");
    }

    void thaw() {
        signal("CONT");
    }

    /** Answers 500 at once from now on, or not any more; {@code /health} stays well unless it is to be seen there. */
    void broken(boolean broken, boolean seenByChecks) {
        mark("broken", broken);
        mark("ill", broken && seenByChecks);
    }

    private void mark(String name, boolean set) {
        try {
            if (set) {
                Files.writeString(directory.resolve(name), "");
            } else {
                Files.deleteIfExists(directory.resolve(name));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts again on the same port, and returns when it listens. */
    void start() {
        try {
            process = launch();
            awaitListening();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        signal("CONT");
        kill();
    }

    private void signalMaster(String name) {
        run(List.of("kill", "-" + name, Long.toString(process.pid())));
    }

    private void signal(String name) {
        List<String> command = new ArrayList<>(List.of("kill", "-" + name));
        everyProcess().forEach(one -> command.add(Long.toString(one.pid())));
        if (command.size() > 2) {
            run(command);
        }
    }

    private Stream<ProcessHandle> everyProcess() {
        return Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .filter(ProcessHandle::isAlive)
                .toList()
                .stream();
    }

    private static void run(List<String> command) {
        try {
            Process kill = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            kill.waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void awaitEnd() {
        everyProcess().forEach(one -> one.onExit().join());
        process.onExit().join();
    }

    private Process launch() throws IOException {
        return new ProcessBuilder(binary.toString(), "-p", directory.toString(), "-e", "error.log", "-c", "nginx.conf")
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("output.log").toFile())
                .start();
    }

    private void awaitListening() throws IOException {
        long deadline = System.nanoTime() + START_NANOS;
        while (!isListening()) {
            if (!process.isAlive() || System.nanoTime() - deadline > 0) {
                throw new IOException("nginx does not listen: " + Files.readString(directory.resolve("output.log")));
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    private boolean isListening() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
