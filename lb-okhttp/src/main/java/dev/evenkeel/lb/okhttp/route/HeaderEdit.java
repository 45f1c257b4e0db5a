package dev.evenkeel.lb.okhttp.route;

import dev.evenkeel.lb.okhttp.internal.http.Preconditions;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import okhttp3.Headers;
import org.jspecify.annotations.Nullable;

/**
 * A change of a header. {@link #toString} does not show the value, which may be a secret.
 *
 * @param operation what is done
 * @param name the header's name, in any case
 * @param value printable ASCII; null for {@link Operation#REMOVE}
 */
public record HeaderEdit(
        Operation operation, String name, @Nullable String value) {
    /** What is done. */
    public enum Operation {
        /** Replaces all headers of the name. */
        SET,
        /** Adds the value after existing headers of the name. */
        ADD,
        /** Removes all headers of the name. */
        REMOVE
    }

    /** Headers that frame the message, and must not be changed. */
    private static final Set<String> FRAMING = Set.of(
            "connection",
            "content-encoding",
            "content-length",
            "keep-alive",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade");

    /**
     * Checks.
     *
     * @throws IllegalArgumentException if the name is no token, or one that frames the message, or the value has a CR,
     *     LF, NUL or anything else but tabs and printable ASCII
     */
    public HeaderEdit {
        Preconditions.notNull(operation, "operation");
        Preconditions.token(name, "header");
        if (FRAMING.contains(name.toLowerCase(Locale.ROOT))
                || name.toLowerCase(Locale.ROOT).startsWith("sec-websocket-")) {
            throw new IllegalArgumentException("header must be none that frames the message: " + name);
        }
        if (operation == Operation.REMOVE) {
            value = null;
        } else {
            Preconditions.headerValue(value, name);
        }
    }

    /**
     * Sets a header.
     *
     * @param name its name
     * @param value its value
     * @return the edit
     * @throws IllegalArgumentException as the constructor
     */
    public static HeaderEdit set(String name, String value) {
        return new HeaderEdit(Operation.SET, name, value);
    }

    /**
     * Adds a header.
     *
     * @param name its name
     * @param value its value
     * @return the edit
     * @throws IllegalArgumentException as the constructor
     */
    public static HeaderEdit add(String name, String value) {
        return new HeaderEdit(Operation.ADD, name, value);
    }

    /**
     * Removes a header.
     *
     * @param name its name
     * @return the edit
     * @throws IllegalArgumentException as the constructor
     */
    public static HeaderEdit remove(String name) {
        return new HeaderEdit(Operation.REMOVE, name, null);
    }

    /**
     * Makes edits, in their order.
     *
     * @param edits the edits
     * @param headers what they change
     * @return the given headers if there is no edit
     */
    public static Headers apply(List<HeaderEdit> edits, Headers headers) {
        if (edits.isEmpty()) {
            return headers;
        }
        Headers.Builder changed = headers.newBuilder();
        for (HeaderEdit edit : edits) {
            String value = edit.value == null ? "" : edit.value;
            switch (edit.operation) {
                case SET -> changed.set(edit.name, value);
                case ADD -> changed.add(edit.name, value);
                case REMOVE -> changed.removeAll(edit.name);
            }
        }
        return changed.build();
    }

    @Override
    public String toString() {
        return operation + " " + name;
    }

    static void addAll(List<HeaderEdit> list, HeaderEdit... edits) {
        for (HeaderEdit edit : Preconditions.notNull(edits, "edits")) {
            list.add(Preconditions.notNull(edit, "edit"));
        }
    }
}
