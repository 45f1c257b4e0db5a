package dev.evenkeel.lb.core.internal.document.schema;

import dev.evenkeel.lb.core.internal.document.reader.ValueCursor;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The types of numbers. A text is one only where a variable has been expanded. */
final class NumberTypes {
    private static final Pattern INTEGER = Pattern.compile("-?[0-9]{1,18}");
    private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,15}(\\.[0-9]{1,15})?");

    private NumberTypes() {}

    /** A whole number of 32 bits in a range that includes both of its ends. */
    static Type<Integer> integer(int least, int most) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", "integer");
        schema.put("minimum", least);
        schema.put("maximum", most);
        String range = most == Integer.MAX_VALUE ? "at least " + least : least + " to " + most;
        return new ScalarType<>("a whole number", range, schema) {
            @Override
            @Nullable
            Integer parse(ValueCursor value) {
                Long number = whole(value);
                if (number != null && number.intValue() != number) {
                    throw new IllegalArgumentException("must be a whole number of 32 bits: " + number);
                }
                return number == null ? null : number.intValue();
            }

            @Override
            Object write(Integer meaning) {
                return meaning;
            }
        };
    }

    /** A number beyond 64 bits becomes the nearest one of 64 bits, which is just as invalid. */
    private static @Nullable Long whole(ValueCursor value) {
        String text = value.text();
        if (text != null) {
            return value.isExpanded() && INTEGER.matcher(text).matches() ? Long.valueOf(text) : null;
        }
        Number number = value.number();
        if (number instanceof BigInteger large) {
            return large.signum() < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
        }
        return number instanceof Integer || number instanceof Long || number instanceof Short || number instanceof Byte
                ? number.longValue()
                : null;
    }

    /** A number of a range that includes both of its ends. */
    static Type<Double> number(double least, double most) {
        return number(plain(least) + " to " + plain(most), range("minimum", least, most));
    }

    /** A number above an excluded lower bound. */
    static Type<Double> numberAbove(double above, double most) {
        return number(
                "greater than " + plain(above) + ", at most " + plain(most), range("exclusiveMinimum", above, most));
    }

    /**
     * A number.
     *
     * @param range in words, such as {@code greater than 0, at most 100}
     * @param schema what a schema says of it beside its type
     * @return the type
     */
    private static Type<Double> number(String range, Map<String, Object> schema) {
        return new ScalarType<>("a number", range, schema) {
            @Override
            @Nullable
            Double parse(ValueCursor value) {
                String text = value.text();
                if (text != null) {
                    return value.isExpanded() && NUMBER.matcher(text).matches() ? Double.valueOf(text) : null;
                }
                Number number = value.number();
                return number != null && Double.isFinite(number.doubleValue()) ? number.doubleValue() : null;
            }

            @Override
            Object write(Double meaning) {
                return plain(meaning);
            }
        };
    }

    private static Map<String, Object> range(String lower, double least, double most) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", "number");
        schema.put(lower, plain(least));
        schema.put("maximum", plain(most));
        return schema;
    }

    /** Writes 50, not 50.0. */
    private static Object plain(double number) {
        return number == Math.rint(number) && Math.abs(number) < 1e15
                ? (Object) (long) number
                : new BigDecimal(Double.toString(number));
    }
}
