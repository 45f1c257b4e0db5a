package dev.evenkeel.lb.examples.tail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.examples.common.Figure;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FiguresTest {

    static List<Figure> figures() {
        return Figures.all();
    }

    /** After a change of a drawing: {@link Draw}. */
    @ParameterizedTest
    @MethodSource("figures")
    void drawing_isThatOfTheNumbers(Figure figure) throws IOException {
        Path folder = Path.of("..", "benchmarks", "results");

        assertThat(folder.resolve(figure.name() + ".svg")).hasContent(figure.drawn(folder));
    }

    @Test
    void arguments_haveNumbersWordsAndAFolder() {
        Arguments arguments = Arguments.of(Set.of("--seconds"), "adaptive", "--seconds", "6", "--out", "there");

        assertThat(arguments.number("--seconds", 50)).isEqualTo(6);
        assertThat(arguments.words("roundRobin")).containsExactly("adaptive");
        assertThat(arguments.out()).isEqualTo(Path.of("there"));
        assertThatThrownBy(() -> Arguments.of(Set.of("--seconds"), "--rounds", "6"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("unknown option --rounds; expected one of --out, [--seconds]");
    }
}
