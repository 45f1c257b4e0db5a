package dev.evenkeel.lb.examples.quickstart;

import dev.evenkeel.lb.core.config.ConfigException;
import dev.evenkeel.lb.examples.quickstart.Options.UsageException;
import java.io.Console;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import okhttp3.HttpUrl;

/** The program. {@link Options#USAGE} says what it does. */
public final class Quickstart {
    private static final int COULD_NOT_BEGIN = 2;

    private Quickstart() {}

    /**
     * Runs the program.
     *
     * @param args as {@code --help} describes
     * @throws InterruptedException if the thread is interrupted
     */
    public static void main(String[] args) throws InterruptedException {
        int code = run(System.out, System.err, isTerminal(), args);
        if (code != 0) {
            System.exit(code);
        }
    }

    static int run(PrintStream out, PrintStream err, boolean terminal, String... args) throws InterruptedException {
        try {
            Options options = Options.parse(args);
            if (options.help()) {
                out.print(Options.USAGE);
                return 0;
            }
            Board board = new Board(out, terminal && !options.plain());
            Path config = options.config();
            HttpUrl url = options.url();
            return config == null || url == null
                    ? Demo.run(options, board)
                    : ExistingServers.run(options, config, url, board);
        } catch (UsageException e) {
            err.println("quickstart: " + e.getMessage() + "; --help says more");
        } catch (ConfigException e) {
            err.println("quickstart: " + e.getMessage());
        } catch (IOException e) {
            err.println("quickstart: " + e);
        }
        return COULD_NOT_BEGIN;
    }

    @SuppressWarnings("SystemConsoleNull") // it is null up to Java 21, and the method below is there from Java 22 on
    private static boolean isTerminal() {
        String term = System.getenv("TERM");
        Console console = System.console();
        if (console == null || term == null || term.equals("dumb")) {
            return false;
        }
        try {
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (NoSuchMethodException e) {
            return true;
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }
}
