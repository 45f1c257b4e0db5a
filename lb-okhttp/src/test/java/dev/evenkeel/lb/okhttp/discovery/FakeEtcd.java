package dev.evenkeel.lb.okhttp.discovery;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.evenkeel.lb.spi.BackendDiscovery;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import okhttp3.OkHttpClient;

/** The range and watch of etcd's JSON gateway, as a server of version 3.4 was seen to speak it. */
final class FakeEtcd extends FakeRegistry {
    static final String PREFIX = "/services/users/";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern URI = Pattern.compile("\"uri\":\"http://([^\"]*)\"");

    private final TreeMap<String, ObjectNode> kvs = new TreeMap<>();
    private final List<Change> history = new ArrayList<>();
    private long revision = 1;
    private long compacted = 1;

    private record Change(long revision, boolean delete, ObjectNode kv) {}

    FakeEtcd() throws IOException {}

    @Override
    BackendDiscovery source(OkHttpClient client) {
        return EtcdDiscovery.builder(client, PREFIX, server.url())
                .watchTimeout(Duration.ofSeconds(1))
                .backoff(Duration.ofMillis(1), Duration.ofMillis(4))
                .build();
    }

    @Override
    BackendDiscovery patientSource(OkHttpClient client) {
        return EtcdDiscovery.builder(client, PREFIX, server.url()).build();
    }

    @Override
    synchronized void set(List<Entry> entries) {
        Map<String, String> wanted = new TreeMap<>();
        for (Entry entry : entries) {
            String key = PREFIX + entry.host();
            while (wanted.containsKey(key)) {
                key += "-again";
            }
            wanted.put(key, value(entry));
        }
        wanted.forEach(this::put);
        List.copyOf(kvs.keySet()).stream()
                .filter(key -> !wanted.containsKey(key))
                .forEach(this::delete);
    }

    private static String value(Entry entry) {
        ObjectNode value = JSON.createObjectNode();
        value.put("uri", "http://" + entry.host() + ":" + entry.port()).put("weight", entry.weight());
        ObjectNode metadata = value.putObject("metadata");
        entry.metadata().forEach(metadata::put);
        return value.toString();
    }

    synchronized void put(String key, String value) {
        ObjectNode before = kvs.get(key);
        if (before != null && before.path("value").textValue().equals(base64(value))) {
            return;
        }
        ObjectNode kv = JSON.createObjectNode();
        kv.put("key", base64(key))
                .put("mod_revision", String.valueOf(++revision))
                .put("value", base64(value));
        kvs.put(key, kv);
        changed(new Change(revision, false, kv));
    }

    synchronized void delete(String key) {
        kvs.remove(key);
        ObjectNode kv = JSON.createObjectNode();
        kv.put("key", base64(key)).put("mod_revision", String.valueOf(++revision));
        changed(new Change(revision, true, kv));
    }

    private void changed(Change change) {
        history.add(change);
        if (kvs.size() < 50) {
            Set<String> state = new TreeSet<>();
            for (ObjectNode kv : kvs.values()) {
                String value = text(kv, "value");
                Matcher uri = URI.matcher(value);
                state.add(uri.find() ? uri.group(1) : value);
            }
            states.add(state);
        }
        notifyAll();
    }

    @Override
    synchronized void compact() {
        compacted = revision;
        history.removeIf(change -> change.revision < compacted);
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(JsonNode object, String field) {
        return new String(Base64.getDecoder().decode(object.path(field).asText()), StandardCharsets.UTF_8);
    }

    @Override
    void answer(LoopbackServer.Request request, LoopbackServer.Answer answer) throws IOException, InterruptedException {
        JsonNode body = JSON.readTree(request.body());
        switch (request.path()) {
            case "/v3/kv/range" -> answer.whole(200, range(body));
            case "/v3/watch" ->
                watch(body.path("create_request").path("start_revision").asLong(), answer);
            default -> answer.whole(404, "{\"code\":5}");
        }
    }

    private synchronized String range(JsonNode body) {
        ObjectNode page = message();
        ArrayNode found = page.putArray("kvs");
        int limit = body.path("limit").asInt();
        int count = 0;
        for (ObjectNode kv : kvs.tailMap(text(body, "key")).values()) {
            if (count++ < limit) {
                found.add(kv);
            }
        }
        if (found.isEmpty()) {
            page.remove("kvs");
        }
        if (count > limit) {
            page.put("more", true);
        }
        return page.put("count", String.valueOf(count)).toString();
    }

    private void watch(long from, LoopbackServer.Answer answer) throws IOException, InterruptedException {
        answer.open();
        answer.send(created());
        long next = from;
        while (true) {
            String text;
            synchronized (this) {
                while (next > revision) {
                    wait();
                }
                // A watcher that is not as fast as the compaction is told so, too.
                text = next < compacted
                        ? result(message().put("canceled", true).put("compact_revision", String.valueOf(compacted)))
                        : events(next);
                // A watch that is cancelled leaves the stream open, and silent.
                next = next < compacted ? Long.MAX_VALUE : revision + 1;
            }
            answer.send(text);
        }
    }

    private synchronized String created() {
        return result(message().put("created", true));
    }

    /** One message for two revisions at most: what catches up comes in several. */
    private String events(long from) {
        StringBuilder text = new StringBuilder();
        ArrayNode events = null;
        for (Change change : history) {
            if (change.revision >= from) {
                if (events == null || events.size() == 2) {
                    text.append(events == null ? "" : result(message().set("events", events)));
                    events = JSON.createArrayNode();
                }
                ObjectNode event = events.addObject();
                if (change.delete) {
                    event.put("type", "DELETE");
                }
                event.set("kv", change.kv);
            }
        }
        return text + (events == null ? "" : result(message().set("events", events)));
    }

    private ObjectNode message() {
        ObjectNode message = JSON.createObjectNode();
        message.putObject("header")
                .put("cluster_id", "14841639068965178418")
                .put("revision", String.valueOf(revision))
                .put("raft_term", "2");
        return message;
    }

    private static String result(JsonNode message) {
        return "{\"result\":" + message + "}\n";
    }
}
