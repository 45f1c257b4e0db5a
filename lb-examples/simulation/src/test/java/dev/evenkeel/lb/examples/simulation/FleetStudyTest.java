package dev.evenkeel.lb.examples.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.evenkeel.lb.examples.simulation.FleetStudy.Timed;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The study of a large fleet, on a small one. */
class FleetStudyTest {
    private static final int EXCHANGES_THAT_HAVE_A_SECOND = 5;

    private static Timed timed(Policy policy) {
        return Timed.of(Scenario.fleet(5, 24), policy);
    }

    @Test
    void sameSeed_givesTheSameRun_ofAllServersAndOfASubset() {
        for (Policy policy :
                List.of(Policy.named("adaptive"), Policy.named("adaptive").subset(12))) {
            assertThat(timed(policy).result()).isEqualTo(timed(policy).result());
        }
    }

    @Test
    void roundRobin_givesEachServerTheSame_whateverItCanDo() {
        Timed timed = timed(Policy.named("roundRobin"));

        assertThat(timed.sharePercent(0.5)).isCloseTo(25, within(1.0));
        assertThat(timed.sharePercent(1)).isCloseTo(50, within(1.0));
        assertThat(timed.sharePercent(2)).isCloseTo(25, within(1.0));
        assertThat(timed.newcomersMultiple()).isCloseTo(1, within(0.1));
    }

    @Test
    void newcomers_areThoseThatCameAfterTheWarmUp_andWereThereForASecond() {
        assertThat(timed(Policy.named("adaptive")).result().newcomers())
                .hasSize(EXCHANGES_THAT_HAVE_A_SECOND)
                .allSatisfy(newcomer -> assertThat(newcomer.calls()).isPositive());
    }

    @Test
    void subset_givesEachClientAFewServers_andAllCallsAnAnswer() {
        Timed timed = timed(Policy.named("adaptive").subset(12));

        assertThat(timed.result().errorPercent()).isLessThan(1);
        assertThat(timed.policy().name()).isEqualTo("adaptive, subset of 12");
    }
}
