package dev.evenkeel.lb.okhttp.internal.steering;

import java.io.IOException;

/** The configuration forbids what it would take to reach a backend. The text says how to resolve it. */
public final class SteeringImpossibleException extends IOException {
    private static final long serialVersionUID = 1L;

    public SteeringImpossibleException(String message) {
        super(message);
    }

    /** Prints the type that callers know: this class is internal. */
    @Override
    @SuppressWarnings("OverrideThrowableToString") // the type is what differs, not the message
    public String toString() {
        return IOException.class.getName() + ": " + getMessage();
    }
}
