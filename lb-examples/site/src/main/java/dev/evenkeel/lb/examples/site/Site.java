package dev.evenkeel.lb.examples.site;

import dev.evenkeel.lb.examples.common.CommandLine;
import dev.evenkeel.lb.examples.common.CommandLine.UsageException;
import dev.evenkeel.lb.examples.common.Program;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** The program. {@code --help} says what it does. */
public final class Site {
    private static final String USAGE = """
            usage: site [--root DIRECTORY] [--out DIRECTORY] [--without-api]
              Writes the manual, the other pages of the repository and the Javadoc as static HTML.
              --root DIRECTORY  the repository; default ../.., which is right in lb-examples/site
              --out DIRECTORY   where the site is written to; default target/site
              --without-api     leaves the Javadoc out, which takes most of the time
              --help            this text
            Exits with 1 if javadoc finds a fault, with 2 if it could not begin.
            """;

    private static final Program PROGRAM =
            new Program("site", USAGE, Set.of("--without-api"), Set.of("--root", "--out"));

    private Site() {}

    /**
     * Runs the program.
     *
     * @param args as {@code --help} describes
     * @throws InterruptedException if the thread is interrupted
     */
    public static void main(String[] args) throws InterruptedException {
        System.exit(run(System.out, System.err, args));
    }

    static int run(PrintStream out, PrintStream err, String... args) throws InterruptedException {
        return PROGRAM.run(out, err, line -> run(out, err, line), args);
    }

    private static int run(PrintStream out, PrintStream err, CommandLine line) throws UsageException, IOException {
        Path root = Path.of(line.text("--root", "../..")).toAbsolutePath().normalize();
        Path target =
                Path.of(line.text("--out", "target/site")).toAbsolutePath().normalize();
        List<Section> sections = Outline.of(root);
        new Pages(root, sections).writeTo(target);
        if (!line.has("--without-api")
                && !new ApiDocs(root, System.getProperty("java.class.path")).writeTo(target.resolve("api"), err)) {
            return 1;
        }
        out.println(target.resolve("index.html").toUri());
        return 0;
    }
}
