package dev.evenkeel.lb.okhttp.internal.http;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * How often a regular expression of {@code java.util.regex} repeats its innermost part at least, by counted repetitions
 * in each other. The engine repeats a part that matches nothing, such as {@code (?:)} or {@code \\b}, as often without
 * a look at the text.
 */
final class Repetitions extends RegexScanner {
    static final long MAX = 10_000;

    /** Of each open group, and of the expression: the most repetitions within it. */
    private final Deque<Long> groups = new ArrayDeque<>();

    Repetitions(String regex) {
        super(regex);
    }

    long most() {
        groups.push(1L);
        while (at < regex.length()) {
            char c = regex.charAt(at++);
            switch (c) {
                case '\\' -> {
                    skipEscape();
                    atom(1);
                }
                case '[' -> {
                    skipClass();
                    atom(1);
                }
                case '(' -> groups.push(1L);
                case ')' -> atom(groups.size() > 1 ? groups.pop() : 1);
                default -> atom(1);
            }
        }
        long most = 1;
        for (long within : groups) {
            most = Math.max(most, within);
        }
        return most;
    }

    /** Something that may be repeated, and repeats a part of it so often itself. */
    private void atom(long within) {
        long most = within;
        for (long count = skipCount(); count >= 0; count = skipCount()) {
            most = Math.min(Integer.MAX_VALUE, most * Math.max(1, count));
        }
        groups.push(Math.max(groups.pop(), most));
    }
}
