package dev.evenkeel.lb.okhttp.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.okhttp.route.ForwardedHeaders.Mode;
import java.net.InetAddress;
import java.net.UnknownHostException;
import okhttp3.Headers;
import okhttp3.Request;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What backends are told of the client that is being served. */
class ForwardedHeadersTest {
    private static final Headers PRESENT = Headers.of(
            "X-Forwarded-For", "198.51.100.1",
            "X-Forwarded-Host", "there",
            "X-Forwarded-Proto", "ftp",
            "X-Forwarded-Port", "1",
            "Forwarded", "for=198.51.100.1",
            "X-Request-Id", "its-own",
            "X-Other", "1");

    private static Request.Builder request(String url) {
        return new Request.Builder().url(url);
    }

    private static InetAddress address(String literal) {
        try {
            return InetAddress.getByName(literal);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void off_leavesEverythingAsItIs() {
        Request request = request("http://users/").headers(PRESENT).build();

        assertThat(ForwardedHeaders.OFF.apply(request, address("192.0.2.1"))).isEqualTo(PRESENT);
        assertThat(ForwardedHeaders.OFF.apply(request("http://users/").build(), address("192.0.2.1")))
                .isEmpty();
    }

    @Test
    void set_saysWhatWeKnow() {
        Headers headers = ForwardedHeaders.all(Mode.SET)
                .apply(request("https://users/").headers(PRESENT).build(), address("192.0.2.1"));

        assertThat(headers.values("X-Forwarded-For")).containsExactly("192.0.2.1");
        assertThat(headers.values("X-Forwarded-Host")).containsExactly("users");
        assertThat(headers.values("X-Forwarded-Proto")).containsExactly("https");
        assertThat(headers.values("X-Forwarded-Port")).containsExactly("443");
        assertThat(headers.values("Forwarded")).containsExactly("for=192.0.2.1;host=users;proto=https");
        assertThat(headers.values("X-Request-Id"))
                .singleElement()
                .asString()
                .matches("[0-9a-f]{32}")
                .isNotEqualTo("its-own");
        assertThat(headers.get("X-Other")).isEqualTo("1");
    }

    @Test
    void set_ofAnUnknownClient_takesAwayWhatIsThere() {
        Headers headers = ForwardedHeaders.all(Mode.SET)
                .apply(request("http://users/").headers(PRESENT).build(), null);

        assertThat(headers.get("X-Forwarded-For")).isNull();
        assertThat(headers.get("Forwarded")).isEqualTo("for=unknown;host=users;proto=http");
    }

    @Test
    void append_comesAfterWhatIsThere_andLeavesWhatCanBeThereOnce() {
        Headers headers = ForwardedHeaders.all(Mode.APPEND)
                .apply(
                        request("http://users/")
                                .headers(PRESENT)
                                .addHeader("X-Forwarded-For", "203.0.113.9")
                                .build(),
                        address("192.0.2.1"));

        assertThat(headers.values("X-Forwarded-For")).containsExactly("198.51.100.1, 203.0.113.9, 192.0.2.1");
        assertThat(headers.values("X-Forwarded-Host")).containsExactly("there");
        assertThat(headers.values("Forwarded"))
                .containsExactly("for=198.51.100.1, for=192.0.2.1;host=users;proto=http");
        assertThat(headers.values("X-Request-Id")).containsExactly("its-own");
    }

    @Test
    void append_ofAnUnknownClient_addsNoAddress() {
        Headers headers = ForwardedHeaders.xForwarded(Mode.APPEND)
                .apply(request("http://users/").headers(PRESENT).build(), null);

        assertThat(headers.values("X-Forwarded-For")).containsExactly("198.51.100.1");
        assertThat(headers.get("Forwarded")).isEqualTo("for=198.51.100.1");
    }

    @Test
    void remove_tellsNothing() {
        Headers headers = ForwardedHeaders.all(Mode.REMOVE)
                .apply(request("http://users/").headers(PRESENT).build(), address("192.0.2.1"));

        assertThat(headers).isEqualTo(Headers.of("X-Other", "1"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            192.0.2.43              | 192.0.2.43   | for=192.0.2.43;host=users;proto=http
            2001:db8:cafe:0:0:0:0:17 | 2001:db8:cafe::17 | for="[2001:db8:cafe::17]";host=users;proto=http
            ::1                     | ::1          | for="[::1]";host=users;proto=http
            fe80::1%1               | fe80::1      | for="[fe80::1]";host=users;proto=http
            ::ffff:192.0.2.43       | 192.0.2.43   | for=192.0.2.43;host=users;proto=http
            """)
    void address_isWrittenAsEachHeaderWantsIt(String literal, String plain, String element) {
        Request request = request("http://users/").build();

        assertThat(ForwardedHeaders.xForwarded(Mode.SET)
                        .apply(request, address(literal))
                        .get("X-Forwarded-For"))
                .isEqualTo(plain);
        assertThat(ForwardedHeaders.rfc7239(Mode.SET)
                        .apply(request, address(literal))
                        .get("Forwarded"))
                .isEqualTo(element);
    }

    @Test
    void hostWithAPort_isQuoted() {
        Headers headers = ForwardedHeaders.rfc7239(Mode.SET)
                .apply(request("http://[2001:db8::1]:8080/").build(), null);

        assertThat(headers.get("Forwarded")).isEqualTo("for=unknown;host=\"[2001:db8::1]:8080\";proto=http");
    }

    @Test
    void relayedRequest_saysHowItCameIn() {
        Headers headers = ForwardedHeaders.all(Mode.SET)
                .apply(
                        request("http://users:81/")
                                .tag(
                                        InboundRequest.class,
                                        new InboundRequest(
                                                address("203.0.113.7"), "www.example.com:8443", "HTTPS", 8443))
                                .build(),
                        address("192.0.2.1"));

        assertThat(headers.get("X-Forwarded-For")).isEqualTo("203.0.113.7");
        assertThat(headers.get("X-Forwarded-Host")).isEqualTo("www.example.com:8443");
        assertThat(headers.get("X-Forwarded-Proto")).isEqualTo("https");
        assertThat(headers.get("X-Forwarded-Port")).isEqualTo("8443");
        assertThat(headers.get("Forwarded")).isEqualTo("for=203.0.113.7;host=\"www.example.com:8443\";proto=https");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\r\nX: 1", "a\nb", "a b", "a\"b", "a;b", "a,b", "a/b", "a@b", "", "a\u0000", "a?b", "ä"})
    void relayedHost_thatCouldBeMoreThanAHost_isRefused(String host) {
        assertThatThrownBy(() -> new InboundRequest(address("::1"), host, null, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("host must be a host with or without a port");
    }

    @Test
    void relayedProto_isOneOfTwo() {
        assertThatThrownBy(() -> new InboundRequest(address("::1"), null, "ftp", 0))
                .hasMessage("proto must be http or https: \"ftp\"");
        assertThatThrownBy(() -> new InboundRequest(address("::1"), null, null, 65_536))
                .hasMessage("port must be 0..65535: 65536");
        assertThatThrownBy(() -> ForwardedHeaders.OFF.requestId(Mode.SET, "X Y"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
