package dev.evenkeel.lb.okhttp.affinity;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import okhttp3.Request;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where the address of the served client is found. */
class ClientAddressTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "null",
            value = {
                "10.1.2.3 | 10.1.2.3",
                "10.1.2.3, 192.0.2.1 | 10.1.2.3",
                "10.1.2.3:4711 | 10.1.2.3",
                "2001:db8::1 | 2001:db8::1",
                "[2001:db8::1]:443, 10.0.0.1 | 2001:db8::1",
                "unknown, 10.0.0.1 | null",
                "localhost | null",
                "cafe | null",
                "1 | null",
                "10.1.2.333 | null",
                "[2001:db8::1 | null",
                "::: | null",
                "'' | null"
            })
    void forwardedFor_isAnAddressOrNothing(String header, String address) throws Exception {
        Request request = new Request.Builder()
                .url("http://users/")
                .header("X-Forwarded-For", header)
                .build();
        assertThat(ClientAddress.forwardedFor().of(request))
                .isEqualTo(address == null ? null : InetAddress.getByName(address));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "null",
            value = {
                "for=192.0.2.60 | 192.0.2.60",
                "proto=http;For=192.0.2.60;by=203.0.113.43, for=10.0.0.1 | 192.0.2.60",
                "for=\"[2001:db8:cafe::17]:4711\" | 2001:db8:cafe::17",
                "for=\"192.0.2.60:80\" ; proto=https | 192.0.2.60",
                "by=\"a;for=10.0.0.1,b\";for=192.0.2.60 | 192.0.2.60",
                "for=_hidden | null",
                "for=unknown, for=192.0.2.60 | null",
                "proto=https, for=192.0.2.60 | null",
                "for=\"192.0.2.60 | 192.0.2.60",
                "for=example.com | null",
                "for | null",
                "'' | null"
            })
    void forwarded_isAnAddressOrNothing(String header, String address) throws Exception {
        Request request = new Request.Builder()
                .url("http://users/")
                .header("Forwarded", header)
                .build();
        assertThat(ClientAddress.forwarded().of(request))
                .isEqualTo(address == null ? null : InetAddress.getByName(address));
    }

    @Test
    void first_thatIsKnown_isTaken() throws Exception {
        InetAddress tagged = InetAddress.getByName("192.0.2.7");
        Request.Builder request = new Request.Builder().url("http://users/").tag(InetAddress.class, tagged);
        ClientAddress address = ClientAddress.forwardedFor().or(ClientAddress.tag());

        assertThat(address.of(request.build())).isEqualTo(tagged);
        assertThat(address.of(request.header("X-Forwarded-For", "10.0.0.1").build()))
                .isEqualTo(InetAddress.getByName("10.0.0.1"));
        assertThat(address.of(new Request.Builder().url("http://users/").build()))
                .isNull();
    }
}
