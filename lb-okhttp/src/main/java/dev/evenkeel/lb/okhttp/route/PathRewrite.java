package dev.evenkeel.lb.okhttp.route;

import dev.evenkeel.lb.okhttp.internal.http.BoundedRegex;

/** Rewrites the path for the backend. The query stays as it is. */
public sealed interface PathRewrite permits PathRewrite.Prefix, RegexRewrite {
    /**
     * The path for the backend.
     *
     * @param encodedPath as in {@link okhttp3.HttpUrl#encodedPath}
     * @return begins with a slash; the given one if it is not one to be rewritten
     */
    String apply(String encodedPath);

    /**
     * Replaces the first match of a regular expression.
     *
     * @param regex of {@code java.util.regex}, at most 1,000 characters
     * @param replacement with {@code $1} for what the first group matched
     * @return the rewrite
     * @throws IllegalArgumentException if the expression is none, or the replacement names a group that is not there,
     *     or has control characters
     */
    static PathRewrite regex(String regex, String replacement) {
        return new RegexRewrite(BoundedRegex.of(regex), replacement);
    }

    /**
     * Replaces a prefix, or removes it.
     *
     * @param prefix as in {@link PathPattern.Prefix}; paths without it stay as they are
     * @param replacement {@code /} takes the prefix away
     */
    record Prefix(String prefix, String replacement) implements PathRewrite {
        /**
         * Checks.
         *
         * @throws IllegalArgumentException if one is no path
         */
        public Prefix {
            prefix = withoutSlash(Paths.checked(prefix, "prefix"));
            replacement = withoutSlash(Paths.checked(replacement, "replacement"));
        }

        @Override
        public String apply(String encodedPath) {
            String normal = Paths.normal(encodedPath);
            if (!normal.startsWith(prefix)
                    || (normal.length() > prefix.length() && normal.charAt(prefix.length()) != '/')) {
                return encodedPath;
            }
            String rewritten = replacement + remainder(encodedPath);
            return rewritten.isEmpty() ? "/" : rewritten;
        }

        /** What follows the prefix. The normal form has as many slashes as the path, but not as many characters. */
        private String remainder(String encodedPath) {
            int at = 0;
            for (int i = 0; i < prefix.length(); i++) {
                if (prefix.charAt(i) == '/') {
                    at = encodedPath.indexOf('/', i == 0 ? 0 : at + 1);
                }
            }
            int end = prefix.isEmpty() ? 0 : encodedPath.indexOf('/', at + 1);
            return end < 0 ? "" : encodedPath.substring(end);
        }

        private static String withoutSlash(String path) {
            return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
        }
    }
}
