package dev.evenkeel.lb.core.internal.socket;

/** Tells IP addresses from host names. */
public final class IpLiterals {
    private IpLiterals() {}

    /**
     * Whether a host is an IPv4 or IPv6 address: no host name has a colon or ends with an all-digit label.
     *
     * @param host an IPv6 address without brackets
     * @return whether nothing has to be looked up for it
     */
    public static boolean isLiteral(String host) {
        if (host.indexOf(':') >= 0) {
            return true;
        }
        int start = host.lastIndexOf('.') + 1;
        if (start == 0 || start == host.length()) {
            return false;
        }
        for (int i = 0; i < host.length(); i++) {
            char c = host.charAt(i);
            if (c != '.' && (c < '0' || c > '9')) {
                return false;
            }
        }
        return true;
    }
}
