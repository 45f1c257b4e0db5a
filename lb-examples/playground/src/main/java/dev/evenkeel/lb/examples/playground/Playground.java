package dev.evenkeel.lb.examples.playground;

import dev.evenkeel.lb.examples.common.CommandLine;
import dev.evenkeel.lb.examples.common.CommandLine.UsageException;
import dev.evenkeel.lb.examples.common.LocalPage;
import dev.evenkeel.lb.examples.common.Program;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** The program. {@code --help} says what it does. */
public final class Playground {
    private static final String USAGE = """
            usage: playground [--servers N] [--rate R] [--left STRATEGY] [--right STRATEGY] [--port P] [--seconds N]
              Opens a page on which two strategies can be watched side by side while servers become slow, fail, hang and die.
              --servers N       in each of the two fleets, 1..10; default 5, the last of them slow
              --rate R          calls per second on each side, 1..500; default 100
              --left STRATEGY   default adaptive
              --right STRATEGY  default roundRobin
              --port P          of the page, 0..65535; default 0: any
              --seconds N       ends after so long, 1..86400; default: when it is stopped
              --help            this text
            Exits with 2 if it could not begin.
            """;

    private static final Program PROGRAM = new Program(
            "playground", USAGE, Set.of(), Set.of("--servers", "--rate", "--left", "--right", "--port", "--seconds"));

    private Playground() {}

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
        int servers = line.number("--servers", 1, 10, 5);
        int rate = line.number("--rate", 1, 500, 100);
        int port = line.number("--port", 0, 65_535, 0);
        int seconds = line.number("--seconds", 1, 86_400, Integer.MAX_VALUE);
        List<String> strategies = List.of(line.text("--left", "adaptive"), line.text("--right", "roundRobin"));
        try (Stage stage = Stage.start(servers, rate, strategies);
                LocalPage page = open(stage, port)) {
            out.println("playground: " + page.url() + (line.has("--seconds") ? "" : "  (Ctrl-C ends it)"));
            TimeUnit.SECONDS.sleep(seconds);
        }
        return 0;
    }

    static LocalPage open(Stage stage, int port) throws IOException {
        return LocalPage.start(port)
                .file("/", Playground.class, "page.html")
                .file("/page.css", Playground.class, "page.css")
                .file("/page.js", Playground.class, "page.js")
                .file("/charts.js", Playground.class, "charts.js")
                .figures("/history", stage::history)
                .figures("/last", stage::last)
                .action("/order", stage::order);
    }
}
