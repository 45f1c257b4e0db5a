package dev.evenkeel.lb.examples.common;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FigureTest {
    private static final Figure FIGURE = new Figure(
            "figure",
            List.of("way", "p99 ms"),
            numbers -> numbers.rows().stream()
                    .map(row -> row.text("way") + "=" + row.number("p99 ms") + ";")
                    .reduce("", String::concat));

    @TempDir
    Path folder;

    @Test
    void table_writtenAndRead_isTheSame() throws IOException {
        Table table = FIGURE.table()
                .add("NGINX, \"least_conn\"", Table.rounded(1, 112.58))
                .add("direct", null);

        table.write(folder.resolve("figure.csv"));

        assertThat(folder.resolve("figure.csv")).hasContent("""
                way,p99 ms
                "NGINX, ""least_conn""\",112.6
                direct,
                """);
        Table read = Table.read(folder.resolve("figure.csv"));
        assertThat(read.texts("way")).containsExactly("NGINX, \"least_conn\"", "direct");
        assertThat(read.rows("way", "direct").get(0).number("p99 ms")).isNaN();
        assertThat(read.rows().get(0).number("p99 ms")).isEqualTo(112.6);
    }

    @Test
    void figure_written_isDrawnFromItsNumbers() throws IOException {
        FIGURE.write(folder.resolve("results"), FIGURE.table().add("direct", 3));

        assertThat(folder.resolve("results/figure.svg")).hasContent("direct=3.0;");
        assertThat(FIGURE.drawn(folder.resolve("results"))).isEqualTo("direct=3.0;");
    }

    @Test
    void figure_ofOtherColumns_isNotDrawn() throws IOException {
        Files.writeString(folder.resolve("figure.csv"), "way,p90 ms\n");

        assertThatThrownBy(() -> FIGURE.draw(folder))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("must be [way, p99 ms]: [way, p90 ms]; measure again");
    }

    @Test
    void column_unknown_isRefusedWithTheKnownOnes() {
        Table table = FIGURE.table().add("direct", 3);

        assertThatThrownBy(() -> table.rows().get(0).text("p50 ms"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("unknown column \"p50 ms\"; expected one of [way, p99 ms]");
        assertThatThrownBy(() -> table.add("direct"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a row must have 2 cells: [direct]");
    }
}
