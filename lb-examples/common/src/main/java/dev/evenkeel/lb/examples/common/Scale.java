package dev.evenkeel.lb.examples.common;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * An axis.
 *
 * @param least number on it
 * @param most number on it
 * @param logarithmic or linear
 */
public record Scale(double least, double most, boolean logarithmic) {
    private static final int MAX_TICKS = 6;

    public Scale {
        if (!(least < most) || (logarithmic && least <= 0)) {
            throw new IllegalArgumentException(
                    "a scale must rise, a logarithmic one from above 0: " + least + ".." + most);
        }
    }

    /**
     * From nothing.
     *
     * @param most number on it
     * @return linear
     */
    public static Scale upTo(double most) {
        return new Scale(0, most, false);
    }

    /**
     * Between powers of ten.
     *
     * @param least number that is to be on it
     * @param most number that is to be on it
     * @return logarithmic
     */
    public static Scale decades(double least, double most) {
        double low = Math.pow(10, Math.floor(Math.log10(least)));
        return new Scale(low, Math.max(low * 10, Math.pow(10, Math.ceil(Math.log10(most)))), true);
    }

    /** Where a number is, from 0 to 1; what is beyond an end is at the end. */
    double share(double number) {
        double bounded = Math.min(most, Math.max(least, number));
        return logarithmic ? Math.log(bounded / least) / Math.log(most / least) : (bounded - least) / (most - least);
    }

    /** The powers of ten and what is least, or a few round numbers. */
    List<Double> ticks() {
        List<Double> ticks = new ArrayList<>();
        if (logarithmic) {
            ticks.add(least);
            for (int power = (int) Math.floor(Math.log10(least) + 1e-9) + 1; Math.pow(10, power) <= most; power++) {
                ticks.add(Math.pow(10, power));
            }
            return ticks;
        }
        double step = Math.pow(10, Math.floor(Math.log10(most - least)));
        while ((most - least) / step < MAX_TICKS / 2.0) {
            step /= 2;
        }
        while ((most - least) / step > MAX_TICKS) {
            step *= 2;
        }
        for (long i = (long) Math.ceil(least / step); i * step <= most; i++) {
            ticks.add(i * step);
        }
        return ticks;
    }

    /** A number as short as it can be. */
    static String label(double number) {
        String text = String.format(Locale.ROOT, "%,.3f", number);
        return text.replaceAll("\\.?0+$", "");
    }
}
