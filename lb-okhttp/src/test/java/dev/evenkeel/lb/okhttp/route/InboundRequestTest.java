package dev.evenkeel.lb.okhttp.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;

/** What a relayed request said; nothing of it can break a header. */
class InboundRequestTest {
    private static final InetAddress CLIENT = InetAddress.getLoopbackAddress();

    @Test
    void values_areTaken() {
        InboundRequest request = new InboundRequest(CLIENT, "[2001:db8::1]:8443", "HTTPS", 8443);

        assertThat(request.proto()).isEqualTo("https");
        assertThat(new InboundRequest(CLIENT, null, null, 0).host()).isNull();
    }

    @Test
    void valuesThatWouldBreakAHeader_areRefused() {
        for (String host : new String[] {"a b", "a\r\nX: y", "a;b", "a,b", "a\"b", "user@a"}) {
            assertThatThrownBy(() -> new InboundRequest(CLIENT, host, null, 0))
                    .as(host)
                    .hasMessageStartingWith("host must be a host with or without a port");
        }
        assertThatThrownBy(() -> new InboundRequest(CLIENT, null, "ftp", 0))
                .hasMessage("proto must be http or https: \"ftp\"");
        assertThatThrownBy(() -> new InboundRequest(CLIENT, null, null, 70_000)).hasMessageContaining("port must be");
    }
}
