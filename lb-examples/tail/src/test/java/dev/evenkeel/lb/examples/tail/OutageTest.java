package dev.evenkeel.lb.examples.tail;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Counts, not times: an outage costs few requests more than there are calls, and so does its end. */
@Tag("long")
@Timeout(120)
class OutageTest {
    /** The tokens of the budget's gate. */
    private static final int FLOOR = 50;

    @Test
    void outage_andItsEnd_costNextToNoRequestsMore() throws Exception {
        Outage.Result figures = Outage.run(2, 4, 4, 503);
        assertThat(figures.before().failed()).isZero();
        assertThat(figures.outage().failed()).isPositive();
        assertThat(figures.outage().requests())
                .isLessThanOrEqualTo((long) (1.05 * figures.outage().calls()) + FLOOR);
        long callsAfter = figures.firstSecond().calls() + figures.rest().calls();
        assertThat(figures.firstSecond().requests() + figures.rest().requests())
                .isLessThanOrEqualTo((long) (1.5 * callsAfter));
        assertThat(figures.rest().failed()).isLessThan(figures.rest().calls() / 10);
    }
}
