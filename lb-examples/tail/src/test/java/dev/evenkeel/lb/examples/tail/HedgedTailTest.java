package dev.evenkeel.lb.examples.tail;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The program runs, and hedging keeps its budget; figures take a quiet minute. */
@Tag("long")
class HedgedTailTest {
    @Test
    void bothSides_makeTheSameCalls_andHedgingKeepsItsBudget() throws Exception {
        List<HedgedTail.Result> both = HedgedTail.runBoth("roundRobin", Duration.ofSeconds(4), Duration.ofSeconds(1));
        HedgedTail.Result plain = both.get(0);
        HedgedTail.Result hedged = both.get(1);
        assertThat(plain.result().calls()).isEqualTo(hedged.result().calls()).isPositive();
        assertThat(plain.result().failed()).isZero();
        assertThat(hedged.result().failed()).isZero();
        assertThat(plain.requestsPerCall()).isEqualTo(1);
        assertThat(hedged.requestsPerCall()).isBetween(1.0, 1.05);
        assertThat(plain.counted().latency().getTotalCount()).isPositive();
    }
}
