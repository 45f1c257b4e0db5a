package dev.evenkeel.lb.okhttp.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import okhttp3.CookieJar;
import okhttp3.Request;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Candidates by host and path, in the order of the routes. */
class RouteIndexTest {
    private static final List<Route> ROUTES = List.of(
            route("exact").host("api.example.com").path("/a").build(),
            route("wild").host("*.example.com").pathPrefix("/a").build(),
            route("deep").host("*.eu.example.com").build(),
            route("every").pathPrefix("/a").build(),
            route("two").host("api.example.com", "*.example.org").build());

    private static final RouteIndex INDEX = RouteIndex.of(ROUTES);

    private static RouteBuilder route(String name) {
        return Route.builder(name).to("pool");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "http://api.example.com/a   | exact wild every two",
                "http://api.example.com/b   | two",
                "http://www.example.com/a/b | wild every",
                "http://x.eu.example.com/a  | wild deep every", // the longer end holds the routes of the shorter one
                "http://x.eu.example.com/b  | deep",
                "http://eu.example.com/a    | wild every",
                "http://example.com/a       | every", // a wildcard needs a label
                "http://a.b.example.org/    | two",
                "http://elsewhere/b         | ''",
            })
    void candidates_areFoundByHostAndPath_inOrder(String url, String expected) {
        PathIndex.PositionMerger found =
                INDEX.candidates(new MatchContext(new Request.Builder().url(url).build(), CookieJar.NO_COOKIES));
        List<String> names = new ArrayList<>();
        for (int position = found.next(); position >= 0; position = found.next()) {
            names.add(ROUTES.get(position).name());
        }
        assertThat(String.join(" ", names)).isEqualTo(expected);
    }
}
