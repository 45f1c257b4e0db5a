package dev.evenkeel.lb.core.strategy;

/** How many candidates a strategy compares. */
final class Choices {

    private Choices() {}

    static int check(int choices) {
        if (choices < 1) {
            throw new IllegalArgumentException("choices must be at least 1, such as 2: " + choices);
        }
        return choices;
    }
}
