package dev.evenkeel.lb.okhttp.internal.http;

/** Walks over the text of a regular expression of {@code java.util.regex}. */
abstract class RegexScanner {
    final String regex;
    /** The index of the next character. */
    int at;

    RegexScanner(String regex) {
        this.regex = regex;
    }

    final boolean isAt(char c) {
        return at < regex.length() && regex.charAt(at) == c;
    }

    /** Skips what follows a backslash. */
    final void skipEscape() {
        if (at >= regex.length()) {
            return;
        }
        char escaped = regex.charAt(at++);
        if (escaped == 'Q') {
            int end = regex.indexOf("\\E", at);
            at = end < 0 ? regex.length() : end + 2;
        } else if ("pPxNk".indexOf(escaped) >= 0 && (isAt('{') || isAt('<'))) {
            int end = regex.indexOf(isAt('{') ? '}' : '>', at);
            at = end < 0 ? regex.length() : end + 1;
        }
    }

    /** Skips what follows the bracket of a character class. */
    final void skipClass() {
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

    /** Skips a counted repetition that stands here; its least count, or -1 if there is none. */
    final long skipCount() {
        if (!isAt('{')) {
            return -1;
        }
        int end = at + 1;
        long count = 0;
        while (end < regex.length() && regex.charAt(end) >= '0' && regex.charAt(end) <= '9') {
            count = Math.min(Integer.MAX_VALUE, count * 10 + regex.charAt(end++) - '0');
        }
        if (end == at + 1) {
            return -1;
        }
        int close = regex.indexOf('}', end);
        at = close < 0 ? regex.length() : close + 1;
        skipMode();
        return count;
    }

    /** Skips the sign that makes a repetition reluctant or possessive. */
    final void skipMode() {
        if (isAt('?') || isAt('+')) {
            at++;
        }
    }
}
