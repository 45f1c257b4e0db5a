package dev.evenkeel.lb.examples.spring;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The program shows what it promises, and no call fails. */
class SpringBootExampleTest {
    @Test
    @Timeout(120)
    void program_losesNoCall_whileAServerDiesAndAnotherIsDrained() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        SpringBootExample.run(new PrintStream(bytes, true, StandardCharsets.UTF_8), false);

        assertThat(bytes.toString(StandardCharsets.UTF_8))
                .contains("three servers    {a=20, b=20, c=20}")
                .containsPattern("b is drained +\\{c=60}")
                .contains("\"state\":\"degraded\"", "\"takenOut\":1", "evenkeel.attempts")
                .contains("calls            180, failed 0");
    }
}
