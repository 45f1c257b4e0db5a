package dev.evenkeel.lb.core.internal.document.reader;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** JSON text and trees of plain objects. */
public final class JsonText {
    private static final ObjectMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(JsonTrees.MAX_DEPTH)
                            .maxStringLength(JsonTrees.MAX_STRING)
                            .maxNameLength(JsonTrees.MAX_NAME)
                            .maxNumberLength(100)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** Jackson's text for a source that it does not show. */
    private static final Pattern SOURCE = Pattern.compile("\\[Source: [^;]*; ");

    /** A word of the document, which may be a secret without its quotation marks. */
    private static final Pattern TOKEN = Pattern.compile("^Unrecognized token '[^']*'");

    private JsonText() {}

    private static String withoutTokens(String message) {
        return TOKEN.matcher(message).replaceFirst("Unrecognized token");
    }

    /**
     * Parses JSON into a tree of plain objects.
     *
     * @throws MalformedException with the fault, as a rule
     */
    public static @Nullable Object parse(byte[] text) throws MalformedException {
        try {
            JsonNode root = MAPPER.readTree(text);
            if (root.isMissingNode()) {
                throw new MalformedException("must be an object: there is nothing");
            }
            return MAPPER.treeToValue(root, Object.class);
        } catch (JsonProcessingException e) {
            JsonLocation at = e.getLocation();
            throw new MalformedException("is not JSON"
                    + (at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr())
                    + ": "
                    + withoutTokens(SOURCE.matcher(e.getOriginalMessage()).replaceAll("[")));
        } catch (IOException e) {
            // There is no I/O in reading an array: the bytes are not valid characters.
            throw new MalformedException("is not JSON: " + e.getMessage());
        }
    }

    /** Writes JSON without white space. */
    public static String compact(@Nullable Object tree) {
        try {
            return MAPPER.writeValueAsString(tree);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("not a tree of plain objects", e);
        }
    }

    /** Writes JSON, indented by two spaces, with a final line break. */
    public static String pretty(Object tree) {
        DefaultIndenter indenter = new DefaultIndenter("  ", "\n");
        DefaultPrettyPrinter printer = new DefaultPrettyPrinter();
        printer.indentArraysWith(indenter);
        printer.indentObjectsWith(indenter);
        try {
            return MAPPER.writer(printer).writeValueAsString(tree) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("not a tree of plain objects", e);
        }
    }

    /** Thrown if a text is malformed. */
    public static final class MalformedException extends Exception {
        private static final long serialVersionUID = 1;

        public MalformedException(String rule) {
            super(rule);
        }
    }
}
