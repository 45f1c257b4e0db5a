package dev.evenkeel.lb.okhttp.internal.discovery.registry;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.util.JsonParserDelegate;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON from registries: at most 64 levels deep, and long lists one element at a time. Every error is a {@link
 * MalformedAnswerException}.
 */
public final class RegistryJson {
    private static final StreamReadConstraints CONSTRAINTS = StreamReadConstraints.builder()
            .maxNestingDepth(64)
            .maxStringLength(4 << 20)
            .maxNameLength(4_096)
            .maxNumberLength(64)
            .build();
    private static final ObjectMapper MAPPER = new ObjectMapper(JsonFactory.builder()
            .streamReadConstraints(CONSTRAINTS)
            // A table of names would keep each one of a hostile answer.
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build());
    /** A Eureka application of 10,000 instances has 600,000. A value takes about 100 bytes, and in JSON as few as two. */
    static final int MAX_VALUES = 1_000_000;

    /** What registries say of a list, besides the list. */
    private static final Set<String> KEPT = Set.of("metadata", "header", "more", "apps__hashcode");

    private RegistryJson() {}

    /** Reads a short text with one object. */
    public static JsonNode object(byte[] text) throws MalformedAnswerException {
        try (JsonParser parser = MAPPER.createParser(text)) {
            JsonNode node = tree(parser);
            if (node == null || !node.isObject() || parser.nextToken() != null) {
                throw new MalformedAnswerException("an answer must be one JSON object");
            }
            return node;
        } catch (IOException e) {
            throw malformed(e);
        }
    }

    /** Writes a JSON text. */
    public static byte[] bytes(JsonNode node) throws IOException {
        return MAPPER.writeValueAsBytes(node);
    }

    public static ObjectNode newObject() {
        return JsonNodeFactory.instance.objectNode();
    }

    /**
     * Reads an object of which some fields are long arrays.
     *
     * @param arrays what takes the elements of these fields; null in place of an array is an empty one
     * @return the fields of {@link #KEPT}; all others are skipped while they are read
     */
    public static JsonNode object(InputStream text, Map<String, Element> arrays) throws IOException {
        try (JsonParser parser = MAPPER.createParser(text)) {
            return fields(parser, arrays);
        } catch (JsonProcessingException e) {
            throw malformed(e);
        }
    }

    /** Reads an object that has one field alone, and in it an object as {@link #object(InputStream, Map)} reads it. */
    public static JsonNode nested(InputStream text, String field, Map<String, Element> arrays) throws IOException {
        try (JsonParser parser = MAPPER.createParser(text)) {
            expect(parser.nextToken(), JsonToken.START_OBJECT, "an answer must be a JSON object");
            expect(parser.nextToken(), JsonToken.FIELD_NAME, "an answer must have \"" + field + "\"");
            if (!parser.currentName().equals(field)) {
                throw new MalformedAnswerException("an answer must have \"" + field + "\"");
            }
            JsonNode others = fields(parser, arrays);
            expect(parser.nextToken(), JsonToken.END_OBJECT, "an answer must have \"" + field + "\" alone");
            return others;
        } catch (JsonProcessingException e) {
            throw malformed(e);
        }
    }

    private static JsonNode fields(JsonParser parser, Map<String, Element> arrays) throws IOException {
        expect(parser.nextToken(), JsonToken.START_OBJECT, "an answer must be a JSON object");
        ObjectNode others = newObject();
        while (next(parser) != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            Element element = arrays.get(name);
            JsonToken value = next(parser);
            if (element == null) {
                if (KEPT.contains(name)) {
                    others.set(name, tree(parser));
                } else {
                    parser.skipChildren();
                }
            } else if (value == JsonToken.START_OBJECT) {
                // Some registries write a list of one as no list.
                element.accept(tree(parser));
            } else if (value != JsonToken.VALUE_NULL) {
                expect(value, JsonToken.START_ARRAY, "\"" + name + "\" must be an array");
                elements(parser, element);
            }
        }
        return others;
    }

    /** Reads a long array. */
    public static void array(InputStream text, Element element) throws IOException {
        try (JsonParser parser = MAPPER.createParser(text)) {
            expect(parser.nextToken(), JsonToken.START_ARRAY, "an answer must be a JSON array");
            elements(parser, element);
        } catch (JsonProcessingException e) {
            throw malformed(e);
        }
    }

    private static void elements(JsonParser parser, Element element) throws IOException {
        while (next(parser) != JsonToken.END_ARRAY) {
            element.accept(tree(parser));
        }
    }

    private static JsonNode tree(JsonParser parser) throws IOException {
        return MAPPER.readTree(new ValueCounter(parser));
    }

    /** Fails after too many values. */
    private static final class ValueCounter extends JsonParserDelegate {
        private int values;

        ValueCounter(JsonParser parser) {
            super(parser);
        }

        @Override
        public JsonToken nextToken() throws IOException {
            JsonToken token = super.nextToken();
            if (token != null && (token.isStructStart() || token.isScalarValue()) && ++values > MAX_VALUES) {
                throw new MalformedAnswerException("an object must have at most " + MAX_VALUES + " values");
            }
            return token;
        }
    }

    private static JsonToken next(JsonParser parser) throws IOException {
        JsonToken token = parser.nextToken();
        if (token == null) {
            throw new MalformedAnswerException("the answer ends too early");
        }
        return token;
    }

    private static void expect(@Nullable JsonToken token, JsonToken expected, String rule)
            throws MalformedAnswerException {
        if (token != expected) {
            throw new MalformedAnswerException(rule);
        }
    }

    private static MalformedAnswerException malformed(IOException e) {
        if (e instanceof MalformedAnswerException malformed) {
            return malformed;
        }
        String text = e instanceof JsonProcessingException json ? json.getOriginalMessage() : e.getMessage();
        return new MalformedAnswerException("the answer is not JSON: " + Messages.quoted(String.valueOf(text)), e);
    }

    // Values. A value of another type than it must have is refused as a Backend refuses its own.

    /** The text, or empty where there is none. */
    public static String text(JsonNode object, String field) {
        JsonNode value = object.path(field);
        if (value.isMissingNode() || value.isNull()) {
            return "";
        }
        if (!value.isTextual()) {
            throw new IllegalArgumentException(field + " must be a string: " + quote(value));
        }
        return value.textValue();
    }

    /** The whole number, or the default where there is none. */
    public static int integer(JsonNode object, String field, int absent) {
        JsonNode value = object.path(field);
        return value.isMissingNode() || value.isNull() ? absent : integer(field, value);
    }

    public static int integer(String what, JsonNode value) {
        if (!value.isIntegralNumber() || !value.canConvertToInt()) {
            throw new IllegalArgumentException(what + " must be a whole number: " + quote(value));
        }
        return value.intValue();
    }

    public static int integer(String what, String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(what + " must be a whole number: \"" + Messages.quoted(text) + "\"", e);
        }
    }

    public static String quote(JsonNode value) {
        return Messages.quoted(value.toString());
    }

    /** Takes an element of a long array. */
    @FunctionalInterface
    public interface Element {
        void accept(JsonNode element) throws IOException;
    }
}
