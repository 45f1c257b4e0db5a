package dev.evenkeel.lb.benchmarks;

import com.sun.net.httpserver.HttpServer;
import dev.evenkeel.lb.examples.common.Table;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * How long a process waits for its first answer, from the first line that names a client to the end of the body: plain OkHttp, and a
 * client with a pool attached. Each time in a fresh JVM, by turns.
 */
final class FirstCall {
    static final List<String> COLUMNS = List.of("client", "round", "millis", "classes");

    static final String PLAIN = "okhttp";
    static final String ATTACHED = "evenkeel";

    private static final byte[] ANSWER = "ok".getBytes(StandardCharsets.UTF_8);

    private FirstCall() {}

    static Table run(int rounds, PrintStream out) {
        Table table = Figures.FIRST_CALL.table();
        try {
            HttpServer server = server();
            try {
                for (int round = 1; round <= rounds; round++) {
                    for (String client : new String[] {PLAIN, ATTACHED}) {
                        String[] seen = freshJvm(client, server.getAddress().getPort());
                        table.add(client, round, Double.parseDouble(seen[0]), Integer.parseInt(seen[1]));
                    }
                }
            } finally {
                server.stop(0);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        print(table, out);
        return table;
    }

    private static void print(Table table, PrintStream out) {
        double plain = median(table, PLAIN, "millis");
        out.println("| client | ms to the first answer, median (least–largest) | × | classes |\n|---|---:|---:|---:|");
        for (String client : table.texts("client")) {
            out.printf(
                    Locale.ROOT,
                    "| %s | %.0f (%.0f–%.0f) | %.2f | %,.0f |%n",
                    client,
                    median(table, client, "millis"),
                    sorted(table, client, "millis")[0],
                    sorted(table, client, "millis")[table.rows("client", client).size() - 1],
                    median(table, client, "millis") / plain,
                    median(table, client, "classes"));
        }
    }

    static double median(Table table, String client, String column) {
        return median(sorted(table, client, column));
    }

    static double median(double[] sorted) {
        return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
    }

    static double[] sorted(Table table, String client, String column) {
        return table.rows("client", client).stream()
                .mapToDouble(row -> row.number(column))
                .sorted()
                .toArray();
    }

    private static HttpServer server() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, ANSWER.length);
            exchange.getResponseBody().write(ANSWER);
            exchange.close();
        });
        server.start();
        return server;
    }

    /** What {@link FirstCallProcess} prints. */
    private static String[] freshJvm(String client, int port) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        FirstCallProcess.class.getName(),
                        client,
                        "http://127.0.0.1:" + port)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String seen = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("the first call of " + client + " failed: " + seen);
        }
        return seen.trim().split(" ", -1);
    }
}
