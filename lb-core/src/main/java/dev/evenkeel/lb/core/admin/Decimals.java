package dev.evenkeel.lb.core.admin;

/** Formats the thousands of numbers of a page, where {@code String.format} would take most of the time. */
final class Decimals {

    private Decimals() {}

    /** Appends a number with one digit after the point, rounded. */
    static StringBuilder tenths(StringBuilder text, double number) {
        return append(text, Math.round(number * 10), 10);
    }

    /** Appends a number with two digits after the point, rounded. */
    static StringBuilder hundredths(StringBuilder text, double number) {
        return append(text, Math.round(number * 100), 100);
    }

    private static StringBuilder append(StringBuilder text, long parts, int whole) {
        if (parts < 0) {
            text.append('-');
        }
        long remainder = Math.abs(parts % whole);
        text.append(Math.abs(parts / whole)).append('.');
        return (whole == 100 && remainder < 10 ? text.append('0') : text).append(remainder);
    }
}
