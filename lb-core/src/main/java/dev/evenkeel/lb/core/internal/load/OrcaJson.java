package dev.evenkeel.lb.core.internal.load;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.evenkeel.lb.LoadReport;
import java.io.IOException;

/** Parser of the JSON form, in the JSON mapping of Protocol Buffers. */
final class OrcaJson {
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(8)
                    .maxNumberLength(64)
                    .maxNameLength(512)
                    .maxStringLength(OrcaReports.MAX_SIZE)
                    .build())
            .build();

    private OrcaJson() {}

    static LoadReport parse(String json) {
        OrcaReportBuilder fields = new OrcaReportBuilder();
        try (JsonParser parser = FACTORY.createParser(json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IllegalArgumentException("load report must be a JSON object: " + Quote.of(json));
            }
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                field(parser, snakeCase(parser.currentName()), fields);
            }
            if (parser.nextToken() != null) {
                throw new IllegalArgumentException("load report must end with its JSON object: " + Quote.of(json));
            }
        } catch (IOException e) {
            // Without Jackson's message, which may quote untrusted input at length.
            throw new IllegalArgumentException("load report must be well-formed JSON: " + Quote.of(json), e);
        }
        return fields.report();
    }

    private static void field(JsonParser parser, String name, OrcaReportBuilder fields) throws IOException {
        JsonToken token = parser.nextToken();
        if (token == JsonToken.START_OBJECT && OrcaReportBuilder.isMap(name)) {
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String key = parser.currentName();
                parser.nextToken();
                fields.put(name, key, number(parser, name + "." + key));
            }
        } else if (token == JsonToken.VALUE_NULL) {
            return;
        } else if (isNumber(name)) {
            fields.set(name, number(parser, name));
        } else if (OrcaReportBuilder.isMap(name)) {
            throw new IllegalArgumentException("load report's " + Quote.of(name) + " must be an object");
        } else {
            parser.skipChildren();
        }
    }

    private static boolean isNumber(String name) {
        return switch (name) {
            case "cpu_utilization", "mem_utilization", "application_utilization", "eps", "rps_fractional", "rps" ->
                true;
            default -> false;
        };
    }

    private static double number(JsonParser parser, String name) throws IOException {
        JsonToken token = parser.currentToken();
        if (token == null || !(token.isNumeric() || token == JsonToken.VALUE_STRING)) {
            throw new IllegalArgumentException("load report's " + Quote.of(name) + " must be a number");
        }
        return OrcaReportBuilder.number(name, parser.getText());
    }

    /** Converts {@code cpuUtilization} and {@code cpu_utilization} to the latter. */
    private static String snakeCase(String name) {
        StringBuilder snake = new StringBuilder(name.length() + 2);
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c >= 'A' && c <= 'Z') {
                snake.append('_').append((char) (c + 'a' - 'A'));
            } else {
                snake.append(c);
            }
        }
        return snake.toString();
    }
}
