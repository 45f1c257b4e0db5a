package dev.evenkeel.lb.examples.playground;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.evenkeel.lb.core.strategy.Strategies;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
class PlaygroundTest {

    @BeforeAll
    static void bePatient() {
        org.awaitility.Awaitility.setDefaultTimeout(Duration.ofMinutes(2));
    }

    @Test
    void program_saysWhereThePageIs_andEnds() throws InterruptedException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        int code = Playground.run(stream(out), stream(out), "--seconds", "1", "--servers", "2", "--rate", "20");

        assertThat(code).as(out.toString(StandardCharsets.UTF_8)).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).matches("playground: http://127\\.0\\.0\\.1:\\d+/\n");
    }

    @Test
    void unknownStrategy_isTold() throws InterruptedException {
        ByteArrayOutputStream err = new ByteArrayOutputStream();

        assertThat(Playground.run(stream(err), stream(err), "--left", "roundRobbin"))
                .isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("unknown strategy \"roundRobbin\"");
    }

    @Test
    void everyStrategy_canBeChosenWhileTrafficFlows() throws IOException {
        try (Stage stage = Stage.start(3, 50, List.of("adaptive", "roundRobin"))) {
            for (String name : Strategies.names()) {
                stage.order(json("{\"side\":0,\"strategy\":\"" + name + "\"}"));
                await(name)
                        .until(() -> stage.last().stream()
                                .map(frame -> frame.sides().get(0))
                                .anyMatch(side -> side.strategy().equals(name) && side.calls() > 0));
            }
        }
    }

    @Test
    void errors_hanging_andWidth_areWhatTheCallersMeet() throws IOException {
        try (Stage stage = Stage.start(1, 20, List.of("roundRobin", "random"))) {
            stage.order(json("{\"server\":\"s1\",\"errorPercent\":100}"));
            await().until(() -> stage.last().stream()
                    .flatMap(frame -> frame.sides().stream())
                    .anyMatch(side -> side.failed() > 0));
            stage.order(json("{\"server\":\"s1\",\"errorPercent\":0,\"capacity\":2,\"millis\":30}"));
            stage.order(json("{\"server\":\"s1\",\"do\":\"hang\"}"));
            await().until(() -> stage.last().get(0).sides().stream()
                    .allMatch(side -> side.servers().get(0).inFlight() > 2));
            stage.order(json("{\"server\":\"s1\",\"do\":\"restart\"}"));
            await().until(() ->
                    stage.last().get(0).sides().stream().allMatch(side -> side.calls() > 0 && side.failed() == 0));

            assertThat(stage.last().get(0).servers()).containsExactly(new Stage.PairFigures("s1", 30, 0, 2, 1, "up"));
        }
    }

    @Test
    void orderThatMakesNoSense_isRefused() throws IOException {
        try (Stage stage = Stage.start(2, 1, List.of("adaptive", "roundRobin"))) {
            refused(stage, "{\"rate\":501}", "rate must be 1..500: 501");
            refused(stage, "{\"rate\":\"fast\"}", "rate must be a whole number: \"fast\"");
            refused(stage, "{\"side\":2,\"strategy\":\"random\"}", "side must be 0..1: 2");
            refused(stage, "{\"server\":\"s9\"}", "unknown server \"s9\"; expected one of [s1, s2]");
            refused(stage, "{\"server\":\"s1\",\"do\":\"explode\"}", "unknown command \"explode\"");
            refused(stage, "{\"server\":\"s1\",\"millis\":0}", "millis must be 1..2000: 0");
            refused(stage, "[]", "unknown server");
            stage.order(json("{\"server\":\"s1\",\"do\":\"kill\"}"));
            assertThatThrownBy(() -> stage.order(json("{\"server\":\"s1\",\"do\":\"hang\"}")))
                    .isInstanceOf(IOException.class)
                    .hasMessage("s1 is dead: restart it first");
        }
    }

    private static void refused(Stage stage, String order, String why) {
        assertThatThrownBy(() -> stage.order(json(order)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(why);
    }

    private static JsonNode json(String text) throws IOException {
        return new ObjectMapper().readTree(text);
    }

    private static PrintStream stream(ByteArrayOutputStream out) {
        return new PrintStream(out, true, StandardCharsets.UTF_8);
    }
}
