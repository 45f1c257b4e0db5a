package dev.evenkeel.lb.core.internal.strategy.hash;

import dev.evenkeel.lb.core.internal.strategy.support.Weights;
import java.math.BigInteger;
import java.util.Arrays;

/**
 * The look-up table of Maglev (Eisenbud et al., NSDI 2016, section 3.4): each backend has its own permutation of the
 * table's entries, and the backends take turns to claim their next free entry. Weights skip turns, as in Envoy, so its
 * tables are the same.
 */
public final class Maglev implements KeyPlacement {
    static final int MIN_SIZE = 65_537;
    static final int MAX_SIZE = 5_000_011;

    private static final int ENTRIES_PER_BACKEND = 100;

    private final int[] owners;

    private Maglev(int[] owners) {
        this.owners = owners;
    }

    @Override
    public long locate(long hash) {
        return hash;
    }

    @Override
    public int owner(long place) {
        return owners[(int) (((place >>> 32) * owners.length) >>> 32)];
    }

    /**
     * Uses another hash of the key, so that the keys of an unavailable backend are distributed over all other backends.
     */
    @Override
    public long next(long place) {
        return XxHash64.mix(place + 0x9E3779B97F4A7C15L);
    }

    /**
     * A table size.
     *
     * @param size prime; 0 for the smallest of 65,537 and its doubles (up to the next prime) with 100 entries a backend
     */
    public record Table(int size) implements Layout {

        public static Table ofSize(int size) {
            if (size < 2 || size > MAX_SIZE || !BigInteger.valueOf(size).isProbablePrime(30)) {
                throw new IllegalArgumentException(
                        "Maglev table size must be a prime of 2.." + MAX_SIZE + ": " + size + nearestPrime(size));
            }
            return new Table(size);
        }

        @Override
        public Maglev place(String[] ids, Weights weights) {
            int n = ids.length;
            int entries = entries(n);
            int[] offsets = new int[n];
            int[] skips = new int[n];
            for (int i = 0; i < n; i++) {
                offsets[i] = (int) Long.remainderUnsigned(XxHash64.hash(ids[i], 0), entries);
                skips[i] = (int) Long.remainderUnsigned(XxHash64.hash(ids[i], 1), entries - 1) + 1;
            }
            return new Maglev(populate(offsets, skips, weights, entries));
        }

        @Override
        public boolean isQuick(Weights weights) {
            return entries(weights.size()) <= MIN_SIZE;
        }

        private int entries(int backends) {
            return size >= backends ? size : sizeFor(backends);
        }

        /** Grows only by doubling: another size moves nearly all keys. */
        static int sizeFor(int backends) {
            long size = MIN_SIZE - 1;
            while (size < (long) ENTRIES_PER_BACKEND * backends) {
                size *= 2;
            }
            return size > MAX_SIZE ? Math.max(MAX_SIZE, nextPrime(backends - 1)) : nextPrime((int) size);
        }

        private static String nearestPrime(int size) {
            return size < 2 || size >= MAX_SIZE ? "" : "; the next one is " + nextPrime(size);
        }

        private static int nextPrime(int number) {
            return BigInteger.valueOf(number).nextProbablePrime().intValueExact();
        }
    }

    /**
     * Fills a table. In iteration i a backend has a turn unless it has had more than i · weight / largest weight.
     *
     * @param offsets where each backend's permutation begins
     * @param skips how far each of its steps goes, 1 to size - 1
     */
    public static int[] populate(int[] offsets, int[] skips, Weights weights, int size) {
        Order order = weights.areEven() ? new Order(offsets.length) : new WeightedOrder(weights.toArray(), size);
        int[] owners = new int[size];
        int[] place = offsets.clone();
        // Most of the time is spent looking for a free entry: bits fit into a cache where a large table does not.
        long[] taken = new long[(size >> 6) + 1];
        for (int filled = 0; filled < size; filled++) {
            int backend = order.next();
            int at = place[backend];
            int skip = skips[backend];
            while ((taken[at >> 6] & 1L << at) != 0) {
                at = step(at, skip, size);
            }
            taken[at >> 6] |= 1L << at;
            owners[at] = backend;
            place[backend] = step(at, skip, size);
        }
        return owners;
    }

    private static int step(int place, int skip, int size) {
        int next = place - size + skip;
        return next < 0 ? next + size : next;
    }

    /** The order of turns if all weights are equal: each backend in each iteration. */
    private static class Order {
        private final int backends;
        private int last = -1;

        Order(int backends) {
            this.backends = backends;
        }

        int next() {
            last = last + 1 < backends ? last + 1 : 0;
            return last;
        }
    }

    private static final class WeightedOrder extends Order {
        /**
         * The next turns: the iteration in the upper half, the backend in the lower. All begin in the first iteration.
         */
        private final long[] heap;

        private final int[] taken;
        private final double[] weights;
        private final double largest;
        private final int size;

        WeightedOrder(double[] weights, int size) {
            super(weights.length);
            this.heap = new long[weights.length];
            Arrays.setAll(heap, i -> 1L << 32 | i);
            this.taken = new int[weights.length];
            this.weights = weights;
            this.largest = Arrays.stream(weights).max().orElseThrow();
            this.size = size;
        }

        @Override
        int next() {
            int backend = (int) heap[0];
            long next = iteration(++taken[backend], weights[backend] / largest);
            heap[0] = Math.max(next, (heap[0] >>> 32) + 1) << 32 | backend;
            siftDown();
            return backend;
        }

        /** The first iteration in which a backend has its next turn; beyond the size there is none. */
        private long iteration(int turns, double weight) {
            return (long) Math.min(size + 1.0, Math.ceil(turns / weight - 1e-9));
        }

        private void siftDown() {
            long moved = heap[0];
            int parent = 0;
            for (int child = 1; child < heap.length; child = 2 * parent + 1) {
                if (child + 1 < heap.length && heap[child + 1] < heap[child]) {
                    child++;
                }
                if (moved <= heap[child]) {
                    break;
                }
                heap[parent] = heap[child];
                parent = child;
            }
            heap[parent] = moved;
        }
    }

    public int[] table() {
        return owners.clone();
    }
}
