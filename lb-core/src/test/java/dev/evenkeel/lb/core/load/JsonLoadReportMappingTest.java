package dev.evenkeel.lb.core.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.LoadReport;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonLoadReportMappingTest {
    private static final JsonLoadReportMapping CPU =
            JsonLoadReportMapping.none().cpu("/cpu");

    @Test
    void everyNumber_isFoundWhereItsPointerLeads() {
        JsonLoadReportMapping pointers = JsonLoadReportMapping.none()
                .cpu("/system/cpu")
                .memory("/system/mem~1used")
                .utilization("/measurements/0/value")
                .qps("/rate")
                .eps("/errors")
                .metric("queue", "/queue");
        LoadReport report = pointers.read("""
                {"system": {"cpu": 0.5, "mem/used": 0.25}, "measurements": [{"value": 0.75}],
                 "rate": 120, "errors": 1e-1, "queue": -3, "other": "text"}""");
        assertThat(report)
                .isEqualTo(LoadReport.builder()
                        .cpuUtilization(0.5)
                        .memUtilization(0.25)
                        .applicationUtilization(0.75)
                        .qps(120)
                        .eps(0.1)
                        .metric("queue", -3)
                        .build());
    }

    @Test
    void withoutPointers_nothingIsReported() {
        assertThat(JsonLoadReportMapping.none().read("[]"))
                .isEqualTo(LoadReport.builder().build());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {}              | load report's cpu must be a number at /cpu: nothing is there
            {"cpu": "0.5"}  | load report's cpu must be a number at /cpu: "?0.5?"
            {"cpu": null}   | load report's cpu must be a number at /cpu: "null"
            {"cpu": -1}     | load report's cpuUtilization must be 0..1000: -1.0
            {"cpu": 1e999}  | load report's cpuUtilization must be 0..1000: Infinity
            """)
    void hostileDocument_isRefused_andSaysWhere(String json, String message) {
        assertThatThrownBy(() -> CPU.read(json))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message.replace("?0.5?", "\"0.5\""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "{\"cpu\": NaN}", "{\"cpu\": 1} {}", "{\"cpu\": 1, \"cpu\": 2}", "nonsense"})
    void malformedDocument_isRefused(String json) {
        assertThatThrownBy(() -> CPU.read(json))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("load report's document must be well-formed JSON: ");
    }

    @Test
    void hugeOrDeepDocument_isRefused() {
        assertThatThrownBy(() -> CPU.read(" ".repeat(65_537)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("load report's document must have at most 65536 characters: it has 65537");
        assertThatThrownBy(() -> CPU.read("[".repeat(60_000))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> CPU.read("{\"cpu\": " + "9".repeat(60_000) + "}"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void rubbish_neverThrowsAnythingElse() {
        rubbish(20_000);
    }

    @Test
    @Tag("long")
    @Tag("mutations")
    void rubbish_aMillionTimes_neverThrowsAnythingElse() {
        rubbish(Integer.getInteger("evenkeel.mutations", 1_000_000));
    }

    private static void rubbish(int texts) {
        Random random = new Random(3);
        String alphabet = "{}[]\":,0123456789.eE+-cpu\\ntrue \u0000é";
        for (int i = 0; i < texts; i++) {
            StringBuilder text = new StringBuilder();
            for (int j = random.nextInt(20); j >= 0; j--) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            try {
                CPU.read(text.toString());
            } catch (IllegalArgumentException e) {
                assertThat(e).hasMessageStartingWith("load report's ");
            }
        }
    }

    @Test
    void badPointers_areRefused() {
        assertThatThrownBy(() -> JsonLoadReportMapping.none().cpu("cpu"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("load report's cpu must have a JSON Pointer, which begins with a slash: \"cpu\"");
        assertThatThrownBy(() -> JsonLoadReportMapping.none().metric(" ", "/x"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
