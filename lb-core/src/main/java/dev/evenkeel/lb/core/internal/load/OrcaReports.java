package dev.evenkeel.lb.core.internal.load;

import dev.evenkeel.lb.LoadReport;
import java.util.Base64;
import java.util.Locale;

/**
 * Parsers of ORCA load reports ({@code xds.data.orca.v3.OrcaLoadReport}) in the forms in which backends send them in
 * headers or trailers of a response. Unknown fields are skipped. Stateless; any thread may call any method.
 *
 * <p>{@code rps_fractional}, or else {@code rps}, becomes {@link LoadReport#qps}; {@code named_metrics.NAME} becomes
 * the metric {@code NAME}, while {@code utilization.NAME} and {@code request_cost.NAME} keep their prefix.
 */
public final class OrcaReports {

    /** The header or trailer whose value {@link #parse} reads. */
    public static final String HEADER = "endpoint-load-metrics";

    /** The header or trailer whose value {@link #parseBase64} reads. */
    public static final String BINARY_HEADER = "endpoint-load-metrics-bin";

    /** The maximum size of a report in characters or bytes. */
    public static final int MAX_SIZE = 8_192;

    private OrcaReports() {}

    /**
     * Reads the value of {@link #HEADER}: {@code JSON {…}}, {@code TEXT name=value, …} or {@code BIN base64}.
     *
     * @param value the value
     * @return the report
     * @throws IllegalArgumentException if it is too long, malformed or out of range; the message says where
     */
    public static LoadReport parse(String value) {
        checkSize(value.length(), "characters");
        String text = value.trim();
        int space = text.indexOf(' ');
        String form = space < 0 ? text : text.substring(0, space);
        String report = space < 0 ? "" : text.substring(space + 1);
        return switch (form.toUpperCase(Locale.ROOT)) {
            case "JSON" -> parseJson(report);
            case "TEXT" -> parseText(report);
            case "BIN" -> parseBase64(report);
            default ->
                throw new IllegalArgumentException("load report must begin with JSON, TEXT or BIN: " + Quote.of(form));
        };
    }

    /**
     * Reads the TEXT form.
     *
     * @param text entries {@code name=value} or {@code name:value}, separated by commas, such as
     *     {@code cpu_utilization=0.3, rps_fractional=10, named_metrics.queue=4}; no name twice
     * @return the report
     * @throws IllegalArgumentException if it is too long, malformed or out of range; the message says where
     */
    public static LoadReport parseText(String text) {
        checkSize(text.length(), "characters");
        return OrcaText.parse(text);
    }

    /**
     * Reads the JSON form.
     *
     * @param json an object in the JSON mapping of Protocol Buffers: the names of the fields as they are or in camel
     *     case, numbers also as strings
     * @return the report
     * @throws IllegalArgumentException if it is too long, malformed or out of range; the message says where
     */
    public static LoadReport parseJson(String json) {
        checkSize(json.length(), "characters");
        return OrcaJson.parse(json);
    }

    /**
     * Reads the value of {@link #BINARY_HEADER}.
     *
     * @param base64 the binary form in base64, with padding or without
     * @return the report
     * @throws IllegalArgumentException if it is too long, malformed or out of range; the message says where
     */
    public static LoadReport parseBase64(String base64) {
        checkSize(base64.length(), "characters");
        byte[] message;
        try {
            message = Base64.getDecoder().decode(base64.trim());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("load report must be base64: " + Quote.of(base64), e);
        }
        return OrcaBinary.parse(message);
    }

    /**
     * Reads the binary form.
     *
     * @param message a serialized message
     * @return the report
     * @throws IllegalArgumentException if it is too long, malformed or out of range; the message says where
     */
    public static LoadReport parseBinary(byte[] message) {
        checkSize(message.length, "bytes");
        return OrcaBinary.parse(message);
    }

    private static void checkSize(int size, String unit) {
        if (size > MAX_SIZE) {
            throw new IllegalArgumentException(
                    "load report must have at most " + MAX_SIZE + " " + unit + ": it has " + size);
        }
    }
}
