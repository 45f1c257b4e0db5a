package dev.evenkeel.lb.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The first answers of a process are slow everywhere: connections, caches, a JVM that compiles. */
final class ColdStartTest {
    private static final Duration ANSWER = Duration.ofMillis(10);
    private static final Duration PAUSE = Duration.ofMillis(10);

    private final PoolFixture fixture = new PoolFixture();
    private Random random = new Random();
    private int cold;

    /** At so low a load that there is always an idle backend, and no need ever to try another one. */
    @ParameterizedTest
    @CsvSource({"1, 42", "2, 42", "5, 42", "1, 1", "2, 1", "5, 1", "1, 2", "2, 2", "5, 2", "1, 3", "2, 3", "5, 3"})
    void firstAnswers_slowAtEveryBackendButTheLast_areForgottenSoon(int coldAnswersOfEach, long seed) {
        random = new Random(seed);
        try (LoadBalancer pool =
                fixture.builder("http://a", "http://b", "http://c", "http://d").build()) {
            Map<String, Integer> ended = new TreeMap<>();
            calls(pool, ended, coldAnswersOfEach, Duration.ofSeconds(15));

            Map<String, Integer> before = new TreeMap<>(ended);
            int calls = calls(pool, ended, coldAnswersOfEach, Duration.ofSeconds(10));
            assertThat(ended)
                    .hasSize(4)
                    .allSatisfy((backend, count) ->
                            assertThat(count - before.get(backend)).as(backend).isGreaterThan(calls / 8));
        }
    }

    private int calls(LoadBalancer pool, Map<String, Integer> ended, int coldAnswersOfEach, Duration time) {
        long until = fixture.time.nanoTime() + time.toNanos();
        int calls = 0;
        while (fixture.time.nanoTime() < until) {
            Lease lease = PoolFixture.lease(pool);
            int before = ended.merge(lease.backend().id(), 1, Integer::sum) - 1;
            // Each cold answer of the process is faster than the one before.
            double factor = before < coldAnswersOfEach ? 20.0 / ++cold : 1;
            fixture.time.advance(Duration.ofNanos(
                    (long) (ANSWER.toNanos() * Math.max(1, factor) * (0.95 + 0.1 * random.nextDouble()))));
            lease.responded();
            lease.complete(Outcome.SUCCESS);
            fixture.time.advance(PAUSE);
            calls++;
        }
        return calls;
    }
}
