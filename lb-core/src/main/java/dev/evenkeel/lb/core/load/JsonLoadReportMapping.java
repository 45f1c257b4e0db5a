package dev.evenkeel.lb.core.load;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.evenkeel.lb.LoadReport;
import dev.evenkeel.lb.core.internal.load.Quote;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ObjDoubleConsumer;

/**
 * Maps a JSON document to a load report by JSON Pointers (RFC 6901) such as {@code /measurements/0/value}. A value
 * without a pointer is not reported. Immutable: each method returns another mapping.
 */
public final class JsonLoadReportMapping {

    /** The maximum length of a document in characters. */
    public static final int MAX_SIZE = 65_536;

    private static final ObjectMapper MAPPER = new ObjectMapper(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                    .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                    .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(64)
                            .maxNumberLength(64)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private static final JsonLoadReportMapping NONE = new JsonLoadReportMapping(Map.of());

    private final Map<String, FieldMapping> targets;

    private JsonLoadReportMapping(Map<String, FieldMapping> targets) {
        this.targets = targets;
    }

    /** One number: its pointer, and its setter. */
    private record FieldMapping(JsonPointer pointer, ObjDoubleConsumer<LoadReport.Builder> setter) {}

    /**
     * A mapping without pointers.
     *
     * @return the same each time
     */
    public static JsonLoadReportMapping none() {
        return NONE;
    }

    /**
     * Sets the pointer to {@link LoadReport#cpuUtilization}, a share of 1.
     *
     * @param pointer a JSON Pointer
     * @return these pointers and this one
     * @throws IllegalArgumentException if it is not a JSON Pointer
     */
    public JsonLoadReportMapping cpu(String pointer) {
        return with("cpu", pointer, LoadReport.Builder::cpuUtilization);
    }

    /**
     * Sets the pointer to {@link LoadReport#memUtilization}, a share of 1.
     *
     * @param pointer a JSON Pointer
     * @return these pointers and this one
     * @throws IllegalArgumentException if it is not a JSON Pointer
     */
    public JsonLoadReportMapping memory(String pointer) {
        return with("memory", pointer, LoadReport.Builder::memUtilization);
    }

    /**
     * Sets the pointer to {@link LoadReport#applicationUtilization}, a share of 1.
     *
     * @param pointer a JSON Pointer
     * @return these pointers and this one
     * @throws IllegalArgumentException if it is not a JSON Pointer
     */
    public JsonLoadReportMapping utilization(String pointer) {
        return with("utilization", pointer, LoadReport.Builder::applicationUtilization);
    }

    /**
     * Sets the pointer to {@link LoadReport#qps}.
     *
     * @param pointer a JSON Pointer
     * @return these pointers and this one
     * @throws IllegalArgumentException if it is not a JSON Pointer
     */
    public JsonLoadReportMapping qps(String pointer) {
        return with("qps", pointer, LoadReport.Builder::qps);
    }

    /**
     * Sets the pointer to {@link LoadReport#eps}.
     *
     * @param pointer a JSON Pointer
     * @return these pointers and this one
     * @throws IllegalArgumentException if it is not a JSON Pointer
     */
    public JsonLoadReportMapping eps(String pointer) {
        return with("eps", pointer, LoadReport.Builder::eps);
    }

    /**
     * Sets the pointer to one of {@link LoadReport#metrics}.
     *
     * @param name the metric's name
     * @param pointer a JSON Pointer
     * @return these pointers and this one
     * @throws IllegalArgumentException if it is not a JSON Pointer, or no metric can have that name
     */
    public JsonLoadReportMapping metric(String name, String pointer) {
        LoadReport.builder().metric(name, 0);
        return with("metric " + name, pointer, (report, value) -> report.metric(name, value));
    }

    private JsonLoadReportMapping with(String what, String pointer, ObjDoubleConsumer<LoadReport.Builder> setter) {
        JsonPointer compiled;
        try {
            compiled = JsonPointer.compile(pointer);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "load report's " + what + " must have a JSON Pointer, which begins with a slash: "
                            + Quote.of(pointer),
                    e);
        }
        Map<String, FieldMapping> more = new TreeMap<>(targets);
        more.put(what, new FieldMapping(compiled, setter));
        return new JsonLoadReportMapping(Map.copyOf(more));
    }

    /**
     * Reads a document.
     *
     * @param json the document
     * @return the report
     * @throws IllegalArgumentException if it is too long or malformed, a pointer leads to no number, or one is out of
     *     range; the message says which
     */
    public LoadReport read(String json) {
        if (json.length() > MAX_SIZE) {
            throw new IllegalArgumentException(
                    "load report's document must have at most " + MAX_SIZE + " characters: it has " + json.length());
        }
        JsonNode document;
        try {
            document = MAPPER.readTree(json);
        } catch (IOException e) {
            // Without Jackson's message, which may quote untrusted input at length.
            throw new IllegalArgumentException("load report's document must be well-formed JSON: " + Quote.of(json), e);
        }
        LoadReport.Builder report = LoadReport.builder();
        targets.forEach((what, target) -> {
            JsonNode number = document.at(target.pointer());
            if (!number.isNumber()) {
                throw new IllegalArgumentException("load report's " + what + " must be a number at " + target.pointer()
                        + ": " + (number.isMissingNode() ? "nothing is there" : Quote.of(number.toString())));
            }
            target.setter().accept(report, number.doubleValue());
        });
        return report.build();
    }

    @Override
    public String toString() {
        return "LoadPointers" + targets.keySet();
    }
}
