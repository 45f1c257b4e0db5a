package dev.evenkeel.lb.core.discovery;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.regex.Pattern;

/** Which hosts are this machine, or others on its link. Nothing is looked up. */
final class LocalHost {
    private static final String BYTE = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    private static final Pattern IPV4 = Pattern.compile(BYTE + "(?:\\." + BYTE + "){3}");
    private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");
    /** Forms such as 2130706433, 127.1 and 0x7f.1, which some resolvers take for an IPv4 address. */
    private static final Pattern ENDS_IN_A_NUMBER = Pattern.compile("(?:.*\\.)?(?:[0-9]+|0[xX][0-9a-fA-F]*)\\.?");

    private LocalHost() {}

    /**
     * Whether a host is on a loopback or link-local address, or may be for a resolver.
     *
     * @param host of a URI, without brackets
     */
    static boolean is(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        if (name.startsWith("[") && name.endsWith("]")) {
            name = name.substring(1, name.length() - 1);
        }
        if (IPV4.matcher(name).matches() || IPV6.matcher(name).matches()) {
            return isLocalAddress(name);
        }
        String absolute = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
        // RFC 6761, section 6.3: names under localhost are loopback.
        return absolute.equals("localhost")
                || absolute.endsWith(".localhost")
                || ENDS_IN_A_NUMBER.matcher(name).matches();
    }

    private static boolean isLocalAddress(String literal) {
        try {
            InetAddress address = InetAddress.getByName(literal);
            return address.isLoopbackAddress() || address.isLinkLocalAddress();
        } catch (UnknownHostException e) {
            return true;
        }
    }
}
