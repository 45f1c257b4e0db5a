package dev.evenkeel.lb.testkit;

/** How many calls a pool has. */
public enum Load {
    /** One call after the other: never more than one in flight. */
    IDLE("idle"),

    /** A call every 10 s on average. */
    ONE_IN_TEN_SECONDS("1 call in 10 s"),

    /** A call every second on average. */
    ONE_A_SECOND("1 call in 1 s"),

    /** Calls that arrive at random times, on average 1.5 in flight for each backend. */
    BUSY("busy"),

    /** As many calls as the limits of all backends permit, four for each. */
    SATURATED("saturated");

    /** The most calls in flight at a backend of a saturated pool. */
    static final int MAX_IN_FLIGHT = 4;

    private final String text;

    Load(String text) {
        this.text = text;
    }

    /** Whether there is at most one call in flight. */
    boolean isSequential() {
        return this == IDLE || isQuiet();
    }

    /** Whether a backend rarely hears of a call. */
    boolean isQuiet() {
        return this == ONE_IN_TEN_SECONDS || this == ONE_A_SECOND;
    }

    @Override
    public String toString() {
        return text;
    }
}
