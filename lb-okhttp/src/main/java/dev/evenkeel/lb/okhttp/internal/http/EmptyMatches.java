package dev.evenkeel.lb.okhttp.internal.http;

/**
 * How many steps a regular expression of {@code java.util.regex} can take, at most, between two looks at the text. The
 * engine tries every way in which parts can match nothing: twenty times {@code (|)} in a row are a million ways.
 *
 * <p>An upper bound that is quick to count. Of alternatives ways add up, of parts in a row they multiply; an optional
 * part has one way more; a part that needs a character has none, and the count begins again behind it. What looks
 * around and what is possessive counts as a group does.
 */
final class EmptyMatches extends RegexScanner {
    static final long MAX = 1_000;
    private static final String ASSERTIONS = "bBAGzZ";

    /** The most steps that were found. */
    private long most;
    /** Whether a flag x makes white space and comments of what reads like characters here. */
    private boolean comments;

    /**
     * A part of the expression.
     *
     * @param ways in how many ways it can match nothing
     * @param steps how many steps it takes until it needs a character
     * @param tail in how many ways it can end after it took a character
     */
    private record Part(long ways, long steps, long tail) {
        static final Part CHARACTER = new Part(0, 1, 1);
        static final Part ASSERTION = new Part(1, 1, 0);
        static final Part REFERENCE = new Part(1, 1, 1);

        Part {
            ways = Math.min(Integer.MAX_VALUE, ways);
            steps = Math.min(Integer.MAX_VALUE, steps);
            tail = Math.min(Integer.MAX_VALUE, tail);
        }

        Part or(Part other) {
            return new Part(ways + other.ways, steps + other.steps, Math.max(tail, other.tail));
        }

        Part optional() {
            return new Part(ways + 1, steps + 1, tail);
        }

        /** At least so often. Once more it matches nothing, and then the engine goes on. */
        Part repeated(long count) {
            long each = ways > 0 ? Math.max(1, count) * steps : steps;
            Part once = new Part(ways, each, tail * (ways + 1));
            return count == 0 ? once.optional() : once;
        }

        Part around() {
            return new Part(Math.max(1, ways), steps, tail);
        }
    }

    EmptyMatches(String regex) {
        super(regex);
    }

    long mostSteps() {
        alternatives();
        while (at < regex.length()) {
            // A parenthesis that closes nothing.
            at++;
            alternatives();
        }
        return most;
    }

    boolean hasComments() {
        return comments;
    }

    private Part alternatives() {
        Part all = row();
        while (isAt('|')) {
            at++;
            all = all.or(row());
        }
        most = Math.max(most, all.steps);
        return all;
    }

    private Part row() {
        long ways = 1;
        long steps = 1;
        // Since the last character, or since the beginning.
        long reached = 1;
        long taken = 1;
        while (at < regex.length() && !isAt('|') && !isAt(')')) {
            Part part = repeated(part());
            steps = Math.min(Integer.MAX_VALUE, steps + ways * part.steps);
            taken = Math.min(Integer.MAX_VALUE, taken + reached * part.steps);
            most = Math.max(most, Math.max(taken, part.tail * part.steps));
            ways = Math.min(Integer.MAX_VALUE, ways * part.ways);
            reached = Math.min(Integer.MAX_VALUE, Math.max(reached * part.ways, part.tail));
            taken = part.ways == 0 ? 1 : taken;
        }
        return new Part(ways, steps, reached);
    }

    private Part part() {
        char c = regex.charAt(at++);
        switch (c) {
            case '(' -> {
                return group();
            }
            case '[' -> {
                skipClass();
                return Part.CHARACTER;
            }
            case '\\' -> {
                return escaped();
            }
            case '^', '$' -> {
                return Part.ASSERTION;
            }
            default -> {
                return Part.CHARACTER;
            }
        }
    }

    private Part escaped() {
        int from = at;
        skipEscape();
        if (from == at) {
            return Part.CHARACTER;
        }
        char c = regex.charAt(from);
        if (ASSERTIONS.indexOf(c) >= 0 || (c == 'Q' && at <= from + 3)) {
            return Part.ASSERTION;
        }
        return c == 'k' || (c >= '1' && c <= '9') ? Part.REFERENCE : Part.CHARACTER;
    }

    private Part group() {
        boolean around = skipPrefix();
        Part inner = alternatives();
        if (at < regex.length()) {
            at++;
        }
        return around ? inner.around() : inner;
    }

    /** Skips what says the group's kind; whether it looks around. */
    private boolean skipPrefix() {
        if (!isAt('?')) {
            return false;
        }
        at++;
        boolean behind = isAt('<');
        if (behind) {
            at++;
        }
        if (isAt('=') || isAt('!')) {
            at++;
            return true;
        }
        // A name, or flags; flags alone have no body.
        boolean on = !behind;
        while (at < regex.length() && ":>)".indexOf(regex.charAt(at)) < 0) {
            on &= !isAt('-');
            comments |= on && isAt('x');
            at++;
        }
        if (at < regex.length() && !isAt(')')) {
            at++;
        }
        return false;
    }

    private Part repeated(Part part) {
        Part all = part;
        while (at < regex.length()) {
            if (isAt('?')) {
                at++;
                all = all.optional();
            } else if (isAt('*') || isAt('+')) {
                all = all.repeated(isAt('*') ? 0 : 1);
                at++;
            } else {
                long count = skipCount();
                if (count < 0) {
                    return all;
                }
                all = all.repeated(count);
                continue;
            }
            skipMode();
        }
        return all;
    }
}
