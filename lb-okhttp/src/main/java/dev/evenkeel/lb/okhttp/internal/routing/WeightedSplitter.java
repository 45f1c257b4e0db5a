package dev.evenkeel.lb.okhttp.internal.routing;

import dev.evenkeel.lb.okhttp.affinity.AffinityKey;
import dev.evenkeel.lb.okhttp.internal.affinity.RequestAffinity;
import dev.evenkeel.lb.okhttp.route.Split;
import java.io.IOException;
import java.math.BigInteger;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import okhttp3.Request;
import org.jspecify.annotations.Nullable;

/**
 * Distributes requests among pools by weight. The sum of the weights, reduced, is a round; a counter walks through it
 * in strides of about the golden section, which have no divisor in common with it: each round comes to each place once,
 * and small shares are spread evenly over it. Lock-free.
 */
final class WeightedSplitter {
    private static final double GOLDEN = 0.6180339887498949;

    /** The end of each share within a round; the last one is the length of the round. */
    private final long[] ends;

    private final long stride;
    private final @Nullable AffinityKey sticky;
    private final AtomicLong counter;

    private WeightedSplitter(List<Integer> weights, @Nullable AffinityKey sticky, long start) {
        BigInteger common = BigInteger.ZERO;
        for (int weight : weights) {
            common = common.gcd(BigInteger.valueOf(weight));
        }
        long divisor = common.longValue();
        ends = new long[weights.size()];
        long end = 0;
        for (int i = 0; i < ends.length; i++) {
            end += weights.get(i) / divisor;
            ends[i] = end;
        }
        stride = stride(end);
        this.sticky = sticky;
        // A random start: clients that make few calls each must not all begin with the same pool.
        counter = new AtomicLong(Math.floorMod(start, end));
    }

    static WeightedSplitter of(Split split) {
        return new WeightedSplitter(
                split.shares().stream().map(Split.Share::weight).toList(),
                split.sticky(),
                ThreadLocalRandom.current().nextLong());
    }

    /** Two shares: number 0 is the percentage, number 1 the remainder. */
    static WeightedSplitter percent(int percent) {
        return new WeightedSplitter(
                List.of(percent, 100 - percent),
                null,
                ThreadLocalRandom.current().nextLong());
    }

    /** The number of the share that a request belongs to. */
    int next(Request request) throws IOException {
        AffinityKey finder = sticky;
        if (finder != null) {
            String key;
            try {
                key = finder.of(request);
            } catch (RuntimeException | Error e) {
                throw RequestAffinity.notFound("key of the split", request, e);
            }
            if (key != null && !key.isEmpty()) {
                return ofKey(key);
            }
        }
        return next();
    }

    int next() {
        long round = ends[ends.length - 1];
        return at(Math.floorMod(counter.getAndIncrement(), round) * stride % round);
    }

    /**
     * The fraction of all hashes that lies beneath the key's is the fraction of the round: more weight moves few keys.
     */
    private int ofKey(String key) {
        long round = ends[ends.length - 1];
        return at((long) ((hash(key) >>> 11) * 0x1.0p-53 * round));
    }

    private int at(long place) {
        int low = 0;
        int high = ends.length - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (place < ends[middle]) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    /**
     * FNV-1a with MurmurHash3's finalizer. Not the hash of {@code consistentHash}: what is split must not clump behind
     * it.
     */
    private static long hash(String key) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < key.length(); i++) {
            hash = (hash ^ key.charAt(i)) * 0x100000001b3L;
        }
        hash = (hash ^ (hash >>> 33)) * 0xff51afd7ed558ccdL;
        hash = (hash ^ (hash >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return hash ^ (hash >>> 33);
    }

    private static long stride(long round) {
        long stride = Math.max(1, Math.round(round * GOLDEN));
        while (!BigInteger.valueOf(stride).gcd(BigInteger.valueOf(round)).equals(BigInteger.ONE)) {
            stride++;
        }
        return stride;
    }
}
