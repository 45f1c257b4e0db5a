package dev.evenkeel.lb.examples.common;

import java.io.File;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** An installed program that serves a port of loopback, in a process of its own. */
public final class ServerProgram implements AutoCloseable {
    private static final long START_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final Process process;
    private final int port;
    private final Path log;

    private ServerProgram(Process process, int port, Path log) {
        this.process = process;
        this.port = port;
        this.log = log;
    }

    /**
     * Looks for a program.
     *
     * @param name such as {@code nginx}
     * @return where it is; empty if it is not installed
     */
    public static Optional<Path> find(String name) {
        String path = Objects.requireNonNullElse(System.getenv("PATH"), "");
        return Stream.concat(Stream.of(path.split(File.pathSeparator)), Stream.of("/usr/sbin"))
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /**
     * Starts a program and waits until it listens.
     *
     * @param directory where it runs; what it says is written there
     * @param port that it will listen on
     * @param command that stays in the foreground
     * @return the program; close it
     * @throws IOException if it ends, or does not listen within a minute
     */
    public static ServerProgram start(Path directory, int port, List<String> command) throws IOException {
        Path log = Files.createTempFile(directory, "output", ".log");
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        ServerProgram program = new ServerProgram(process, port, log);
        try {
            program.awaitListening();
            return program;
        } catch (IOException e) {
            program.close();
            throw e;
        }
    }

    /**
     * Where it listens.
     *
     * @return such as {@code 127.0.0.1:8080}
     */
    public String address() {
        return "127.0.0.1:" + port;
    }

    /**
     * The processor time of the program and its workers so far.
     *
     * @return to a hundredth of a second
     */
    public Duration cpu() {
        return Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .map(handle -> handle.info().totalCpuDuration().orElse(Duration.ZERO))
                .reduce(Duration.ZERO, Duration::plus);
    }

    private void awaitListening() throws IOException {
        long deadline = System.nanoTime() + START_NANOS;
        while (!isListening()) {
            if (!process.isAlive() || System.nanoTime() - deadline > 0) {
                throw new IOException("nothing listens on port " + port + ": " + Files.readString(log));
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    private boolean isListening() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(LocalPage.loopback(), port), 1_000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() {
        List<ProcessHandle> all = Stream.concat(process.descendants(), Stream.of(process.toHandle()))
                .toList();
        all.forEach(ProcessHandle::destroyForcibly);
        all.forEach(handle -> handle.onExit().join());
    }
}
