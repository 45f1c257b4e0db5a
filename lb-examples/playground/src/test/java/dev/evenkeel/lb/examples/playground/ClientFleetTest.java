package dev.evenkeel.lb.examples.playground;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Several clients, their pauses, slow start, weights, and the set-up that has all of it. */
@Tag("long")
@Timeout(180)
class ClientFleetTest {
    private static final List<String> STRATEGIES = List.of("roundRobin", "random");

    @BeforeAll
    static void bePatient() {
        org.awaitility.Awaitility.setDefaultTimeout(Duration.ofMinutes(2));
    }

    @Test
    void clients_shareTheCalls_andCanBeMoreOrFewer() throws IOException {
        try (Stage stage = Stage.start(2, 60, STRATEGIES)) {
            stage.order(json("{\"clients\":12}"));
            awaitCalls(stage);
            assertThat(stage.last().get(0).clients()).isEqualTo(12);
            stage.order(json("{\"server\":\"s1\",\"do\":\"kill\"}"));
            await().until(() -> stage.last().get(0).sides().stream()
                    .noneMatch(side -> side.servers().get(0).eligible()));
            stage.order(json("{\"server\":\"s1\",\"do\":\"restart\"}"));
            stage.order(json("{\"clients\":1}"));
            awaitCalls(stage);
            assertThat(stage.last().get(0).clients()).isEqualTo(1);
        }
    }

    private static void awaitCalls(Stage stage) {
        long now = stage.last().isEmpty() ? 0 : stage.last().get(0).number();
        await().until(() -> stage.last().stream()
                .anyMatch(frame -> frame.number() > now + 1
                        && frame.sides().stream().allMatch(side -> side.calls() > 0 && side.failed() == 0)));
    }

    @Test
    void pausedClient_answersNothing_untilThePauseEnds() throws IOException {
        ClientPauses pauses = new ClientPauses();
        long before = System.nanoTime();
        pauses.await();
        pauses.pause();
        pauses.await();
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThanOrEqualTo(ClientPauses.LENGTH);

        try (Stage stage = Stage.start(2, 60, STRATEGIES)) {
            stage.order(json("{\"server\":\"s2\",\"millis\":10}"));
            awaitCalls(stage);
            stage.order(json("{\"pause\":\"once\"}"));
            await().until(() ->
                    stage.last().get(0).sides().stream().allMatch(side -> side.p99() != null && side.p99() >= 60));
            stage.order(json("{\"pauses\":true}"));
            assertThat(stage.setup().pauses()).isTrue();
            stage.order(json("{\"pauses\":false}"));
            assertThat(stage.setup().pauses()).isFalse();
        }
    }

    @Test
    void weight_decidesTheShare() throws IOException {
        try (Stage stage = Stage.start(2, 100, List.of("weightedRoundRobin", "random"))) {
            stage.order(json("{\"server\":\"s2\",\"millis\":10}"));
            stage.order(json("{\"server\":\"s1\",\"weight\":9}"));
            awaitShares(stage, 0.82, 0.98);
            assertThat(stage.last().get(0).servers().get(0).weight()).isEqualTo(9);
        }
    }

    @Test
    void slowStart_holdsAServerBackThatReturns() throws IOException {
        try (Stage stage = Stage.start(2, 100, STRATEGIES)) {
            stage.order(json("{\"server\":\"s2\",\"millis\":10}"));
            stage.order(json("{\"slowStart\":60}"));
            stage.order(json("{\"server\":\"s1\",\"do\":\"kill\"}"));
            awaitShares(stage, 0, 0.001);
            stage.order(json("{\"server\":\"s1\",\"do\":\"restart\"}"));
            awaitShares(stage, 0.002, 0.3);
            long number = stage.last().get(0).number();
            // The shares of a frame are those of the last four ticks.
            await().until(() -> stage.last().get(0).number() >= number + 5);
            assertThat(stage.last().get(0).sides())
                    .allSatisfy(
                            side -> assertThat(side.servers().get(0).share()).isBetween(0.001, 0.3));
        }
    }

    /** Until the share of the first server is in a range, on both sides. */
    private static void awaitShares(Stage stage, double least, double most) {
        await().until(() -> stage.last().stream()
                .anyMatch(frame -> frame.sides().stream()
                        .allMatch(side -> side.servers().get(0).share() >= least
                                && side.servers().get(0).share() <= most)));
    }

    @Test
    void setup_isRestoredFromItsText() throws IOException {
        String text = "rate=30&clients=3&slowStart=7&pauses=on&left=leastConnections&right=powerOfTwo"
                + "&s1=20,5,8,4,dead&s2=15,0,2,1,hung";
        try (Stage stage = Stage.start(2, 60, STRATEGIES)) {
            assertThat(stage.setup().text())
                    .isEqualTo("rate=60&clients=1&slowStart=0&pauses=off&left=roundRobin&right=random"
                            + "&s1=10,0,4,1,up&s2=100,0,4,1,up");

            stage.order(json("{\"setup\":\"" + text + "\"}"));
            assertThat(stage.setup().text()).isEqualTo(text);
            await().until(() ->
                    stage.last().stream().anyMatch(frame -> frame.setup().equals(text)));

            stage.order(json("{\"setup\":\"s1=20%2C5%2C8%2C4%2Cup&s2=15,0,2,1,up\"}"));
            assertThat(stage.setup().text())
                    .isEqualTo(text.replace("dead", "up").replace("hung", "up"));
        }
    }

    @Test
    void setupThatMakesNoSense_isRefusedWithEveryFault_andChangesNothing() throws IOException {
        try (Stage stage = Stage.start(1, 1, STRATEGIES)) {
            String before = stage.setup().text();
            refused(
                    stage,
                    "rate=0&clients=51&slowStart=soon&pauses=maybe&left=fastest&s9=1&s1=1,2",
                    "set-up: rate must be 1..500: 0; clients must be 1..50: 51; slowStart must be a whole number: \"soon\";"
                            + " pauses must be on or off: \"maybe\"; unknown strategy \"fastest\"",
                    "unknown field \"s9\"; expected one of rate, clients, slowStart, pauses, left, right, s1",
                    "s1: expected MILLIS,ERRORS,CAPACITY,WEIGHT,STATE: \"1,2\"");
            refused(stage, "s1=1,0,1,21,up", "s1: weight must be 1..20: 21");
            refused(stage, "s1=1,0,1,1,asleep", "s1: unknown state \"asleep\"; expected one of [up, hung, dead]");
            refused(stage, "rate=5&left=%zz", "set-up: ");
            refused(stage, "rubbish", "unknown field \"rubbish\"");
            assertThat(stage.setup().text()).isEqualTo(before);
        }
    }

    private static void refused(Stage stage, String setup, String... why) {
        assertThatThrownBy(
                        () -> stage.order(new ObjectMapper().createObjectNode().put("setup", setup)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(why);
    }

    private static JsonNode json(String text) throws IOException {
        return new ObjectMapper().readTree(text);
    }
}
