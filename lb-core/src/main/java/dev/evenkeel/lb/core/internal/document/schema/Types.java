package dev.evenkeel.lb.core.internal.document.schema;

import dev.evenkeel.lb.core.internal.document.reader.DurationText;
import dev.evenkeel.lb.core.internal.document.reader.SizeText;
import dev.evenkeel.lb.core.internal.document.reader.ValueCursor;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The types of values. A range is shown to people and in schemas; the setter of the value enforces it. */
public final class Types {

    private Types() {}

    /**
     * A string.
     *
     * @return the type
     */
    public static Type<String> text() {
        return text("");
    }

    /**
     * A string with a described form.
     *
     * @param form in a few words, such as {@code a URI}
     * @return the type
     */
    public static Type<String> text(String form) {
        return parsed("a string", form, Map.of("type", "string"), text -> text, text -> text);
    }

    /**
     * A name of DNS; what it is given to checks it.
     *
     * @return the type
     */
    public static Type<String> dnsName() {
        String pattern = "^[A-Za-z0-9_-]{1,63}(\\.[A-Za-z0-9_-]{1,63})*\\.?$";
        return parsed("a DNS name", "", pattern(pattern), text -> text, text -> text);
    }

    /**
     * A string that is converted.
     *
     * @param <T> the meaning
     * @param form in a few words
     * @param parse finds the meaning, or throws {@link IllegalArgumentException}
     * @param write the string again
     * @return the type
     */
    public static <T> Type<T> parsed(String form, Function<String, T> parse, Function<T, String> write) {
        return parsed("a string", form, Map.of("type", "string"), parse, write);
    }

    /**
     * The same type, but no fault quotes its values, which may be secrets.
     *
     * @param <T> what a value means
     * @param type how it is read
     * @return the type
     */
    public static <T> Type<T> hidden(Type<T> type) {
        return new SecretType<>(type);
    }

    private static <T> Type<T> parsed(
            String expected,
            String range,
            Map<String, Object> schema,
            Function<String, T> parse,
            Function<T, String> write) {
        return new ScalarType<>(expected, range, schema) {
            @Override
            @Nullable
            T parse(ValueCursor value) {
                String text = value.text();
                return text == null ? null : parse.apply(text);
            }

            @Override
            Object write(T meaning) {
                return write.apply(meaning);
            }
        };
    }

    /**
     * A time such as {@code "500ms"}.
     *
     * @param least as text
     * @param most as text; empty for no limit worth mentioning
     * @return the type
     */
    public static Type<Duration> duration(String least, String most) {
        String range = most.isEmpty() ? "at least " + least : least + " to " + most;
        return parsed(DurationText.RULE, range, pattern(DurationText.PATTERN), DurationText::parse, DurationText::of);
    }

    /**
     * A number of bytes such as {@code "64KiB"}.
     *
     * @param least as text
     * @param most as text
     * @return the type
     */
    public static Type<Long> size(String least, String most) {
        return parsed(SizeText.RULE, least + " to " + most, pattern(SizeText.PATTERN), SizeText::parse, SizeText::of);
    }

    private static Map<String, Object> pattern(String pattern) {
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", "string");
        schema.put("pattern", pattern);
        return schema;
    }

    /**
     * One of several words.
     *
     * @param <T> what they mean
     * @param what their kind, such as {@code outlier detection}
     * @param meanings by word, in the order in which they are listed
     * @return the type
     */
    public static <T> Type<T> word(String what, Map<String, T> meanings) {
        return new WordType<>(what, meanings);
    }

    /**
     * One of the names of an enum, in lower camel case: {@code NEVER_SENT} is {@code "neverSent"}.
     *
     * @param <E> the enum
     * @param what their kind
     * @param constants the permitted constants
     * @return the type
     */
    @SafeVarargs
    @SuppressWarnings("varargs") // read, and no more
    public static <E extends Enum<E>> Type<E> constant(String what, E... constants) {
        return WordType.constant(what, constants);
    }

    /**
     * True or false.
     *
     * @return the type
     */
    public static Type<Boolean> flag() {
        return new ScalarType<>("true or false", "", Map.of("type", "boolean")) {
            @Override
            @Nullable
            Boolean parse(ValueCursor value) {
                String text = value.text();
                if (value.isExpanded() && text != null) {
                    return text.equalsIgnoreCase("true")
                            ? Boolean.TRUE
                            : text.equalsIgnoreCase("false") ? Boolean.FALSE : null;
                }
                return value.flag();
            }

            @Override
            Object write(Boolean meaning) {
                return meaning;
            }
        };
    }

    /**
     * A whole number of 32 bits.
     *
     * @param least the smallest that is taken
     * @param most the largest that is taken
     * @return the type
     */
    public static Type<Integer> integer(int least, int most) {
        return NumberTypes.integer(least, most);
    }

    /**
     * A number of a range that includes both of its ends.
     *
     * @param least the smallest that is taken
     * @param most the largest that is taken
     * @return the type
     */
    public static Type<Double> number(double least, double most) {
        return NumberTypes.number(least, most);
    }

    /**
     * A number above an excluded lower bound.
     *
     * @param above what it must exceed
     * @param most the largest that is taken
     * @return the type
     */
    public static Type<Double> numberAbove(double above, double most) {
        return NumberTypes.numberAbove(above, most);
    }

    /**
     * A list whose elements are passed on one by one.
     *
     * @param <E> what an element means
     * @param element the type of each
     * @param least how many there must be
     * @param most how many there may be
     * @return the type
     */
    public static <E> Type<E> each(Type<E> element, int least, int most) {
        return new ListType<>(element, least, most);
    }

    /**
     * A list that is passed on as a whole, without the elements that are refused.
     *
     * @param <E> what an element means
     * @param element the type of each
     * @param least how many there must be
     * @param most how many there may be
     * @return the type
     */
    public static <E> Type<List<E>> list(Type<E> element, int least, int most) {
        return new WholeListType<>(new ListType<>(element, least, most));
    }

    /**
     * An object with any names of fields, passed on one by one.
     *
     * @param <V> what a value means
     * @param value the type of each
     * @param names what a name is, such as {@code header}
     * @return the type
     */
    public static <V> Type<Map.Entry<String, V>> entries(Type<V> value, String names) {
        return new MapEntriesType<>(value, names);
    }

    /**
     * One value, or a list of several, which is passed on as a whole.
     *
     * @param <E> what an element means
     * @param element the type of each: no list
     * @param most how many there may be
     * @return the type
     */
    public static <E> Type<List<E>> oneOrMore(Type<E> element, int most) {
        return new OneOrMoreType<>(element, new WholeListType<>(new ListType<>(element, 1, most)));
    }

    /**
     * An object with any names of fields, passed on as a whole, without what is refused.
     *
     * @param <V> what a value means
     * @param value the type of each
     * @param names what a name is, such as {@code header}
     * @return the type
     */
    public static <V> Type<Map<String, V>> map(Type<V> value, String names) {
        return new WholeMapType<>(new MapEntriesType<>(value, names));
    }

    /**
     * A type that is made later, for objects that hold others of their kind.
     *
     * @param <T> what a value means
     * @param type called whenever the type is needed
     * @return the type
     */
    public static <T> Type<T> lazy(Supplier<Type<T>> type) {
        return new LazyType<>(type);
    }

    /**
     * A string, or an object with more detail.
     *
     * @param <T> what either means
     * @param text how a string is read
     * @param object how an object is read
     * @return the type
     */
    public static <T> Type<T> either(Type<T> text, Type<T> object) {
        return new StringOrObjectType<>(text, object);
    }
}
