package dev.evenkeel.lb.okhttp;

import java.io.IOException;

/** The configuration forbids what it would take to reach a backend. The text says how to resolve it. */
final class SteeringImpossibleException extends IOException {
    private static final long serialVersionUID = 1L;

    SteeringImpossibleException(String message) {
        super(message);
    }
}
