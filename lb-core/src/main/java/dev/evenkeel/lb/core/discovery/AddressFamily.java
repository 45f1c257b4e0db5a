package dev.evenkeel.lb.core.discovery;

/**
 * Selects the addresses of a name that become backends. A replica with an IPv4 and an IPv6 address is one replica, not
 * two.
 */
public enum AddressFamily {
    /** The IPv4 addresses, or the IPv6 ones if there are none. */
    IPV4_FIRST,
    /** The IPv6 addresses, or the IPv4 ones if there are none. */
    IPV6_FIRST,
    /** All of them, for names whose addresses of both kinds belong to different replicas. */
    BOTH,
    /** The IPv4 addresses alone. */
    IPV4,
    /** The IPv6 addresses alone. */
    IPV6
}
