package dev.evenkeel.lb.core.discovery;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.core.internal.log.Printable;
import dev.evenkeel.lb.spi.BackendDiscovery;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Discovery from DNS: the addresses (A, AAAA) of a name, or the services (SRV) that it lists. A name is queried again
 * when the answer's time to live is over, so a change takes effect within that time and a second more.
 *
 * <p>A backend's id is {@code address:port}, so its state survives every answer that still contains it. A name that
 * does not exist or has no such records is an empty list. An answer that fails (SERVFAIL, refused, malformed, no
 * answer) is an error: the last answer stays, and the query is repeated with a back-off. Each of several names keeps
 * its own last answer, as in {@link Discoveries#union}. Names are used as given, without the search list of
 * {@code resolv.conf} and the hosts file.
 *
 * <p>The priority of an SRV record becomes the tier, counted from 0 without gaps, and its weight the weight. Weight 0
 * beside other weights means "hardly ever" (RFC 2782): it becomes 1, and all other weights of the tier are multiplied
 * by 100 or as far as the range allows. Targets are resolved as well, from the additional records if present; a call
 * never looks up a name.
 *
 * <p>Needs dnsjava ({@code dnsjava:dnsjava}), which this library does not depend on: the JDK's resolvers report no time
 * to live.
 */
public final class DnsDiscovery implements BackendDiscovery {
    private static final Duration FIRST_WORD = Duration.ofSeconds(1);

    private final List<String> names;
    private final DnsSettings settings;
    private final Function<DnsSettings, DnsTransport> nameservers;

    private DnsDiscovery(List<String> names, DnsSettings settings, Function<DnsSettings, DnsTransport> nameservers) {
        this.names = names;
        this.settings = settings;
        this.nameservers = nameservers;
    }

    /**
     * Creates a builder of a source for addresses. The {@link Builder#port port} is required.
     *
     * @param names at least one, such as {@code users.example.com}
     * @return a builder with default settings
     */
    public static Builder addresses(String... names) {
        return new Builder(false, List.of(names));
    }

    /**
     * Creates a builder of a source for services.
     *
     * @param names at least one, such as {@code _http._tcp.users.example.com}
     * @return a builder with default settings
     */
    public static Builder services(String... names) {
        return new Builder(true, List.of(names));
    }

    @Override
    public Watch start(Receiver receiver) {
        List<BackendDiscovery> watches = new ArrayList<>();
        for (String name : names) {
            watches.add(to -> DnsWatch.start(name, settings, nameservers.apply(settings), to));
        }
        BackendDiscovery one = watches.size() == 1
                ? watches.get(0)
                : new CompositeDiscovery("dns", watches, FIRST_WORD, new CombinationRule.Union());
        return one.start(receiver);
    }

    @Override
    public String toString() {
        return "dns" + names;
    }

    /** Builds a source. Reusable; not thread-safe. */
    public static final class Builder {
        private static final Pattern NAME = Pattern.compile("[\\w-]{1,63}(\\.[\\w-]{1,63}){0,126}\\.?");

        private final boolean services;
        private final List<String> names;
        private String scheme = "http";
        private int port;
        private AddressFamily family = AddressFamily.IPV4_FIRST;
        private Duration minInterval = Duration.ofSeconds(1);
        private Duration maxInterval = Duration.ofMinutes(5);
        private Duration timeout = Duration.ofSeconds(2);
        private List<InetSocketAddress> resolvers = List.of();
        private @Nullable Function<DnsSettings, DnsTransport> nameservers;

        private Builder(boolean services, List<String> names) {
            if (names.isEmpty()) {
                throw new IllegalArgumentException("DNS discovery must have at least one name: none");
            }
            names.forEach(Builder::checkName);
            this.services = services;
            this.names = names;
        }

        private static void checkName(String name) {
            String shown = "\"" + Printable.of(name, 100) + "\"";
            if (!name.chars().allMatch(c -> c < 128)) {
                throw new IllegalArgumentException(
                        "DNS name must be in ASCII, as in xn--bcher-kva.example for" + " bücher.example: " + shown);
            }
            if (!NAME.matcher(name).matches() || name.length() > (name.endsWith(".") ? 254 : 253)) {
                throw new IllegalArgumentException("DNS name must have labels of 1 to 63 letters, digits, hyphens and"
                        + " underscores with dots in between, and 253 characters in all at most: " + shown);
            }
        }

        /**
         * Sets the port for addresses. Services have their own.
         *
         * @param port 1 to 65,535; no default
         * @return this
         */
        public Builder port(int port) {
            if (services) {
                throw new IllegalArgumentException(
                        "port must not be given for services, whose records have it: " + port);
            }
            if (port < 1 || port > 65_535) {
                throw new IllegalArgumentException("port must be 1..65535: " + port);
            }
            this.port = port;
            return this;
        }

        /**
         * Sets the scheme of the backends.
         *
         * @param scheme {@code http}, {@code https}, {@code tcp} or {@code udp}; default http
         * @return this
         */
        public Builder scheme(String scheme) {
            Backend.of(scheme + "://stand-in.invalid:1");
            this.scheme = scheme;
            return this;
        }

        /**
         * Sets which addresses of a name, or of a service's target, are backends.
         *
         * @param family default {@link AddressFamily#IPV4_FIRST}
         * @return this
         */
        public Builder family(AddressFamily family) {
            this.family = family;
            return this;
        }

        /**
         * Sets the minimum time between two queries for a name, however short its answer's time to live.
         *
         * @param interval 100 ms to 1 h; default 1 s
         * @return this
         */
        public Builder minInterval(Duration interval) {
            minInterval = checked("minInterval", interval);
            return this;
        }

        /**
         * Sets the maximum time between two queries for a name, however long its answer's time to live.
         *
         * @param interval {@code minInterval} to 1 h; default 5 min
         * @return this
         */
        public Builder maxInterval(Duration interval) {
            maxInterval = checked("maxInterval", interval);
            return this;
        }

        private static Duration checked(String what, Duration interval) {
            if (interval.compareTo(Duration.ofMillis(100)) < 0 || interval.compareTo(Duration.ofHours(1)) > 0) {
                throw new IllegalArgumentException("DNS " + what + " must be PT0.1S to PT1H: " + interval);
            }
            return interval;
        }

        /**
         * Sets the timeout of a query to one name server. A server that does not respond is queried a second time.
         *
         * @param timeout 10 ms to 1 min; default 2 s
         * @return this
         */
        public Builder timeout(Duration timeout) {
            if (timeout.compareTo(Duration.ofMillis(10)) < 0 || timeout.compareTo(Duration.ofMinutes(1)) > 0) {
                throw new IllegalArgumentException("DNS timeout must be PT0.01S to PT1M: " + timeout);
            }
            this.timeout = timeout;
            return this;
        }

        /**
         * Sets the name servers.
         *
         * @param resolvers resolved addresses, asked in this order; default the system's
         * @return this
         */
        public Builder resolvers(InetSocketAddress... resolvers) {
            for (InetSocketAddress resolver : resolvers) {
                if (resolver.isUnresolved() || resolver.getPort() == 0) {
                    throw new IllegalArgumentException(
                            "DNS resolver must be an IP address with a port: " + resolver + "; the port of DNS is 53");
                }
            }
            this.resolvers = List.of(resolvers);
            return this;
        }

        /** Replaces the transport, for tests. */
        Builder nameservers(Function<DnsSettings, DnsTransport> others) {
            nameservers = others;
            return this;
        }

        /**
         * Builds the source.
         *
         * @return a source with these settings
         * @throws IllegalArgumentException if a port is missing, or the intervals contradict each other
         * @throws IllegalStateException if dnsjava is missing
         */
        public DnsDiscovery build() {
            if (!services && port == 0) {
                throw new IllegalArgumentException("port is required for addresses; set it with port(…)");
            }
            if (maxInterval.compareTo(minInterval) < 0) {
                throw new IllegalArgumentException(
                        "DNS maxInterval must be at least minInterval (" + minInterval + "): " + maxInterval);
            }
            requireDnsjava();
            return new DnsDiscovery(
                    names,
                    new DnsSettings(services, scheme, port, family, minInterval, maxInterval, timeout, resolvers),
                    nameservers == null ? DnsClient::new : nameservers);
        }

        private static void requireDnsjava() {
            try {
                Class.forName("org.xbill.DNS.Message", false, DnsDiscovery.class.getClassLoader());
            } catch (ClassNotFoundException e) {
                throw new IllegalStateException(
                        "DNS discovery needs dnsjava, which is not on the class path; add the dependency"
                                + " dnsjava:dnsjava:3.7.1 (on the module path: --add-modules org.dnsjava)",
                        e);
            }
        }
    }
}
