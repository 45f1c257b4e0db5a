package dev.evenkeel.lb.okhttp.discovery;

import java.io.IOException;

/** A registry answered with another status than 2xx. */
final class StatusException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int code;

    StatusException(int code, String message) {
        super(message);
        this.code = code;
    }

    int code() {
        return code;
    }
}
