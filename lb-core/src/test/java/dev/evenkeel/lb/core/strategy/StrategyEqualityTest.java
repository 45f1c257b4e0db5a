package dev.evenkeel.lb.core.strategy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** A reload keeps the pickers of a pool whose strategy is equal to the one before. */
final class StrategyEqualityTest {
    /** Each makes another strategy, or another setting of one. */
    private static final List<Supplier<LoadBalancingStrategy>> ALL = List.of(
            Strategies::roundRobin,
            Strategies::weightedRoundRobin,
            Strategies::random,
            Strategies::ipHash,
            Strategies::consistentHash,
            () -> Strategies.consistentHash().maglev(7),
            () -> Strategies.consistentHash().maglev(11),
            () -> Strategies.consistentHash().ring(),
            () -> Strategies.consistentHash().ring(1, 8),
            () -> Strategies.consistentHash().ring(2, 8),
            () -> Strategies.consistentHash().ring(1, 16),
            () -> Strategies.consistentHash().rendezvous(),
            () -> Strategies.consistentHash().loadFactor(1.25),
            () -> Strategies.consistentHash().loadFactor(1.5),
            Strategies::resourceBased,
            () -> Strategies.resourceBased().errorPenalty(2),
            () -> Strategies.resourceBased().blackoutDuration(Duration.ofSeconds(1)),
            () -> Strategies.resourceBased().reportTtl(Duration.ofSeconds(20)),
            Strategies::latencyTiers,
            () -> Strategies.latencyTiers(Duration.ZERO),
            () -> Strategies.latencyTiers(Duration.ofMillis(7)),
            Strategies::adaptive,
            Strategies::adaptiveWithLoadReports,
            Strategies::leastConnections,
            Strategies::weightedLeastConnections,
            Strategies::powerOfTwo,
            () -> Strategies.powerOfTwo(1),
            () -> Strategies.powerOfTwo(5),
            Strategies::leastResponseTime,
            () -> Strategies.leastResponseTime(1),
            () -> Strategies.leastResponseTime(5));

    @Test
    void strategies_areEqual_ifAndOnlyIfTheirSettingsAre() {
        for (int i = 0; i < ALL.size(); i++) {
            LoadBalancingStrategy one = ALL.get(i).get();
            assertThat(one)
                    .isEqualTo(ALL.get(i).get())
                    .hasSameHashCodeAs(ALL.get(i).get());
            assertThat(one.equals("a text")).isFalse();
            for (int j = 0; j < ALL.size(); j++) {
                if (i != j) {
                    assertThat(one).isNotEqualTo(ALL.get(j).get());
                }
            }
        }
        assertThat(ALL.stream().map(Supplier::get).map(each -> each.getClass().getName() + each.hashCode()))
                .doesNotHaveDuplicates();
    }

    /** All other strategies get outlier ejection by default. */
    @Test
    void strategiesThatAvoidFailures_saySo() {
        Set<String> avoiding = Set.of("adaptive", "leastConnections", "weightedLeastConnections", "leastResponseTime");
        for (String name : Strategies.names()) {
            assertThat(Strategies.byName(name).avoidsFailures()).as(name).isEqualTo(avoiding.contains(name));
        }
    }

    @Test
    void strategiesOfOneChoice_useNoWeights() {
        assertThat(Strategies.powerOfTwo(1).usesWeights()).isFalse();
        assertThat(Strategies.powerOfTwo(2).usesWeights()).isTrue();
        assertThat(Strategies.leastResponseTime(1).usesWeights()).isFalse();
        assertThat(Strategies.leastResponseTime(2).usesWeights()).isTrue();
    }
}
