package dev.evenkeel.lb.core.strategy;

import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.internal.strategy.hash.HashRing;
import dev.evenkeel.lb.core.internal.strategy.hash.HashTablePicker;
import dev.evenkeel.lb.core.internal.strategy.hash.KeyPlacement;
import dev.evenkeel.lb.core.internal.strategy.hash.LoadBound;
import dev.evenkeel.lb.core.internal.strategy.hash.Maglev;
import dev.evenkeel.lb.core.internal.strategy.hash.Rendezvous;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import dev.evenkeel.lb.spi.Picker;
import dev.evenkeel.lb.spi.PickerContext;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Assigns each {@linkplain dev.evenkeel.lb.RequestContext#affinityKey affinity key} to one backend, by the backends'
 * ids and weights alone: every client with the same backends sends a key to the same one, regardless of their order.
 * When a backend leaves, little more than its own keys move; they are distributed over all other backends, and return
 * with it. While it is full or was tried in this call, its keys go to the same other backend each time.
 *
 * <p>Requests with no key, or an empty one, are distributed by weight. Immutable: each method returns another strategy.
 */
public final class ConsistentHash implements LoadBalancingStrategy {

    static final ConsistentHash DEFAULT = new ConsistentHash(new Maglev.Table(0), false, 0);

    private final KeyPlacement.Layout layout;
    private final boolean rendezvous;
    private final double loadFactor;

    private ConsistentHash(KeyPlacement.Layout layout, boolean rendezvous, double loadFactor) {
        this.layout = layout;
        this.rendezvous = rendezvous;
        this.loadFactor = loadFactor;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ConsistentHash that
                && that.layout.equals(layout)
                && that.rendezvous == rendezvous
                && that.loadFactor == loadFactor;
    }

    @Override
    public int hashCode() {
        return Objects.hash(layout, rendezvous, loadFactor);
    }

    /**
     * Looks owners up in a Maglev table: the fastest and, but for rendezvous, the most even one. The default, with
     * 65,537 entries, doubled (to the next prime) until there are 100 a backend. When one backend of 100 leaves, about
     * 0.5 % of the other backends' keys move too.
     *
     * @return this strategy with the default table
     */
    public ConsistentHash maglev() {
        return new ConsistentHash(new Maglev.Table(0), false, loadFactor);
    }

    /**
     * Looks owners up in a Maglev table of a given size. It should have 100 entries a backend; with fewer entries than
     * backends the default size is used.
     *
     * @param tableSize a prime of 2 to 5,000,011; each entry takes 4 bytes
     * @return this strategy with such a table
     * @throws IllegalArgumentException if the size is not prime or out of range
     */
    public ConsistentHash maglev(int tableSize) {
        return new ConsistentHash(Maglev.Table.ofSize(tableSize), false, loadFactor);
    }

    /**
     * Looks owners up on a ring with 160 points a backend, and at most 1,048,576 in all. With different weights there are as
     * many points as give the lightest backend its share of these in whole points. Backends differ by some 15 % in their
     * share. The key of an owner that cannot take it goes to the next on the ring.
     *
     * <p>When one of equal weights leaves, no other key moves. With different weights the number of points that a weight is
     * worth follows from the weights of all, so some keys move between backends that stay: of weights 1:2:3 without the 1
     * 8 %, of nine 1 and a 10 without the 10 13 %. {@link #rendezvous} moves none.
     *
     * @return this strategy with the default ring
     */
    public ConsistentHash ring() {
        return new ConsistentHash(HashRing.Size.DEFAULT, false, loadFactor);
    }

    /**
     * Looks owners up on a ring as Envoy and gRPC build it (gRFC A42): as few points as give the lightest backend its
     * share of {@code minRingSize} in whole points. As in these, the points of each backend follow from the number of all, so
     * more keys move than on the default ring when a backend comes or goes: 7 % beside its own if one of ten leaves
     * 1,024 points.
     *
     * @param minRingSize at least 1; gRPC's is 1,024
     * @param maxRingSize at least {@code minRingSize}, at most 8,388,608; gRPC's is 4,096; each point takes about 16 bytes
     * @return this strategy with such a ring
     * @throws IllegalArgumentException if the sizes are out of range or the wrong way round
     */
    public ConsistentHash ring(int minRingSize, int maxRingSize) {
        return new ConsistentHash(HashRing.Size.of(minRingSize, maxRingSize), false, loadFactor);
    }

    /**
     * Gives each key the backend with the highest score for it: the most even, no table, and no key but a leaving
     * backend's ever moves; but every pick looks at all backends.
     *
     * @return this strategy by rendezvous
     */
    public ConsistentHash rendezvous() {
        return new ConsistentHash(layout, true, loadFactor);
    }

    /**
     * Lets no backend have more than {@code loadFactor} times its fair share of the calls in flight: further calls for its
     * keys go elsewhere until it has room again. The share is of the calls at the backends that this call may go to: those
     * of its subset, tier and zone without the ones that are full or were tried. All calls at them count, whatever sent
     * them there. If all are at their bound, the one with the fewest for its weight takes the call. Of more than 64 backends
     * 32 are read for each call that meets the bound, so that the sum lags a little behind. For keys of very different popularity; off by default.
     *
     * @param loadFactor 1 to 1,000; 1.25 spreads hot keys well, 2 keeps more affinity (HAProxy's
     *     {@code hash-balance-factor} in per cent is 100 times this)
     * @return this strategy with the bound
     * @throws IllegalArgumentException if the factor is out of range
     */
    public ConsistentHash loadFactor(double loadFactor) {
        return new ConsistentHash(layout, rendezvous, LoadBound.check(loadFactor));
    }

    @Override
    public Picker newPicker(PickerContext context) {
        return rendezvous ? new Rendezvous(context, loadFactor) : new HashTablePicker(context, layout, loadFactor);
    }

    @Override
    public boolean usesWeights() {
        return true;
    }

    @Override
    public @Nullable Object affinity(RequestContext request) {
        String key = request.affinityKey();
        return key == null || key.isEmpty() ? null : key;
    }

    @Override
    public String name() {
        return "consistentHash";
    }
}
