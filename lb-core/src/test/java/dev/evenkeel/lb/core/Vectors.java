package dev.evenkeel.lb.core;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** What other implementations expect, with its source: one entry of a file under {@code vectors} in the test resources. */
public record Vectors(String id, String feature, String source, JsonNode given, JsonNode expect) {

    /** The entries of some features. */
    public static Stream<Vectors> of(String file, String... features) {
        List<String> wanted = List.of(features);
        return all(file).stream().filter(vector -> wanted.contains(vector.feature));
    }

    /** One entry. */
    public static Vectors byId(String file, String id) {
        return all(file).stream()
                .filter(vector -> vector.id.equals(id))
                .findFirst()
                .orElseThrow();
    }

    /** All entries. */
    public static List<Vectors> all(String file) {
        List<Vectors> vectors = new ArrayList<>();
        try (InputStream in = Objects.requireNonNull(Vectors.class.getResourceAsStream("/vectors/" + file))) {
            for (JsonNode entry : new ObjectMapper().readTree(in)) {
                vectors.add(new Vectors(
                        entry.get("id").asText(),
                        entry.get("feature").asText(),
                        entry.get("source").asText(),
                        entry.get("given"),
                        entry.get("expect")));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return vectors;
    }

    /** An array of numbers. */
    public static List<Integer> integers(JsonNode array) {
        List<Integer> numbers = new ArrayList<>();
        array.forEach(number -> numbers.add(number.asInt()));
        return numbers;
    }

    @Override
    public String toString() {
        return id + " (" + source + ")";
    }
}
