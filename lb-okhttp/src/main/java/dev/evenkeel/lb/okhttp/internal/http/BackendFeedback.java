package dev.evenkeel.lb.okhttp.internal.http;

import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.internal.load.OrcaReports;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import okhttp3.Headers;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/** Reads what a backend says about itself in headers and trailers: its load (ORCA) and {@code Retry-After}. */
public final class BackendFeedback {
    private static final System.Logger LOG = System.getLogger("dev.evenkeel.lb");
    /** More digits are ignored: the pool limits {@code Retry-After} anyway. */
    private static final int MAX_DIGITS = 9;

    private BackendFeedback() {}

    public static void handOn(Response response, Outcome answer, Lease lease) {
        Headers headers = response.headers();
        handOnLoad(headers, lease);
        if (answer == Outcome.THROTTLED) {
            Duration rest = retryAfter(headers);
            if (rest != null) {
                lease.restFor(rest);
            }
        }
    }

    /** From headers or trailers. */
    public static void handOnLoad(Headers headers, Lease lease) {
        String load = headers.get(OrcaReports.HEADER);
        String binaryLoad = load == null ? headers.get(OrcaReports.BINARY_HEADER) : null;
        if (load != null || binaryLoad != null) {
            report(load, binaryLoad, lease);
        }
    }

    private static void report(@Nullable String load, @Nullable String binaryLoad, Lease lease) {
        try {
            if (load != null) {
                lease.report(OrcaReports.parse(load));
            } else if (binaryLoad != null) {
                lease.report(OrcaReports.parseBase64(binaryLoad));
            }
        } catch (IllegalArgumentException e) {
            LOG.log(
                    System.Logger.Level.TRACE,
                    () -> "load report of " + lease.backend().id() + " refused: " + e.getMessage());
        }
    }

    /** RFC 9110 section 10.2.3: seconds or a date. Null if there is none that is in the future. */
    public static @Nullable Duration retryAfter(Headers headers) {
        String value = headers.get("Retry-After");
        if (value == null) {
            return null;
        }
        String text = value.trim();
        if (!text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            long seconds = text.length() > MAX_DIGITS ? 999_999_999L : Long.parseLong(text);
            return seconds == 0 ? null : Duration.ofSeconds(seconds);
        }
        Date date = headers.getDate("Retry-After");
        if (date == null) {
            return null;
        }
        Duration wait = Duration.between(Instant.now(), date.toInstant());
        return wait.isNegative() || wait.isZero() ? null : wait;
    }
}
