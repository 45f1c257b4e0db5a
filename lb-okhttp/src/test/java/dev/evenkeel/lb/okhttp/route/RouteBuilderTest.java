package dev.evenkeel.lb.okhttp.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.evenkeel.lb.okhttp.retry.RetryPolicy;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Setters that add, setters that replace, and what a built route keeps. */
class RouteBuilderTest {
    private static RouteBuilder builder() {
        return Route.builder("r").to("pool");
    }

    @Test
    void hostsPathsAndMethods_ofSeveralCalls_addUp() {
        RouteMatch match = builder()
                .host("a.com")
                .host("b.com", "*.c.com")
                .path("/a")
                .pathPrefix("/b")
                .method("get")
                .method("POST", "GET")
                .build()
                .match();

        assertThat(match.hosts()).extracting(HostPattern::text).hasSize(3).contains("a.com", "b.com");
        assertThat(match.paths()).containsExactly(new PathPattern.Exact("/a"), new PathPattern.Prefix("/b"));
        assertThat(match.methods()).containsExactlyInAnyOrder("GET", "POST");
    }

    @Test
    void timeouts_areSetOneByOne_andKeepEachOther() {
        RouteTimeouts timeouts = builder()
                .timeout(Duration.ofSeconds(4))
                .connectTimeout(Duration.ofSeconds(1))
                .readTimeout(Duration.ofSeconds(2))
                .writeTimeout(Duration.ofSeconds(3))
                .build()
                .timeouts();

        assertThat(timeouts)
                .isEqualTo(new RouteTimeouts(
                        Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(3), Duration.ofSeconds(4)));
    }

    @Test
    void stripPrefix_isARewritingToTheRoot_andTheLastRewritingCounts() {
        assertThat(builder().stripPrefix("/v1").build().pathRewrite()).isEqualTo(new PathRewrite.Prefix("/v1", "/"));
        assertThat(builder()
                        .stripPrefix("/v1")
                        .rewritePath(new PathRewrite.Prefix("/a", "/b"))
                        .build()
                        .pathRewrite())
                .isEqualTo(new PathRewrite.Prefix("/a", "/b"));
    }

    @Test
    void builder_isReusable_andARouteKeepsWhatItWasBuiltWith() {
        RouteBuilder builder = builder().header("A", "1");
        Route first = builder.build();
        Route second = builder.query("b", "2")
                .requestHeaders(HeaderEdit.remove("C"))
                .retries(RetryPolicy.none())
                .build();

        assertThat(first.match().conditions()).hasSize(1);
        assertThat(first.requestHeaders()).isEmpty();
        assertThat(first.retries()).isNull();
        assertThat(second.match().conditions()).hasSize(2);
        assertThat(second.requestHeaders()).isEqualTo(List.of(HeaderEdit.remove("C")));
    }

    @Test
    void routeWithoutATarget_andNulls_areRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> Route.builder("r").build());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().mirror(null))
                .withMessageContaining("mirror");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().when(null))
                .withMessageContaining("predicate");
        assertThatIllegalArgumentException().isThrownBy(() -> builder().method("GET", null));
    }
}
