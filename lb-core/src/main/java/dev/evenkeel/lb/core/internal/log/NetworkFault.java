package dev.evenkeel.lb.core.internal.log;

import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Says in plain words why a backend could not be reached, as an operator knows it and an alert can match it. */
public final class NetworkFault {
    private static final int MAX_CAUSES = 10;

    private NetworkFault() {}

    /** Returns a text such as {@code connection refused}; for any other exception its own. */
    public static String of(Throwable failure) {
        Throwable cause = failure;
        for (int i = 0; i < MAX_CAUSES && cause != null; i++) {
            String text = plain(cause);
            if (text != null) {
                return text;
            }
            cause = cause.getCause();
        }
        return failure.toString();
    }

    private static @Nullable String plain(Throwable cause) {
        String message = cause.getMessage() == null ? "" : cause.getMessage();
        // The JDK has no type for it: this is the text of its sockets on all systems.
        if (cause instanceof ConnectException
                && message.toLowerCase(Locale.ROOT).startsWith("connection refused")) {
            return "connection refused";
        }
        if (cause instanceof NoRouteToHostException) {
            return "no route to host";
        }
        return cause instanceof UnknownHostException ? "unknown host: " + message : null;
    }
}
