package dev.evenkeel.lb.core.internal.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.LogLines;
import dev.evenkeel.lb.core.PoolFixture;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import dev.evenkeel.lb.spi.Picker;
import dev.evenkeel.lb.spi.PickerContext;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AffinityAdviceTest {
    private static final RequestContext KEYED = RequestContext.ofAffinityKey("user-1");

    private final PoolFixture fixture = new PoolFixture();

    /** What a pool logs on three calls. */
    private List<String> lines(LoadBalancingStrategy strategy, RequestContext context) {
        try (LoadBalancer pool = fixture.builder("http://a", "http://b")
                        .strategy(strategy)
                        .build();
                LogLines log = new LogLines("pool users")) {
            for (int i = 0; i < 3; i++) {
                PoolFixture.lease(pool, context).complete(Outcome.SUCCESS);
            }
            return log.lines();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"adaptive", "roundRobin", "leastConnections", "ipHash"})
    void keyThatTheStrategyDoesNotUse_isToldOnce(String strategy) {
        assertThat(lines(Strategies.byName(strategy), KEYED))
                .filteredOn(line -> line.contains("affinity key"))
                .containsExactly("WARNING pool users: requests have an affinity key, which the strategy " + strategy
                        + " does not use: choose consistentHash, or leave the key out");
    }

    @Test
    void consistentHash_withoutAKey_isToldOnce() {
        assertThat(lines(Strategies.consistentHash(), RequestContext.NONE))
                .containsExactly(
                        "WARNING pool users: a request has no affinity key, so consistentHash picks at random: give it one"
                                + " by affinityKey(…) of the client or the route, or of the RequestContext");
    }

    @Test
    void ipHash_withoutAnAddress_isToldOnce() {
        assertThat(lines(Strategies.ipHash(), RequestContext.NONE))
                .containsExactly(
                        "WARNING pool users: a request has no client address, so ipHash picks at random: give it"
                                + " one by clientAddress(…) of the client, or of the RequestContext");
    }

    @Test
    void whatFits_isNotTold() {
        assertThat(lines(Strategies.consistentHash(), KEYED)).isEmpty();
        assertThat(lines(Strategies.adaptive(), RequestContext.NONE)).isEmpty();
        assertThat(lines(Strategies.consistentHash(), RequestContext.NONE.withBoundBackend("a:80")))
                .isEmpty();
        assertThat(lines(Strategies.ipHash(), RequestContext.ofClientAddress(InetAddress.getLoopbackAddress())))
                .isEmpty();
    }

    /** It may use the key in its own way. */
    @Test
    void strategyOfTheApplication_isLeftAlone() {
        LoadBalancingStrategy own = new LoadBalancingStrategy() {
            @Override
            public Picker newPicker(PickerContext context) {
                return Strategies.roundRobin().newPicker(context);
            }

            @Override
            public String name() {
                return "own";
            }
        };
        assertThat(lines(own, KEYED)).isEmpty();
    }
}
