package dev.evenkeel.lb.okhttp.route;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Paths that a route is for. */
class PathPatternTest {
    @Test
    void exactPath_matchesItsSpellings() {
        PathPattern exact = new PathPattern.Exact("/a~b");

        assertThat(exact.matches("/a%7Eb")).isTrue();
        assertThat(exact.matches("/a~b/")).isFalse();
    }

    @Test
    void prefix_endsAtASegment() {
        PathPattern prefix = new PathPattern.Prefix("/api");

        assertThat(prefix.matches("/api")).isTrue();
        assertThat(prefix.matches("/api/x")).isTrue();
        assertThat(prefix.matches("/apis")).isFalse();
        assertThat(new PathPattern.Prefix("/api/").matches("/api")).isFalse();
    }

    @Test
    void prefix_coversWhatIsBelowIt() {
        PathPattern prefix = new PathPattern.Prefix("/api");

        assertThat(prefix.covers(new PathPattern.Exact("/api/x"))).isTrue();
        assertThat(prefix.covers(new PathPattern.Prefix("/api/x"))).isTrue();
        assertThat(prefix.covers(new PathPattern.Prefix("/"))).isFalse();
        assertThat(new PathPattern.Exact("/api").covers(prefix)).isFalse();
    }
}
