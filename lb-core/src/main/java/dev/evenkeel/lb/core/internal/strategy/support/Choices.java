package dev.evenkeel.lb.core.internal.strategy.support;

/** How many candidates a strategy compares. */
public final class Choices {

    private Choices() {}

    public static int check(int choices) {
        if (choices < 1) {
            throw new IllegalArgumentException("choices must be at least 1, such as 2: " + choices);
        }
        return choices;
    }
}
