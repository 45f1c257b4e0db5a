package dev.evenkeel.lb.okhttp.affinity;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;

/** Addresses of the headers that proxies write; nothing in them is looked up. */
class ForwardedForTest {
    @Test
    void firstAddress_isTaken_withoutItsPort() throws Exception {
        assertThat(ForwardedFor.first("192.0.2.1, 10.0.0.1")).isEqualTo(InetAddress.getByName("192.0.2.1"));
        assertThat(ForwardedFor.first("192.0.2.1:4711")).isEqualTo(InetAddress.getByName("192.0.2.1"));
        assertThat(ForwardedFor.first("[2001:db8::1]:80")).isEqualTo(InetAddress.getByName("2001:db8::1"));
        assertThat(ForwardedFor.firstForwarded("for=192.0.2.60;proto=http;by=203.0.113.43"))
                .isEqualTo(InetAddress.getByName("192.0.2.60"));
    }

    @Test
    void everythingElse_isNoAddress() {
        for (String header :
                new String[] {"", "unknown", "example.com", "1.2", "1.2.3.4.5", "zz:1", "300.1.1.1", "[::1"}) {
            assertThat(ForwardedFor.first(header)).as(header).isNull();
        }
        assertThat(ForwardedFor.first(null)).isNull();
        assertThat(ForwardedFor.firstForwarded("for=_hidden")).isNull();
    }
}
