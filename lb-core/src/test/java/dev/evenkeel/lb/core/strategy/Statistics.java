package dev.evenkeel.lb.core.strategy;

/** Sums over counts, for tests of distributions. */
public final class Statistics {

    private Statistics() {}

    /** Pearson's chi-square of counts against expected shares. */
    public static double chiSquare(int[] counts, double[] weights) {
        double total = 0;
        double weight = 0;
        for (int i = 0; i < counts.length; i++) {
            total += counts[i];
            weight += weights[i];
        }
        double sum = 0;
        for (int i = 0; i < counts.length; i++) {
            double expected = total * weights[i] / weight;
            sum += (counts[i] - expected) * (counts[i] - expected) / expected;
        }
        return sum;
    }

    /** The chi-square that a right distribution exceeds once in a thousand times (Wilson and Hilferty, 1931). */
    public static double chiSquareLimit(int degreesOfFreedom) {
        double z = 3.09;
        double k = 2.0 / (9 * degreesOfFreedom);
        return degreesOfFreedom * Math.pow(1 - k + z * Math.sqrt(k), 3);
    }
}
