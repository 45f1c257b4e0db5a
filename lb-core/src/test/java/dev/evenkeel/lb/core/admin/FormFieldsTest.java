package dev.evenkeel.lb.core.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class FormFieldsTest {
    @Test
    void fields_areDecoded() {
        assertThat(FormFields.parse("a=1&b=x+y%26z&c="))
                .containsExactlyInAnyOrderEntriesOf(Map.of("a", "1", "b", "x y&z", "c", ""));
    }

    @Test
    void fieldWithoutANameOrAValue_orWithABrokenEscape_isLeftOut() {
        assertThat(FormFields.parse("=1&lonely&bad=%zz&good=1")).containsExactly(Map.entry("good", "1"));
    }

    @Test
    void fieldThatIsThereTwice_hasItsLastValue() {
        assertThat(FormFields.parse("a=1&a=2")).containsExactly(Map.entry("a", "2"));
    }
}
