package dev.evenkeel.lb.core.discovery;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/**
 * Settings of a DNS source.
 *
 * @param services whether SRV records are asked for; else addresses
 * @param port of addresses
 * @param resolvers empty for the system's
 */
record DnsSettings(
        boolean services,
        String scheme,
        int port,
        AddressFamily family,
        Duration minInterval,
        Duration maxInterval,
        Duration timeout,
        List<InetSocketAddress> resolvers) {}
