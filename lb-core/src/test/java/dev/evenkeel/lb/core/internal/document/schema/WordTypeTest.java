package dev.evenkeel.lb.core.internal.document.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class WordTypeTest {
    private enum Kind {
        PLAIN,
        NEVER_SENT
    }

    private static final Type<Kind> TYPE = WordType.constant("kind", Kind.values());

    @Test
    void words_areTheConstantsInCamelCase() {
        assertThat(TypeReading.of(TYPE, "neverSent").meanings).containsExactly(Kind.NEVER_SENT);
        assertThat(TypeReading.of(TYPE, "plain").kept()).isEqualTo("plain");
    }

    @Test
    void unknownWord_isRefusedWithTheKnownOnes() {
        assertThat(TypeReading.of(TYPE, "NEVER_SENT").faults)
                .containsExactly("$: unknown kind \"NEVER_SENT\"; expected one of plain, neverSent");
        assertThat(TypeReading.of(TYPE, 1).faults).containsExactly("$: must be a string: 1");
    }

    @Test
    void placeholder_isKeptAsItIsWritten() {
        TypeReading<Kind> read = TypeReading.of(TYPE, "${KIND}", Map.of("KIND", "plain"));
        assertThat(read.meanings).containsExactly(Kind.PLAIN);
        assertThat(read.kept()).isNotEqualTo("plain");
    }
}
