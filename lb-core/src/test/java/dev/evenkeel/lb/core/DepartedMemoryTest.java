package dev.evenkeel.lb.core;

import static dev.evenkeel.lb.core.PoolFixture.lease;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.limit.AdaptiveLimit;
import dev.evenkeel.lb.core.limit.LimitPolicy;
import dev.evenkeel.lb.core.strategy.AllStrategies;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What backends that have left still take of the heap: at most 200 bytes each, and nothing after ten minutes. */
class DepartedMemoryTest {
    private static final Backend STAYS = Backend.of("http://stays:1");
    private static final int BACKENDS = 9_800;
    private static final int MAX_BYTES = 200;
    /** The heap is measured, not walked: the rest of the process allocates, too. */
    private static final int NOISE_BYTES = 25;

    private final VirtualTime time = new VirtualTime();

    static List<Named<LoadBalancingStrategy>> strategies() {
        return AllStrategies.all().stream()
                .filter(strategy -> List.of("adaptive", "leastConnections", "roundRobin", "weightedRoundRobin")
                        .contains(strategy.getName()))
                .toList();
    }

    private LoadBalancer pool(LoadBalancingStrategy strategy) {
        return LoadBalancers.builder("users")
                .backend(STAYS)
                .strategy(strategy)
                .limits(LimitPolicy.none().withAdaptivePerBackend(AdaptiveLimit.standard()))
                .timeSource(time)
                .scheduler(time)
                .random(new Random(42))
                .build();
    }

    /** Backends join, take calls of which some fail, and leave. */
    private void joinAndLeave(LoadBalancer pool) {
        List<Backend> backends = new ArrayList<>(List.of(STAYS));
        for (int i = 0; i < BACKENDS; i++) {
            backends.add(Backend.of("http://10.1." + i / 250 + "." + i % 250 + ":8080"));
        }
        pool.registry().replaceAll(backends);
        time.advance(Duration.ofSeconds(1));
        for (int i = 0; i < 4 * BACKENDS; i++) {
            var call = lease(pool);
            time.advance(Duration.ofNanos(10_000));
            call.responded();
            call.complete(i % 3 == 0 ? Outcome.SERVER_ERROR : Outcome.SUCCESS);
        }
        pool.registry().replaceAll(List.of(STAYS));
        time.advance(Duration.ofSeconds(1));
        assertThat(pool.snapshot().backends()).hasSize(1);
    }

    /** A clock without timers: nothing but calls and changes shows the pool that time has passed. */
    @Test
    void backendsThatHaveLeft_areForgottenAtTheNextCall_ifTimersAreLate() {
        VirtualTime timers = new VirtualTime();
        LoadBalancer pool = LoadBalancers.builder("users")
                .backend(STAYS)
                .timeSource(time)
                .scheduler(timers)
                .build();
        Backend flaps = Backend.of("http://flaps:1");
        pool.registry().add(flaps);
        for (int i = 0; i < 16; i++) {
            lease(pool).complete(Outcome.SUCCESS);
        }
        assertThat(pool.snapshot().backend(flaps.id()).outcomes().get(Outcome.SUCCESS))
                .isPositive();
        pool.registry().remove(flaps.id());
        timers.advance(Duration.ZERO);
        WeakReference<String> remembered = new WeakReference<>(flaps.id());
        flaps = null;
        assertThat(isCleared(remembered)).isFalse();
        time.advance(Duration.ofMinutes(10));

        lease(pool).complete(Outcome.SUCCESS);

        assertThat(isCleared(remembered)).isTrue();
        pool.close();
    }

    private static boolean isCleared(WeakReference<?> reference) {
        for (int i = 0; i < 20 && reference.get() != null; i++) {
            System.gc();
        }
        return reference.get() == null;
    }

    private static long usedBytes() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 4; i++) {
            System.gc();
            least = Math.min(
                    least,
                    Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
        }
        return least;
    }

    @ParameterizedTest
    @MethodSource("strategies")
    void backendsThatHaveLeft_takeAtMostTwoHundredBytesEach_andNothingAfterTenMinutes(LoadBalancingStrategy strategy) {
        LoadBalancer first = pool(strategy);
        joinAndLeave(first); // Loads the classes.
        first.close();
        LoadBalancer pool = pool(strategy);
        long before = usedBytes();

        joinAndLeave(pool);
        long departed = usedBytes() - before;
        time.advance(Duration.ofMinutes(11));
        long forgotten = usedBytes() - before;

        assertThat(departed / BACKENDS).isLessThanOrEqualTo(MAX_BYTES + NOISE_BYTES);
        assertThat(forgotten / BACKENDS).isLessThanOrEqualTo(NOISE_BYTES);
        pool.close();
    }
}
