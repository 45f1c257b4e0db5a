package dev.evenkeel.lb.core.internal.document.reader;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Trees of plain objects: maps with string keys, lists, strings, numbers, booleans and nulls. */
public final class JsonTrees {
    static final int MAX_DEPTH = 20;
    static final int MAX_STRING = 65_536;
    static final int MAX_NAME = 1_000;
    private static final int MAX_VALUES = 100_000;
    private static final int MAX_DIGITS = 400;

    private int left = MAX_VALUES;

    private JsonTrees() {}

    /**
     * Copies a tree that an application's parser has built. A parser that follows aliases can build a huge tree from
     * one line, so visits are counted.
     *
     * @throws IllegalArgumentException if it is too deep, too large, or has values of another type
     */
    public static @Nullable Object checked(@Nullable Object tree) {
        return new JsonTrees().copy(tree, 0);
    }

    private @Nullable Object copy(@Nullable Object tree, int depth) {
        if (--left < 0) {
            throw new IllegalArgumentException("must have at most " + MAX_VALUES + " values");
        }
        if (depth > MAX_DEPTH) {
            throw new IllegalArgumentException("must be at most " + MAX_DEPTH + " deep");
        }
        if (tree instanceof Map<?, ?> map) {
            Map<String, @Nullable Object> copy = new LinkedHashMap<>();
            map.forEach((key, value) -> copy.put(name(key), copy(value, depth + 1)));
            return copy;
        }
        if (tree instanceof List<?> list) {
            List<@Nullable Object> copy = new ArrayList<>();
            list.forEach(value -> copy.add(copy(value, depth + 1)));
            return copy;
        }
        if (tree instanceof String text && text.length() > MAX_STRING) {
            throw new IllegalArgumentException("must have no string of more than " + MAX_STRING + " characters");
        }
        if (tree == null || tree instanceof String || tree instanceof Boolean || isNumber(tree)) {
            return tree;
        }
        throw new IllegalArgumentException("must hold maps, lists, strings, numbers and booleans alone: there is a "
                + tree.getClass().getName());
    }

    private static String name(@Nullable Object key) {
        if (key instanceof String name && name.length() <= MAX_NAME) {
            return name;
        }
        throw new IllegalArgumentException(
                "must have strings of at most " + MAX_NAME + " characters as names of fields: " + key);
    }

    /** Excludes a number whose text would be a gigabyte of zeros. */
    private static boolean isNumber(Object value) {
        return value instanceof Integer
                || value instanceof Long
                || value instanceof Double
                || value instanceof Float
                || value instanceof Short
                || value instanceof Byte
                || (value instanceof BigInteger large && large.bitLength() <= 4 * MAX_DIGITS)
                || (value instanceof BigDecimal decimal
                        && decimal.precision() <= MAX_DIGITS
                        && Math.abs(decimal.scale()) <= MAX_DIGITS);
    }

    /** The file's form of a tree of canonical values: with placeholders, not with their values. */
    public static Object asWritten(Object canonical) {
        if (canonical instanceof Map<?, ?> map) {
            Map<String, Object> copy = new LinkedHashMap<>();
            map.forEach((key, value) -> copy.put((String) key, asWritten(value)));
            return copy;
        }
        if (canonical instanceof List<?> list) {
            return list.stream().map(JsonTrees::asWritten).toList();
        }
        return canonical instanceof Expanded expanded ? expanded.written() : canonical;
    }

    /** A value that was written with placeholders. */
    record Expanded(String written, Object value) {}
}
