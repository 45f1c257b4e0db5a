package dev.evenkeel.lb.core.internal.document.schema;

import dev.evenkeel.lb.core.config.ConfigParser;
import dev.evenkeel.lb.core.internal.document.reader.JsonText;
import dev.evenkeel.lb.core.internal.document.reader.JsonTrees;
import dev.evenkeel.lb.core.internal.document.reader.ReadContext;
import dev.evenkeel.lb.core.internal.document.reader.SecretFiles;
import dev.evenkeel.lb.core.internal.document.reader.ValueCursor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A configuration text of bounded size and depth, which a form turns into an object. */
public final class ConfigDocument {
    static final int MAX_BYTES = 1 << 20;

    private final String source;
    private final byte[] text;
    private final int maxBytes;
    private final @Nullable ConfigParser parser;
    private final Function<String, @Nullable String> environment;
    /** Null if placeholders may name no files. */
    private final @Nullable SecretFiles files;

    /**
     * A JSON text, with placeholders for the environment of this process.
     *
     * @param source where it came from, for error messages
     * @param text JSON in UTF-8
     */
    public ConfigDocument(String source, byte[] text) {
        this(source, text, MAX_BYTES, null, System::getenv, new SecretFiles());
    }

    /**
     * A JSON text from an external source, such as a list of many thousand backends: a placeholder without a default is
     * a fault, and so is one that names a file.
     *
     * @param source where it came from, for error messages
     * @param text JSON in UTF-8
     * @param maxBytes the maximum size
     */
    public ConfigDocument(String source, byte[] text, int maxBytes) {
        this(source, text, maxBytes, null, name -> null, null);
    }

    /**
     * A text in any format.
     *
     * @param source where it came from, for error messages
     * @param text the text
     * @param parser reads it; null for JSON
     * @param environment the values of placeholders; null if not set
     * @param files reads the files that placeholders name
     */
    public ConfigDocument(
            String source,
            byte[] text,
            @Nullable ConfigParser parser,
            Function<String, @Nullable String> environment,
            SecretFiles files) {
        this(source, text, MAX_BYTES, parser, environment, files);
    }

    private ConfigDocument(
            String source,
            byte[] text,
            int maxBytes,
            @Nullable ConfigParser parser,
            Function<String, @Nullable String> environment,
            @Nullable SecretFiles files) {
        this.source = source;
        this.maxBytes = maxBytes;
        this.text = text.clone();
        this.parser = parser;
        this.environment = environment;
        this.files = files;
    }

    /**
     * Loads a file, but at most one byte more than is allowed.
     *
     * @param file the file
     * @return its text
     * @throws IOException if it cannot be read
     */
    public static byte[] load(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(MAX_BYTES + 1);
        }
    }

    /**
     * Reads the text, which must be one object of the form.
     *
     * @param <B> what is built
     * @param form the form
     * @return the built object, and the canonical fields of the text
     * @throws dev.evenkeel.lb.core.config.ConfigException if there is any fault
     */
    public <B> Document<B> read(ObjectSchema<B> form) {
        return read(form, target -> {});
    }

    /**
     * Reads the text, which must be one object of the form, and then checks the built object as a whole.
     *
     * @param <B> what is built
     * @param form the form
     * @param whole throws {@link IllegalArgumentException} to refuse the object
     * @return the built object, and the canonical fields of the text
     * @throws dev.evenkeel.lb.core.config.ConfigException if there is any fault
     */
    public <B> Document<B> read(ObjectSchema<B> form, Consumer<B> whole) {
        ReadContext reading = new ReadContext(source, environment, files);
        B target = form.start(reading);
        Map<String, Object> kept = new LinkedHashMap<>();
        try {
            ValueCursor root = ValueCursor.of("$", parse(), reading);
            if (root != null) {
                read(form, target, root, kept);
                root.offer("an object", () -> whole.accept(target));
            }
        } catch (JsonText.MalformedException e) {
            reading.faults.add("$", "", String.valueOf(e.getMessage()));
        }
        reading.faults.throwIfAny();
        return new Document<>(target, kept);
    }

    private static <B> void read(ObjectSchema<B> form, B target, ValueCursor root, Map<String, Object> kept) {
        Map<String, @Nullable Object> object = root.object();
        if (object == null) {
            root.expected("an object");
            return;
        }
        form.read(target, root, object, kept);
        ObjectSchema.refuseUnknown(root, object, form.names().toList());
    }

    @SuppressWarnings("CatchingUnchecked") // whatever a user's parser throws
    private @Nullable Object parse() throws JsonText.MalformedException {
        if (text.length > maxBytes) {
            throw new JsonText.MalformedException("must have at most " + maxBytes + " bytes");
        }
        if (parser == null) {
            return JsonText.parse(text);
        }
        Object tree;
        try {
            tree = parser.parse(text.clone());
        } catch (IOException | RuntimeException e) {
            throw new JsonText.MalformedException("cannot be parsed: " + e.getMessage());
        }
        try {
            return JsonTrees.checked(tree);
        } catch (IllegalArgumentException e) {
            throw new JsonText.MalformedException(String.valueOf(e.getMessage()));
        }
    }

    /**
     * The schema of documents of a form.
     *
     * @param title its title
     * @param form the form
     * @return a JSON Schema (2020-12)
     */
    public static String schema(String title, ObjectSchema<?> form) {
        return JsonText.pretty(Definitions.schemaOf(title, form));
    }

    /**
     * The reference of every field of a form and of the forms that it refers to.
     *
     * @param form the form
     * @return Markdown with a table for each form
     */
    public static String reference(ObjectSchema<?> form) {
        return MarkdownReference.of(form);
    }

    /**
     * A document that was read.
     *
     * @param <B> the built object's type
     * @param value the built object
     * @param fields the canonical text, by field: equal for texts with the same meaning
     */
    public record Document<B>(B value, Map<String, Object> fields) {

        /**
         * Writes canonical fields, with placeholders unexpanded.
         *
         * @param fields as in {@link #fields}, and perhaps changed
         * @return JSON
         */
        public static String write(Map<String, Object> fields) {
            return JsonText.pretty(JsonTrees.asWritten(fields));
        }
    }
}
