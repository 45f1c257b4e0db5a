package dev.evenkeel.lb.core.internal.strategy.hash;

import dev.evenkeel.lb.core.internal.strategy.support.Weights;
import java.util.Arrays;

/**
 * A ring of hashes (Karger et al., STOC 1997) as Envoy and gRPC (gRFC A42) build it: each backend has points in
 * proportion to its weight, at the hashes of {@code id_0}, {@code id_1}, …; a key belongs to the first point at or
 * after its hash, and the next points are tried in turn if the owner is not available.
 */
public final class HashRing implements KeyPlacement {
    static final int MAX_SIZE = 8_388_608;

    /** In ascending order as unsigned numbers. */
    private final long[] points;

    private final int[] owners;
    /**
     * The first point at or after each equal part of the ring: hashes are evenly distributed, so hardly any search is
     * left.
     */
    private final int[] parts;

    private final int shift;

    private HashRing(long[] points, int[] owners) {
        this.points = points;
        this.owners = owners;
        int bits = Math.max(1, 32 - Integer.numberOfLeadingZeros(points.length - 1));
        this.shift = 64 - bits;
        this.parts = new int[1 << bits];
        int point = 0;
        for (int part = 0; part < parts.length; part++) {
            while (point < points.length && points[point] >>> shift < part) {
                point++;
            }
            parts[part] = point;
        }
    }

    @Override
    public long locate(long hash) {
        int point = parts[(int) (hash >>> shift)];
        while (point < points.length && Long.compareUnsigned(points[point], hash) < 0) {
            point++;
        }
        return point < points.length ? point : 0;
    }

    @Override
    public int owner(long place) {
        return owners[(int) place];
    }

    @Override
    public long next(long place) {
        return place + 1 < points.length ? place + 1 : 0;
    }

    public long[] points() {
        return points.clone();
    }

    /**
     * The number of points: as few as give the lightest backend its share of {@code minSize} in whole points, at most
     * {@code maxSize} in all.
     *
     * @param minSize 0 for 160 points a backend
     */
    public record Size(int minSize, int maxSize) implements Layout {
        private static final int POINTS_PER_BACKEND = 160;
        /** A point takes 0.2 to 0.4 µs: its hash, and its place among the sorted ones. */
        private static final int QUICK_POINTS = 4_096;

        public static final Size DEFAULT = new Size(0, 1 << 20);

        public static Size of(int minSize, int maxSize) {
            if (minSize < 1 || maxSize > MAX_SIZE || minSize > maxSize) {
                throw new IllegalArgumentException("ring size must be 1 <= min <= max <= " + MAX_SIZE + ": min "
                        + minSize + ", max " + maxSize + "; gRPC's are 1024 and 4096");
            }
            return new Size(minSize, maxSize);
        }

        @Override
        public HashRing place(String[] ids, Weights all) {
            double[] weights = all.toArray();
            double largest = Arrays.stream(weights).max().orElseThrow();
            double sum = sum(weights, largest);
            double scale = scale(weights, largest, sum);
            int[] counts = new int[ids.length];
            double target = 0;
            int total = 0;
            for (int i = 0; i < counts.length; i++) {
                target += scale * (weights[i] / largest / sum);
                counts[i] = Math.max(0, (int) Math.ceil(target - 1e-6) - total);
                total += counts[i];
            }
            return place(ids, counts, total);
        }

        @Override
        public boolean isQuick(Weights all) {
            double[] weights = all.toArray();
            double largest = Arrays.stream(weights).max().orElseThrow();
            return scale(weights, largest, sum(weights, largest)) <= QUICK_POINTS;
        }

        private static double sum(double[] weights, double largest) {
            return Arrays.stream(weights).map(weight -> weight / largest).sum();
        }

        /** The number of points, before each backend's are rounded up. */
        private double scale(double[] weights, double largest, double sum) {
            double least = minSize > 0 ? minSize : (double) POINTS_PER_BACKEND * weights.length;
            double lightest =
                    Math.max(1.0 / maxSize, Arrays.stream(weights).min().orElseThrow() / largest / sum);
            return Math.min(maxSize, Math.ceil(lightest * least) / lightest);
        }

        private static HashRing place(String[] ids, int[] counts, int total) {
            long[] hashes = new long[total];
            int next = 0;
            for (int i = 0; i < ids.length; i++) {
                for (int point = 0; point < counts[i]; point++) {
                    // The signed order of these numbers is the unsigned order of the hashes.
                    hashes[next++] = XxHash64.hash(ids[i] + "_" + point, 0) ^ Long.MIN_VALUE;
                }
            }
            long[] sorted = hashes.clone();
            Arrays.sort(sorted);
            int[] owners = new int[total];
            next = 0;
            for (int i = 0; i < ids.length; i++) {
                for (int point = 0; point < counts[i]; point++) {
                    // Two equal hashes of 64 bits leave one point to the first backend: accepted.
                    owners[Arrays.binarySearch(sorted, hashes[next++])] = i;
                }
            }
            Arrays.setAll(sorted, i -> sorted[i] ^ Long.MIN_VALUE);
            return new HashRing(sorted, owners);
        }
    }
}
