package dev.evenkeel.lb.okhttp.affinity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** How sessions find their backend. */
class SessionPolicyTest {
    @Test
    void copies_keepTheOtherValues() {
        SessionPolicy policy = SessionPolicy.byCookie(SessionCookie.of("SRV"))
                .withTable(AffinityKey.path())
                .withMaxSessions(5)
                .withIdleTimeout(Duration.ofMinutes(3));

        assertThat(policy.cookie()).isEqualTo(SessionCookie.of("SRV"));
        assertThat(policy.maxSessions()).isEqualTo(5);
        assertThat(policy.idleTimeout()).isEqualTo(Duration.ofMinutes(3));
        assertThat(policy.table()).isNull();
    }

    @Test
    void policyWithoutKeyAndCookie_isRefused() {
        assertThatThrownBy(() -> new SessionPolicy(null, 1, Duration.ofDays(1), null, null))
                .hasMessage("session policy must have a key or a cookie");
        assertThatThrownBy(() -> SessionPolicy.byTable(AffinityKey.path()).withMaxSessions(0))
                .hasMessageContaining("maxSessions");
    }
}
