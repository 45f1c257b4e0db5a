package dev.evenkeel.lb.core.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class DecimalsTest {

    @Test
    void numbers_areAsFormattedOnes() {
        Random random = new Random(1);
        for (int i = 0; i < 10_000; i++) {
            // Off the middle between two, where rounding of binary and of decimal numbers differ.
            double tenths = Math.rint((random.nextDouble() - 0.1) * 100_000) / 10 + 0.001;
            double hundredths = Math.rint((random.nextDouble() - 0.1) * 100_000) / 100 + 0.0001;
            assertThat(Decimals.tenths(new StringBuilder(), tenths))
                    .hasToString(String.format(Locale.ROOT, "%.1f", tenths).replace("-0.0", "0.0"));
            assertThat(Decimals.hundredths(new StringBuilder(), hundredths))
                    .hasToString(String.format(Locale.ROOT, "%.2f", hundredths).replace("-0.00", "0.00"));
        }
    }

    @Test
    void zerosAfterThePoint_areKept() {
        assertThat(Decimals.tenths(new StringBuilder(), 20)).hasToString("20.0");
        assertThat(Decimals.hundredths(new StringBuilder(), 3.04)).hasToString("3.04");
        assertThat(Decimals.hundredths(new StringBuilder(), -0.05)).hasToString("-0.05");
    }
}
