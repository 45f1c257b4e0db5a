package dev.evenkeel.lb.okhttp.affinity;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a proxy writes is an address or nothing, and never a name to look up. */
class AddressLiteralTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0x7f.1",
                "0x7f.0.0.1",
                "127.1",
                "2130706433",
                "1.2.3",
                "1.2.3.4.5",
                "1.2.3.256",
                "999.1.1.1",
                "1.2.3.0004",
                "1.2.3.010",
                "1..2.3",
                "...",
                "1.2.3.4.",
                " 1.2.3.4",
                "1.2.3.4 ",
                "1.2.3.+4",
                "1.2.3.-4",
                "１.２.３.４",
                "١.٢.٣.٤",
                "1。2。3。4",
                "::1%eth0",
                "::1%0",
                ".:1",
                ":",
                ":::",
                "1::2::3",
                "1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:8:9",
                "1:2:3:4:5:6:7::8",
                "12345::",
                "g::1",
                "１::",
                "::1.2.3",
                "1.2.3.4::",
                "::1.2.3.4:5",
                "1:2:3:4:5:6:7:1.2.3.4",
                "localhost",
                "a.b.c.d",
                "",
            })
    void everyOtherText_isNoAddress(String text) {
        assertThat(AddressLiteral.bytes(text)).isNull();
        assertThat(ForwardedFor.first("[" + text + "]:80")).isNull();
    }

    @Test
    void longText_isNoAddress() {
        assertThat(AddressLiteral.bytes("1.".repeat(100_000))).isNull();
        assertThat(AddressLiteral.bytes("::" + "0".repeat(100_000))).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "0.0.0.0, 0.0.0.0",
        "255.255.255.255, 255.255.255.255",
        "::, 0:0:0:0:0:0:0:0",
        "::1, 0:0:0:0:0:0:0:1",
        "2001:DB8::, 2001:db8:0:0:0:0:0:0",
        "1:2:3:4:5:6:7:8, 1:2:3:4:5:6:7:8",
        "1::8, 1:0:0:0:0:0:0:8",
        "64:ff9b::192.0.2.33, 64:ff9b:0:0:0:0:c000:221",
        "::ffff:192.0.2.1, 192.0.2.1",
    })
    void address_isRead(String text, String address) throws Exception {
        byte[] bytes = AddressLiteral.bytes(text);

        assertThat(bytes).isNotNull();
        assertThat(InetAddress.getByAddress(bytes).getHostAddress()).isEqualTo(address);
    }

    @Test
    void everyAddress_asTheJdkWritesIt_isReadAsTheJdkReadsIt() throws Exception {
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[i % 2 == 0 ? 4 : 16];
            random.nextBytes(bytes);
            InetAddress address = InetAddress.getByAddress(bytes);

            assertThat(AddressLiteral.bytes(address.getHostAddress())).isEqualTo(address.getAddress());
        }
    }
}
