package dev.evenkeel.lb.okhttp.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Paths as the backend has them. */
class PathRewriteTest {
    @Test
    void prefix_isReplaced_andOtherPathsStay() {
        PathRewrite rewrite = new PathRewrite.Prefix("/api/v1", "/v2/");

        assertThat(rewrite.apply("/api/v1/users")).isEqualTo("/v2/users");
        assertThat(rewrite.apply("/%61pi/v1/a%2Fb")).isEqualTo("/v2/a%2Fb");
        assertThat(rewrite.apply("/api/v10")).isEqualTo("/api/v10");
        assertThat(new PathRewrite.Prefix("/api", "/").apply("/api")).isEqualTo("/");
    }

    @Test
    void firstMatchOfAnExpression_isReplaced() {
        assertThat(PathRewrite.regex("^/users/(\\d+)", "/u/$1").apply("/users/42/x"))
                .isEqualTo("/u/42/x");
        assertThat(PathRewrite.regex("/a", "").apply("/a")).isEqualTo("/");
        assertThatThrownBy(() -> PathRewrite.regex("/(a)", "/$2"))
                .hasMessageStartingWith("replacement must refer to the 1 groups of the expression");
    }
}
