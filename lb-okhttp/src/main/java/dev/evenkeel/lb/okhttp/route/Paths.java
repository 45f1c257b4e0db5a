package dev.evenkeel.lb.okhttp.route;

import dev.evenkeel.lb.okhttp.internal.http.Preconditions;
import okhttp3.HttpUrl;

/** The normal form in which paths are compared. */
final class Paths {
    private Paths() {}

    /** RFC 3986 section 6.2.2: escapes of unreserved characters are decoded, other escapes in upper case. */
    static String normal(String encodedPath) {
        int percent = encodedPath.indexOf('%');
        if (percent < 0) {
            return encodedPath;
        }
        StringBuilder normal = new StringBuilder(encodedPath.length()).append(encodedPath, 0, percent);
        for (int i = percent; i < encodedPath.length(); i++) {
            char c = encodedPath.charAt(i);
            int high = c == '%' && i + 2 < encodedPath.length() ? Character.digit(encodedPath.charAt(i + 1), 16) : -1;
            int low = high < 0 ? -1 : Character.digit(encodedPath.charAt(i + 2), 16);
            if (low < 0) {
                normal.append(c);
                continue;
            }
            char decoded = (char) (high * 16 + low);
            if (isUnreserved(decoded)) {
                normal.append(decoded);
            } else {
                normal.append('%').append(hex(high)).append(hex(low));
            }
            i += 2;
        }
        return normal.toString();
    }

    private static boolean isUnreserved(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || "-._~".indexOf(c) >= 0;
    }

    private static char hex(int digit) {
        return Character.toUpperCase(Character.forDigit(digit, 16));
    }

    /** A path as a user writes it, in normal form. */
    static String checked(String path, String what) {
        Preconditions.notNull(path, what);
        if (!path.startsWith("/")) {
            throw new IllegalArgumentException(
                    what + " must begin with a slash: \"" + Preconditions.printable(path) + "\"");
        }
        if (path.length() > 2_048) {
            throw new IllegalArgumentException(what + " must have at most 2048 characters: " + path.length());
        }
        if (path.indexOf('?') >= 0 || path.indexOf('#') >= 0) {
            throw new IllegalArgumentException(what + " must have no ? and no #: \"" + Preconditions.printable(path)
                    + "\"; write %3F or %23, or match the query with query(…)");
        }
        for (int i = 0; i < path.length(); i++) {
            if (path.charAt(i) <= ' ' || path.charAt(i) == 0x7f) {
                throw new IllegalArgumentException(what + " must have no spaces and control characters: \""
                        + Preconditions.printable(path) + "\"");
            }
        }
        String encoded = HttpUrl.get("http://path/")
                .newBuilder()
                .encodedPath(path)
                .build()
                .encodedPath();
        for (String segment : normal(path).split("/", -1)) {
            if (segment.equals(".") || segment.equals("..")) {
                throw new IllegalArgumentException(what + " must have no segment . or ..: \""
                        + Preconditions.printable(path) + "\"; OkHttp resolves them before requests are routed");
            }
        }
        return normal(encoded);
    }
}
