package dev.evenkeel.lb.okhttp.route;

import dev.evenkeel.lb.okhttp.internal.http.Preconditions;
import java.util.Locale;
import okhttp3.HttpUrl;

/**
 * A host, or all hosts beneath one.
 *
 * <p>Compared as OkHttp writes hosts: in lower case, in Punycode, IPv6 in its shortest form without brackets. A dot at
 * the end makes no difference, and neither does the port.
 *
 * @param text a host name or an IP address such as {@code api.example.com} or {@code ::1}; or {@code *.example.com},
 *     which is every name that ends so, with one label more or with several, but not {@code example.com} itself
 */
public record HostPattern(String text) {

    /**
     * Checks and canonicalizes a pattern.
     *
     * @throws IllegalArgumentException if it is neither
     */
    public HostPattern {
        String given = Preconditions.noControl(Preconditions.notBlank(text, "host"), "host")
                .strip();
        boolean wildcard = given.startsWith("*.");
        String name = wildcard ? given.substring(2) : given;
        if (name.indexOf('*') >= 0) {
            throw new IllegalArgumentException(
                    "host must have no * but a first label of its own, as in *.example.com: \""
                            + Preconditions.printable(given) + "\"; leave the host out to match every one");
        }
        try {
            name = withoutDot(
                    new HttpUrl.Builder().scheme("http").host(name).build().host());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "host must be a name or an IP address without a port, or a name after \"*.\": \""
                            + Preconditions.printable(given) + "\"",
                    e);
        }
        text = (wildcard ? "*." + name : name).toLowerCase(Locale.ROOT);
    }

    /**
     * Whether it is a wildcard.
     *
     * @return whether it begins with {@code *.}
     */
    public boolean isWildcard() {
        return text.startsWith("*.");
    }

    /**
     * Whether a host matches.
     *
     * @param host as in {@link HttpUrl#host}
     * @return whether it does
     */
    public boolean matches(String host) {
        String name = withoutDot(host);
        return isWildcard() ? name.length() >= text.length() && name.endsWith(suffix()) : name.equals(text);
    }

    /** Of a wildcard: what hosts end with, from the dot on. */
    String suffix() {
        return text.substring(1);
    }

    /** Whether every host that matches the other one matches this one. */
    boolean covers(HostPattern other) {
        if (equals(other)) {
            return true;
        }
        return isWildcard() && (other.isWildcard() ? other.suffix().endsWith(suffix()) : matches(other.text));
    }

    static String withoutDot(String host) {
        int last = host.length() - 1;
        return last > 0 && host.charAt(last) == '.' ? host.substring(0, last) : host;
    }

    @Override
    public String toString() {
        return text;
    }
}
