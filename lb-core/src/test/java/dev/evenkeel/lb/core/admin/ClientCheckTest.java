package dev.evenkeel.lb.core.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.Headers;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which forms a page takes, and what a client that may not see it is told. */
class ClientCheckTest {
    private static Headers headers(String... namesAndValues) {
        Headers headers = new Headers();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            headers.set(namesAndValues[i], namesAndValues[i + 1]);
        }
        return headers;
    }

    @Test
    void formOfThisServersPage_isFromHere() {
        assertThat(ClientCheck.isFromHere(headers("Host", "localhost:81"))).isTrue();
        assertThat(ClientCheck.isFromHere(headers("Host", "localhost:81", "Origin", "http://LOCALHOST:81")))
                .isTrue();
        assertThat(ClientCheck.isFromHere(headers("Host", "localhost:81", "Sec-Fetch-Site", "same-origin")))
                .isTrue();
    }

    @Test
    void formOfAnotherSite_isNot() {
        assertThat(ClientCheck.isFromHere(headers("Host", "localhost:81", "Origin", "http://evil.test")))
                .isFalse();
        assertThat(ClientCheck.isFromHere(headers("Host", "localhost:81", "Origin", "http://localhost:82")))
                .isFalse();
        assertThat(ClientCheck.isFromHere(headers("Host", "localhost:81", "Origin", "not a URI")))
                .isFalse();
        assertThat(ClientCheck.isFromHere(headers("Origin", "http://localhost:81")))
                .isFalse();
        assertThat(ClientCheck.isFromHere(headers("Host", "localhost:81", "Sec-Fetch-Site", "same-site")))
                .isFalse();
    }

    @Test
    void rule_namesThePermittedHostsInOrder() {
        assertThat(new ClientCheck(Set.of()).rule())
                .isEqualTo("only for clients on this machine, by the name localhost");
        assertThat(new ClientCheck(Set.of("b.test", "a.test")).rule())
                .isEqualTo("only for clients on this machine, by the name localhost, or for clients that ask for it as"
                        + " a.test or b.test");
    }
}
