package dev.evenkeel.lb.okhttp.route;

import dev.evenkeel.lb.okhttp.internal.http.BoundedRegex;
import dev.evenkeel.lb.okhttp.internal.http.Preconditions;

/** What becomes of the path on its way to the backend. The query stays as it is. */
public sealed interface PathRewrite {
    /**
     * The path for the backend.
     *
     * @param encodedPath as in {@link okhttp3.HttpUrl#encodedPath}
     * @return begins with a slash; the given one if it is not one to be rewritten
     */
    String apply(String encodedPath);

    /**
     * Puts something else, or nothing, in a prefix's place.
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
            String rewritten = replacement + rest(encodedPath);
            return rewritten.isEmpty() ? "/" : rewritten;
        }

        /** What follows the prefix. The normal form has as many slashes as the path, but not as many characters. */
        private String rest(String encodedPath) {
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

    /**
     * Replaces the first match of a regular expression.
     *
     * @param regex the expression
     * @param replacement with {@code $1} for what the first group matched
     */
    record Regex(BoundedRegex regex, String replacement) implements PathRewrite {
        /**
         * Checks.
         *
         * @throws IllegalArgumentException if the replacement names a group that is not there, or has control
         *     characters
         */
        public Regex {
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
}
