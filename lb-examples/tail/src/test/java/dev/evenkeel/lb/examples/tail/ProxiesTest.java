package dev.evenkeel.lb.examples.tail;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.examples.common.ServerProgram;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The comparisons with proxies in short: that every way works, not how long it takes. */
@Tag("long")
class ProxiesTest {

    @BeforeAll
    static void needsBoth() {
        if (ServerProgram.find("nginx").isEmpty()
                || ServerProgram.find("haproxy").isEmpty()) {
            String message = "nginx or HAProxy is not installed: apt-get install nginx-light haproxy";
            if (Boolean.getBoolean("evenkeel.requireServers")) {
                Assertions.fail(message);
            }
            Assumptions.abort(message);
        }
    }

    @Test
    void everyWay_answersEveryCall() throws Exception {
        List<String> table = WholeCall.lines(WholeCall.run(0, 1));

        assertThat(table).hasSize(2 + 7 + 1 + 2 + 7);
        assertThat(table.subList(2, 9)).allMatch(row -> row.endsWith(" | 0 |"));
        assertThat(table.get(2)).contains(" | 1.00 (1.00–1.00) | ");
        assertThat(table.get(13))
                .isEqualTo("| Evenkeel, roundRobin | 1.00 (1.00–1.00) | 1.00 (1.00–1.00) | 1.00 (1.00–1.00) |");
    }

    @ParameterizedTest
    @EnumSource
    void everyBalancer_carriesTheOpenLoad(ProxyTail.Balancer balancer) throws Exception {
        ProxyTail.Result figures = ProxyTail.run(ProxyTail.Trouble.STALLING, balancer, Duration.ofSeconds(5));

        assertThat(figures.result().failed()).isZero();
        assertThat(figures.requests()).isGreaterThanOrEqualTo(figures.result().calls());
        assertThat(figures.counted().latency().getTotalCount()).isPositive();
    }
}
