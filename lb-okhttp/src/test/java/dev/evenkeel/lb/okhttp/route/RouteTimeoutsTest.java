package dev.evenkeel.lb.okhttp.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The range of a route's timeouts. */
class RouteTimeoutsTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    @Test
    void each_isCheckedUnderItsName() {
        for (Duration bad : List.of(Duration.ZERO, Duration.ofSeconds(-1), Duration.ofHours(25))) {
            refused(bad, null, null, null, "connectTimeout");
            refused(SECOND, bad, null, null, "readTimeout");
            refused(SECOND, null, bad, null, "writeTimeout");
            refused(SECOND, null, null, bad, "timeout");
        }
    }

    private static void refused(Duration connect, Duration read, Duration write, Duration overall, String what) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RouteTimeouts(connect, read, write, overall))
                .withMessageStartingWith(what + " must be 1 ms to 24 hours: ");
    }

    @Test
    void bounds_areIn_andNullLeavesTheClients() {
        RouteTimeouts timeouts = new RouteTimeouts(Duration.ofMillis(1), Duration.ofHours(24), null, null);

        assertThat(timeouts.connect()).isEqualTo(Duration.ofMillis(1));
        assertThat(RouteTimeouts.CLIENTS).isEqualTo(new RouteTimeouts(null, null, null, null));
    }
}
