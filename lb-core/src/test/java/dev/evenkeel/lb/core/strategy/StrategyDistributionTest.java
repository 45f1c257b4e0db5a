package dev.evenkeel.lb.core.strategy;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** How strategies that have nothing to prefer but weights share a million calls, and where fresh clients begin. */
final class StrategyDistributionTest {
    private static final int CALLS = 1_000_000;
    /** The first numbers of java.util.Random are alike for seeds that are. */
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private static final List<double[]> WEIGHTS = List.of(
            new double[] {1, 1, 1}, new double[] {5, 1, 1}, new double[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, new double[] {
                100, 1, 50
            });

    /** What these are named after is the key or the address; without one they spread like the rest. */
    private static List<Named<LoadBalancingStrategy>> all() {
        return AllStrategies.all();
    }

    static Stream<Arguments> weighted() {
        return all().stream()
                .filter(strategy -> !strategy.getName().equals("roundRobin")
                        && !strategy.getName().equals("leastConnections")
                        && !strategy.getName().startsWith("leastResponseTime")
                        && !strategy.getName().startsWith("ipHash"))
                .flatMap(strategy -> WEIGHTS.stream()
                        .map(weights -> Arguments.of(strategy, Named.of(Arrays.toString(weights), weights))));
    }

    @ParameterizedTest
    @MethodSource("weighted")
    void millionCalls_withoutLoad_areSharedByWeight(LoadBalancingStrategy strategy, double[] weights) {
        int[] counts = new FakePool(strategy, 1, FakePool.ofWeights(weights)).count(CALLS, FakeRequest.any());
        double sum = Arrays.stream(weights).sum();
        for (int i = 0; i < weights.length; i++) {
            double share = weights[i] / sum;
            double deviation = Math.sqrt(CALLS * share * (1 - share));
            assertThat((double) counts[i])
                    .as("%s of %s", i, Arrays.toString(counts))
                    .isCloseTo(CALLS * share, within(4 * deviation));
        }
    }

    static List<Named<LoadBalancingStrategy>> withoutAddress() {
        return all().stream()
                .filter(strategy -> !strategy.getName().equals("ipHash"))
                .toList();
    }

    /** An unknown address is an address, too, and hashes to one backend: nginx's rule. */
    @ParameterizedTest
    @MethodSource("withoutAddress")
    void hundredFreshClients_doNotStartTogether(LoadBalancingStrategy strategy) {
        int[] firsts = new int[10];
        for (int client = 0; client < 100; client++) {
            FakePool pool = new FakePool(strategy, client * GOLDEN, FakePool.ofSize(10));
            firsts[pool.candidates().indexOf(requireNonNull(pool.call(FakeRequest.any())))]++;
        }
        // Of a fair draw, one in 10^8 has a backend with 31 of the 100.
        assertThat(firsts)
                .as(Arrays.toString(firsts))
                .matches(counts -> Arrays.stream(counts).max().orElseThrow() <= 30);
        assertThat(Arrays.stream(firsts).filter(count -> count > 0).count()).isGreaterThanOrEqualTo(8);
    }
}
