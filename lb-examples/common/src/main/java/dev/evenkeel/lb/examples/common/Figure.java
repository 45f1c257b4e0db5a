package dev.evenkeel.lb.examples.common;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/**
 * What a program measures, as two files in a folder: the numbers in {@code name.csv}, and in {@code name.svg} what is drawn from
 * them alone, so that it can be drawn again without measuring.
 *
 * @param name of the files
 * @param columns of the numbers
 * @param drawing makes the SVG
 */
public record Figure(String name, List<String> columns, Function<Table, String> drawing) {

    public Figure {
        columns = List.copyOf(columns);
    }

    /**
     * For new numbers.
     *
     * @return a table with the columns, without rows
     */
    public Table table() {
        return new Table(columns);
    }

    /**
     * Writes both files.
     *
     * @param folder made if it is not there
     * @param numbers with these columns
     * @throws IOException if they cannot be written
     */
    public void write(Path folder, Table numbers) throws IOException {
        Files.createDirectories(folder);
        numbers.write(folder.resolve(name + ".csv"));
        draw(folder);
    }

    /**
     * Draws once more what the numbers say that were written.
     *
     * @param folder with them
     * @throws IOException if a file cannot be read or written
     */
    public void draw(Path folder) throws IOException {
        Files.writeString(folder.resolve(name + ".svg"), drawn(folder));
    }

    /**
     * What {@link #draw} would write.
     *
     * @param folder with the numbers
     * @return an SVG
     * @throws IOException if they cannot be read
     * @throws IllegalStateException if the columns are others
     */
    public String drawn(Path folder) throws IOException {
        Path file = folder.resolve(name + ".csv");
        Table numbers = Table.read(file);
        if (!numbers.columns().equals(columns)) {
            throw new IllegalStateException(
                    "columns of " + file + " must be " + columns + ": " + numbers.columns() + "; measure again");
        }
        return drawing.apply(numbers);
    }
}
