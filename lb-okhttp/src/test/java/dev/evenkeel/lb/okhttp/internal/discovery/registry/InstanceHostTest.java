package dev.evenkeel.lb.okhttp.internal.discovery.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a registry may give as the address of an instance. */
class InstanceHostTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "10.0.0.1",
                "127.0.0.1",
                "169.254.1.1",
                "2001:db8::1",
                "::1",
                "::ffff:10.0.0.1",
                "a",
                "users-3",
                "users_3",
                "a.internal",
                "a.internal.",
                "x1.y2",
                "1a",
                "UPPER.case"
            })
    void nameOrAddressOfOneHost_isTaken(String host) {
        assertThat(InstanceHost.check(host)).isEqualTo(host);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "10.0.0.1/admin",
                "10.0.0.1:80",
                "10.0.0.1?x=",
                "10.0.0.1#",
                "user@10.0.0.1",
                "u:p@h",
                "http://h",
                "h h",
                " h",
                "h\\",
                "a%2fb",
                "h\r\nX: 1",
                "0.0.0.0",
                "::",
                "0:0::0",
                "::ffff:0.0.0.0",
                "224.0.0.1",
                "239.255.255.255",
                "ff02::1",
                "255.255.255.255",
                "10.0.0.256",
                "127.1",
                "2130706433",
                "0x7f000001",
                "a.0x7f",
                "1.2.3.4.5",
                "[::1]",
                "fe80::1%eth0",
                ":",
                "1:2",
                ":::",
                "g::1",
                "-a",
                "a-",
                "a..b",
                ".a",
                ".",
                "\u00e4",
                "a\u202eb"
            })
    void otherText_isRefused(String host) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> InstanceHost.check(host))
                .withMessageStartingWith("an address must be a host name or the IP address of one host: \"");
    }

    @Test
    void longName_isRefused_andSoIsOneThatIsMeantToTakeLong() {
        assertThat(InstanceHost.check("a".repeat(63))).hasSize(63);
        assertThatIllegalArgumentException().isThrownBy(() -> InstanceHost.check("a".repeat(64)));
        assertThatIllegalArgumentException().isThrownBy(() -> InstanceHost.check("a.".repeat(126) + "!"));
        assertThatIllegalArgumentException().isThrownBy(() -> InstanceHost.check("a.".repeat(127) + "a"));
    }

    @Test
    void hostOfAUri_isCheckedToo() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RegisteredBackendParser.read(
                        "http://0.0.0.0:80".getBytes(StandardCharsets.UTF_8), "http", false))
                .withMessage("an address must be a host name or the IP address of one host: \"0.0.0.0\"");
    }
}
