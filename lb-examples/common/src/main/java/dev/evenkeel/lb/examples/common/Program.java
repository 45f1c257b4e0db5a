package dev.evenkeel.lb.examples.common;

import dev.evenkeel.lb.examples.common.CommandLine.UsageException;
import java.io.IOException;
import java.io.PrintStream;
import java.util.HashSet;
import java.util.Set;

/**
 * A program with a command line.
 *
 * @param name it is called
 * @param usage what {@code --help} prints
 * @param flags options that stand alone, beside {@code --help}
 * @param valued options with a value
 */
public record Program(String name, String usage, Set<String> flags, Set<String> valued) {
    /** The exit code of a program that could not begin. */
    public static final int COULD_NOT_BEGIN = 2;

    public Program {
        flags = Set.copyOf(flags);
        valued = Set.copyOf(valued);
    }

    /** What it does. */
    @FunctionalInterface
    public interface Body {
        /**
         * Does it.
         *
         * @param line the command line
         * @return the exit code
         * @throws UsageException if the command line makes no sense
         * @throws IOException if it could not begin
         * @throws InterruptedException if the thread is interrupted
         */
        int run(CommandLine line) throws UsageException, IOException, InterruptedException;
    }

    /**
     * Runs it.
     *
     * @param out for the usage
     * @param err for what keeps it from beginning
     * @param body what it does; an {@link IllegalArgumentException} keeps it from beginning, too
     * @param args the command line
     * @return the exit code
     * @throws InterruptedException if the thread is interrupted
     */
    public int run(PrintStream out, PrintStream err, Body body, String... args) throws InterruptedException {
        try {
            Set<String> all = new HashSet<>(flags);
            all.add("--help");
            CommandLine line = CommandLine.parse(all, valued, args);
            if (line.has("--help")) {
                out.print(usage);
                return 0;
            }
            return body.run(line);
        } catch (UsageException e) {
            err.println(name + ": " + e.getMessage() + "; --help says more");
        } catch (IllegalArgumentException e) {
            err.println(name + ": " + e.getMessage());
        } catch (IOException e) {
            err.println(name + ": " + e);
        }
        return COULD_NOT_BEGIN;
    }
}
