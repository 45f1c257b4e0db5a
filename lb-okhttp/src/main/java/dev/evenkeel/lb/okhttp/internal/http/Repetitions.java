package dev.evenkeel.lb.okhttp.internal.http;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * How often a regular expression of {@code java.util.regex} repeats its innermost part at least, by counted repetitions
 * in each other. The engine repeats a part that matches nothing, such as {@code (?:)} or {@code \\b}, as often without
 * a look at the text.
 */
final class Repetitions {
    static final long MAX = 10_000;

    private final String regex;
    private int at;
    /** Of each open group, and of the expression: the most repetitions within it. */
    private final Deque<Long> groups = new ArrayDeque<>();

    Repetitions(String regex) {
        this.regex = regex;
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
        for (long count = count(); count > 0; count = count()) {
            most = Math.min(Integer.MAX_VALUE, most * count);
        }
        groups.push(Math.max(groups.pop(), most));
    }

    /** The least count of a counted repetition that stands here; 0 if there is none. */
    private long count() {
        if (at >= regex.length() || regex.charAt(at) != '{') {
            return 0;
        }
        int end = at + 1;
        long count = 0;
        while (end < regex.length() && regex.charAt(end) >= '0' && regex.charAt(end) <= '9') {
            count = Math.min(Integer.MAX_VALUE, count * 10 + regex.charAt(end++) - '0');
        }
        if (end == at + 1) {
            return 0;
        }
        int close = regex.indexOf('}', end);
        at = close < 0 ? regex.length() : close + 1;
        if (at < regex.length() && (regex.charAt(at) == '?' || regex.charAt(at) == '+')) {
            at++;
        }
        return Math.max(1, count);
    }

    private void skipEscape() {
        if (at >= regex.length()) {
            return;
        }
        char escaped = regex.charAt(at++);
        if (escaped == 'Q') {
            int end = regex.indexOf("\\E", at);
            at = end < 0 ? regex.length() : end + 2;
        } else if ("pPxNk".indexOf(escaped) >= 0 && at < regex.length() && "{<".indexOf(regex.charAt(at)) >= 0) {
            int end = regex.indexOf(regex.charAt(at) == '{' ? '}' : '>', at);
            at = end < 0 ? regex.length() : end + 1;
        }
    }

    private void skipClass() {
        int depth = 1;
        while (at < regex.length() && depth > 0) {
            char c = regex.charAt(at++);
            switch (c) {
                case '\\' -> skipEscape();
                case '[' -> depth++;
                case ']' -> depth--;
                default -> {}
            }
        }
    }
}
