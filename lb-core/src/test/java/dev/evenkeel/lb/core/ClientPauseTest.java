package dev.evenkeel.lb.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A process that stands still (garbage collection, a CPU quota) sees all its calls late at once: no backend is to blame. */
final class ClientPauseTest {
    private static final Duration ANSWER = Duration.ofMillis(10);

    private final PoolFixture fixture = new PoolFixture();

    @ParameterizedTest
    @ValueSource(ints = {50, 100, 400})
    void burstAfterAPause_goesToTheGoodBackends_notToTheSlowOne(int pauseMillis) {
        try (LoadBalancer pool = fixture.builder("http://a", "http://b", "http://c", "http://slow")
                .build()) {
            for (int round = 0; round < 200; round++) {
                answer(begin(pool, 3));
            }
            List<Lease> inFlight = begin(pool, 6);
            fixture.time.advance(Duration.ofMillis(pauseMillis));
            inFlight.forEach(lease -> lease.complete(Outcome.SUCCESS));

            Map<String, Integer> burst = new TreeMap<>();
            begin(pool, 9).forEach(lease -> burst.merge(lease.backend().id(), 1, Integer::sum));

            assertThat(burst.getOrDefault("slow:80", 0)).isLessThanOrEqualTo(1);
            assertThat(List.of("a:80", "b:80", "c:80"))
                    .allSatisfy(good -> assertThat(burst.getOrDefault(good, 0)).isGreaterThanOrEqualTo(2));
        }
    }

    private static List<Lease> begin(LoadBalancer pool, int calls) {
        List<Lease> leases = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            leases.add(PoolFixture.lease(pool));
        }
        return leases;
    }

    /** The slow backend takes ten times as long. */
    private void answer(List<Lease> leases) {
        fixture.time.advance(ANSWER);
        List<Lease> slow = new ArrayList<>();
        for (Lease lease : leases) {
            if (lease.backend().id().startsWith("slow")) {
                slow.add(lease);
            } else {
                lease.complete(Outcome.SUCCESS);
            }
        }
        if (!slow.isEmpty()) {
            fixture.time.advance(ANSWER.multipliedBy(9));
            slow.forEach(lease -> lease.complete(Outcome.SUCCESS));
        }
    }
}
