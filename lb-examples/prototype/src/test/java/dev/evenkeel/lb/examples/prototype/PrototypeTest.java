package dev.evenkeel.lb.examples.prototype;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class PrototypeTest {
    @TempDir
    private Path directory;

    private Places places;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @BeforeEach
    void copyFiles() throws IOException {
        places = Places.copyTo(directory);
    }

    @Test
    void script_sentOnce_goesWhereItSays() throws Exception {
        int code = run("--once", "--config", places.config().toString());

        assertThat(code).as(out + "\n" + err).isZero();
        List<Step> steps = Step.read(places.script());
        assertThat(steps).hasSizeGreaterThan(40);
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("GET      http://shop.example/api/users/42 ")
                .contains("requests " + steps.size() + ", of no pool 4, elsewhere than expected 0")
                .containsPattern("api +api-1 [78]  api-2 [78]  api-3 [78]");
    }

    @Test
    void page_isServedUntilTheEnd() throws Exception {
        int code = run("--seconds", "1", "--config", places.config().toString());

        assertThat(code).as(out + "\n" + err).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).containsPattern("page: http://127\\.0\\.0\\.1:\\d+/");
    }

    @Test
    void portThatIsTaken_isTold() throws Exception {
        try (ServerSocket taken = new ServerSocket(places.port("images-1"))) {
            int code = run("--once", "--config", places.config().toString());

            assertThat(code).isEqualTo(2);
            assertThat(err.toString(StandardCharsets.UTF_8))
                    .contains("port " + taken.getLocalPort() + " of images-1 is taken");
        }
    }

    @Test
    void unknownOption_isTold() throws Exception {
        assertThat(run("--twice")).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .isEqualTo("prototype: unknown option \"--twice\"; --help says more\n");
    }

    private int run(String... args) throws InterruptedException {
        return Prototype.run(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                args);
    }
}
