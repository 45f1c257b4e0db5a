package dev.evenkeel.lb.core.internal.document.reader;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.core.config.ConfigException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ValueCursorTest {
    private final ReadContext reading = new ReadContext("test", Map.of("SECRET", "pass word")::get, null);

    private ValueCursor cursor(@Nullable Object written) {
        return requireNonNull(ValueCursor.of("$", written, reading));
    }

    private List<String> faults() {
        List<String> faults = new ArrayList<>();
        try {
            reading.faults.throwIfAny();
        } catch (ConfigException e) {
            e.faults().forEach(fault -> faults.add(fault.path() + ": " + fault.rule()));
        }
        return faults;
    }

    @Test
    void paths_areThoseOfJsonPath() {
        ValueCursor root = cursor(Map.of());
        assertThat(root.pathOf("name")).isEqualTo("$.name");
        assertThat(root.pathOf("it's a b")).isEqualTo("$['it\\'s a b']");
        assertThat(requireNonNull(root.element(3, "x")).path).isEqualTo("$[3]");
        assertThat(requireNonNull(root.field("a", "x")).path).isEqualTo("$.a");
    }

    @Test
    void value_hasOneType() {
        assertThat(cursor("x").text()).isEqualTo("x");
        assertThat(cursor("x").number()).isNull();
        assertThat(cursor(1).number()).isEqualTo(1);
        assertThat(cursor(true).flag()).isTrue();
        assertThat(cursor(List.of(1)).array()).isEqualTo(List.of(1));
        assertThat(cursor(Map.of("a", 1)).object()).isEqualTo(Map.of("a", 1));
    }

    @Test
    void placeholderThatHasNoValue_isAFault_andNoValue() {
        assertThat(ValueCursor.of("$.a", "${NONE}", reading)).isNull();
        assertThat(faults()).singleElement().asString().startsWith("$.a: environment variable NONE is not set");
    }

    @Test
    void refusalOfAnExpandedValue_doesNotQuoteIt() {
        ValueCursor expanded = cursor("${SECRET}");
        assertThat(expanded.isExpanded()).isTrue();
        assertThat(expanded.text()).isEqualTo("pass word");
        boolean taken = expanded.offer("a port", () -> {
            throw new IllegalArgumentException("bad: pass word");
        });
        assertThat(taken).isFalse();
        assertThat(faults()).containsExactly("$: what the placeholders stand for is refused; expected a port");
    }

    @Test
    void refusalOfAHiddenValue_doesNotQuoteIt() {
        cursor("pass word").hidden().expected("a number");
        assertThat(faults()).containsExactly("$: must be a number: …");
    }

    @Test
    void canonicalForm_keepsPlaceholders() {
        assertThat(JsonTrees.asWritten(cursor("${SECRET}").canonical(5))).isEqualTo("${SECRET}");
        assertThat(cursor("5").canonical(5)).isEqualTo(5);
    }
}
