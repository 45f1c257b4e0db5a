package dev.evenkeel.lb.okhttp.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.evenkeel.lb.okhttp.internal.http.BoundedRegex;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Paths that are changed by a regular expression. */
class RegexRewriteTest {
    private static RegexRewrite rewrite(String regex, String replacement) {
        return new RegexRewrite(BoundedRegex.of(regex), replacement);
    }

    @ParameterizedTest
    @CsvSource({
        "^/users/(\\d+), /u/$1,     /users/42/x, /u/42/x",
        "/a,             /b,        /a/a,        /b/a", // the first match alone
        "^/(a)/(b),      /$2/$1,    /a/b/c,      /b/a/c",
        "^/a,            /\\$0,     /a,          /$0",
        "^/a,            b,         /a/c,        /b/c", // begins with a slash in any case
        "^/none,         /b,        /a,          /a",
    })
    void path_isRewritten(String regex, String replacement, String path, String expected) {
        assertThat(rewrite(regex, replacement).apply(path)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/$2", "/$", "/$x", "/\\"})
    void replacement_thatRefersToNoGroup_isRefused(String replacement) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> rewrite("^/(a)", replacement))
                .withMessage("replacement must refer to the 1 groups of the expression by $ and a digit: \""
                        + replacement + "\"; write \\$ for a dollar sign");
    }

    @Test
    void replacement_withControlCharacters_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> rewrite("^/a", "/\r\nX: 1"))
                .withMessageStartingWith("replacement must ");
    }
}
