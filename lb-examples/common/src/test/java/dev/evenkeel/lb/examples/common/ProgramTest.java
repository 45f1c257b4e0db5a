package dev.evenkeel.lb.examples.common;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ProgramTest {
    private static final Program PROGRAM = new Program("it", "usage: it\n", Set.of("--once"), Set.of("--port"));

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void commandLine_isWhatTheBodyGets() throws InterruptedException {
        assertThat(run(line -> line.number("--port", 0, 9, 5) + (line.has("--once") ? 10 : 0), "--once", "--port", "7"))
                .isEqualTo(17);
        assertThat(run(line -> line.number("--port", 0, 9, 5))).isEqualTo(5);
    }

    @Test
    void help_isPrinted() throws InterruptedException {
        assertThat(run(line -> 1, "--help")).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("usage: it\n");
    }

    @Test
    void commandLineThatMakesNoSense_isTold() throws InterruptedException {
        faulty("unknown option \"--twice\"; --help says more", "--twice");
        faulty("option \"--once\" is given twice; --help says more", "--once", "--once");
        faulty("--port needs a value; --help says more", "--port");
        faulty("--port must be 0..9: \"10\"; --help says more", "--port", "10");
        faulty("--port must be 0..9: \"x\"; --help says more", "--port", "x");
    }

    @Test
    void bodyThatCannotBegin_isTold() throws InterruptedException {
        assertThat(run(line -> {
                    throw new IOException("port 1 is taken");
                }))
                .isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo("it: java.io.IOException: port 1 is taken\n");
    }

    private void faulty(String told, String... args) throws InterruptedException {
        err.reset();
        assertThat(run(line -> line.number("--port", 0, 9, 5), args)).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8)).isEqualTo("it: " + told + "\n");
    }

    private int run(Program.Body body, String... args) throws InterruptedException {
        return PROGRAM.run(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                body,
                args);
    }
}
