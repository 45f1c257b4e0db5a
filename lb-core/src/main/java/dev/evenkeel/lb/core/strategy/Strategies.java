package dev.evenkeel.lb.core.strategy;

import dev.evenkeel.lb.core.internal.strategy.adaptive.Adaptive;
import dev.evenkeel.lb.core.internal.strategy.hash.IpHash;
import dev.evenkeel.lb.core.internal.strategy.latency.LatencyTiers;
import dev.evenkeel.lb.core.internal.strategy.latency.LeastResponseTime;
import dev.evenkeel.lb.core.internal.strategy.load.LeastConnections;
import dev.evenkeel.lb.core.internal.strategy.load.PowerOfTwo;
import dev.evenkeel.lb.core.internal.strategy.rotation.RoundRobin;
import dev.evenkeel.lb.core.internal.strategy.rotation.WeightedRandom;
import dev.evenkeel.lb.core.internal.strategy.rotation.WeightedRoundRobin;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import java.time.Duration;
import java.util.List;

/** The strategies that come with Evenkeel, and the way to find one by name. */
public final class Strategies {

    private Strategies() {}

    /**
     * The strategy of a name, with its defaults.
     *
     * @param name one of {@link #names}
     * @return a built-in strategy, else one that {@link java.util.ServiceLoader} finds as a provider of
     *     {@link LoadBalancingStrategy} and that has this {@linkplain LoadBalancingStrategy#name name}
     * @throws IllegalArgumentException if there is none; the message lists the known names. Providers that cannot be
     *     loaded are its suppressed exceptions
     */
    public static LoadBalancingStrategy byName(String name) {
        return StrategyNames.find(name);
    }

    /**
     * The names that {@link #byName} knows.
     *
     * @return the built-in ones, then those of providers
     */
    public static List<String> names() {
        return StrategyNames.all();
    }

    /**
     * A rotation from a random start, blind to weights.
     *
     * @return the strategy
     */
    public static LoadBalancingStrategy roundRobin() {
        return RoundRobin.INSTANCE;
    }

    /**
     * A smooth rotation in proportion to weights, from a random start. While the weights, divided by what they have in
     * common, add up to at most 8,192, the order is nginx's.
     *
     * @return the strategy
     */
    public static LoadBalancingStrategy weightedRoundRobin() {
        return WeightedRoundRobin.INSTANCE;
    }

    /**
     * A random candidate in proportion to weight.
     *
     * @return the strategy
     */
    public static LoadBalancingStrategy random() {
        return WeightedRandom.INSTANCE;
    }

    /**
     * nginx's {@code ip_hash}: a client's address ({@link dev.evenkeel.lb.RequestContext#clientAddress}) decides, by the
     * first three octets of IPv4 or all of IPv6, in proportion to weight. The same function over the same list as nginx
     * gives the same backend. A change of the list moves most clients: prefer {@link #consistentHash} where compatibility
     * is not the point. All clients without an address have one backend; what 21 tries do not place goes round robin.
     *
     * @return the strategy
     */
    public static LoadBalancingStrategy ipHash() {
        return IpHash.INSTANCE;
    }

    /**
     * The affinity key ({@link dev.evenkeel.lb.RequestContext#affinityKey}) decides, so that the same key meets the same
     * backend. By a Maglev table unless told otherwise.
     *
     * @return the strategy, with methods for its other forms
     */
    public static ConsistentHash consistentHash() {
        return ConsistentHash.DEFAULT;
    }

    /**
     * The backends' own load reports decide: gRPC's weights, drawn twice, and the calls in flight between the two.
     *
     * @return the strategy, with methods for its settings
     */
    public static ResourceBased resourceBased() {
        return ResourceBased.DEFAULT;
    }

    /**
     * Azure Front Door's routing with its default sensitivity of 50 ms: see {@link #latencyTiers(Duration)}.
     *
     * @return the strategy
     */
    public static LoadBalancingStrategy latencyTiers() {
        return latencyTiers(Duration.ofMillis(50));
    }

    /**
     * Those whose latency is at most the fastest one's plus the sensitivity share the calls by weight; the others get one
     * each 10 s, to see whether they have become faster. A backend without a latency counts as fast. When all fast ones are
     * full or tried, the fastest of the rest make up the tier.
     *
     * @param sensitivity 0 or more
     * @return the strategy
     * @throws IllegalArgumentException if the sensitivity is negative
     */
    public static LoadBalancingStrategy latencyTiers(Duration sensitivity) {
        return new LatencyTiers(sensitivity);
    }

    /**
     * The default: calls in flight and their age, relative latency, recent failures and rest after a stall in one cost; the
     * cheapest of up to 32 candidates. Needs no tuning.
     *
     * @return the strategy
     */
    public static LoadBalancingStrategy adaptive() {
        return Adaptive.INSTANCE;
    }

    /**
     * The fewest calls in flight, blind to weights. Backends that fail fast count for more than they have in flight. Over
     * 64 candidates, the best of 8 distinct random ones.
     *
     * @return the strategy
     */
    public static LoadBalancingStrategy leastConnections() {
        return LeastConnections.PLAIN;
    }

    /**
     * The fewest (calls in flight + 1) for its weight; otherwise as {@link #leastConnections}.
     *
     * @return the strategy
     */
    public static LoadBalancingStrategy weightedLeastConnections() {
        return LeastConnections.WEIGHTED;
    }

    /**
     * The one of two distinct random candidates with fewer (calls in flight + 1) for its weight.
     *
     * @return the strategy
     */
    public static LoadBalancingStrategy powerOfTwo() {
        return powerOfTwo(2);
    }

    /**
     * As {@link #powerOfTwo()}, of another number.
     *
     * @param choices how many candidates are compared, at least 1; with as many as there are, all are
     * @return the strategy
     * @throws IllegalArgumentException if {@code choices} is less than 1
     */
    public static LoadBalancingStrategy powerOfTwo(int choices) {
        return new PowerOfTwo(choices);
    }

    /**
     * The lower latency times (calls in flight + 1) for its weight of two distinct random candidates. The latency is
     * Finagle's peak EWMA: a worse sample counts at once, a better one over 10 s.
     *
     * @return the strategy
     */
    public static LoadBalancingStrategy leastResponseTime() {
        return leastResponseTime(2);
    }

    /**
     * As {@link #leastResponseTime()}, of another number.
     *
     * @param choices how many candidates are compared, at least 1; with many of them, several clients agree on the fastest
     *     backend and overrun it
     * @return the strategy
     * @throws IllegalArgumentException if {@code choices} is less than 1
     */
    public static LoadBalancingStrategy leastResponseTime(int choices) {
        return new LeastResponseTime(choices);
    }
}
