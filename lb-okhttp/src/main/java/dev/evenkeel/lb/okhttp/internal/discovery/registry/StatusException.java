package dev.evenkeel.lb.okhttp.internal.discovery.registry;

import java.io.IOException;

/** A registry answered with another status than 2xx. */
public final class StatusException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int code;

    StatusException(int code, String message) {
        super(message);
        this.code = code;
    }

    public int code() {
        return code;
    }
}
