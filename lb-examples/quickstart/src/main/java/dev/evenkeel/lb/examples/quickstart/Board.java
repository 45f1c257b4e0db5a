package dev.evenkeel.lb.examples.quickstart;

import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** Where the run is shown: events scroll by, and the table below them is redrawn, or scrolls by as well. */
final class Board {
    private final PrintStream out;
    private final boolean redraws;
    private final long startNanos = System.nanoTime();
    private List<String> shown = List.of();

    Board(PrintStream out, boolean redraws) {
        this.out = out;
        this.redraws = redraws;
    }

    Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - startNanos);
    }

    String clock() {
        return String.format(Locale.ROOT, "%6.2f s", elapsed().toMillis() / 1_000.0);
    }

    /** One line that stays. */
    synchronized void event(String text) {
        erase();
        out.println(clock() + "  * " + text);
        if (redraws) {
            shown.forEach(out::println);
        }
        out.flush();
    }

    /** The next state of the table. */
    synchronized void table(List<String> lines) {
        erase();
        shown = lines;
        lines.forEach(out::println);
        out.flush();
    }

    /** Lines below the last table. */
    synchronized void end(List<String> lines) {
        lines.forEach(out::println);
        out.flush();
    }

    private void erase() {
        if (redraws && !shown.isEmpty()) {
            // Up to the table's first line, and clear from there.
            out.print("\u001b[" + shown.size() + "A\u001b[J");
        }
    }
}
