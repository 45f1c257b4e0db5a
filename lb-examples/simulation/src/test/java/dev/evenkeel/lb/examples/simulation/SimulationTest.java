package dev.evenkeel.lb.examples.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.core.strategy.Strategies;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Times here are simulated: the same on every machine. */
class SimulationTest {
    private static final long SEED = 1;

    private static Scenario scenario(String name) {
        return Scenario.table(10).stream()
                .filter(scenario -> scenario.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static Result adaptive(Scenario scenario) {
        return Run.of(scenario, Policy.of(Strategies.adaptive()), SEED);
    }

    @Test
    void sameSeed_givesTheSameRun() {
        Scenario scenario = scenario("all at once");

        assertThat(adaptive(scenario)).isEqualTo(adaptive(scenario));
    }

    /** The row of adaptive in ALGORITHMS.md, with room for one seed's luck: p99 in ms, errors in %. */
    @ParameterizedTest
    @CsvSource({
        "homogeneous, 66.5, 0",
        "speeds 0.5–2, 51, 0",
        "stalls, 105, 0.02",
        "fail-fast, 66.5, 0.02",
        "crash of 2, 67.5, 0.04",
        "hang, 66.5, 0.02",
        "rolling restart, 69, 0.01",
        "all at once, 161, 0.5"
    })
    void adaptive_keepsItsPlace(String name, double p99Millis, double errorPercent) {
        Result result = adaptive(scenario(name));

        assertThat(result.p99Millis()).isLessThanOrEqualTo(p99Millis);
        assertThat(result.errorPercent()).isLessThanOrEqualTo(errorPercent);
    }

    @ParameterizedTest
    @CsvSource({"stalls", "fail-fast", "crash of 2", "hang", "all at once"})
    void adaptive_isBetterThanRoundRobin_underEveryFault(String name) {
        Scenario scenario = scenario(name);
        Result adaptive = adaptive(scenario);
        Result roundRobin = Run.of(scenario, Policy.of(Strategies.roundRobin()), SEED);

        assertThat(adaptive.p99Millis()).isLessThan(roundRobin.p99Millis());
        assertThat(adaptive.errorPercent()).isLessThanOrEqualTo(roundRobin.errorPercent());
    }

    /** The excess over what the healthy half can do is 12.7 % of all calls. */
    @Test
    void brownOut_withoutBreakers_failsTheExcessOnly() {
        Result result = adaptive(Scenario.brownOut(10));

        assertThat(result.errorPercent()).isBetween(12.0, 13.5);
    }

    @Test
    void retries_hideAServerThatFailsFast() {
        Scenario once = Scenario.even("fail-fast", 10, Fault.failsFast(0)).until(25 * Scenario.SECOND);
        Policy bestOfTwo = References.bestOfTwo();

        assertThat(Run.of(once, bestOfTwo, SEED).errorPercent()).isGreaterThan(1);
        assertThat(Run.of(once.retrying(), bestOfTwo, SEED).errorPercent()).isLessThan(0.1);
    }

    @Test
    void clientPause_delaysTheCallsThatAreDueInIt() {
        Result paused = adaptive(Scenario.clientPauses(150, 400_000_000));
        Result usual = adaptive(Scenario.clientPauses(150, 0));

        assertThat(usual.p999Millis()).isLessThan(60);
        assertThat(paused.p999Millis()).isGreaterThan(390);
    }

    /** Without breakers 12.7 % fail, which is what is asked for beyond what the other half can do. */
    @ParameterizedTest
    @CsvSource({"1", "10"})
    void brownOut_withTheDefaults_failsLittleMoreThanTheExcess(int clients) {
        Policy defaults = Policy.of(Strategies.adaptive()).guarded();

        Result result = Run.of(Scenario.brownOut(clients), defaults, SEED);

        assertThat(result.errorPercent()).isLessThanOrEqualTo(14);
        // So 85 % of all calls are good.
        assertThat(result.p99Millis()).isLessThanOrEqualTo(300);
    }

    /** Up to half of the servers are overloaded in turns, while the fast ones have room: the breakers pass their ceiling. */
    @Test
    void allAtOnce_underRoundRobinWithTheDefaults_shedsWhatIsOverloaded() {
        Result result = Run.of(
                scenario("all at once"), Policy.of(Strategies.roundRobin()).guarded(), SEED);

        assertThat(result.errorPercent()).isLessThanOrEqualTo(23);
    }

    @Test
    void brownOut_underRoundRobinWithTheDefaults_failsTheExcessOnly() {
        Result result =
                Run.of(Scenario.brownOut(10), Policy.of(Strategies.roundRobin()).guarded(), SEED);

        assertThat(result.errorPercent()).isLessThanOrEqualTo(13);
    }

    /** The tail is the pause itself. */
    @ParameterizedTest
    @CsvSource({"150, 50", "150, 100", "150, 400", "600, 50", "600, 100", "600, 400"})
    void clientPause_delaysNoCallMuchLongerThanItLasts(double callsPerSecond, long pauseMillis) {
        Result result = adaptive(Scenario.clientPauses(callsPerSecond, pauseMillis * 1_000_000));

        assertThat(result.p999Millis()).isLessThanOrEqualTo(pauseMillis + 30);
    }

    /** After longer pauses the burst is so large that the slow server is worth some of it. */
    @ParameterizedTest
    @CsvSource({"150, 50", "150, 100", "600, 50", "600, 100"})
    void clientPause_isNoStallOfTheGoodServers(double callsPerSecond, long pauseMillis) {
        Result result = adaptive(Scenario.clientPauses(callsPerSecond, pauseMillis * 1_000_000));

        assertThat(result.firstPercentAfterPauses()).isLessThanOrEqualTo(1.5);
    }

    /** What a few answers have said fades soon enough where a client sees a server every 3.6 s, and late enough where it sees it often. */
    @ParameterizedTest
    @CsvSource({
        "'stalls, 100 clients', 115, 0.02",
        "'stalls, 300 clients', 285, 0.11",
        "'stalls, 1,000 clients', 400, 1.4",
        "'rolling restart, 100 clients', 90, 0.01",
        "'rolling restart, 300 clients', 92, 0.01",
        "'rolling restart, 1,000 clients', 200, 0.02",
        "'all at once, 100 clients', 116, 0.2",
        "'all at once, 1,000 clients', 385, 2.2"
    })
    void adaptive_ofManyClients_keepsItsPlace(String name, double p99Millis, double errorPercent) {
        Scenario scenario = Study.manyClients().stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow();

        Result result = adaptive(scenario);

        assertThat(result.p99Millis()).isLessThanOrEqualTo(p99Millis);
        assertThat(result.errorPercent()).isLessThanOrEqualTo(errorPercent);
    }
}
