package dev.evenkeel.lb.core.internal.document.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.evenkeel.lb.core.config.ConfigException;
import dev.evenkeel.lb.core.config.ConfigFault;
import dev.evenkeel.lb.core.config.ConfigParser;
import dev.evenkeel.lb.core.internal.document.reader.SecretFiles;
import dev.evenkeel.lb.core.internal.document.schema.ConfigDocument.Document;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What every document has, whatever its form: placeholders, canonical text, parsers of one's own. */
class ConfigDocumentTest {
    private static final ObjectSchema<Map<String, Object>> FORM = ObjectSchema.<Map<String, Object>>of(
                    "document", "A document.", LinkedHashMap::new)
            .optional("text", Types.text(), Default.text("none"), "a text", (map, value) -> map.put("text", value))
            .optional(
                    "short",
                    Types.parsed("at most 5 characters", ConfigDocumentTest::atMostFive, text -> text),
                    Default.text("none"),
                    "a short text",
                    (map, value) -> map.put("short", value))
            .optional("whole", Types.integer(0, 9), 0, "a number", (map, value) -> map.put("whole", digit(value)))
            .optional("number", Types.number(0, 1), 0, "a number", (map, value) -> map.put("number", value))
            .optional("flag", Types.flag(), false, "a flag", (map, value) -> map.put("flag", value))
            .optional("time", Types.duration("0s", ""), "0s", "a time", (map, value) -> map.put("time", value))
            .optional("size", Types.size("0B", "1MiB"), "0B", "a size", (map, value) -> map.put("size", value))
            .optional(
                    "list",
                    Types.list(Types.text(), 0, 3),
                    Default.text("empty"),
                    "texts",
                    (map, value) -> map.put("list", value))
            .form();

    private final Map<String, String> environment =
            new TreeMap<>(Map.of("HOST", "h", "FIVE", "5", "TRUE", "true", "EMPTY", "", "SECRET", "pass word"));

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
                    http://${HOST}:${PORT:80}/ | http://h:80/
                    ${EMPTY}x                  | x
                    ${NONE:}x                  | x
                    ${NONE:a:b}                | a:b
                    $${HOST}                   | ${HOST}
                    $$$                        | $$$
                    a}{$b                      | a}{$b
                    """)
    void placeholder_inAText_standsForTheEnvironment(String written, String expected) {
        assertThat(read(Map.of("text", written)).value()).containsEntry("text", expected);
    }

    @Test
    void placeholder_forAnotherScalar_isRead() {
        assertThat(read(Map.of(
                                "whole",
                                "${FIVE}",
                                "number",
                                "0.${FIVE}",
                                "flag",
                                "${TRUE}",
                                "time",
                                "${FIVE}s",
                                "size",
                                "${FIVE}KiB"))
                        .value())
                .containsEntry("whole", 5)
                .containsEntry("number", 0.5)
                .containsEntry("flag", true)
                .containsEntry("time", Duration.ofSeconds(5))
                .containsEntry("size", 5_120L);
    }

    @ParameterizedTest
    @CsvSource({"True, true", "TRUE, true", "fAlSe, false", "FALSE, false", "yes,", "1,", "true1,"})
    void flag_fromTheEnvironment_isReadInAnyCase(String text, @Nullable Boolean expected) {
        environment.put("FLAG", text);
        if (expected == null) {
            assertThat(refusal(Map.of("flag", "${FLAG}")).faults())
                    .singleElement()
                    .satisfies(fault -> {
                        assertThat(fault.path()).isEqualTo("$.flag");
                        assertThat(fault.rule()).startsWith("must be true or false");
                    });
        } else {
            assertThat(read(Map.of("flag", "${FLAG}")).value()).containsEntry("flag", expected);
            assertThat(read(Map.of("flag", "${NONE:" + text + "}")).value()).containsEntry("flag", expected);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    ${NONE}   | environment variable NONE is not set, and there is no default; set it, or write ${NONE:default}
                    ${        | placeholder must be ${NAME}, ${NAME:default} or ${file:/path}, with as many braces that close as open; to have the text ${, write $${: one does not end
                    ${A-B}    | placeholder must be ${NAME}, ${NAME:default} or ${file:/path}, with a name of letters, digits and underscores: "A-B"
                    ${}       | placeholder must be ${NAME}, ${NAME:default} or ${file:/path}, with a name of letters, digits and underscores: ""
                    """)
    void placeholder_withoutAMeaning_isAFaultWithItsPath(String written, String rule) {
        assertThat(refusal(Map.of("list", List.of("a", written))).faults())
                .containsExactly(new ConfigFault("$.list[1]", "\"" + written + "\"", rule));
    }

    @Test
    void secret_isNotToldInAnyFault() {
        ConfigException e = refusal(Map.of("short", "${SECRET}", "whole", "${SECRET}", "time", "1${SECRET}"));

        assertThat(e).hasMessageNotContaining("pass").hasMessageNotContaining("word");
        assertThat(e.faults())
                .containsExactly(
                        new ConfigFault(
                                "$.short",
                                "\"${SECRET}\"",
                                "what the placeholders stand for is refused; expected a string, at most 5 characters"),
                        new ConfigFault("$.whole", "\"${SECRET}\"", "must be a whole number: \"${SECRET}\""),
                        new ConfigFault(
                                "$.time",
                                "\"1${SECRET}\"",
                                "what the placeholders stand for is refused; expected a duration such as \"500ms\", \"10s\""
                                        + " or \"1m\", at least 0s"));
    }

    @Test
    void environment_thatIsLarge_doesNotFillTheMemory() {
        environment.put("LARGE", "x".repeat(60_000));

        assertThat(refusal(Map.of("text", "${LARGE}${LARGE}")).faults())
                .singleElement()
                .asString()
                .contains("at most 65536 characters");
        assertThat(refusal(Map.of("list", List.of("${LARGE}".repeat(2)))).faults())
                .hasSize(1);
    }

    @Test
    void text_thatIsWritten_isReadAsTheSame() {
        Map<String, Object> tree = Map.of(
                "text",
                "a ${HOST} $${b}",
                "whole",
                7,
                "number",
                1.0,
                "flag",
                true,
                "time",
                "60000ms",
                "size",
                "2048KiB",
                "list",
                List.of("${HOST}", "$${"));

        Document<Map<String, Object>> document = read(tree);
        String written = Document.write(document.fields());

        assertThat(written)
                .contains(
                        "\"text\" : \"a ${HOST} $${b}\"",
                        "\"time\" : \"1m\"",
                        "\"size\" : \"2MiB\"",
                        "\"number\" : 1,");
        assertThat(readJson(written)).isEqualTo(document);
        environment.put("HOST", "other");
        assertThat(readJson(written).fields()).isNotEqualTo(document.fields());
    }

    @Test
    void parserOfOnesOwn_mayUseWhateverObjectsItLikes() {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("whole", (short) 3);
        tree.put("number", 0.5f);

        assertThat(read(tree).value()).containsEntry("whole", 3).containsEntry("number", 0.5);
    }

    @Test
    void parserOfOnesOwn_thatFailsOrMakesNonsense_isAFault() {
        assertThat(refusal(text -> {
                            throw new IOException("line 3: no such thing");
                        })
                        .faults())
                .extracting(ConfigFault::toString)
                .containsExactly("$: cannot be parsed: line 3: no such thing");
        assertThat(refusal(text -> {
                            throw new IllegalStateException("oops");
                        })
                        .faults())
                .hasSize(1);
        assertThat(refusal(text -> Map.of("text", new Object())).faults())
                .singleElement()
                .asString()
                .contains("must hold maps, lists, strings, numbers and booleans alone: there is a java.lang.Object");
        assertThat(refusal(text -> Map.of(80, "text")).faults())
                .singleElement()
                .asString()
                .contains("as names of fields: 80");
        assertThat(refusal(text -> null).faults())
                .extracting(ConfigFault::toString)
                .containsExactly("$: must be an object: null");
    }

    @Test
    void aliases_thatMakeAForestOfALine_areRefused() {
        Object tree = "x";
        for (int depth = 0; depth < 18; depth++) {
            List<Object> branches = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                branches.add(tree);
            }
            tree = branches;
        }
        Object forest = Map.of("list", tree);

        assertThat(refusal(text -> forest).faults())
                .extracting(ConfigFault::toString)
                .containsExactly("$: must have at most 100000 values");
        List<Object> cycle = new ArrayList<>();
        cycle.add(cycle);
        assertThat(refusal(text -> Map.of("list", cycle)).faults())
                .extracting(ConfigFault::toString)
                .containsExactly("$: must be at most 20 deep");
    }

    private static String atMostFive(String text) {
        if (text.length() > 5) {
            throw new IllegalArgumentException("must have at most 5 characters: \"" + text + "\"");
        }
        return text;
    }

    private static int digit(int value) {
        if (value < 0 || value > 9) {
            throw new IllegalArgumentException("must be 0..9: " + value);
        }
        return value;
    }

    private Document<Map<String, Object>> readJson(String json) {
        return new ConfigDocument(
                        "test", json.getBytes(StandardCharsets.UTF_8), null, environment::get, new SecretFiles())
                .read(FORM);
    }

    private Document<Map<String, Object>> read(Map<String, Object> tree) {
        try {
            return readJson(new ObjectMapper().writeValueAsString(tree));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private ConfigException refusal(Map<String, Object> tree) {
        ConfigException e = catchThrowableOfType(ConfigException.class, () -> read(tree));
        assertThat(e).isNotNull();
        return e;
    }

    private ConfigException refusal(ConfigParser parser) {
        ConfigException e = catchThrowableOfType(
                ConfigException.class,
                () -> new ConfigDocument("test", new byte[0], parser, environment::get, new SecretFiles()).read(FORM));
        assertThat(e).isNotNull();
        return e;
    }
}
