package dev.evenkeel.lb.okhttp.internal.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class BoundedRegexTest {

    @ParameterizedTest
    @ValueSource(strings = {"(a+)+b", "(?:.*a){12}z", "(.*)*(.*)*(.*)*x"})
    void expression_thatBacktracks_isStopped(String regex) {
        assertThatThrownBy(() -> BoundedRegex.of(regex).isFoundIn("a".repeat(5_000) + "!"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("the regular expression \"" + regex + "\" took more than 80016 steps");
    }

    @Test
    void expression_thatNeedsMoreStackThanThereIs_isStopped() {
        assertThatThrownBy(() -> BoundedRegex.of("(a|b)*OK").isFoundIn("a".repeat(200_000)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("the regular expression \"(a|b)*OK\" needs more stack than a thread has");
    }

    @Test
    void longText_thatMatchesSimply_isFound() {
        String text = "x".repeat(65_000) + "\"status\":\"UP\"";

        assertThat(BoundedRegex.of("\"status\"\\s*:\\s*\"UP\"").isFoundIn(text)).isTrue();
        assertThat(BoundedRegex.of(".*\"status\":\"UP\".*").isFoundIn(text)).isTrue();
        assertThat(BoundedRegex.of("DOWN").isFoundIn(text)).isFalse();
    }

    @Test
    void flags_areKept() {
        assertThat(BoundedRegex.of(Pattern.compile("up", Pattern.CASE_INSENSITIVE))
                        .isFoundIn("UP"))
                .isTrue();
        assertThat(BoundedRegex.of(Pattern.compile("up", Pattern.CASE_INSENSITIVE)))
                .isNotEqualTo(BoundedRegex.of("up"));
    }

    @Test
    void firstGroup_ofTheFirstMatch_isGiven() {
        BoundedRegex regex = BoundedRegex.of("/users/([^/]+)|/all");

        assertThat(regex.firstGroupIn("/v1/users/42/orders")).isEqualTo("42");
        assertThat(regex.firstGroupIn("/all")).isNull();
        assertThat(regex.firstGroupIn("/none")).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(?:(?:(?:){1000}){1000}){1000}",
                "((\\b){200}x?){200}",
                "(?:[)}]{101}){100}",
                "(?:(?:a{3}){100,}b?){100}?",
                "(?:\\Q)\\E(?:){1000}){1000}",
            })
    void countedRepetitions_inEachOther_areRefused(String regex) {
        assertThatThrownBy(() -> BoundedRegex.of(regex))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("regex must not nest counted repetitions to more than 10000 in all: ");
        assertThatThrownBy(() -> BoundedRegex.of(Pattern.compile(regex))).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[0-9]{1,3}(?:\\.[0-9]{1,3}){3}",
                "(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}",
                "(?:.{0,9999}\\.){0,127}",
                "\\p{Alpha}{10}-\\x{1F600}{10}-(?<name>x){10}\\k<name>",
                "[{9999}]{9}\\{9999}",
                "a{5000}b{5000}c{5000}",
                "\\Q(a{5000}){5000}\\E",
            })
    void countedRepetitions_besideEachOther_areTaken(String regex) {
        assertThat(BoundedRegex.of(regex).text()).isEqualTo(regex);
    }

    @ParameterizedTest
    @CsvSource({"a,1", "'(a){3}',3", "'(a{2}b{5}){3}',15", "'((a{2}){3}c){4}{5}',120", "'a{,5}',1", "'[a{7}]{2}',2"})
    void repetitions_areMultipliedByNesting(String regex, long expected) {
        assertThat(new Repetitions(regex).most()).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(?:(|))*",
                "(?:|)",
                "(?:)?",
                "(?:()|())",
                "(?:\\b|$)*",
                "(?:^|^)",
                "(?:a*|b*)?",
                "(?:\\Q\\E|\\Q\\E)",
                "(?:(?=)|(?!x))",
                "(?<n0>|)",
                "(?i:|)",
                "(x)?(?:\\1|)",
                "(?>|)",
                "(|)?+",
            })
    void waysToMatchNothing_inARow_areRefused(String part) {
        assertThat(BoundedRegex.of(part).text()).isEqualTo(part);
        StringBuilder parts = new StringBuilder(".*");
        for (int i = 0; i < 12; i++) {
            parts.append(part.replace("n0", "n" + i));
        }
        String row = parts.append('x').toString();

        assertThatThrownBy(() -> BoundedRegex.of(row))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(
                        "regex must not be able to match nothing in so many ways that they take more than 1000 steps");
        assertThatThrownBy(() -> BoundedRegex.of(Pattern.compile(row))).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(|)(|)(|)(|)(|)(?:(|)(|)(|)(|)(|)(?:(|)(|)(|)(|)a)?)?",
                "(?:a(|)(|)(|)(|)(|)(|))(?:(|)(|)(|)(|)(|)(|)b)",
                "(?:(?:){100}){100}x",
            })
    void waysToMatchNothing_acrossGroups_areRefused(String regex) {
        assertThatThrownBy(() -> BoundedRegex.of(regex)).hasMessageStartingWith("regex must not be able to match");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "^(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(?:\\.|$)){4}$",
                "/(?:v[0-9]+/)?(?:users|orders)(?:/([^/]*))?(?:/.*)?",
                "[a-z]?[b-z]?[c-z]?[d-z]?[e-z]?[f-z]?[g-z]?[h-z]?[i-z]?[j-z]?[k-z]?[l-z]?",
                "(?:[0-9a-f]{0,4}:?){8}",
                "(a|b|c)(d|e|f)(g|h|i)(j|k|l)(m|n|o)(p|q|r)(s|t|u)(v|w|x)(y|z|0)(1|2|3)(4|5|6)(7|8|9)",
                "^\\s*\\{?\\s*\"status\"\\s*:\\s*\"?(UP|OK|GREEN)\"?\\s*,?.*\\}?\\s*$",
                "(?:a*|b)*(?:c*|d)*e",
                "\\(?x\\)",
                "x(?-x)",
            })
    void usualExpressions_areTaken(String regex) {
        assertThat(BoundedRegex.of(regex).text()).isEqualTo(regex);
    }

    @Test
    void whiteSpaceAndComments_areRefused_sinceTheyHideWhatIsRepeated() {
        for (String regex : List.of("(?x)a", "(?ix-s)a", "a(?sx:b)")) {
            assertThatThrownBy(() -> BoundedRegex.of(regex))
                    .hasMessage("regex must not have the flag x, comments: \"" + regex
                            + "\"; write it without white space and comments");
        }
        assertThatThrownBy(() -> BoundedRegex.of(Pattern.compile("a # b", Pattern.COMMENTS)))
                .hasMessageStartingWith("regex must not have the flag x");
    }

    @Test
    void expression_thatTakesLong_isStopped() {
        AtomicLong nanos = new AtomicLong();
        BoundedRegex regex = BoundedRegex.of("a*b").timedBy(() -> nanos.getAndAdd(300_000_000));

        assertThatThrownBy(() -> regex.isFoundIn("a".repeat(5_000)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("the regular expression \"a*b\" took more than 1 s");
        assertThat(regex.isFoundIn("aab")).isTrue();
    }
}
