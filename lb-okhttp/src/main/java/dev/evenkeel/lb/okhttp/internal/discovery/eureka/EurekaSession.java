package dev.evenkeel.lb.okhttp.internal.discovery.eureka;

import com.fasterxml.jackson.databind.JsonNode;
import dev.evenkeel.lb.core.internal.time.Jitter;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryClient;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryJson;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryServer;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryServers;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistrySession;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryWatch;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.StatusException;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Asks a Eureka server for all applications once, then for what has changed; for all again if the hash code shows that
 * something was missed.
 */
public final class EurekaSession implements RegistrySession {
    /**
     * Servers repeat each change for three minutes. A client that did not ask for longer has missed changes, and the
     * hash code, which counts statuses, does not show that if as many instances left as joined.
     */
    private static final long REPEATED_NANOS = Duration.ofMinutes(2).toNanos();

    private final RegistryClient client;
    private final RegistryServers servers;
    private final String application;
    private final boolean delta;
    private final Supplier<EurekaApplications> nothing;
    private final Duration interval;

    /** Holds only after a full answer. */
    private EurekaApplications known;

    private boolean complete;
    private long knownNanos;

    public EurekaSession(
            RegistryClient client,
            RegistryServers servers,
            String application,
            boolean delta,
            Supplier<EurekaApplications> nothing,
            Duration interval) {
        this.client = client;
        this.servers = servers;
        this.application = application;
        this.delta = delta;
        this.nothing = nothing;
        this.known = nothing.get();
        this.interval = interval;
    }

    @Override
    public Duration round(RegistryWatch watch) throws IOException {
        try {
            long nowNanos = watch.nanoTime();
            if (!delta) {
                askForTheApplication();
            } else if (!complete || nowNanos - knownNanos > REPEATED_NANOS || !followDelta()) {
                askForAll();
            }
            knownNanos = nowNanos;
            watch.found(known.listing());
        } catch (IOException e) {
            // Another server's deltas begin elsewhere.
            complete = false;
            servers.moveOn();
            throw e;
        }
        return Jitter.around(interval, 0.1, watch.random());
    }

    private void askForAll() throws IOException {
        EurekaApplications all = nothing.get();
        ask("apps/", "applications", "application", all);
        known = all;
        complete = true;
    }

    private void askForTheApplication() throws IOException {
        EurekaApplications one = nothing.get();
        try {
            RegistryServer server = servers.current();
            client.exchange(
                    server.request(server.path("apps")
                                    .addPathSegment(application)
                                    .build())
                            .build(),
                    (response, body) -> {
                        RegistryJson.object(body.inputStream(), Map.of("application", one::take));
                        return true;
                    });
        } catch (StatusException e) {
            // A service of which nothing is registered is no application.
            if (e.code() != 404) {
                throw e;
            }
        }
        known = one;
    }

    /** False if the deltas do not lead to what the server has. */
    private boolean followDelta() throws IOException {
        JsonNode others;
        try {
            others = ask("apps/delta", "applications", "application", known);
        } catch (StatusException e) {
            // Deltas can be switched off at a server.
            if (e.code() == 403 || e.code() == 404) {
                return false;
            }
            throw e;
        }
        return others.path("apps__hashcode").asText("").equals(known.hashCodeOfStatuses());
    }

    private JsonNode ask(String path, String outer, String elements, EurekaApplications taker) throws IOException {
        RegistryServer server = servers.current();
        return client.exchange(
                server.request(server.path(path).build()).build(),
                (response, body) -> RegistryJson.nested(body.inputStream(), outer, Map.of(elements, taker::take)));
    }
}
