package dev.evenkeel.lb.core.internal.socket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.core.health.HealthChecks;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IpLiteralsTest {

    @ParameterizedTest
    @CsvSource({
        "10.0.0.1, true",
        "::1, true",
        "fe80::1%eth0, true",
        "localhost, false",
        "a.example.com, false",
        "10.0.0.example, false",
        "10, false",
        "10.0.0., false",
        "a1, false"
    })
    void host_isALiteral_ifNothingHasToBeLookedUp(String host, boolean isLiteral) {
        assertThat(IpLiterals.isLiteral(host)).isEqualTo(isLiteral);
    }

    @ParameterizedTest
    @CsvSource({"http://10.0.0.1:80, true", "http://[::1]:80, true", "http://localhost:80, false"})
    void tcpCheck_isPrompt_forAnAddress(String uri, boolean isPrompt) {
        PromptHealthCheck check = (PromptHealthCheck) HealthChecks.tcp();

        assertThat(check.isPrompt(Backend.of(uri))).isEqualTo(isPrompt);
    }
}
