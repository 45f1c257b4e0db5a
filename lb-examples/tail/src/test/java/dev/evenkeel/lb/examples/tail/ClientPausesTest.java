package dev.evenkeel.lb.examples.tail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.evenkeel.lb.examples.common.ServerProgram;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The simulator's "client pauses", with a process that is stopped. Counts, not times. */
@Tag("long")
@Timeout(120)
class ClientPausesTest {
    private static final int SECONDS = Integer.getInteger("evenkeel.pauses.seconds", 30);
    /** Or one in a hundred more than without pauses, on a machine so busy that the good servers stall by themselves. */
    private static final double MAX_SHARE = 0.015;

    @ParameterizedTest
    @ValueSource(ints = {150, 600})
    void pauseOfTheClient_isHeldAgainstNoServer_soTheSlowOneGetsNoBurst(int callsPerSecond) throws Exception {
        assumeThat(ServerProgram.find("sh").isPresent() || Boolean.getBoolean("evenkeel.requireServers"))
                .isTrue();

        ClientPauses.Result result = ClientPauses.run(callsPerSecond, SECONDS);

        System.out.println(result);
        assertThat(result.failed()).isZero();
        assertThat(result.afterPauses()).isGreaterThan(SECONDS * callsPerSecond / 25);
        double most = Math.max(MAX_SHARE, result.slowOtherwise() + 0.01) * result.afterPauses();
        assertThat((double) result.slowAfterPauses())
                .as("of %d calls after pauses, with the noise of such a draw: %s", result.afterPauses(), result)
                .isLessThanOrEqualTo(most + 3 * Math.sqrt(most));
    }
}
