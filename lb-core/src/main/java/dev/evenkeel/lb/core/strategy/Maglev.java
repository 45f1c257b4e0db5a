package dev.evenkeel.lb.core.strategy;

import java.math.BigInteger;
import java.util.Arrays;

/**
 * The look-up table of Maglev (Eisenbud et al., NSDI 2016, section 3.4): each backend has a permutation of its own of the
 * table's entries, and they take turns to claim the next free one of theirs. Weights skip turns, as in Envoy, so its tables
 * are the same.
 */
final class Maglev implements Placement {
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

    /** Another hash of the key, so that the keys of a backend that is away go to all the others. */
    @Override
    public long next(long place) {
        return XxHash64.mix(place + 0x9E3779B97F4A7C15L);
    }

    /**
     * A table size.
     *
     * @param size prime; 0 for the smallest of 65,537 and its doubles (up to the next prime) with 100 entries a backend
     */
    record Table(int size) implements Layout {

        static Table ofSize(int size) {
            if (size < 2 || size > MAX_SIZE || !BigInteger.valueOf(size).isProbablePrime(30)) {
                throw new IllegalArgumentException(
                        "Maglev table size must be a prime of 2.." + MAX_SIZE + ": " + size + nearestPrime(size));
            }
            return new Table(size);
        }

        @Override
        public Maglev place(String[] ids, double[] weights) {
            int n = ids.length;
            int entries = size >= n ? size : sizeFor(n);
            int[] offsets = new int[n];
            int[] skips = new int[n];
            for (int i = 0; i < n; i++) {
                offsets[i] = (int) Long.remainderUnsigned(XxHash64.hash(ids[i], 0), entries);
                skips[i] = (int) Long.remainderUnsigned(XxHash64.hash(ids[i], 1), entries - 1) + 1;
            }
            return new Maglev(populate(offsets, skips, weights, entries));
        }

        /** Grows by doubling only: another size moves nearly all keys. */
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
     * Fills a table. In iteration i a backend has a turn if it has had fewer than i · weight / largest weight.
     *
     * @param offsets where each backend's permutation begins
     * @param skips how far each of its steps goes, 1 to size - 1
     */
    static int[] populate(int[] offsets, int[] skips, double[] weights, int size) {
        int n = offsets.length;
        double largest = Arrays.stream(weights).max().orElseThrow();
        int[] owners = new int[size];
        Arrays.fill(owners, -1);
        int[] place = offsets.clone();
        int[] taken = new int[n];
        // A heap of whose turn is next: the iteration in the upper half, the backend in the lower. All are in the first
        // one.
        long[] heap = new long[n];
        Arrays.setAll(heap, i -> 1L << 32 | i);
        for (int filled = 0; filled < size; filled++) {
            int backend = (int) heap[0];
            int at = place[backend];
            while (owners[at] >= 0) {
                at = step(at, skips[backend], size);
            }
            owners[at] = backend;
            place[backend] = step(at, skips[backend], size);
            long next = iteration(++taken[backend], weights[backend] / largest, size);
            heap[0] = Math.max(next, (heap[0] >>> 32) + 1) << 32 | backend;
            siftDown(heap);
        }
        return owners;
    }

    private static int step(int place, int skip, int size) {
        int next = place - size + skip;
        return next < 0 ? next + size : next;
    }

    /** The first iteration with a turn for a backend that has had some; beyond the size there is none. */
    private static long iteration(int taken, double weight, int size) {
        return (long) Math.min(size + 1.0, Math.ceil(taken / weight - 1e-9));
    }

    private static void siftDown(long[] heap) {
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

    int[] table() {
        return owners.clone();
    }
}
