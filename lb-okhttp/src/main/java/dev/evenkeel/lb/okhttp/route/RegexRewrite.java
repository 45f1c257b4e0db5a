package dev.evenkeel.lb.okhttp.route;

import dev.evenkeel.lb.okhttp.internal.http.BoundedRegex;
import dev.evenkeel.lb.okhttp.internal.http.Preconditions;

/**
 * Replaces the first match of a regular expression.
 *
 * @param regex the expression
 * @param replacement with {@code $1} for what the first group matched
 */
record RegexRewrite(BoundedRegex regex, String replacement) implements PathRewrite {
    /**
     * Checks.
     *
     * @throws IllegalArgumentException if the replacement names a group that is not there, or has control characters
     */
    RegexRewrite {
        Preconditions.notNull(regex, "regex");
        Preconditions.noControl(replacement, "replacement");
        for (int i = 0; i < replacement.length(); i++) {
            char c = replacement.charAt(i);
            int next = i + 1 < replacement.length() ? replacement.charAt(i + 1) : -1;
            if (c == '\\' && next >= 0) {
                i++;
            } else if (c == '\\' || (c == '$' && !isGroup(next, regex))) {
                throw new IllegalArgumentException("replacement must refer to the " + regex.groups()
                        + " groups of the expression by $ and a digit: \"" + Preconditions.printable(replacement)
                        + "\"; write \\$ for a dollar sign");
            }
        }
    }

    private static boolean isGroup(int digit, BoundedRegex regex) {
        return digit >= '0' && digit <= '9' && digit - '0' <= regex.groups();
    }

    @Override
    public String apply(String encodedPath) {
        String rewritten = regex.replaceFirst(encodedPath, replacement);
        return rewritten.startsWith("/") ? rewritten : "/" + rewritten;
    }
}
