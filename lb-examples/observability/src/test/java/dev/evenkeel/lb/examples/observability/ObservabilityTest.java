package dev.evenkeel.lb.examples.observability;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The program shows what it promises, and the scrape agrees with the calls that were made. */
class ObservabilityTest {
    private static final Pattern CALLS = Pattern.compile("calls +(\\d+), failed 0");
    private static final Pattern SUCCESSES = Pattern.compile(
            "evenkeel_attempts_seconds_count\\{backend=\"\\w+\",outcome=\"success\",pool=\"users\"} (\\d+)");

    @Test
    void scrape_hasEveryCall_andTheLastOneExplainsItself() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Observability.run(Duration.ofSeconds(1), new PrintStream(bytes, true, StandardCharsets.UTF_8));
        String output = bytes.toString(StandardCharsets.UTF_8);

        Matcher calls = CALLS.matcher(output);
        assertThat(calls.find()).as(output).isTrue();
        long successes = SUCCESSES
                .matcher(output)
                .results()
                .mapToLong(match -> Long.parseLong(match.group(1)))
                .sum();
        assertThat(successes).isEqualTo(Long.parseLong(calls.group(1)));
        assertThat(output)
                .contains("evenkeel_retry_budget{pool=\"users\",route=\"\"} ")
                .contains("evenkeel_retries_total{pool=\"users\"} ")
                .contains("pool \"users\" (leastConnections) chose ");
    }
}
