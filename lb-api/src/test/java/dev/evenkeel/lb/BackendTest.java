package dev.evenkeel.lb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BackendTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            http://10.0.0.1:8080      | 10.0.0.1:8080      | 10.0.0.1   | 8080 | ''   | http://10.0.0.1:8080
            HTTP://Users.Example      | users.example:80   | users.example | 80 | ''  | http://users.example
            https://users.example/    | users.example:443  | users.example | 443 | '' | https://users.example
            https://u:8443/a/b//      | u:8443/a/b         | u          | 8443 | /a/b | https://u:8443/a/b
            http://[::1]:9090         | [::1]:9090         | ::1        | 9090 | ''   | http://[::1]:9090
            http://my_service:80/x    | my_service:80/x    | my_service | 80   | /x   | http://my_service:80/x
            tcp://db:5432             | db:5432            | db         | 5432 | ''   | tcp://db:5432
            udp://dns:53              | dns:53             | dns        | 53   | ''   | udp://dns:53
            """)
    void uri_givesIdHostPortAndPrefix(String uri, String id, String host, int port, String prefix, String normal) {
        Backend backend = Backend.of(uri);

        assertThat(backend.id()).isEqualTo(id);
        assertThat(backend.host()).isEqualTo(host);
        assertThat(backend.port()).isEqualTo(port);
        assertThat(backend.pathPrefix()).isEqualTo(prefix);
        assertThat(backend.uri()).isEqualTo(URI.create(normal));
        assertThat(backend.weight()).isEqualTo(1);
        assertThat(backend.priority()).isZero();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            10.0.0.1:8080     | backend URI is malformed: "10.0.0.1:8080" (Illegal character in scheme name); write scheme://host:port, such as http://10.0.0.1:8080
            localhost:8080    | backend URI must have a scheme and a host, such as http://10.0.0.1:8080: "localhost:8080"
            ftp://x:21        | backend URI must have the scheme http, https, tcp or udp: "ftp://x:21" has "ftp"
            http:///path      | backend URI must have a host, such as http://10.0.0.1:8080: "http:///path"
            http://u:p@x/     | backend URI must have no user info, query or fragment: "http://…@x/"
            http://x/?q=1     | backend URI must have no user info, query or fragment: "http://x/?…"
            http://x:0        | backend URI must have a port of 1..65535: "http://x:0"
            http://x:70000    | backend URI must have a port of 1..65535: "http://x:70000"
            tcp://x           | backend URI of scheme tcp must have a port: "tcp://x"
            tcp://x:1/path    | backend URI of scheme tcp must have no path: "tcp://x:1/path"; write tcp://x:1
            """)
    void uri_thatIsNotOfABackend_isRefused(String uri, String message) {
        assertThatIllegalArgumentException().isThrownBy(() -> Backend.of(uri)).withMessage(message);
    }

    @Test
    void numbers_outOfRange_areRefused() {
        Backend.Builder builder = Backend.builder("http://x");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.weight(0))
                .withMessage(
                        "weight must be 1..65535: 0; to send a backend nothing, drain it or put it into maintenance");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.weight(65_536))
                .withMessage("weight must be 1..65535: 65536");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.priority(128))
                .withMessage("priority must be 0..127: 128");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.maxInFlight(0))
                .withMessage("maxInFlight must be at least 1: 0");
    }

    @Test
    void text_thatIsBlankOrHasControlCharacters_isRefused() {
        Backend.Builder builder = Backend.builder("http://x");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.id(" "))
                .withMessage("backend id must not be blank: \" \"");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.metadata("k", "a\r\nb"))
                .withMessage("metadata value of \"k\" must have no control characters: U+000D at index 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.zone("x".repeat(256)))
                .withMessage("zone must have at most 255 characters: it has 256");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.id("a\u202Eb"))
                .withMessage("backend id must have no invisible characters: U+202E at index 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.zone("ab\u2028"))
                .withMessage("zone must have no invisible characters: U+2028 at index 2");
        assertThat(builder.id("Grün 漢字 😀").build().id()).isEqualTo("Grün 漢字 😀");
    }

    @Test
    void withWeight_changesNothingElse() {
        Backend backend = Backend.builder("http://x/a")
                .id("x")
                .zone("z")
                .priority(2)
                .maxInFlight(7)
                .metadata("version", "2")
                .build();

        assertThat(backend.withWeight(9))
                .isEqualTo(new Backend("x", URI.create("http://x/a"), 9, 2, "z", 7, Map.of("version", "2")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://u:pa55w0rd@h:1",
                "ftp://u:pa55w0rd@h:1",
                "http://u:pa55w0rd@h:99999",
                "http://u:pa55w0rd@h h:1",
                "http://u:pa55 w0rd@h:1",
                "http://u:pa55w0rd/x@h:1",
                "http://u:pa55w0rd@",
                "http:u:pa55w0rd@h",
                "u:pa55w0rd@h",
                "tcp://u:pa55w0rd@h",
                "http://u:pa55w0rd@my_host:1",
                "http://h:1/?key=pa55w0rd",
                "http://h:1/a b#pa55w0rd",
            })
    void uri_withAPassword_isRefusedWithoutIt(String uri) {
        assertThatThrownBy(() -> Backend.of(uri))
                .isInstanceOf(IllegalArgumentException.class)
                .satisfies(e -> {
                    for (Throwable next = e; next != null; next = next.getCause()) {
                        assertThat(next.toString()).doesNotContain("pa55", "w0rd");
                    }
                });
    }

    @Test
    void uri_longAndWithControlCharacters_isQuotedOnOneBoundedLine() {
        assertThatThrownBy(() -> Backend.of("ftp\r\nx\u202E" + "y".repeat(10_000)))
                .isInstanceOf(IllegalArgumentException.class)
                .satisfies(e -> assertThat(e.getMessage())
                        .hasSizeLessThan(500)
                        .contains("\"ftp\uFFFD\uFFFDx\uFFFDyy")
                        .doesNotContain("\n", "\u202E"));
    }
}
