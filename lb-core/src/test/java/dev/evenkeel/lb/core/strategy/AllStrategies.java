package dev.evenkeel.lb.core.strategy;

import static org.junit.jupiter.api.Named.named;

import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Named;

/** Every strategy, with every variant that behaves differently: what the scenario tables run over. */
public final class AllStrategies {

    private AllStrategies() {}

    public static List<Named<LoadBalancingStrategy>> all() {
        return List.of(
                named("roundRobin", Strategies.roundRobin()),
                named("weightedRoundRobin", Strategies.weightedRoundRobin()),
                named("random", Strategies.random()),
                named("ipHash", Strategies.ipHash()),
                named("consistentHash", Strategies.consistentHash()),
                named("consistentHash, small table", Strategies.consistentHash().maglev(7)),
                named("consistentHash, ring", Strategies.consistentHash().ring()),
                named("consistentHash, small ring", Strategies.consistentHash().ring(1, 8)),
                named("consistentHash, rendezvous", Strategies.consistentHash().rendezvous()),
                named("consistentHash, bounded", Strategies.consistentHash().loadFactor(1.25)),
                named(
                        "consistentHash, bounded ring",
                        Strategies.consistentHash().ring().loadFactor(1)),
                named(
                        "consistentHash, bounded rendezvous",
                        Strategies.consistentHash().rendezvous().loadFactor(1.5)),
                named("resourceBased", Strategies.resourceBased()),
                named("latencyTiers", Strategies.latencyTiers()),
                named("latencyTiers of 0 ms", Strategies.latencyTiers(Duration.ZERO)),
                named("adaptive", Strategies.adaptive()),
                named("adaptive, load reports", Strategies.adaptiveWithLoadReports()),
                named("leastConnections", Strategies.leastConnections()),
                named("weightedLeastConnections", Strategies.weightedLeastConnections()),
                named("powerOfTwo", Strategies.powerOfTwo()),
                named("powerOfTwo of 5", Strategies.powerOfTwo(5)),
                named("leastResponseTime", Strategies.leastResponseTime()),
                named("leastResponseTime of 1", Strategies.leastResponseTime(1)));
    }
}
