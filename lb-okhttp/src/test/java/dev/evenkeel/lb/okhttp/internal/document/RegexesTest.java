package dev.evenkeel.lb.okhttp.internal.document;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Regular expressions in documents. */
class RegexesTest {
    @Test
    void expression_isRead_asBoundedOneAndAsPattern() {
        assertThat(FormFixture.read(Regexes.BOUNDED, "'[a-c]+'").matches("abc")).isTrue();
        assertThat(FormFixture.read(Regexes.PATTERN, "'[a-c]+'").pattern()).isEqualTo("[a-c]+");
    }

    @Test
    void expression_thatIsNone_orTooLong_isRefused_byBoth() {
        for (String bad : new String[] {"(a", "a".repeat(1_001)}) {
            assertThat(FormFixture.faults(Regexes.BOUNDED, "'" + bad + "'"))
                    .singleElement()
                    .asString()
                    .startsWith("$: regex must ");
            assertThat(FormFixture.faults(Regexes.PATTERN, "'" + bad + "'"))
                    .singleElement()
                    .asString()
                    .startsWith("$: regex must ");
        }
    }
}
