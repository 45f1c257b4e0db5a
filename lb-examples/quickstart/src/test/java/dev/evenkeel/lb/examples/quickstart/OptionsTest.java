package dev.evenkeel.lb.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.examples.quickstart.Options.Http;
import dev.evenkeel.lb.examples.quickstart.Options.UsageException;
import java.nio.file.Path;
import java.time.Duration;
import okhttp3.HttpUrl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OptionsTest {

    @Test
    void noOptions_meanTheDemoForTenSeconds() throws UsageException {
        assertThat(Options.parse())
                .isEqualTo(new Options(
                        false, null, null, 1_000, 16, Duration.ofSeconds(10), null, Http.NEGOTIATED, false));
    }

    @Test
    void allOptions_areRead() throws UsageException {
        assertThat(Options.parse(
                        "--config",
                        "p.json",
                        "--url",
                        "https://users/x",
                        "--requests",
                        "5",
                        "--concurrency",
                        "2",
                        "--ca",
                        "ca.pem",
                        "--http2",
                        "--plain"))
                .isEqualTo(new Options(
                        false,
                        Path.of("p.json"),
                        HttpUrl.get("https://users/x"),
                        5,
                        2,
                        Duration.ofSeconds(10),
                        Path.of("ca.pem"),
                        Http.TWO,
                        true));
    }

    @Test
    void help_isPrintedAndAllIsWell() throws InterruptedException {
        assertThat(Program.run("--help")).isEqualTo(new Program(0, Options.USAGE, ""));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    --request 1                                | unknown option "--request"
                    x                                          | unknown option "x"
                    --seconds                                  | --seconds needs a value
                    --seconds 1                                | --seconds must be 2..3600: "1"
                    --seconds ten                              | --seconds must be 2..3600: "ten"
                    --seconds 3 --seconds 3                    | option "--seconds" is given twice
                    --concurrency 0                            | --concurrency must be 1..1000: "0"
                    --url http://a/ --config c --requests 0    | --requests must be 1..1000000000: "0"
                    --url ftp://a/                             | --url must be an http or https URL: "ftp://a/"
                    --url http://a/                            | --config and --url go together
                    --config c                                 | --config and --url go together
                    --requests 5                               | --requests needs --config and --url
                    --http2                                    | --http2 needs --config and --url
                    --config c --url http://a/ --seconds 5     | --seconds is for the embedded servers; with --config say --requests
                    --config c --url http://a/ --http1 --http2 | --http1 and --http2 exclude each other
                    """)
    void arguments_thatMakeNoSense_areRefusedWithTheReason(String args, String message) throws InterruptedException {
        assertThat(Program.run(args.split(" ")))
                .isEqualTo(
                        new Program(2, "", "quickstart: " + message + "; --help says more" + System.lineSeparator()));
    }
}
