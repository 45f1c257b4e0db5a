package dev.evenkeel.lb.okhttp.internal.discovery.registry;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/**
 * The rule for the address that a registry gives for an instance: a host name or an IP address that a client can
 * connect to. A path, a port, user info or another URI in its place would lead calls elsewhere.
 */
final class InstanceHost {
    private static final int MAX_LENGTH = 253;
    private static final String LABEL = "[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?";
    private static final Pattern NAME = Pattern.compile(LABEL + "(?:\\." + LABEL + ")*\\.?");
    /** A name that ends in a number is an IPv4 address for some programs, in forms such as 2130706433 or 127.1. */
    private static final Pattern ENDS_IN_A_NUMBER = Pattern.compile("(?:.*\\.)?(?:[0-9]+|0[xX][0-9a-fA-F]*)\\.?");

    private static final String BYTE = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    private static final Pattern IPV4 = Pattern.compile(BYTE + "(?:\\." + BYTE + "){3}");
    private static final Pattern IPV6_CHARACTERS = Pattern.compile("[0-9A-Fa-f:.]+");

    private InstanceHost() {}

    /**
     * Checks an address.
     *
     * @param host as the registry has it; an IPv6 address without brackets
     * @return the same
     * @throws IllegalArgumentException if calls cannot be sent there
     */
    static String check(String host) {
        if (host.isEmpty()) {
            throw new IllegalArgumentException("an instance must have an address");
        }
        if (host.length() > MAX_LENGTH || !(isAddress(host) ? isUnicast(host) : isName(host))) {
            throw new IllegalArgumentException(
                    "an address must be a host name or the IP address of one host: \"" + Messages.quoted(host) + "\"");
        }
        return host;
    }

    private static boolean isName(String host) {
        return NAME.matcher(host).matches() && !ENDS_IN_A_NUMBER.matcher(host).matches();
    }

    private static boolean isAddress(String host) {
        return IPV4.matcher(host).matches()
                || (host.indexOf(':') >= 0 && IPV6_CHARACTERS.matcher(host).matches());
    }

    /** Of the text of an address, for which nothing is looked up. */
    private static boolean isUnicast(String address) {
        try {
            InetAddress parsed = InetAddress.getByName(address);
            return !parsed.isAnyLocalAddress()
                    && !parsed.isMulticastAddress()
                    && !parsed.getHostAddress().equals("255.255.255.255");
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
