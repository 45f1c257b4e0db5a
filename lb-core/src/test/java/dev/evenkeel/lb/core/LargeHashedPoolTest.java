package dev.evenkeel.lb.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.strategy.ConsistentHash;
import dev.evenkeel.lb.core.strategy.Strategies;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A pool lays out the keys of many backends after a change, when its lock is released. */
final class LargeHashedPoolTest {
    private static final int KEYS = 3_000;

    static Stream<ConsistentHash> strategies() {
        return Stream.of(
                Strategies.consistentHash(), Strategies.consistentHash().ring());
    }

    private static LoadBalancer pool(ConsistentHash strategy, List<Backend> backends) {
        return LoadBalancers.builder("users")
                .backends(backends)
                .strategy(strategy)
                .build();
    }

    private static List<Backend> backends(int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(i -> Backend.of("http://10.0." + (i >> 8) + "." + (i & 255) + ":80"))
                .toList();
    }

    private static List<String> owners(LoadBalancer pool) {
        return IntStream.range(0, KEYS)
                .mapToObj(i -> {
                    Lease lease = (Lease) pool.acquire(RequestContext.ofAffinityKey("user-" + i));
                    lease.complete(Outcome.SUCCESS);
                    return lease.backend().id();
                })
                .toList();
    }

    @ParameterizedTest
    @MethodSource("strategies")
    void poolsWithTheSameBackends_agree_whateverTheyHadBefore(ConsistentHash strategy) throws Exception {
        List<Backend> first = backends(0, 700);
        List<Backend> last = new ArrayList<>(backends(5, 703));
        last.set(20, Backend.builder(last.get(20).uri()).weight(7).build());
        try (LoadBalancer changed = pool(strategy, first);
                LoadBalancer fresh = pool(strategy, last)) {
            assertThat(owners(changed)).isNotEqualTo(owners(fresh));
            for (Backend gone : first.subList(0, 5)) {
                changed.registry().remove(gone.id()).toCompletableFuture().get(10, TimeUnit.SECONDS);
            }
            last.subList(695, 698).forEach(changed.registry()::add);
            changed.registry().setWeight(last.get(20).id(), 7);

            assertThat(owners(changed))
                    .isEqualTo(owners(fresh))
                    .contains(last.get(697).id());
        }
    }
}
