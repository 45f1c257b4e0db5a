package dev.evenkeel.lb.examples.tail;

import dev.evenkeel.lb.examples.common.Figure;
import java.io.IOException;
import java.nio.file.Path;

/** Draws every SVG that is checked in from its CSV, without measuring; from the root of the repository. */
public final class Draw {

    private Draw() {}

    /**
     * Draws.
     *
     * @param args a folder, if it is not {@code lb-examples/benchmarks/results}
     * @throws IOException if a file cannot be read or written
     */
    public static void main(String[] args) throws IOException {
        Path folder = args.length > 0 ? Path.of(args[0]) : Path.of("lb-examples", "benchmarks", "results");
        for (Figure figure : Figures.all()) {
            figure.draw(folder);
        }
    }
}
