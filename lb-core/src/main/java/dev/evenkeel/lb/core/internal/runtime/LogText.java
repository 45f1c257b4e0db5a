package dev.evenkeel.lb.core.internal.runtime;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.LoadBalancerEvent;
import dev.evenkeel.lb.core.internal.log.Printable;

/** Formats external parts of log lines: bounded, and without control characters. */
public final class LogText {
    public static final int MAX_ID = 100;
    private static final int MAX_CAUSE = 200;
    private static final int MAX_EVENT = 1_000;

    private LogText() {}

    /** The id of a backend. */
    public static String id(Backend backend) {
        return Printable.of(backend.id(), MAX_ID);
    }

    /** The cause of a change. */
    public static String cause(String cause) {
        return Printable.of(cause, MAX_CAUSE);
    }

    /** A number with its noun, in the plural if necessary. */
    public static String count(int number, String noun) {
        return number + " " + noun + (number == 1 ? "" : "s");
    }

    /** A whole event. */
    public static String event(LoadBalancerEvent event) {
        return Printable.of(event.toString(), MAX_EVENT);
    }
}
