package dev.evenkeel.lb.okhttp.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import okhttp3.Cookie;
import okhttp3.CookieJar;
import okhttp3.HttpUrl;
import okhttp3.Request;
import okhttp3.RequestBody;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which request takes which route. */
@Timeout(60)
class RouteTableTest {
    /** The routes of the cases below, in their order. */
    private static final RouteTable TABLE = RouteTable.of(List.of(
            route("admin").host("api.example.com").path("/admin").build(),
            route("deletes")
                    .host("api.example.com")
                    .pathPrefix("/users")
                    .method("delete")
                    .build(),
            route("canary")
                    .host("api.example.com")
                    .pathPrefix("/users")
                    .header("X-Stage", "canary")
                    .build(),
            route("beta")
                    .host("api.example.com")
                    .pathPrefix("/users")
                    .cookie("beta", "yes")
                    .build(),
            route("v2")
                    .host("api.example.com")
                    .pathPrefix("/users")
                    .query("v", "2")
                    .build(),
            route("tester")
                    .host("api.example.com")
                    .pathPrefix("/users")
                    .when(request -> request.tag(Integer.class) != null)
                    .build(),
            route("photo")
                    .host("api.example.com")
                    .pathRegex("/users/\\d+/photo")
                    .build(),
            route("users").host("api.example.com").pathPrefix("/users").build(),
            route("files").host("api.example.com").pathPrefix("/files/").build(),
            route("café").host("api.example.com").path("/café").build(),
            route("slash").host("api.example.com").path("/a%2fb").build(),
            route("double").host("api.example.com").path("/x//y").build(),
            route("root").host("api.example.com").path("/").build(),
            route("deep").host("*.eu.example.com").pathPrefix("/api").build(),
            route("wild").host("*.example.com").pathPrefix("/api").build(),
            route("v6").host("[2001:DB8::1]").build(),
            route("v4").host("10.1.2.3").build(),
            route("idn").host("bücher.example").build(),
            route("health").path("/health").build(),
            route("traced")
                    .pathPrefix("/any")
                    .condition(
                            new RequestCondition(RequestCondition.RequestPart.HEADER, "X-Trace", ValueMatcher.PRESENT))
                    .build(),
            route("untraced")
                    .pathPrefix("/any")
                    .condition(
                            new RequestCondition(RequestCondition.RequestPart.HEADER, "X-Trace", ValueMatcher.ABSENT))
                    .condition(new RequestCondition(
                            RequestCondition.RequestPart.QUERY, "q", ValueMatcher.matches("[a-c]+")))
                    .build()));

    private static RouteBuilder route(String name) {
        return Route.builder(name).to("pool");
    }

    @ParameterizedTest(name = "{0} {1} [{2}] is {3}")
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
            # precedence: the first that takes the request, and no better one
            GET    | http://api.example.com/users                  |                 | users
            DELETE | http://api.example.com/users                  |                 | deletes
            DELETE | http://api.example.com/users/1                | X-Stage: canary | deletes
            GET    | http://api.example.com/users/1                | X-Stage: canary | canary
            GET    | http://api.example.com/users/1?v=2            | X-Stage: canary | canary
            GET    | http://api.example.com/users/7/photo          |                 | photo
            GET    | http://api.example.com/users/7/photo          | X-Stage: canary | canary
            GET    | http://api.example.com/health                 |                 | health
            # paths: exact, prefix on segments, regex as a whole
            GET    | http://api.example.com/admin                  |                 | admin
            GET    | http://api.example.com/admin/                 |                 | -
            GET    | http://api.example.com/admin/x                |                 | -
            GET    | http://api.example.com/Admin                  |                 | -
            GET    | http://api.example.com/users/                 |                 | users
            GET    | http://api.example.com/users/1/2/3            |                 | users
            GET    | http://api.example.com/users2                 |                 | -
            GET    | http://api.example.com/user                   |                 | -
            GET    | http://api.example.com/users;v=1/x            |                 | -
            GET    | http://api.example.com/files                  |                 | -
            GET    | http://api.example.com/files/                 |                 | files
            GET    | http://api.example.com/files/a                |                 | files
            GET    | http://api.example.com/files//a               |                 | files
            GET    | http://api.example.com/users/seven/photo      |                 | users
            GET    | http://api.example.com/users/7/photo/x        |                 | users
            GET    | http://api.example.com/x/users/7/photo        |                 | -
            # the empty path is a slash
            GET    | http://api.example.com                        |                 | root
            GET    | http://api.example.com/                       |                 | root
            GET    | http://api.example.com?x=1                    |                 | root
            GET    | http://api.example.com//                      |                 | -
            # . and .. are resolved, escaped or not
            GET    | http://api.example.com/x/../admin             |                 | admin
            GET    | http://api.example.com/users/../admin         |                 | admin
            GET    | http://api.example.com/users/%2e%2e/admin     |                 | admin
            GET    | http://api.example.com/./admin                |                 | admin
            GET    | http://api.example.com/../../admin            |                 | admin
            GET    | http://api.example.com/users/..%2Fadmin       |                 | users
            GET    | http://api.example.com/users/.                |                 | users
            GET    | http://api.example.com/users/..               |                 | root
            # double slashes are kept
            GET    | http://api.example.com//admin                 |                 | -
            GET    | http://api.example.com/x//y                   |                 | double
            GET    | http://api.example.com/x/y                    |                 | -
            GET    | http://api.example.com/users//1               |                 | users
            # escapes: of letters they are the letters; of a slash never a slash
            GET    | http://api.example.com/%61dmin                |                 | admin
            GET    | http://api.example.com/us%65rs/1              |                 | users
            GET    | http://api.example.com/users%2F1              |                 | -
            GET    | http://api.example.com/users%2f1              |                 | -
            GET    | http://api.example.com/users/a%2Fb            |                 | users
            GET    | http://api.example.com/a%2Fb                  |                 | slash
            GET    | http://api.example.com/a%2fb                  |                 | slash
            GET    | http://api.example.com/a/b                    |                 | -
            GET    | http://api.example.com/caf%C3%A9              |                 | café
            GET    | http://api.example.com/caf%c3%a9              |                 | café
            GET    | http://api.example.com/café                   |                 | café
            GET    | http://api.example.com/users/%                |                 | users
            GET    | http://api.example.com/admin%00               |                 | -
            # hosts: case, dot at the end, port, scheme
            GET    | http://API.Example.COM/admin                  |                 | admin
            GET    | http://api.example.com./admin                 |                 | admin
            GET    | http://api.example.com:80/admin               |                 | admin
            GET    | http://api.example.com:8443/admin             |                 | admin
            GET    | https://api.example.com/admin                 |                 | admin
            GET    | https://api.example.com:443/admin             |                 | admin
            GET    | http://user:word@api.example.com/admin        |                 | admin
            GET    | http://apix.example.com/admin                 |                 | -
            GET    | http://api.example.com.evil.org/admin         |                 | -
            GET    | http://evil.org/?host=api.example.com         |                 | -
            # hosts: wildcards
            GET    | http://a.example.com/api/x                    |                 | wild
            GET    | http://a.b.example.com/api                    |                 | wild
            GET    | http://A.EXAMPLE.com./api                     |                 | wild
            GET    | http://example.com/api                        |                 | -
            GET    | http://badexample.com/api                     |                 | -
            GET    | http://api.example.com/api                    |                 | wild
            GET    | http://a.eu.example.com/api                   |                 | deep
            GET    | http://eu.example.com/api                     |                 | wild
            GET    | http://a.example.com/apis                     |                 | -
            # hosts: addresses, names beyond ASCII
            GET    | http://[2001:db8::1]/                         |                 | v6
            GET    | http://[2001:0db8:0:0:0:0:0:1]:8080/x         |                 | v6
            GET    | http://[2001:db8::2]/                         |                 | -
            GET    | http://10.1.2.3:9/x                           |                 | v4
            GET    | http://10.1.2.30/x                            |                 | -
            GET    | http://b%C3%BCcher.example/                   |                 | idn
            GET    | http://xn--bcher-kva.example/                 |                 | idn
            # headers
            GET    | http://api.example.com/users                  | x-stage: canary | canary
            GET    | http://api.example.com/users                  | X-Stage: Canary | users
            GET    | http://api.example.com/users                  | X-Stage: canary2 | users
            GET    | http://api.example.com/users                  | X-Stage: a, X-Stage: canary | canary
            GET    | http://other/any                              | X-Trace: 1      | traced
            GET    | http://other/any                              | X-Trace:        | traced
            GET    | http://other/any?q=abc                        |                 | untraced
            GET    | http://other/any                              |                 | -
            # cookies
            GET    | http://api.example.com/users                  | Cookie: beta=yes | beta
            GET    | http://api.example.com/users                  | Cookie: a=b; beta=yes;c=d | beta
            GET    | http://api.example.com/users                  | Cookie: a=b; beta=no | users
            GET    | http://api.example.com/users                  | Cookie: xbeta=yes | users
            GET    | http://api.example.com/users                  | Cookie: BETA=yes | users
            # queries
            GET    | http://api.example.com/users?v=2              |                 | v2
            GET    | http://api.example.com/users?a=1&v=1&v=2      |                 | v2
            GET    | http://api.example.com/users?%76=%32          |                 | v2
            GET    | http://api.example.com/users?v=22             |                 | users
            GET    | http://api.example.com/users?v                |                 | users
            GET    | http://api.example.com/users?V=2              |                 | users
            GET    | http://api.example.com/users#v=2              |                 | users
            GET    | http://other/any?q=abd                        |                 | -
            GET    | http://other/health?q=1                       |                 | health
            # methods
            POST   | http://api.example.com/users                  |                 | users
            HEAD   | http://api.example.com/admin                  |                 | admin
            delete | http://api.example.com/users                  |                 | users
            """)
    void request_takesTheFirstRouteThatMatches(String method, String url, String headers, String expected)
            throws IOException {
        assertThat(name(TABLE.find(request(method, url, headers).build(), CookieJar.NO_COOKIES)))
                .isEqualTo(expected);
    }

    private static Request.Builder request(String method, String url, String headers) {
        Request.Builder request = new Request.Builder()
                .url(url)
                .method(method, method.equals("POST") ? RequestBody.create(new byte[0]) : null);
        if (headers != null) {
            for (String header : headers.split(", ")) {
                int colon = header.indexOf(':');
                request.addHeader(
                        header.substring(0, colon), header.substring(colon + 1).strip());
            }
        }
        return request;
    }

    private static String name(Route route) {
        return route == null ? null : route.name();
    }

    @Test
    void predicate_decidesWhenAllElseHolds() throws IOException {
        Request request = request("GET", "http://api.example.com/users", null)
                .tag(Integer.class, 1)
                .build();

        assertThat(name(TABLE.find(request, CookieJar.NO_COOKIES))).isEqualTo("tester");
    }

    @Test
    void cookie_isTheJarsIfItHasOneForTheUrl() throws IOException {
        HttpUrl url = HttpUrl.get("http://api.example.com/users");
        CookieJar jar = new CookieJar() {
            @Override
            public void saveFromResponse(HttpUrl from, List<Cookie> cookies) {}

            @Override
            public List<Cookie> loadForRequest(HttpUrl to) {
                return List.of(Cookie.parse(url, "beta=yes"));
            }
        };

        assertThat(name(TABLE.find(request("GET", url.toString(), null).build(), jar)))
                .isEqualTo("beta");
        // As OkHttp sends it.
        assertThat(name(TABLE.find(
                        request("GET", url.toString(), "Cookie: beta=no").build(), jar)))
                .isEqualTo("beta");
    }

    @Test
    void emptyTable_takesNothing() throws IOException {
        assertThat(RouteTable.EMPTY.find(
                        request("GET", "http://api.example.com/", null).build(), CookieJar.NO_COOKIES))
                .isNull();
    }

    @Test
    void predicate_isNotAskedOfARequestThatAnEarlierRouteTakes() throws IOException {
        RouteTable table = RouteTable.of(List.of(
                route("a").host("a").path("/x").build(),
                route("b")
                        .when(request -> {
                            throw new IllegalStateException("asked");
                        })
                        .build()));

        assertThat(name(table.find(request("GET", "http://a/x", null).build(), CookieJar.NO_COOKIES)))
                .isEqualTo("a");
        assertThatThrownBy(() ->
                        table.find(request("GET", "http://a/y?secret=1", null).build(), CookieJar.NO_COOKIES))
                .isInstanceOf(IOException.class)
                .hasMessage("the route of GET http://a/... is unknown, since matching route \"b\" threw"
                        + " java.lang.IllegalStateException: asked");
    }

    @Test
    void regexThatBacktracks_failsTheCallSoonInsteadOfHangingIt() {
        RouteTable table =
                RouteTable.of(List.of(route("evil").pathRegex("/(a+)+b").build()));
        String path = "/" + "a".repeat(2_000);

        assertThatThrownBy(
                        () -> table.find(request("GET", "http://a" + path, null).build(), CookieJar.NO_COOKIES))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("the regular expression \"/(a+)+b\" took more than 20000 steps");
    }

    @Test
    void indexedTable_findsWhatALinearSearchFinds() throws IOException {
        for (long seed = 1; seed <= 200; seed++) {
            Random random = new Random(seed);
            List<Route> routes = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                Route route = randomRoute(random, "r" + i);
                routes.add(route);
                if (!RouteTable.faults(routes).isEmpty()) {
                    routes.remove(route);
                }
            }
            RouteTable table = RouteTable.of(routes);
            for (int i = 0; i < 200; i++) {
                Request request = randomRequest(random);

                assertThat(name(table.find(request, CookieJar.NO_COOKIES)))
                        .as("seed %s, %s %s %s", seed, request.method(), request.url(), request.headers())
                        .isEqualTo(linear(routes, request));
            }
        }
    }

    /** The definition of a match, written down once more and without any index. */
    private static String linear(List<Route> routes, Request request) {
        for (Route route : routes) {
            RouteMatch match = route.match();
            boolean host = match.hosts().isEmpty()
                    || match.hosts().stream()
                            .anyMatch(pattern -> pattern.matches(request.url().host()));
            boolean path = match.paths().isEmpty()
                    || match.paths().stream()
                            .anyMatch(pattern -> pattern.matches(request.url().encodedPath()));
            boolean method = match.methods().isEmpty() || match.methods().contains(request.method());
            boolean conditions = match.conditions().stream()
                    .allMatch(condition -> condition
                            .test()
                            .passes(
                                    condition.part() == RequestCondition.RequestPart.HEADER
                                            ? request.headers(condition.name())
                                            : request.url().queryParameterValues(condition.name())));
            if (host && path && method && conditions) {
                return route.name();
            }
        }
        return null;
    }

    private static Route randomRoute(Random random, String name) {
        RouteBuilder route = route(name);
        for (int i = random.nextInt(3); i > 0; i--) {
            route.host(pick(random, "a.com", "b.a.com", "*.a.com", "*.b.a.com", "*.com", "c.org", "[::1]"));
        }
        for (int i = random.nextInt(3); i > 0; i--) {
            String path = randomPath(random);
            switch (random.nextInt(4)) {
                case 0 -> route.path(path);
                case 1 -> route.pathPrefix(path);
                case 2 -> route.pathPrefix(path.endsWith("/") ? path : path + "/");
                default -> route.pathRegex(pick(random, "/x/.*", "/[xy]", ".*y", "/"));
            }
        }
        if (random.nextInt(3) == 0) {
            route.method(pick(random, "GET", "HEAD"));
        }
        if (random.nextInt(3) == 0) {
            route.header("H", pick(random, "1", "2"));
        }
        if (random.nextInt(4) == 0) {
            route.query("q", pick(random, "1", "2"));
        }
        return route.build();
    }

    private static Request randomRequest(Random random) {
        String host = pick(random, "a.com", "b.a.com", "x.a.com", "x.b.a.com", "x.com", "c.org", "a.com.", "[::1]");
        String query = pick(random, "", "?q=1", "?q=2", "?q=3");
        Request.Builder request = new Request.Builder()
                .url("http://" + host + randomPath(random) + query)
                .method(pick(random, "GET", "HEAD"), null);
        if (random.nextBoolean()) {
            request.header("H", pick(random, "1", "2", "3"));
        }
        return request.build();
    }

    private static String randomPath(Random random) {
        StringBuilder path = new StringBuilder();
        for (int i = random.nextInt(4); i > 0; i--) {
            path.append('/').append(pick(random, "x", "y", "xy", "", "%78", "a%2Fb"));
        }
        return path.length() == 0 ? "/" : path.toString();
    }

    private static String pick(Random random, String... values) {
        return values[random.nextInt(values.length)];
    }
}
