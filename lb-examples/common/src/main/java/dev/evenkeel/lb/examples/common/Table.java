package dev.evenkeel.lb.examples.common;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Figures as CSV (RFC 4180, without line breaks in fields): columns with names, which say the unit, and rows. */
public final class Table {
    private final List<String> columns;
    private final List<Row> rows = new ArrayList<>();

    /** Cells, by the names of their columns. */
    public final class Row {
        private final List<String> cells;

        private Row(List<String> cells) {
            if (cells.size() != columns.size()) {
                throw new IllegalArgumentException("a row must have " + columns.size() + " cells: " + cells);
            }
            this.cells = List.copyOf(cells);
        }

        /**
         * A cell.
         *
         * @param column its name
         * @return its text
         */
        public String text(String column) {
            int index = columns.indexOf(column);
            if (index < 0) {
                throw new IllegalArgumentException("unknown column \"" + column + "\"; expected one of " + columns);
            }
            return cells.get(index);
        }

        /**
         * A cell that is a number.
         *
         * @param column its name
         * @return the number; NaN if the cell is empty
         */
        public double number(String column) {
            String text = text(column);
            return text.isEmpty() ? Double.NaN : Double.parseDouble(text);
        }
    }

    /**
     * A table without rows.
     *
     * @param columns their names
     */
    public Table(List<String> columns) {
        this.columns = List.copyOf(columns);
    }

    /**
     * Adds a row.
     *
     * @param cells as many as columns; null for an empty one, numbers as they are printed ({@link #rounded} rounds)
     * @return this
     */
    public Table add(@Nullable Object... cells) {
        List<String> texts = new ArrayList<>();
        for (Object cell : cells) {
            texts.add(cell == null ? "" : cell.toString());
        }
        rows.add(new Row(texts));
        return this;
    }

    /**
     * A number for a cell.
     *
     * @param digits after the point
     * @param value the number
     * @return its text, the same in every country
     */
    public static String rounded(int digits, double value) {
        return String.format(Locale.ROOT, "%." + digits + "f", value);
    }

    /**
     * The rows so far.
     *
     * @return in the order in which they were added
     */
    public List<Row> rows() {
        return Collections.unmodifiableList(rows);
    }

    /**
     * The rows with one text in one column.
     *
     * @param column its name
     * @param text of the cell
     * @return in the order in which they were added
     */
    public List<Row> rows(String column, String text) {
        return rows.stream().filter(row -> row.text(column).equals(text)).toList();
    }

    /**
     * The texts of a column.
     *
     * @param column its name
     * @return each once
     */
    public List<String> texts(String column) {
        return rows.stream().map(row -> row.text(column)).distinct().toList();
    }

    /**
     * The names of the columns.
     *
     * @return from left to right
     */
    public List<String> columns() {
        return columns;
    }

    /**
     * Writes a CSV file.
     *
     * @param file which
     * @throws IOException if it cannot be written
     */
    public void write(Path file) throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add(line(columns));
        rows.forEach(row -> lines.add(line(row.cells)));
        Files.write(file, lines);
    }

    /**
     * Reads what {@link #write} has written.
     *
     * @param file which
     * @return its columns and rows
     * @throws IOException if it cannot be read
     */
    public static Table read(Path file) throws IOException {
        List<String> lines = Files.readAllLines(file);
        Table table = new Table(fields(lines.get(0)));
        lines.subList(1, lines.size()).forEach(line -> table.rows.add(table.new Row(fields(line))));
        return table;
    }

    private static String line(List<String> fields) {
        return fields.stream().map(Table::quoted).collect(Collectors.joining(","));
    }

    private static String quoted(String field) {
        return field.contains(",") || field.contains("\"") ? '"' + field.replace("\"", "\"\"") + '"' : field;
    }

    private static List<String> fields(String line) {
        List<String> fields = new ArrayList<>();
        StringBuilder field = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c == '"' && quoted && i + 1 < line.length() && line.charAt(i + 1) == '"') {
                field.append('"');
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == ',' && !quoted) {
                fields.add(field.toString());
                field.setLength(0);
            } else {
                field.append(c);
            }
        }
        fields.add(field.toString());
        return fields;
    }
}
