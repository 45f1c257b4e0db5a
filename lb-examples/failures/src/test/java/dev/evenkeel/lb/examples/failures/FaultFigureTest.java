package dev.evenkeel.lb.examples.failures;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class FaultFigureTest {

    /** After a change of the drawing: {@code -Dexec.args=draw}. */
    @Test
    void drawing_isThatOfTheNumbers() throws IOException {
        Path folder = Path.of("..", "benchmarks", "results");

        assertThat(folder.resolve("faults.svg")).hasContent(FaultFigure.FAULTS.drawn(folder));
    }
}
