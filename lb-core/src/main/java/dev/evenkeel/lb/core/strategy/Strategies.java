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

/** The built-in strategies, and a look-up by name. */
public final class Strategies {

    private Strategies() {}

    /**
     * The strategy with a name, with its defaults.
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
     * A rotation from a random start that ignores weights.
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
     * nginx's {@code ip_hash}: chooses by the client's address ({@link dev.evenkeel.lb.RequestContext#clientAddress}),
     * the first three octets of IPv4 or all of IPv6, in proportion to weight. The same list as in nginx gives the same
     * backend. A change of the list moves most clients: prefer {@link #consistentHash} unless compatibility matters.
     * All clients without an address have one backend. A client that is not placed after 21 tries goes round robin.
     *
     * @return the strategy
     */
    public static LoadBalancingStrategy ipHash() {
        return IpHash.INSTANCE;
    }

    /**
     * Chooses by the affinity key ({@link dev.evenkeel.lb.RequestContext#affinityKey}), so that equal keys go to the
     * same backend. Uses a Maglev table by default.
     *
     * @return the strategy, with methods for its other forms
     */
    public static ConsistentHash consistentHash() {
        return ConsistentHash.DEFAULT;
    }

    /**
     * Chooses by the backends' own load reports: two draws by gRPC's weights, and the one with fewer calls in flight.
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
     * Backends whose latency is at most the fastest one's plus the sensitivity share the calls by weight. Each slower
     * backend gets one call each 10 s, which shows whether it has become faster. A backend without a latency counts as
     * fast. When all fast backends are full or tried, the fastest of the remaining ones form the tier.
     *
     * @param sensitivity 0 or more
     * @return the strategy
     * @throws IllegalArgumentException if the sensitivity is negative
     */
    public static LoadBalancingStrategy latencyTiers(Duration sensitivity) {
        return new LatencyTiers(sensitivity);
    }

    /**
     * The default: one cost of calls in flight and their age, relative latency, recent failures and stalls; picks the
     * cheapest of up to 32 candidates. Needs no tuning.
     *
     * @return the strategy
     */
    public static LoadBalancingStrategy adaptive() {
        return Adaptive.INSTANCE;
    }

    /**
     * As {@link #adaptive}, and follows the {@linkplain dev.evenkeel.lb.LoadReport#IN_FLIGHT requests in flight} that
     * backends report, as Prequal does (NSDI 2024), where the client has few calls: from one call a backend in 0.5 s in part,
     * of one in 1 s or less in full. For the clients of a large fleet. A report counts for 1 s, and less and less over
     * the next; so poll often, such as with {@link dev.evenkeel.lb.core.load.LoadReportPolicy#withMaxPerSecond} of 20. A
     * backend that reports nothing is judged as by {@link #adaptive}.
     *
     * @return the strategy
     */
    public static LoadBalancingStrategy adaptiveWithLoadReports() {
        return Adaptive.WITH_LOAD_REPORTS;
    }

    /**
     * The fewest calls in flight; ignores weights. A backend that fails fast counts as having more calls than it has.
     * With more than 64 candidates, the best of 8 distinct random ones.
     *
     * @return the strategy
     */
    public static LoadBalancingStrategy leastConnections() {
        return LeastConnections.PLAIN;
    }

    /**
     * The fewest (calls in flight + 1) in proportion to weight; otherwise as {@link #leastConnections}.
     *
     * @return the strategy
     */
    public static LoadBalancingStrategy weightedLeastConnections() {
        return LeastConnections.WEIGHTED;
    }

    /**
     * The one of two distinct random candidates with fewer (calls in flight + 1) in proportion to its weight.
     *
     * @return the strategy
     */
    public static LoadBalancingStrategy powerOfTwo() {
        return powerOfTwo(2);
    }

    /**
     * As {@link #powerOfTwo()}, with another number of candidates. They are distinct, and do not depend on the order of the
     * pool's list.
     *
     * @param choices how many candidates are compared, at least 1; all if there are not more; of more than 64, at most 32
     * @return the strategy
     * @throws IllegalArgumentException if {@code choices} is less than 1
     */
    public static LoadBalancingStrategy powerOfTwo(int choices) {
        return new PowerOfTwo(choices);
    }

    /**
     * The one of two distinct random candidates with the lower latency times (calls in flight + 1) in proportion to its
     * weight. The latency is Finagle's peak EWMA: a worse sample counts at once, a better one over 10 s.
     *
     * @return the strategy
     */
    public static LoadBalancingStrategy leastResponseTime() {
        return leastResponseTime(2);
    }

    /**
     * As {@link #leastResponseTime()}, with another number of candidates.
     *
     * @param choices how many candidates are compared, at least 1; with many of them, several clients choose the same
     *     fastest backend and overload it
     * @return the strategy
     * @throws IllegalArgumentException if {@code choices} is less than 1
     */
    public static LoadBalancingStrategy leastResponseTime(int choices) {
        return new LeastResponseTime(choices);
    }
}
