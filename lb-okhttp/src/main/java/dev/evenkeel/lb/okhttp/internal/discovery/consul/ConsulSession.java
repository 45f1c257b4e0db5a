package dev.evenkeel.lb.okhttp.internal.discovery.consul;

import com.fasterxml.jackson.databind.JsonNode;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.InstanceList;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.InstanceMapper;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.MalformedAnswerException;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.Messages;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryClient;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryJson;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryServer;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryServers;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistrySession;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryWatch;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import okhttp3.HttpUrl;
import okhttp3.Request;
import okhttp3.Response;
import okio.BufferedSource;
import org.jspecify.annotations.Nullable;

/**
 * Asks Consul for a service's instances by blocking queries: each waits for a change after the index of the last
 * answer.
 */
public final class ConsulSession implements RegistrySession {
    private final RegistryClient client;
    private final RegistryServers servers;
    private final String service;
    private final Map<String, List<String>> query;
    private final @Nullable Supplier<String> token;
    private final String scheme;
    private final String zoneKey;
    private final Duration watchTimeout;
    private final Duration minInterval;
    private long index;

    /** A healthy registration. */
    private record Registration(Backend backend, boolean warning) {
        Registration orBetter(Registration other) {
            return warning && !other.warning ? other : this;
        }
    }

    /** @param scheme of the backends; empty if the instances say it */
    public ConsulSession(
            RegistryClient client,
            RegistryServers servers,
            String service,
            Map<String, List<String>> query,
            @Nullable Supplier<String> token,
            String scheme,
            String zoneKey,
            Duration watchTimeout,
            Duration minInterval) {
        this.client = client;
        this.servers = servers;
        this.service = service;
        this.query = query;
        this.token = token;
        this.scheme = scheme;
        this.zoneKey = zoneKey;
        this.watchTimeout = watchTimeout;
        this.minInterval = minInterval;
    }

    @Override
    public Duration round(RegistryWatch watch) throws IOException {
        try {
            watch.found(ask());
        } catch (IOException e) {
            index = 0;
            servers.moveOn();
            throw e;
        }
        return minInterval;
    }

    private InstanceList ask() throws IOException {
        if (index == 0) {
            // Nothing is waited for: a server that is silent has failed.
            return client.exchange(request(), this::read);
        }
        // Consul adds up to a sixteenth, so that not all clients come at once.
        Duration quiet = RegistryClient.withGrace(watchTimeout.plus(watchTimeout.dividedBy(16)));
        return client.await(request(), quiet, this::read);
    }

    private Request request() throws IOException {
        RegistryServer server = servers.current();
        HttpUrl.Builder url = server.path("v1/health/service").addPathSegment(service);
        query.forEach((name, values) -> values.forEach(value -> url.addQueryParameter(name, value)));
        if (index > 0) {
            url.addQueryParameter("index", String.valueOf(index));
            url.addQueryParameter("wait", watchTimeout.toSeconds() + "s");
        }
        Request.Builder request = server.request(url.build());
        if (token != null) {
            try {
                request.header("X-Consul-Token", Messages.secret("the token", token.get()));
            } catch (IllegalArgumentException e) {
                throw new IOException(e.getMessage(), e);
            }
        }
        return request.build();
    }

    private InstanceList read(Response response, BufferedSource body) throws IOException {
        long next = index(response.header("X-Consul-Index"));
        InstanceList.Builder listing = new InstanceList.Builder();
        Map<String, Registration> registrations = new LinkedHashMap<>();
        RegistryJson.array(body.inputStream(), entry -> add(entry, registrations, listing));
        for (Registration registration : registrations.values()) {
            listing.add(registration.backend);
        }
        // An index that goes backwards, as after a restore, is worth nothing: begin again without one.
        index = next < index ? 0 : next;
        return listing.build();
    }

    private static long index(@Nullable String header) throws MalformedAnswerException {
        try {
            // 0 would make the next query come back at once.
            return Math.max(1, Long.parseLong(String.valueOf(header)));
        } catch (NumberFormatException e) {
            throw new MalformedAnswerException("an answer of Consul must have a header X-Consul-Index", e);
        }
    }

    private void add(JsonNode entry, Map<String, Registration> registrations, InstanceList.Builder listing)
            throws IOException {
        JsonNode node = entry.path("Node");
        JsonNode instance = entry.path("Service");
        String id = instance.path("ID").asText("");
        try {
            boolean warning = false;
            for (JsonNode check : entry.path("Checks")) {
                String status = RegistryJson.text(check, "Status");
                if (!status.equals("passing") && !status.equals("warning")) {
                    return;
                }
                warning |= status.equals("warning");
            }
            int weight = RegistryJson.integer(instance.path("Weights"), warning ? "Warning" : "Passing", 1);
            if (warning && weight == 0) {
                return;
            }
            Backend backend = backend(node, instance, weight);
            registrations.merge(backend.id(), new Registration(backend, warning), Registration::orBetter);
            InstanceList.checkCount(registrations.size());
        } catch (IllegalArgumentException e) {
            listing.skip("service " + id + ": " + e.getMessage());
        }
    }

    private Backend backend(JsonNode node, JsonNode instance, int weight) {
        String address = RegistryJson.text(instance, "Address");
        String host = address.isEmpty() ? RegistryJson.text(node, "Address") : address;
        JsonNode meta = instance.path("Meta");
        Backend.Builder backend = InstanceMapper.backend(
                        scheme.isEmpty() ? schemeOf(instance, meta) : scheme,
                        host,
                        RegistryJson.integer(instance, "Port", 0))
                .weight(weight);
        meta.properties().forEach(entry -> backend.metadata(entry.getKey(), RegistryJson.text(meta, entry.getKey())));
        List<String> tags = new ArrayList<>();
        instance.path("Tags").forEach(tag -> tags.add(tag.asText()));
        InstanceMapper.metadata(backend, "consul.tags", String.join(",", tags));
        InstanceMapper.metadata(backend, "consul.service.id", RegistryJson.text(instance, "ID"));
        InstanceMapper.metadata(backend, "consul.node", RegistryJson.text(node, "Node"));
        String zone = InstanceMapper.first(
                RegistryJson.text(instance.path("Locality"), "Zone"),
                RegistryJson.text(meta, zoneKey),
                RegistryJson.text(node.path("Locality"), "Zone"),
                RegistryJson.text(node.path("Meta"), zoneKey));
        if (!zone.isEmpty()) {
            backend.zone(zone);
        }
        return backend.build();
    }

    /** The scheme by the keys and tags that Spring Cloud and others register with. */
    private static String schemeOf(JsonNode instance, JsonNode meta) {
        Set<String> tags = new HashSet<>();
        instance.path("Tags").forEach(tag -> tags.add(tag.asText().toLowerCase(Locale.ROOT)));
        String said = RegistryJson.text(meta, "scheme").toLowerCase(Locale.ROOT);
        for (String scheme : List.of("https", "http")) {
            if (said.equals(scheme)) {
                return scheme;
            }
        }
        if (tags.contains("scheme=https") || tags.contains("scheme=http")) {
            return tags.contains("scheme=https") ? "https" : "http";
        }
        boolean secure = RegistryJson.text(meta, "secure").equalsIgnoreCase("true") || tags.contains("secure=true");
        return secure ? "https" : "http";
    }
}
