package dev.evenkeel.lb.okhttp.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.evenkeel.lb.okhttp.internal.http.BoundedRegex;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Values that match a regular expression. */
class RegexMatcherTest {
    private final RegexMatcher matcher = new RegexMatcher(BoundedRegex.of("[a-c]+"));

    @Test
    void oneValueOfSeveral_isEnough() {
        assertThat(matcher.passes(List.of("x", "abc"))).isTrue();
        assertThat(matcher.passes(List.of("x", "y"))).isFalse();
        assertThat(matcher.passes(List.of())).isFalse();
    }

    @Test
    void value_matchesAsAWhole() {
        assertThat(matcher.passes(List.of("abcd"))).isFalse();
        assertThat(matcher.passes(List.of(""))).isFalse();
    }

    @Test
    void null_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RegexMatcher(null))
                .withMessageContaining("regex");
    }
}
