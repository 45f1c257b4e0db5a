package dev.evenkeel.lb.examples.failures;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.examples.common.Figure;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FaultFigureTest {

    static List<Figure> figures() {
        return FaultFigure.all();
    }

    /** After a change of a drawing: {@code -Dexec.args=draw}. */
    @ParameterizedTest
    @MethodSource("figures")
    void drawing_isThatOfTheNumbers(Figure figure) throws IOException {
        Path folder = Path.of("..", "benchmarks", "results");

        assertThat(folder.resolve(figure.name() + ".svg")).hasContent(figure.drawn(folder));
    }
}
