package dev.evenkeel.lb.examples.prototype;

import dev.evenkeel.lb.examples.common.CommandLine;
import dev.evenkeel.lb.examples.common.CommandLine.UsageException;
import dev.evenkeel.lb.examples.common.LocalPage;
import dev.evenkeel.lb.examples.common.Program;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** The program. {@code --help} says what it does. */
public final class Prototype {
    private static final String USAGE = """
            usage: prototype [--config FILE] [--port P] [--seconds N | --once]
              Starts a server for each backend of the configuration, sends the requests of script.txt (beside it) through
              one client, prints where each went, and goes on with them while a page shows it.
              --config FILE  default lb-examples/prototype/prototype.json
              --port P       of the page, 0..65535; default 0: any
              --seconds N    ends after so long, 1..86400; default: when it is stopped
              --once         sends each request once, and shows no page
              --help         this text
            Exits with 0 if each request went where the script says, 1 if any did not, 2 if it could not begin.
            """;

    private static final Program PROGRAM =
            new Program("prototype", USAGE, Set.of("--once"), Set.of("--config", "--port", "--seconds"));
    private static final Duration PAUSE = Duration.ofMillis(100);

    private Prototype() {}

    /**
     * Runs the program.
     *
     * @param args as {@code --help} describes
     * @throws InterruptedException if the thread is interrupted
     */
    public static void main(String[] args) throws InterruptedException {
        int code = run(System.out, System.err, args);
        if (code != 0) {
            System.exit(code);
        }
    }

    static int run(PrintStream out, PrintStream err, String... args) throws InterruptedException {
        return PROGRAM.run(out, err, line -> run(out, line), args);
    }

    private static int run(PrintStream out, CommandLine line) throws UsageException, IOException, InterruptedException {
        Path config = Path.of(line.text("--config", "lb-examples/prototype/prototype.json"));
        Duration length = Duration.ofSeconds(line.number("--seconds", 1, 86_400, Integer.MAX_VALUE));
        int port = line.number("--port", 0, 65_535, 0);
        List<Step> steps = Step.read(config.resolveSibling("script.txt"));
        try (Fleet fleet = Fleet.start(config);
                Shop shop = Shop.open(config)) {
            Journal journal = new Journal(shop);
            out.println(fleet.size() + " servers, " + steps.size() + " requests");
            sendOnce(shop, steps, journal, out);
            if (!line.has("--once")) {
                show(shop, steps, journal, port, length, out);
            }
            return journal.unexpected() == 0 ? 0 : 1;
        }
    }

    private static void sendOnce(Shop shop, List<Step> steps, Journal journal, PrintStream out) {
        out.println(Journal.head());
        for (Step step : steps) {
            Visit visit = Visit.of(shop.client(), step);
            journal.add(visit);
            out.println(Journal.line(visit));
        }
        out.println();
        journal.summary().forEach(out::println);
    }

    private static void show(Shop shop, List<Step> steps, Journal journal, int port, Duration length, PrintStream out)
            throws IOException, InterruptedException {
        long end = System.nanoTime() + length.toNanos();
        try (LocalPage page = LocalPage.start(port)) {
            page.file("/", Prototype.class, "page.html")
                    .file("/page.js", Prototype.class, "page.js")
                    .file("/page.css", Prototype.class, "page.css")
                    .figures("/figures", journal::figures);
            out.println("page: " + page.url() + (length.toSeconds() > 86_400 ? "  (Ctrl-C ends it)" : ""));
            for (int i = 0; System.nanoTime() - end < 0; i = (i + 1) % steps.size()) {
                journal.add(Visit.of(shop.client(), steps.get(i)));
                TimeUnit.NANOSECONDS.sleep(Math.min(PAUSE.toNanos(), Math.max(0, end - System.nanoTime())));
            }
        }
        journal.summary().forEach(out::println);
    }
}
