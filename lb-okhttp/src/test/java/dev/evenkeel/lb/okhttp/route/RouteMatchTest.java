package dev.evenkeel.lb.okhttp.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.evenkeel.lb.okhttp.route.RequestCondition.RequestPart;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import okhttp3.CookieJar;
import okhttp3.Request;
import okhttp3.RequestBody;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a route asks of requests, and when it takes all that another one takes. */
class RouteMatchTest {
    private static final Predicate<Request> SECURE = request -> request.url().isHttps();

    private static RouteMatch match(UnaryOperator<RouteBuilder> asked) {
        return asked.apply(Route.builder("r").to("pool")).build().match();
    }

    private static MatchContext context(Request.Builder request) {
        return new MatchContext(request.build(), CookieJar.NO_COOKIES);
    }

    @Test
    void conditions_mustHoldAllAtOnce() {
        RouteMatch match = match(route ->
                route.method("get", "PUT").header("A", "1").query("b", "2").when(SECURE));
        Request.Builder all = new Request.Builder().url("https://h/?b=2").header("A", "1");

        assertThat(match.matchesConditions(context(all))).isTrue();
        assertThat(match.matchesConditions(context(all.delete(RequestBody.create(new byte[0])))))
                .isFalse();
        assertThat(match.matchesConditions(context(all.get().url("https://h/?b=3"))))
                .isFalse();
        assertThat(match.matchesConditions(context(all.url("http://h/?b=2")))).isFalse();
        assertThat(match.matchesConditions(context(all.url("https://h/?b=2").removeHeader("A"))))
                .isFalse();
    }

    @Test
    void ofSeveralPaths_oneIsEnough_andNoneTakesEvery() {
        RouteMatch match = match(route -> route.path("/a").pathRegex("/u/\\d+"));

        assertThat(match.takesPath(context(new Request.Builder().url("http://h/a"))))
                .isTrue();
        assertThat(match.takesPath(context(new Request.Builder().url("http://h/u/7"))))
                .isTrue();
        assertThat(match.takesPath(context(new Request.Builder().url("http://h/u/x"))))
                .isFalse();
        assertThat(match(route -> route).takesPath(context(new Request.Builder().url("http://h/x"))))
                .isTrue();
        assertThat(match.hasExpressions()).isTrue();
        assertThat(match(route -> route.path("/a")).hasExpressions()).isFalse();
    }

    static List<Arguments> coverings() {
        UnaryOperator<RouteBuilder> any = route -> route;
        return List.of(
                covering("any", any, "a host", route -> route.host("a.com"), true),
                covering("a host", route -> route.host("a.com"), "any", any, false),
                covering("a wildcard", route -> route.host("*.a.com"), "a host", route -> route.host("x.a.com"), true),
                covering("two hosts", route -> route.host("a", "b"), "one", route -> route.host("b"), true),
                covering("one host", route -> route.host("b"), "two", route -> route.host("a", "b"), false),
                covering("a prefix", route -> route.pathPrefix("/a"), "a path", route -> route.path("/a/b"), true),
                covering("a path", route -> route.path("/a"), "a prefix", route -> route.pathPrefix("/a"), false),
                covering("the root", route -> route.pathPrefix("/"), "any", any, true),
                covering("methods", route -> route.method("GET", "PUT"), "one", route -> route.method("put"), true),
                covering("a method", route -> route.method("GET"), "any", any, false),
                covering("a header", route -> route.header("A", "1"), "any", any, false),
                covering("any", any, "a header", route -> route.header("A", "1"), true),
                covering("code", route -> route.when(SECURE), "any", any, false),
                covering("code", route -> route.when(SECURE), "the same", route -> route.when(SECURE), true),
                covering("code", route -> route.when(SECURE), "other code", route -> route.when(all -> true), false));
    }

    private static Arguments covering(
            String first,
            UnaryOperator<RouteBuilder> asked,
            String second,
            UnaryOperator<RouteBuilder> other,
            boolean covers) {
        return Arguments.argumentSet(first + (covers ? " covers " : " does not cover ") + second, asked, other, covers);
    }

    @ParameterizedTest
    @MethodSource("coverings")
    void match_coversWhatAsksForMore(
            UnaryOperator<RouteBuilder> asked, UnaryOperator<RouteBuilder> other, boolean covers) {
        assertThat(match(asked).covers(match(other))).isEqualTo(covers);
    }

    @Test
    void method_thatIsNoToken_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RouteMatch(List.of(), List.of(), Set.of("GET /"), List.of(), null))
                .withMessageContaining("method");
        assertThat(new RouteMatch(
                                List.of(),
                                List.of(),
                                Set.of("GET"),
                                List.of(new RequestCondition(RequestPart.HEADER, "A", ValueMatcher.PRESENT)),
                                null)
                        .methods())
                .containsExactly("GET");
    }
}
