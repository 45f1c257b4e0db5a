package dev.evenkeel.lb.okhttp.internal.discovery.etcd;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.evenkeel.lb.okhttp.internal.discovery.etcd.EtcdToken.RefusedWatchException;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.JsonLinesReader;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.MalformedAnswerException;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegisteredBackendParser;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryBackoff;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryClient;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryJson;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryServer;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryServers;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistrySession;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryWatch;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.UpdateCoalescer;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import okio.BufferedSource;
import org.jspecify.annotations.Nullable;

/** Reads the keys under a prefix once, then watches them from that revision on, by etcd's JSON gateway. */
public final class EtcdSession implements RegistrySession {
    private static final MediaType JSON = MediaType.get("application/json");
    private static final int PAGE = 1_000;
    private static final int MAX_FAULT = 500;
    private static final int MAX_REASON = 200;
    /** The codes of gRPC for an invalid argument, a missing permission and a missing authentication. */
    private static final Set<Integer> REFUSALS = Set.of(3, 7, 16);

    private final RegistryClient client;
    private final RegistryServers servers;
    private final byte[] prefix;
    private final String scheme;
    private final boolean namedIds;
    private final EtcdToken token;
    private final Duration watchTimeout;
    private final RegistryBackoff backoff;

    private EtcdValues values = new EtcdValues();
    /** The revision of the known values; 0 if there are none. */
    private long revision;
    /** The id of the cluster that the revision belongs to. */
    private String cluster = "";

    public EtcdSession(
            RegistryClient client,
            RegistryServers servers,
            String prefix,
            String scheme,
            boolean namedIds,
            @Nullable EtcdCredentials credentials,
            Duration watchTimeout,
            RegistryBackoff backoff) {
        this.client = client;
        this.servers = servers;
        this.prefix = prefix.getBytes(StandardCharsets.UTF_8);
        this.scheme = scheme;
        this.namedIds = namedIds;
        this.token = new EtcdToken(client, credentials, this::request);
        this.watchTimeout = watchTimeout;
        this.backoff = backoff;
    }

    @Override
    public Duration round(RegistryWatch watch) throws IOException {
        token.age();
        try {
            if (revision == 0) {
                range(watch);
            }
            watch(watch);
        } catch (MalformedAnswerException e) {
            revision = 0;
            servers.moveOn();
            throw e;
        } catch (IOException e) {
            servers.moveOn();
            throw e;
        }
        return backoff.resume(watch.random());
    }

    // Range.

    private void range(RegistryWatch watch) throws IOException {
        Pages pages = new Pages();
        do {
            ObjectNode body = keys(pages.next);
            body.put("limit", PAGE);
            if (pages.revision > 0) {
                body.put("revision", pages.revision);
            }
            token.authorize(() -> client.exchange(
                    request("v3/kv/range", body), pages.budget, (response, source) -> pages.read(source)));
        } while (pages.more);
        values = pages.values;
        revision = pages.revision;
        cluster = pages.cluster;
        watch.found(values.listing());
    }

    private ObjectNode keys(byte[] from) {
        byte[] end = Arrays.copyOf(prefix, prefix.length);
        // No byte of UTF-8 is 0xFF.
        end[end.length - 1]++;
        return RegistryJson.newObject().put("key", base64(from)).put("range_end", base64(end));
    }

    /** A range that comes in pages, all of one revision. */
    private final class Pages {
        private final EtcdValues values = new EtcdValues();
        private byte[] next = prefix;
        private String cluster = "";
        private long revision;
        private boolean more;
        private final RegistryClient.ByteBudget budget = RegistryClient.listBudget();

        boolean read(BufferedSource body) throws IOException {
            byte[] from = next;
            JsonNode others = RegistryJson.object(body.inputStream(), Map.of("kvs", this::add));
            if (revision == 0) {
                JsonNode header = others.path("header");
                revision = number(header, "revision");
                cluster = cluster(header);
            }
            more = others.path("more").asBoolean();
            if (more && Arrays.compareUnsigned(next, from) <= 0) {
                throw new MalformedAnswerException("a page must go on behind the one before");
            }
            return more;
        }

        private void add(JsonNode kv) throws IOException {
            String key = key(kv);
            EtcdValues.Value known = EtcdSession.this.values.get(key);
            if (known != null) {
                values.put(key, known);
            }
            values.put(key, value(key, kv));
            byte[] last = decode(kv, "key");
            next = Arrays.copyOf(last, last.length + 1);
        }
    }

    // Watch.

    private void watch(RegistryWatch watch) throws IOException {
        ObjectNode create = keys(prefix).put("start_revision", revision + 1).put("progress_notify", true);
        ObjectNode body = RegistryJson.newObject().set("create_request", create);
        // A server that works says at once that the watch is there; one that says nothing is left soon.
        Duration opening = client.requestTimeout(watchTimeout);
        token.authorize(
                () -> client.follow(request("v3/watch", body), opening, (response, source) -> read(source, watch)));
    }

    private boolean read(BufferedSource body, RegistryWatch watch) throws IOException {
        watch.opened();
        JsonLinesReader lines = new JsonLinesReader(body);
        UpdateCoalescer publication = new UpdateCoalescer(watch, lines::hasMore, values::listing);
        boolean spoken = false;
        try {
            // A watch that has come to its end leaves the stream open, and silent: nothing more may be read then.
            boolean goesOn = true;
            while (goesOn) {
                byte[] line = lines.next();
                goesOn = line != null && (line.length == 0 || take(RegistryJson.object(line), watch, publication));
                publication.whenQuiet();
                spoken = true;
                body.timeout().timeout(watchTimeout.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (SocketTimeoutException e) {
            if (!spoken) {
                throw e;
            }
            // Nothing has changed for a while, which is no fault of the server: it is asked to watch again.
        } finally {
            publication.now();
        }
        return true;
    }

    /** False if the watch has come to its end. */
    private boolean take(JsonNode message, RegistryWatch watch, UpdateCoalescer publication) throws IOException {
        JsonNode result = message.path("result");
        if (!result.isObject()) {
            throw ended(message.path("error"));
        }
        if (result.path("canceled").asBoolean()) {
            cancelled(result, watch);
            return false;
        }
        JsonNode events = result.path("events");
        if (events.isEmpty()) {
            watch.answered();
            return result.path("created").asBoolean() ? created(result) : progress(result);
        }
        // All events of a revision are in one message, but the header is ahead of them while the watch catches up.
        long last = revision;
        for (JsonNode event : events) {
            JsonNode kv = event.path("kv");
            last = Math.max(last, number(kv, "mod_revision"));
            String key = key(kv);
            if (event.path("type").asText("PUT").equals("DELETE")) {
                values.remove(key);
            } else {
                values.put(key, value(key, kv));
            }
        }
        revision = last;
        watch.answered();
        publication.changed();
        return true;
    }

    /** False if these are the keys of another cluster, or of this one restored: its events would be others. */
    private boolean created(JsonNode result) throws MalformedAnswerException {
        JsonNode header = result.path("header");
        // Members that lag behind their cluster have an earlier revision, too: reading the keys again does not harm
        // then.
        if (number(header, "revision") < revision || !cluster(header).equals(cluster)) {
            revision = 0;
        }
        return revision > 0;
    }

    /** Notes a progress message: all events up to its revision have come. */
    private boolean progress(JsonNode result) throws MalformedAnswerException {
        revision = Math.max(revision, number(result.path("header"), "revision"));
        return true;
    }

    private static String cluster(JsonNode header) {
        return header.path("cluster_id").asText("");
    }

    private void cancelled(JsonNode result, RegistryWatch watch) throws IOException {
        if (!result.hasNonNull("compact_revision")) {
            String reason = result.path("cancel_reason").asText("");
            throw new RefusedWatchException(client.secrets().clean(reason, MAX_REASON));
        }
        revision = 0;
        watch.answered();
    }

    /** An error in place of a message, as the gateway writes it. */
    private IOException ended(JsonNode error) {
        String text = client.secrets().clean(error.toString(), MAX_REASON);
        // Its first version names the code otherwise than its second.
        int code = error.path("grpc_code").asInt(error.path("code").asInt());
        return REFUSALS.contains(code) || EtcdToken.isRefusal(text)
                ? new RefusedWatchException(text)
                : new MalformedAnswerException("the watch ended: " + text);
    }

    // Values.

    private EtcdValues.Value value(String key, JsonNode kv) throws MalformedAnswerException {
        byte[] text = decode(kv, "value");
        int bytes = key.length() + text.length;
        if (text.length > EtcdValues.MAX_VALUE_BYTES) {
            String fault = "a value must have at most " + EtcdValues.MAX_VALUE_BYTES + " bytes: " + text.length;
            return new EtcdValues.Value(null, client.secrets().clean("key " + key + ": " + fault, MAX_FAULT), bytes);
        }
        try {
            return new EtcdValues.Value(RegisteredBackendParser.read(text, scheme, namedIds), "", bytes);
        } catch (IllegalArgumentException e) {
            String fault = client.secrets().clean("key " + key + ": " + e.getMessage(), MAX_FAULT);
            return new EtcdValues.Value(null, fault, bytes);
        }
    }

    private static String key(JsonNode kv) throws MalformedAnswerException {
        return new String(decode(kv, "key"), StandardCharsets.UTF_8);
    }

    private static byte[] decode(JsonNode kv, String field) throws MalformedAnswerException {
        try {
            return Base64.getDecoder().decode(RegistryJson.text(kv, field));
        } catch (IllegalArgumentException e) {
            throw new MalformedAnswerException(field + " must be in Base64", e);
        }
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /** A number of 64 bits, which the gateway writes as a string. */
    private static long number(JsonNode object, String field) throws MalformedAnswerException {
        long number = object.path(field).asLong(0);
        if (number <= 0) {
            throw new MalformedAnswerException(
                    field + " must be a positive number: " + RegistryJson.quote(object.path(field)));
        }
        return number;
    }

    // Requests.

    private Request request(String path, JsonNode body) throws IOException {
        RegistryServer server = servers.current();
        Request.Builder request = server.request(server.path(path).build())
                // Of a member that is cut off from its cluster an error is wanted, not silence.
                .header("Grpc-Metadata-hasleader", "true")
                .post(RequestBody.create(RegistryJson.bytes(body), JSON));
        if (!token.value().isEmpty()) {
            request.header("Authorization", token.value());
        }
        return request.build();
    }
}
