package dev.evenkeel.lb.core.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** IPv6 addresses in the form of RFC 5952, section 4. */
class AddressFormatTest {
    @ParameterizedTest
    @CsvSource({
        "10.0.0.1, 10.0.0.1",
        "255.255.255.255, 255.255.255.255",
        "2001:db8:0:0:0:0:2:1, [2001:db8::2:1]",
        "2001:DB8::1, [2001:db8::1]",
        "2001:db8:0:1:1:1:1:1, [2001:db8:0:1:1:1:1:1]",
        "2001:0:0:1:0:0:0:1, [2001:0:0:1::1]",
        "2001:db8:0:0:1:0:0:1, [2001:db8::1:0:0:1]",
        "::, [::]",
        "::1, [::1]",
        "1::, [1::]",
        "fe80:0:0:0:1:0:0:0, [fe80::1:0:0:0]"
    })
    void address_hasOneForm(String written, String expected) throws UnknownHostException {
        assertThat(AddressFormat.of(InetAddress.getByName(written))).isEqualTo(expected);
    }
}
