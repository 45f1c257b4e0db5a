package dev.evenkeel.lb.okhttp.internal.http;

import dev.evenkeel.lb.Outcome;
import java.util.Locale;
import okhttp3.Headers;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/** Maps {@code grpc-status} (protocol "gRPC over HTTP2") to outcomes. */
final class GrpcStatus {
    private static final String HEADER = "grpc-status";

    private GrpcStatus() {}

    /** Whether the response is gRPC's. Not that of grpc-web, which has the status at the end of its body. */
    static boolean isSpoken(Response response) {
        String type = response.header("Content-Type");
        if (type == null || !type.regionMatches(true, 0, "application/grpc", 0, 16)) {
            return false;
        }
        return !type.toLowerCase(Locale.ROOT).startsWith("application/grpc-web");
    }

    /** Null if there is no status, or not yet. An answer without a body has it in its head. */
    static @Nullable Outcome outcome(Response response, Headers trailers) {
        String status = trailers.get(HEADER);
        if (status == null) {
            status = response.header(HEADER);
        }
        return status == null ? null : outcome(status.trim());
    }

    private static Outcome outcome(String status) {
        return switch (status) {
            case "0" -> Outcome.SUCCESS;
            case "1" -> Outcome.CANCELLED;
            case "4" -> Outcome.TIMED_OUT;
            case "8" -> Outcome.THROTTLED;
            case "14" -> Outcome.GATEWAY_ERROR; // unavailable: HTTP's 503, as Envoy maps it
            // The caller's doing: invalid argument, not found, already exists, permission denied, failed precondition,
            // aborted, out of range, unimplemented, unauthenticated.
            case "3", "5", "6", "7", "9", "10", "11", "12", "16" -> Outcome.SUCCESS;
            // Unknown, internal, data loss, and what is no status.
            default -> Outcome.SERVER_ERROR;
        };
    }
}
