package dev.evenkeel.lb.okhttp.internal.discovery.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import dev.evenkeel.lb.core.internal.time.Jitter;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.InstanceList;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.JsonLinesReader;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.MalformedAnswerException;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.Messages;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryBackoff;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryClient;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryJson;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistrySession;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryWatch;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.StatusException;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.UpdateCoalescer;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import okhttp3.HttpUrl;
import okhttp3.Request;
import okhttp3.Response;
import okio.BufferedSource;

/** Lists the slices of a service once, then watches them; lists again when the history that it needs is gone. */
public final class KubernetesSession implements RegistrySession {
    private static final int GONE = 410;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int PAGE = 500;
    private static final int MAX_PAGES = 1_000;
    /** A watch that ends within this time without an event has not worked, unless it was asked to be as short. */
    private static final Duration EARLY = Duration.ofSeconds(5);
    /** So many of them in a row, and the slices are listed again: the history may be gone, and nothing says so. */
    private static final int MAX_EARLY_ENDS = 3;

    private static final System.Logger LOG = System.getLogger("dev.evenkeel.lb");

    private final RegistryClient client;
    private final KubernetesCredentials access;
    private final HttpUrl slicesUrl;
    private final String service;
    private final EndpointSliceParser reader;
    private final ReadyEndpoints slices;
    private final Duration watchTimeout;
    private final RegistryBackoff backoff;

    /** The resource version of the known slices; empty if there are none. */
    private String version = "";
    /** How many watches in a row have ended early, without an event. */
    private int earlyEnds;

    private boolean spoken;

    public KubernetesSession(
            RegistryClient client,
            KubernetesCredentials access,
            HttpUrl slicesUrl,
            String service,
            EndpointSliceParser reader,
            ReadyEndpoints slices,
            Duration watchTimeout,
            RegistryBackoff backoff) {
        this.client = client;
        this.access = access;
        this.slicesUrl = slicesUrl;
        this.service = service;
        this.reader = reader;
        this.slices = slices;
        this.watchTimeout = watchTimeout;
        this.backoff = backoff;
    }

    @Override
    public Duration round(RegistryWatch watch) throws IOException {
        access.refresh(client);
        if (version.isEmpty()) {
            list(watch);
        }
        try {
            watch(watch);
        } catch (MalformedAnswerException e) {
            version = "";
            throw e;
        } catch (StatusException e) {
            if (e.code() != GONE) {
                if (e.code() != TOO_MANY_REQUESTS) {
                    // A server that rejects the version, such as one restored from a backup, accepts a list.
                    version = "";
                }
                throw e;
            }
            gone(watch);
        }
        return earlyEnds == 0 ? backoff.resume(watch.random()) : backoff.after(earlyEnds, watch.random());
    }

    private void gone(RegistryWatch watch) {
        version = "";
        watch.answered();
    }

    // List.

    private void list(RegistryWatch watch) throws IOException {
        Pages pages;
        try {
            pages = list(PAGE);
        } catch (StatusException e) {
            if (e.code() != GONE) {
                throw e;
            }
            // The history that later pages are read from went while they were read.
            pages = list(0);
        }
        slices.replace(pages.slices);
        version = pages.version;
        watch.found(slices.listing());
    }

    private Pages list(int limit) throws IOException {
        Pages pages = new Pages();
        do {
            HttpUrl.Builder url = selected();
            if (limit > 0) {
                url.addQueryParameter("limit", String.valueOf(limit));
            }
            if (!pages.next.isEmpty()) {
                url.addQueryParameter("continue", pages.next);
            }
            client.exchange(request(url), pages.budget, (response, body) -> pages.read(body));
        } while (!pages.next.isEmpty());
        return pages;
    }

    private HttpUrl.Builder selected() {
        return slicesUrl.newBuilder().addQueryParameter("labelSelector", "kubernetes.io/service-name=" + service);
    }

    private Request request(HttpUrl.Builder url) throws IOException {
        return access.authorized(new Request.Builder().url(url.build()).header("Accept", "application/json"));
    }

    /** A list that comes in pages, all of one moment. */
    private final class Pages {
        private final SortedMap<String, EndpointSlice> slices = new TreeMap<>();
        private String version = "";
        private String next = "";
        private int entries;
        private int number;
        private final RegistryClient.ByteBudget budget = RegistryClient.listBudget();

        Pages read(BufferedSource body) throws IOException {
            JsonNode others = RegistryJson.object(body.inputStream(), Map.of("items", this::add));
            version = EndpointSliceParser.version(others);
            next = others.path("metadata").path("continue").asText("");
            if (++number > MAX_PAGES) {
                throw new MalformedAnswerException("a list must have at most " + MAX_PAGES + " pages");
            }
            return this;
        }

        private void add(JsonNode item) throws MalformedAnswerException {
            EndpointSlice before = KubernetesSession.this.slices.get(EndpointSliceParser.name(item));
            EndpointSlice slice = before != null && before.version().equals(EndpointSliceParser.version(item))
                    ? before
                    : reader.read(item, before);
            entries += slice.endpoints().size();
            InstanceList.checkCount(entries);
            slices.put(slice.name(), slice);
            InstanceList.checkCount(slices.size());
        }
    }

    // Watch.

    private void watch(RegistryWatch watch) throws IOException {
        // Not all clients of a server at the same time.
        long seconds =
                Math.max(1, Jitter.around(watchTimeout, 0.2, watch.random()).toSeconds());
        HttpUrl.Builder url = selected()
                .addQueryParameter("watch", "true")
                .addQueryParameter("allowWatchBookmarks", "true")
                .addQueryParameter("timeoutSeconds", String.valueOf(seconds))
                .addQueryParameter("resourceVersion", version);
        Duration asked = Duration.ofSeconds(seconds);
        long startNanos = watch.nanoTime();
        client.follow(request(url), RegistryClient.withGrace(asked), (response, body) -> read(response, body, watch));
        ended(watch, asked, Duration.ofNanos(watch.nanoTime() - startNanos));
    }

    /** A quiet watch that ends when it was asked to is none that failed. */
    private void ended(RegistryWatch watch, Duration asked, Duration lasted) {
        Duration half = asked.dividedBy(2);
        boolean early = !spoken && lasted.compareTo(EARLY.compareTo(half) < 0 ? EARLY : half) < 0;
        earlyEnds = early ? earlyEnds + 1 : 0;
        watch.answered();
        if (earlyEnds >= MAX_EARLY_ENDS) {
            version = "";
        }
        if (earlyEnds == MAX_EARLY_ENDS) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Kubernetes service " + service + ": the API ends watches as soon as they begin; until it does not,"
                            + " the slices are listed instead, at most " + backoff.maxInterval() + " apart");
        }
    }

    private boolean read(Response unused, BufferedSource body, RegistryWatch watch) throws IOException {
        watch.opened();
        spoken = false;
        JsonLinesReader lines = new JsonLinesReader(body);
        UpdateCoalescer publication = new UpdateCoalescer(watch, lines::hasMore, slices::listing);
        try {
            byte[] line;
            // Without a version the watch is of no use: nothing more may be read then, since nothing more need come.
            while (!version.isEmpty() && (line = lines.next()) != null) {
                if (line.length > 0) {
                    spoken = true;
                    take(RegistryJson.object(line), watch, publication);
                }
                publication.whenQuiet();
            }
        } catch (SocketTimeoutException e) {
            // The end that was asked for has not come: the connection may be dead, which the next watch shows.
            LOG.log(System.Logger.Level.TRACE, "Kubernetes service " + service + ": a watch has not ended in time", e);
        } finally {
            publication.now();
        }
        return true;
    }

    private void take(JsonNode event, RegistryWatch watch, UpdateCoalescer publication) throws IOException {
        JsonNode object = event.path("object");
        String type = event.path("type").asText("");
        switch (type) {
            case "ADDED", "MODIFIED" -> slices.put(reader.read(object, slices.get(EndpointSliceParser.name(object))));
            case "DELETED" -> slices.remove(EndpointSliceParser.name(object));
            case "BOOKMARK" -> {}
            case "ERROR" -> {
                refused(object, watch);
                return;
            }
            default -> throw new MalformedAnswerException("unknown type of event: \"" + Messages.quoted(type) + "\"");
        }
        version = EndpointSliceParser.version(object);
        watch.answered();
        if (!type.equals("BOOKMARK")) {
            publication.changed();
        }
    }

    private void refused(JsonNode status, RegistryWatch watch) throws IOException {
        gone(watch);
        if (status.path("code").asInt() != GONE) {
            throw new MalformedAnswerException("the watch ended: "
                    + client.secrets().clean(status.path("message").asText(""), 200));
        }
    }
}
