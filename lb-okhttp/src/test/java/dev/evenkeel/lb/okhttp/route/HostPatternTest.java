package dev.evenkeel.lb.okhttp.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** A host, or all hosts below a name. */
class HostPatternTest {
    @Test
    void name_matchesItself_inAnySpelling() {
        HostPattern pattern = new HostPattern("API.Example.com.");

        assertThat(pattern.text()).isEqualTo("api.example.com");
        assertThat(pattern.matches("api.example.com")).isTrue();
        assertThat(pattern.matches("api.example.com.")).isTrue();
        assertThat(pattern.matches("x.api.example.com")).isFalse();
    }

    @Test
    void wildcard_matchesWhatIsBelow_andNotTheNameItself() {
        HostPattern pattern = new HostPattern("*.example.com");

        assertThat(pattern.isWildcard()).isTrue();
        assertThat(pattern.matches("a.example.com")).isTrue();
        assertThat(pattern.matches("a.b.example.com")).isTrue();
        assertThat(pattern.matches("example.com")).isFalse();
        assertThat(pattern.matches("badexample.com")).isFalse();
        assertThat(pattern.covers(new HostPattern("*.b.example.com"))).isTrue();
        assertThat(new HostPattern("*.b.example.com").covers(pattern)).isFalse();
    }

    @Test
    void otherTexts_areRefused() {
        for (String text : new String[] {"a.*.com", "*", "http://a", "a:80", "a/b", " "}) {
            assertThatThrownBy(() -> new HostPattern(text)).as(text).hasMessageStartingWith("host must ");
        }
    }
}
