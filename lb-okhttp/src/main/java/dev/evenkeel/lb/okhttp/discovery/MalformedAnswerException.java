package dev.evenkeel.lb.okhttp.discovery;

import java.io.IOException;

/** A registry's answer came, but is none. */
final class MalformedAnswerException extends IOException {
    private static final long serialVersionUID = 1L;

    MalformedAnswerException(String message) {
        super(message);
    }

    MalformedAnswerException(String message, Throwable cause) {
        super(message, cause);
    }
}
