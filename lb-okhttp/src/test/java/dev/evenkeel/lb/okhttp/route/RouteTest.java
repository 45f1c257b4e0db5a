package dev.evenkeel.lb.okhttp.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import okhttp3.Headers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What routes refuse when they are made, and what their actions do. */
class RouteTest {

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "*", "a.*.com", "*.*.com", "http://a", "a/b", "a:80", "a b", "a\r\nb", "a\u0000"})
    void host_thatIsNone_isRefused(String host) {
        assertThatThrownBy(() -> Route.builder("r").host(host))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("host must ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "x", "/a?b", "/a#b", "/a b", "/a\r\nb", "/a\u0000", "/a/../b", "/./b", "/a/%2e%2E", "/.."})
    void path_thatIsNone_isRefused(String path) {
        assertThatThrownBy(() -> Route.builder("r").path(path))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("path must ");
        assertThatThrownBy(() -> Route.builder("r").pathPrefix(path))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("pathPrefix must ");
    }

    @Test
    void regex_thatIsNone_isRefused() {
        assertThatThrownBy(() -> Route.builder("r").pathRegex("/(a"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("regex must be one of java.util.regex: \"/(a\" (Unclosed group near index 3)");
        assertThatThrownBy(() -> Route.builder("r").pathRegex("a".repeat(1_001)))
                .hasMessage("regex must have at most 1000 characters: 1001");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\r\nX-Injected: 1", "a\nb", "a\rb", "a\u0000b", "a\u007fb", "sécret"})
    void headerValue_thatCouldBeMoreThanAValue_isRefusedAndNotRepeated(String value) {
        assertThatThrownBy(() -> HeaderEdit.set("X-A", value))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("the value of header X-A must consist of tabs and printable ASCII characters")
                .hasMessageNotContaining(value);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a b",
                "a\r\nb",
                "a:",
                "ä",
                "Content-Length",
                "transfer-encoding",
                "Connection",
                "Upgrade",
                "Sec-WebSocket-Key"
            })
    void headerName_thatIsNoneOrFramesTheMessage_isRefused(String name) {
        assertThatThrownBy(() -> HeaderEdit.set(name, "x")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void headerEdits_areMadeInTheirOrder() {
        Headers headers = HeaderEdit.apply(
                List.of(
                        HeaderEdit.remove("a"),
                        HeaderEdit.add("B", "2"),
                        HeaderEdit.set("c", "3"),
                        HeaderEdit.add("c", "4")),
                Headers.of("A", "1", "b", "1", "C", "1"));

        assertThat(headers).isEqualTo(Headers.of("b", "1", "B", "2", "c", "3", "c", "4"));
        assertThat(HeaderEdit.set("X-Key", "secret")).hasToString("SET X-Key");
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            /api, /,   /api,        /
            /api, /,   /api/,       /
            /api, /,   /api/x,      /x
            /api, /,   /api//x,     //x
            /api, /,   /apis/x,     /apis/x
            /api, /,   /x/api,      /x/api
            /api, /,   /%61pi/x,    /x
            /api, /,   /api/a%2Fb,  /a%2Fb
            /a/b, /,   /%61/%62/c,  /c
            /api/, /,  /api/x,      /x
            /api, /v2, /api,        /v2
            /api, /v2, /api/x,      /v2/x
            /api, /v2/, /api/x,     /v2/x
            /,    /v2, /x,          /v2/x
            /,    /v2, /,           /v2/
            """)
    void prefix_isReplaced(String prefix, String replacement, String path, String expected) {
        assertThat(new PathRewrite.Prefix(prefix, replacement).apply(path)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            ^/u/(\\d+),  /users/$1, /u/7/x,  /users/7/x
            ^/u/(\\d+),  /users/$1, /u/a,    /u/a
            ^/,          '',        /x,      /x
            /old,        /new,      /a/old/old, /a/new/old
            """)
    void regex_replacesItsFirstMatch(String regex, String replacement, String path, String expected) {
        assertThat(PathRewrite.regex(regex, replacement).apply(path)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"$2", "$", "$x", "a\\", "${name}"})
    void replacement_thatNamesNoGroup_isRefused(String replacement) {
        assertThatThrownBy(() -> PathRewrite.regex("/(a)", replacement))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("replacement must refer to the 1 groups of the expression");
    }

    @Test
    void routes_areCheckedTogether_andEveryFaultIsTold() {
        List<Route> routes = List.of(
                route("a").host("*.example.com").build(),
                route("b").host("api.example.com").path("/x").method("GET").build(),
                route("c").pathPrefix("/api").method("GET", "POST").build(),
                route("d").pathPrefix("/api/v1").method("GET").header("X", "1").build(),
                route("a").path("/only").build(),
                route("e").build(),
                route("f").host("last").build());

        assertThat(RouteTable.faults(routes))
                .containsExactly(
                        "route \"b\" must take a request: route \"a\" before it takes all of them; change their order",
                        "route \"d\" must take a request: route \"c\" before it takes all of them; change their order",
                        "routes must have different names: number 1 and number 5 are called \"a\"",
                        "route \"f\" must take a request: route \"e\" before it takes all of them; change their order");
        assertThatThrownBy(() -> RouteTable.of(routes))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"b\" must take")
                .hasMessageContaining("\"f\" must take");
    }

    @Test
    void routes_thatOnlyOverlap_areNoFault() {
        assertThat(RouteTable.faults(List.of(
                        route("a").host("a").method("GET").build(),
                        route("b").host("a").build(),
                        route("c").host("b").header("X", "1").build(),
                        route("d").host("b").header("X", "2").build(),
                        route("e").host("c").when(request -> true).build(),
                        route("f").host("c").pathRegex("/x.*").build(),
                        route("g").host("c").path("/x").build(),
                        route("h").host("*.a").build(),
                        route("i").host("*.b.a", "c").path("/x", "/y").build())))
                .isEmpty();
    }

    private static RouteBuilder route(String name) {
        return Route.builder(name).to("pool");
    }

    /** Whatever a configuration says: it is refused with a reason, or it is harmless. */
    @Test
    void anyText_isRefusedOrHarmless() {
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            String text = randomText(random);
            harmless(() -> HeaderEdit.set(text, "x").name());
            harmless(() -> HeaderEdit.set("X-A", text).value());
            harmless(() -> new HostPattern(text).text());
            harmless(() -> new PathPattern.Exact(text).path());
            harmless(() -> new PathPattern.Prefix(text).path());
            harmless(() -> new PathRewrite.Prefix("/", text).apply("/x"));
            harmless(() -> new InboundRequest(InetAddress.getLoopbackAddress(), text, null, 0).host());
            harmless(() -> new InboundRequest(InetAddress.getLoopbackAddress(), null, text, 0).proto());
            harmless(
                    () -> new RequestCondition(RequestCondition.RequestPart.HEADER, text, ValueMatcher.PRESENT).name());
            harmless(() -> ForwardedHeaders.OFF
                    .requestId(ForwardedHeaders.Mode.SET, text)
                    .requestIdHeader());
        }
    }

    private static void harmless(Supplier<String> made) {
        String text;
        try {
            text = made.get();
        } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).isNotBlank();
            assertThat(e.getMessage()).doesNotContain("\r", "\n", "\u0000");
            return;
        }
        assertThat(text).doesNotContain("\r", "\n", "\u0000");
    }

    private static String randomText(Random random) {
        String alphabet = "/.*:[]%2Fe0a-_ \t\r\n\u0000\"\\;,=@?#\u00e4\u2028\ud800{}$^";
        StringBuilder text = new StringBuilder(random.nextInt(5) == 0 ? "/" : "");
        for (int i = random.nextInt(12); i > 0; i--) {
            text.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        return text.toString();
    }

    @Test
    void route_withoutATarget_isRefused() {
        assertThatThrownBy(() -> Route.builder("r").build()).hasMessage("route \"r\" must have a pool: call to(…)");
    }

    @Test
    void mirror_toTheRoutesOwnPool_isRefused() {
        assertThatThrownBy(() -> route("r").mirror(Mirror.to("pool")).build())
                .hasMessage("route \"r\" must mirror to another pool than it sends requests to: \"pool\"");
        assertThatThrownBy(() -> Mirror.to("x").percent(101)).hasMessage("percent must be 0..100: 101");
        assertThatThrownBy(() -> Mirror.to("x").timeout(Duration.ZERO))
                .hasMessage("timeout must be 1 ms to 24 hours: PT0S");
    }

    @Test
    void split_thatCannotBe_isRefused() {
        assertThatThrownBy(() -> Split.builder().build())
                .hasMessage("the number of pools in a split must be 1..1000: 0");
        assertThatThrownBy(() -> Split.builder().pool("a", 0).build())
                .hasMessage("a split must have a pool with a weight above 0");
        assertThatThrownBy(() -> Split.builder().pool("a", 1).pool("a", 1).build())
                .hasMessageStartingWith("a split must name each pool once");
        assertThatThrownBy(() -> Split.builder().pool("a", -1))
                .hasMessage("weight of pool \"a\" must be 0..1000000: -1");
    }
}
