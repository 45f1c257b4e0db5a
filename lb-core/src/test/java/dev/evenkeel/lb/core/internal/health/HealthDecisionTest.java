package dev.evenkeel.lb.core.internal.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.core.health.HealthChecks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a backend's state is after each of its results: + is up, ~ degraded, - down, and ? unknown. */
class HealthDecisionTest {

    private static HealthCheckPolicy.Builder policy() {
        return HealthCheckPolicy.builder(HealthChecks.tcp());
    }

    private static String states(HealthCheckPolicy policy, String results) {
        HealthDecision decision = new HealthDecision(policy);
        StringBuilder states = new StringBuilder();
        for (char result : results.toCharArray()) {
            HealthState before = decision.state();
            boolean changed = decision.record(state(result));
            assertThat(changed).isEqualTo(decision.state() != before);
            states.append(letter(decision.state()));
        }
        return states.toString();
    }

    private static HealthState state(char letter) {
        return switch (letter) {
            case '+' -> HealthState.UP;
            case '~' -> HealthState.DEGRADED;
            default -> HealthState.DOWN;
        };
    }

    private static char letter(HealthState state) {
        return switch (state) {
            case UP -> '+';
            case DEGRADED -> '~';
            case DOWN -> '-';
            default -> '?';
        };
    }

    @ParameterizedTest
    @CsvSource({
        "the first success decides,             +,         +",
        "three failures in a row bring down,    +---,      +++-",
        "a success in between begins anew,      +--+--+,   +++++++",
        "two successes in a row bring up,       +---+-++,  +++----+",
        "failures alone,                        ---,       ??-",
        "up and degraded alternate,             +~+~,      +~+~",
        "degraded is up,                        +---~+,    +++--+"
    })
    void riseAndFall(String what, String results, String states) {
        assertThat(states(policy().build(), results)).as(what).isEqualTo(states);
    }

    @ParameterizedTest
    @CsvSource({
        "2, 4, the first success decides,        +,           +",
        "2, 4, three of four failures,           +---,        +++-",
        "2, 4, not in a row,                     +-+--,       ++++-",
        "2, 4, two of four are enough,           +-+-+-+-,    ++++++++",
        "2, 4, back with two of four,            +---+-+,     +++---+",
        "2, 4, failures alone,                   ---,         ??-",
        "2, 4, earlier failures count,           --+--,       ??+--",
        "3, 4, one failure is tolerated,         +-++,        ++++",
        "3, 4, two are not,                      +--,         ++-",
        "3, 4, back with three of four,          +--+++,      ++---+",
        "1, 4, one of four is enough,            +---+---,    ++++++++",
        "1, 4, none is not,                      +----,       ++++-",
        "4, 4, each failure counts,              ++++-+++++,  ++++----++",
        "1, 1, the last one decides,             +-+-,        +-+-",
        "2, 4, degraded is a success,            +~--~---,    +~~~~---",
        "2, 4, and shows once it is back,        +----~~,     +++---~"
    })
    void samples(int required, int size, String what, String results, String states) {
        assertThat(states(policy().samples(required, size).build(), results))
                .as(what)
                .isEqualTo(states);
    }

    @Test
    void longMemory_hasAllOfIts64Results() {
        HealthCheckPolicy policy = policy().samples(32, 64).build();
        assertThat(states(policy, "+" + "-".repeat(32))).isEqualTo("+".repeat(33));
        assertThat(states(policy, "+" + "-".repeat(33))).isEqualTo("+".repeat(33) + "-");
        String back = states(policy, "-".repeat(64) + "+".repeat(32));
        assertThat(back).isEqualTo("?".repeat(32) + "-".repeat(63) + "+");
    }

    @Test
    void backendThatStartsAsDown_isDownAfterOneFailure() {
        assertThat(states(policy().initialState(HealthState.DOWN).build(), "-+-++"))
                .isEqualTo("----+");
        assertThat(states(policy().initialState(HealthState.DOWN).samples(2, 4).build(), "-+-+-"))
                .isEqualTo("---++");
        assertThat(states(policy().initialState(HealthState.DOWN).samples(2, 4).build(), "+-"))
                .isEqualTo("++");
    }

    @Test
    void state_isInDoubt_whileTheLastResultContradictsIt() {
        for (HealthCheckPolicy policy : new HealthCheckPolicy[] {
            policy().build(), policy().samples(2, 4).build()
        }) {
            HealthDecision decision = new HealthDecision(policy);
            assertThat(decision.isInDoubt()).isFalse();
            decision.record(HealthState.UP);
            assertThat(decision.isInDoubt()).isFalse();
            decision.record(HealthState.DOWN);
            assertThat(decision.isInDoubt()).isTrue();
            decision.record(HealthState.UP);
            assertThat(decision.isInDoubt()).isFalse();
            for (int i = 0; i < 4; i++) {
                decision.record(HealthState.DOWN);
            }
            assertThat(decision.state()).isEqualTo(HealthState.DOWN);
            assertThat(decision.isInDoubt()).isFalse();
            decision.record(HealthState.UP);
            assertThat(decision.isInDoubt()).isTrue();
        }
    }

    @Test
    void progress_isTheFailuresOfThoseItTakes() {
        HealthDecision streak = new HealthDecision(policy().fall(4).build());
        HealthDecision samples = new HealthDecision(policy().samples(2, 4).build());
        streak.record(HealthState.DOWN);
        samples.record(HealthState.DOWN);
        assertThat(streak.progress()).isEqualTo("1 of 4 failures");
        assertThat(samples.progress()).isEqualTo("1 of 3 failures");
        streak.record(HealthState.DOWN);
        samples.record(HealthState.DOWN);
        assertThat(streak.progress()).isEqualTo("2 of 4 failures");
        assertThat(samples.progress()).isEqualTo("2 of 3 failures");
    }
}
