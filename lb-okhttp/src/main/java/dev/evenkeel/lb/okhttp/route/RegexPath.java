package dev.evenkeel.lb.okhttp.route;

import dev.evenkeel.lb.okhttp.internal.http.BoundedRegex;
import dev.evenkeel.lb.okhttp.internal.http.Preconditions;

/**
 * All paths that a regular expression matches as a whole.
 *
 * @param regex the expression
 */
record RegexPath(BoundedRegex regex) implements PathPattern {
    /**
     * Checks.
     *
     * @throws IllegalArgumentException if null
     */
    RegexPath {
        Preconditions.notNull(regex, "pathRegex");
    }

    @Override
    public boolean matches(String encodedPath) {
        return regex.matches(Paths.normal(encodedPath));
    }

    @Override
    public String toString() {
        return "~" + regex;
    }
}
