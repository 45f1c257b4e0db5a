package dev.evenkeel.lb.okhttp.internal.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How often counted repetitions of an expression nest. */
class RepetitionsTest {
    private static long most(String regex) {
        return new Repetitions(regex).most();
    }

    @Test
    void nestedCounts_multiply() {
        assertThat(most("abc")).isEqualTo(1);
        assertThat(most("a{3}b{5}")).isEqualTo(5);
        assertThat(most("(a{10}){20}")).isEqualTo(200);
        assertThat(most("((a{10}){20}){30}")).isEqualTo(6_000);
    }

    @Test
    void escapesAndClasses_areNoCounts() {
        assertThat(most("a\\{900}")).isEqualTo(1);
        assertThat(most("[{9]{4}")).isEqualTo(4);
        assertThat(most("\\Q(a{9}){9}\\E")).isEqualTo(1);
    }
}
