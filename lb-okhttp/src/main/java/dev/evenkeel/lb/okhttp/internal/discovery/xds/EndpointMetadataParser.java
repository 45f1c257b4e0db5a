package dev.evenkeel.lb.okhttp.internal.discovery.xds;

import dev.evenkeel.lb.okhttp.internal.discovery.registry.MalformedAnswerException;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Parses what an endpoint's metadata has under {@code envoy.lb}, which is what subsets are chosen by: texts, numbers and
 * flags. Other values have no counterpart, and are skipped. Counts the values of one answer.
 */
final class EndpointMetadataParser {
    /** 100,000 endpoints with five each. A value takes about 150 bytes, and in the message as few as ten. */
    static final int MAX_VALUES = 500_000;

    private static final String NAMESPACE = "envoy.lb";

    private int values;

    /** Parses an {@code envoy.config.core.v3.Metadata}. */
    Map<String, String> parse(ProtoReader in) throws MalformedAnswerException {
        Map<String, String> found = new TreeMap<>();
        while (in.next()) {
            if (in.field() == 1) {
                namespace(in.message(), found);
            } else {
                in.skip();
            }
        }
        return found;
    }

    /** An entry of a map is a message of its own: 1 is the key, 2 the value. */
    private void namespace(ProtoReader in, Map<String, String> found) throws MalformedAnswerException {
        String key = "";
        ProtoReader struct = null;
        while (in.next()) {
            switch (in.field()) {
                case 1 -> key = in.text();
                case 2 -> struct = in.message();
                default -> in.skip();
            }
        }
        if (struct != null && key.equals(NAMESPACE)) {
            while (struct.next()) {
                if (struct.field() == 1) {
                    entry(struct.message(), found);
                } else {
                    struct.skip();
                }
            }
        }
    }

    private void entry(ProtoReader in, Map<String, String> found) throws MalformedAnswerException {
        String key = "";
        String value = null;
        while (in.next()) {
            switch (in.field()) {
                case 1 -> key = in.text();
                case 2 -> value = value(in.message());
                default -> in.skip();
            }
        }
        if (value != null) {
            if (++values > MAX_VALUES) {
                throw new MalformedAnswerException(
                        "an assignment must have at most " + MAX_VALUES + " metadata values");
            }
            found.put(key, value);
        }
    }

    /** A {@code google.protobuf.Value}; null if it is none that a backend can have. */
    private static @Nullable String value(ProtoReader in) throws MalformedAnswerException {
        String value = null;
        while (in.next()) {
            switch (in.field()) {
                case 2 -> value = text(in.number());
                case 3 -> value = in.text();
                case 4 -> value = String.valueOf(in.flag());
                default -> in.skip();
            }
        }
        return value;
    }

    /** Whole numbers without a fraction, as people write them. */
    private static String text(double number) {
        return number == Math.rint(number) && Math.abs(number) < 1L << 53
                ? String.valueOf((long) number)
                : String.valueOf(number);
    }
}
