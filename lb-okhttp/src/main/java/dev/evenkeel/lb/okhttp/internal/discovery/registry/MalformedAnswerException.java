package dev.evenkeel.lb.okhttp.internal.discovery.registry;

import java.io.IOException;

/** A registry's answer cannot be read. */
public final class MalformedAnswerException extends IOException {
    private static final long serialVersionUID = 1L;

    public MalformedAnswerException(String message) {
        super(message);
    }

    public MalformedAnswerException(String message, Throwable cause) {
        super(message, cause);
    }
}
