package dev.evenkeel.lb.core.discovery;

/** Which addresses of a name are backends. A replica that has an address of each kind is one replica, not two. */
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
