package dev.evenkeel.lb.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.evenkeel.lb.core.strategy.Strategies;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the checks rely on. */
final class TestPoolTest {

    /** Otherwise a ramp is judged by calls after its end, and 30 s after a failure are a minute. */
    @ParameterizedTest
    @CsvSource({"IDLE, 30", "ONE_IN_TEN_SECONDS, 3000", "ONE_A_SECOND, 300", "BUSY, 30"})
    void calls_takeTheTimeThatTheyAreCountedFor(Load load, long seconds) {
        Combination combination = new Combination(load, 10, Weighting.EQUAL, Feature.NONE, 1);
        try (TestPool pool = new TestPool(Strategies.roundRobin(), combination, 1)) {
            long begin = pool.clock.nanoTime();

            pool.run(pool.callsIn(seconds * TestPool.SECOND));

            double passed = (double) (pool.clock.nanoTime() - begin) / TestPool.SECOND;
            assertThat(passed).isCloseTo(seconds, within(0.05 * seconds));
        }
    }
}
