package dev.evenkeel.lb.testkit;

import java.util.List;

/** The weights of a pool's backends, which repeat along the list. */
public enum Weighting {
    /** All are equal. */
    EQUAL("equal", 1),

    /** Moderately different weights. */
    ONE_TWO_THREE("1:2:3", 1, 2, 3),

    /** One light backend beside two heavy ones. */
    ONE_HUNDRED_HUNDRED("1:100:100", 1, 100, 100),

    /** A canary. */
    NINETY_NINE_ONE("99:1", 99, 1),

    /** One light backend beside five heavier ones. */
    ONE_FIVE_TENS("1:10x5", 1, 10, 10, 10, 10, 10);

    private final String text;

    @SuppressWarnings("ImmutableEnumChecker") // List.of is immutable.
    private final List<Integer> pattern;

    Weighting(String text, Integer... pattern) {
        this.text = text;
        this.pattern = List.of(pattern);
    }

    /** The weight of the backend at an index of the list. */
    int of(int index) {
        return pattern.get(index % pattern.size());
    }

    /** How many backends it takes until the weights repeat. */
    int length() {
        return pattern.size();
    }

    @Override
    public String toString() {
        return text;
    }
}
