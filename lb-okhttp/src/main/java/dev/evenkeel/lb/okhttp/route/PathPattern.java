package dev.evenkeel.lb.okhttp.route;

/**
 * A path, or many.
 *
 * <p>Compared with the path as it is sent, in one form: escapes of letters, digits and {@code -._~} are decoded, all
 * others are in upper case ({@code %2f} is {@code %2F}, and never a slash). OkHttp has resolved {@code .} and
 * {@code ..} before. Case matters; double slashes are kept, with an empty segment between them.
 */
public sealed interface PathPattern permits PathPattern.Exact, PathPattern.Prefix, RegexPath {
    /**
     * Whether a path matches.
     *
     * @param encodedPath as in {@link okhttp3.HttpUrl#encodedPath}
     * @return whether it does
     */
    boolean matches(String encodedPath);

    /**
     * One path.
     *
     * @param path begins with a slash; escaped where a URL must be
     */
    record Exact(String path) implements PathPattern {
        /**
         * Checks the path and brings it into the form in which it is compared.
         *
         * @throws IllegalArgumentException if it is none
         */
        public Exact {
            path = Paths.checked(path, "path");
        }

        @Override
        public boolean matches(String encodedPath) {
            return Paths.normal(encodedPath).equals(path);
        }

        @Override
        public String toString() {
            return path;
        }
    }

    /**
     * A path and all beneath it: {@code /api} is {@code /api}, {@code /api/} and {@code /api/x}, but not {@code /apis}.
     * With a slash at its end it is only what lies beneath: {@code /api/} is {@code /api/} and {@code /api/x}, but not
     * {@code /api}.
     *
     * @param path begins with a slash; escaped where a URL must be
     */
    record Prefix(String path) implements PathPattern {
        /**
         * Checks the path and brings it into the form in which it is compared.
         *
         * @throws IllegalArgumentException if it is none
         */
        public Prefix {
            path = Paths.checked(path, "pathPrefix");
        }

        @Override
        public boolean matches(String encodedPath) {
            return isPrefixOf(Paths.normal(encodedPath));
        }

        boolean isPrefixOf(String normalPath) {
            return normalPath.startsWith(path)
                    && (path.endsWith("/")
                            || normalPath.length() == path.length()
                            || normalPath.charAt(path.length()) == '/');
        }

        @Override
        public String toString() {
            return path.endsWith("/") ? path + "*" : path + "[/*]";
        }
    }

    /**
     * Whether every path that matches another pattern matches this one.
     *
     * @param other another pattern
     * @return false if it does not, or if that cannot be decided
     */
    default boolean covers(PathPattern other) {
        if (equals(other)) {
            return true;
        }
        if (!(this instanceof Prefix prefix)) {
            return false;
        }
        if (other instanceof Exact exact) {
            return prefix.isPrefixOf(exact.path);
        }
        return other instanceof Prefix longer ? prefix.isPrefixOf(longer.path) : prefix.path.equals("/");
    }
}
