package dev.evenkeel.lb.core.internal.document;

import dev.evenkeel.lb.core.discovery.AddressFamily;
import dev.evenkeel.lb.core.discovery.DnsDiscovery;
import dev.evenkeel.lb.core.internal.document.schema.Default;
import dev.evenkeel.lb.core.internal.document.schema.ObjectSchema;
import dev.evenkeel.lb.core.internal.document.schema.ObjectType;
import dev.evenkeel.lb.core.internal.document.schema.Types;
import dev.evenkeel.lb.spi.BackendDiscovery;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The form of discovery from DNS. */
final class DnsForm {
    /** IP literals only: the address of a name server cannot be looked up. */
    private static final Pattern RESOLVER = Pattern.compile("([0-9.]+|\\[[0-9A-Fa-f:.]+])(?::([0-9]{1,5}))?");

    static final ObjectType<?, Function<String, BackendDiscovery>> DNS = ObjectSchema.of(
                    "discovery.dns", "addresses or services of DNS; needs dnsjava.", DnsDraft::new)
            .required(
                    "names",
                    Types.list(Types.dnsName(), 1, 100),
                    "such as `users.example.com`, or `_http._tcp.users.example.com`",
                    DnsDraft::names)
            .optional(
                    "services",
                    Types.flag(),
                    false,
                    "whether SRV records are asked for, which have ports and weights; else addresses",
                    (draft, services) -> draft.services = services)
            .optional(
                    "port",
                    Types.integer(1, 65_535),
                    Default.text("required without `services`"),
                    "the port of addresses",
                    (draft, port) -> draft.set(builder -> builder.port(port)))
            .optional(
                    "scheme",
                    Types.text("`http`, `https`, `tcp` or `udp`"),
                    "http",
                    "the scheme of the backends",
                    (draft, scheme) -> draft.set(builder -> builder.scheme(scheme)))
            .optional(
                    "family",
                    Types.constant("address family", AddressFamily.values()),
                    "ipv4First",
                    "which addresses are backends",
                    (draft, family) -> draft.set(builder -> builder.family(family)))
            .optional(
                    "minInterval",
                    Types.duration("100ms", "1h"),
                    "1s",
                    "the shortest time between two questions for a name",
                    (draft, interval) -> draft.set(builder -> builder.minInterval(interval)))
            .optional(
                    "maxInterval",
                    Types.duration("100ms", "1h"),
                    "5m",
                    "the longest time between two questions for a name",
                    (draft, interval) -> draft.set(builder -> builder.maxInterval(interval)))
            .optional(
                    "timeout",
                    Types.duration("10ms", "1m"),
                    "2s",
                    "how long one name server is waited for",
                    (draft, timeout) -> draft.set(builder -> builder.timeout(timeout)))
            .optional(
                    "resolvers",
                    Types.list(Types.parsed("`10.0.0.53` or `[::1]:53`", DnsForm::resolver, DnsForm::write), 1, 16),
                    Default.text("the system's"),
                    "the name servers",
                    (draft, resolvers) ->
                            draft.set(builder -> builder.resolvers(resolvers.toArray(InetSocketAddress[]::new))))
            .form()
            .as(DnsDraft::build);

    private DnsForm() {}

    private static InetSocketAddress resolver(String text) {
        Matcher matcher = RESOLVER.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "must be an IP address, perhaps with a port, such as 10.0.0.53 or [::1]:53: \"" + text + "\"");
        }
        int port = matcher.group(2) == null ? 53 : Integer.parseInt(matcher.group(2));
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("must have a port of 1..65535: \"" + text + "\"");
        }
        try {
            return new InetSocketAddress(InetAddress.getByName(matcher.group(1)), port);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("must be an IP address: \"" + text + "\"", e);
        }
    }

    private static String write(InetSocketAddress resolver) {
        String host = resolver.getAddress().getHostAddress();
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + resolver.getPort();
    }

    private static final class DnsDraft {
        private final DnsDiscovery.Builder tried = DnsDiscovery.addresses("stand-in.invalid");
        private final List<Consumer<DnsDiscovery.Builder>> settings = new ArrayList<>();
        private List<String> names = List.of();
        private boolean services;

        void names(List<String> given) {
            DnsDiscovery.Builder unused = DnsDiscovery.addresses(given.toArray(String[]::new));
            names = given;
        }

        void set(Consumer<DnsDiscovery.Builder> setting) {
            setting.accept(tried);
            settings.add(setting);
        }

        Function<String, BackendDiscovery> build() {
            String[] all = names.toArray(String[]::new);
            if (all.length == 0) {
                return pool -> receiver -> () -> {}; // The values have been refused, and so is the document.
            }
            DnsDiscovery.Builder builder = services ? DnsDiscovery.services(all) : DnsDiscovery.addresses(all);
            settings.forEach(setting -> setting.accept(builder));
            try {
                DnsDiscovery discovery = builder.build();
                return pool -> discovery;
            } catch (IllegalStateException e) {
                throw new IllegalArgumentException(e.getMessage(), e);
            }
        }
    }
}
