package dev.evenkeel.lb.examples.tail;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/**
 * A client process that stands still for 100 ms every 5 s ({@code SIGSTOP}, {@code SIGCONT}), as in a garbage collection or for
 * want of a processor, over real servers: four of 10 ms and one of 100 ms. Counts the calls that the slow one gets after a pause.
 *
 * <p>Arguments: {@code --seconds N} (default 60) and {@code --rate N}, the calls a second (default 150). Needs {@code sh}.
 */
public final class ClientPauses {
    static final Duration WARM_UP = Duration.ofSeconds(5);

    private static final Duration PAUSE = Duration.ofMillis(100);
    private static final Duration INTERVAL = Duration.ofSeconds(5);
    /** After a pause, in which calls count. */
    private static final Duration AFTER = Duration.ofMillis(300);

    private static final int WORKERS = 4;
    private static final int FAST_SERVERS = 4;
    private static final Duration FAST = Duration.ofMillis(10);
    private static final Duration SLOW = Duration.ofMillis(100);
    private static final long SEED = 42;

    private ClientPauses() {}

    /**
     * What it came to.
     *
     * @param calls that were answered
     * @param failed calls
     * @param afterPauses calls that began within 300 ms after a pause
     * @param slowAfterPauses of these, those that the slow server got
     * @param slow all calls that the slow server got
     * @param p999 of all after the warm-up, from when a call was due
     */
    record Result(long calls, long failed, long afterPauses, long slowAfterPauses, long slow, Duration p999) {
        /** The slow server's part of all calls but those after pauses: 0 to 1. */
        double slowOtherwise() {
            return (slow - slowAfterPauses) / (double) Math.max(1, calls - afterPauses);
        }
    }

    /**
     * Runs.
     *
     * @param args see the class
     * @throws Exception if a server or the client cannot be started
     */
    public static void main(String[] args) throws Exception {
        Arguments arguments = Arguments.of(Set.of("--seconds", "--rate"), args);
        Result result = run(arguments.number("--rate", 150), arguments.number("--seconds", 60));
        System.out.printf(
                Locale.ROOT,
                "%,d calls, %d failed, %d to the slow server; of %d within %d ms after a pause %d (%.1f %%); p99.9 %d ms%n",
                result.calls(),
                result.failed(),
                result.slow(),
                result.afterPauses(),
                AFTER.toMillis(),
                result.slowAfterPauses(),
                100.0 * result.slowAfterPauses() / result.afterPauses(),
                result.p999().toMillis());
    }

    static Result run(int perSecond, int seconds) throws Exception {
        List<WorkServer> servers = new ArrayList<>();
        Process client = null;
        try {
            servers.add(new WorkServer(WORKERS, SLOW, 200, SEED));
            for (int i = 1; i <= FAST_SERVERS; i++) {
                servers.add(new WorkServer(WORKERS, FAST, 200, SEED + i));
            }
            client = start(perSecond, seconds, servers);
            try (BufferedReader output = client.inputReader()) {
                await(output);
                List<Long> pauseEnds = pause(client, Duration.ofSeconds(seconds).minus(INTERVAL));
                return read(output, pauseEnds, servers.get(0).uri());
            }
        } finally {
            if (client != null) {
                client.destroyForcibly().waitFor();
            }
            servers.forEach(WorkServer::close);
        }
    }

    private static Process start(int perSecond, int seconds, List<WorkServer> servers) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                classPath(),
                PausedClient.class.getName(),
                String.valueOf(perSecond),
                String.valueOf(seconds)));
        servers.forEach(server -> command.add(server.uri()));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** Of this program, also when Maven runs it in its own process. */
    private static String classPath() {
        return ClientPauses.class.getClassLoader() instanceof URLClassLoader loader
                ? Arrays.stream(loader.getURLs())
                        .map(url -> Path.of(URI.create(url.toString())).toString())
                        .collect(Collectors.joining(File.pathSeparator))
                : System.getProperty("java.class.path");
    }

    private static void await(BufferedReader output) throws IOException {
        String line;
        do {
            line = output.readLine();
            if (line == null) {
                throw new IOException("the client ended before it began");
            }
        } while (!line.equals(PausedClient.READY));
    }

    /**
     * Stops and continues the client at intervals, by one shell: a program that had to start for each signal would make the
     * pauses longer. Returns when each pause was over.
     */
    private static List<Long> pause(Process client, Duration duration) throws Exception {
        List<Long> ends = new ArrayList<>();
        Process shell = new ProcessBuilder("sh", "-e")
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedWriter commands = shell.outputWriter()) {
            long beganNanos = System.nanoTime();
            for (Duration at = INTERVAL; at.compareTo(duration) <= 0; at = at.plus(INTERVAL)) {
                awaitNanos(beganNanos + at.toNanos());
                signal(commands, "STOP", client);
                // The client begins no call before it goes on, which is a little later.
                long endNanos = System.nanoTime() + PAUSE.toNanos();
                ends.add(endNanos);
                awaitNanos(endNanos);
                signal(commands, "CONT", client);
            }
        }
        if (shell.waitFor() != 0) {
            throw new IOException("the client could not be stopped and continued");
        }
        return ends;
    }

    private static void signal(BufferedWriter commands, String name, Process process) throws IOException {
        commands.write("kill -" + name + " " + process.pid() + "\n");
        commands.flush();
    }

    private static void awaitNanos(long timeNanos) {
        for (long left = timeNanos - System.nanoTime(); left > 0; left = timeNanos - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private static Result read(BufferedReader output, List<Long> pauseEnds, String slowUri) throws IOException {
        String[] totals = output.readLine().split(" ", -1);
        List<PausedClient.Call> calls =
                output.lines().map(PausedClient.Call::parse).toList();
        List<PausedClient.Call> after = calls.stream()
                .filter(call -> pauseEnds.stream().anyMatch(end -> isAfter(call.beganNanos(), end)))
                .toList();
        return new Result(
                calls.size(),
                Long.parseLong(totals[0]),
                after.size(),
                count(after, slowUri),
                count(calls, slowUri),
                Duration.ofNanos(TimeUnit.MICROSECONDS.toNanos(Long.parseLong(totals[1]))));
    }

    private static boolean isAfter(long beganNanos, long pauseEndNanos) {
        return beganNanos - pauseEndNanos >= 0 && beganNanos - pauseEndNanos <= AFTER.toNanos();
    }

    private static long count(List<PausedClient.Call> calls, String uri) {
        return calls.stream().filter(call -> call.backend().equals(uri)).count();
    }
}
