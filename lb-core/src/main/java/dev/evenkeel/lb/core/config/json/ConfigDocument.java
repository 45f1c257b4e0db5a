package dev.evenkeel.lb.core.config.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/** One JSON text, of bounded size and depth. */
public final class ConfigDocument {
    static final int MAX_BYTES = 1 << 20;

    private static final ObjectMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(20)
                            .maxStringLength(65_536)
                            .maxNameLength(1_000)
                            .maxNumberLength(100)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** What Jackson says of a source that it does not show. */
    private static final Pattern SOURCE = Pattern.compile("\\[Source: [^;]*; ");

    private final String source;
    private final byte[] text;
    private final int maxBytes;

    /**
     * A text that is at hand.
     *
     * @param source where it came from, for error messages
     * @param text JSON in UTF-8
     */
    public ConfigDocument(String source, byte[] text) {
        this(source, text, MAX_BYTES);
    }

    /**
     * A text that is at hand, such as a list of many thousand backends.
     *
     * @param source where it came from, for error messages
     * @param text JSON in UTF-8
     * @param maxBytes the most that is read
     */
    public ConfigDocument(String source, byte[] text, int maxBytes) {
        this.source = source;
        this.text = text.clone();
        this.maxBytes = maxBytes;
    }

    /**
     * Loads a file, but never more of it than is allowed.
     *
     * @param file the file
     * @return its text
     * @throws IOException if it cannot be read
     */
    public static ConfigDocument load(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return new ConfigDocument(file.toString(), in.readNBytes(MAX_BYTES + 1));
        }
    }

    /**
     * Reads the text, which must be one object.
     *
     * @param reader asks for the object's fields; those it does not ask for are faults
     * @throws dev.evenkeel.lb.core.config.ConfigException if there is any fault
     */
    public void read(Consumer<ConfigObject> reader) {
        Faults faults = new Faults(source);
        if (text.length > maxBytes) {
            faults.add("$", "", "must have at most " + maxBytes + " bytes");
        } else {
            new ConfigValue("$", parse(faults), faults).object(reader);
        }
        faults.throwIfAny();
    }

    private JsonNode parse(Faults faults) {
        try {
            JsonNode root = JSON.readTree(text);
            if (root.isMissingNode()) {
                faults.add("$", "", "must be an object: there is nothing");
            }
            return root;
        } catch (JsonProcessingException e) {
            JsonLocation at = e.getLocation();
            faults.add(
                    "$",
                    "",
                    "is not JSON" + (at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr())
                            + ": " + SOURCE.matcher(e.getOriginalMessage()).replaceAll("["));
        } catch (IOException e) {
            // There is no I/O in reading an array: the bytes are no characters.
            faults.add("$", "", "is not JSON: " + e.getMessage());
        }
        return JSON.missingNode();
    }
}
