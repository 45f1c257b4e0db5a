package dev.evenkeel.lb.core.internal.document.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NumberTypesTest {
    @Test
    void wholeNumber_isOf32Bits_andATextOnlyFromTheEnvironment() {
        Type<Integer> type = NumberTypes.integer(1, 100);
        assertThat(TypeReading.of(type, 7L).meanings).containsExactly(7);
        assertThat(TypeReading.of(type, "${N}", Map.of("N", "7")).meanings).containsExactly(7);
        assertThat(TypeReading.of(type, "7").faults).containsExactly("$: must be a whole number: \"7\"");
        assertThat(TypeReading.of(type, 7.0).faults).containsExactly("$: must be a whole number: 7.0");
        assertThat(TypeReading.of(type, 1L << 32).faults)
                .containsExactly("$: must be a whole number of 32 bits: 4294967296");
        assertThat(TypeReading.of(type, BigInteger.TWO.pow(70)).faults)
                .containsExactly("$: must be a whole number of 32 bits: " + Long.MAX_VALUE);
        assertThat(TypeReading.of(type, BigInteger.TWO.pow(70).negate()).faults)
                .containsExactly("$: must be a whole number of 32 bits: " + Long.MIN_VALUE);
    }

    @Test
    void number_isFinite() {
        Type<Double> type = NumberTypes.number(0, 50);
        assertThat(TypeReading.of(type, 7).meanings).containsExactly(7.0);
        assertThat(TypeReading.of(type, "${N}", Map.of("N", "0.5")).meanings).containsExactly(0.5);
        assertThat(TypeReading.of(type, "${N}", Map.of("N", "1e3")).meanings).isEmpty();
        assertThat(TypeReading.of(type, Double.POSITIVE_INFINITY).meanings).isEmpty();
        assertThat(TypeReading.of(type, true).faults).containsExactly("$: must be a number: true");
    }

    @Test
    void canonicalNumber_hasNoNeedlessFraction() {
        assertThat(TypeReading.of(NumberTypes.number(0, 50), 50.0).kept()).isEqualTo(50L);
        assertThat(TypeReading.of(NumberTypes.number(0, 50), 0.5).kept()).isEqualTo(new BigDecimal("0.5"));
    }
}
