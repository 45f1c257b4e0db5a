package dev.evenkeel.lb.okhttp.internal.document;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.evenkeel.lb.core.config.ConfigException;
import dev.evenkeel.lb.core.internal.document.reader.SecretFiles;
import dev.evenkeel.lb.core.internal.document.schema.ConfigDocument;
import dev.evenkeel.lb.core.internal.document.schema.Default;
import dev.evenkeel.lb.core.internal.document.schema.ObjectSchema;
import dev.evenkeel.lb.core.internal.document.schema.Type;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Reads values of one type: JSON with single quotes, as the field {@code value} of a document. */
final class FormFixture {
    private FormFixture() {}

    static <T> T read(Type<T> type, String json) {
        ObjectSchema<List<T>> form = ObjectSchema.<List<T>>of("fixture", "A document.", ArrayList::new)
                .optional("value", type, Default.text("none"), "a value", List::add)
                .form();
        String text = "{\"value\": " + json.replace('\'', '"') + "}";
        return new ConfigDocument(
                        "test",
                        text.getBytes(StandardCharsets.UTF_8),
                        null,
                        Map.<String, String>of()::get,
                        new SecretFiles())
                .read(form)
                .value()
                .get(0);
    }

    /** The faults, each with its path below the value. */
    static List<String> faults(Type<?> type, String json) {
        ConfigException e = catchThrowableOfType(ConfigException.class, () -> read(type, json));
        return e.faults().stream()
                .map(fault -> fault.toString().replace("$.value", "$"))
                .toList();
    }
}
