package dev.evenkeel.lb.okhttp.discovery;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.evenkeel.lb.spi.BackendDiscovery;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import okhttp3.OkHttpClient;

/** The API server's list and watch of EndpointSlices, with a history that can be compacted. */
final class FakeKubernetes extends FakeRegistry {
    static final ObjectMapper JSON = new ObjectMapper();

    private final TreeMap<String, ObjectNode> slices = new TreeMap<>();
    private final List<Change> history = new ArrayList<>();
    private final Map<String, String> laterPages = new HashMap<>();
    private final int sliceSize;
    private long version = 1_000;
    private long compacted = 1_000;
    private boolean endWatches;
    /** Whether watches whose history is gone end at once, as behind some front ends, with no word of it. */
    volatile boolean silentAboutHistory;

    volatile int lists;
    volatile int watches;

    /** Said instead of pods' own truth: conditions by address. */
    final Map<String, String> conditions = new HashMap<>();

    private record Change(long version, String type, ObjectNode slice) {}

    FakeKubernetes(int sliceSize) throws IOException {
        this.sliceSize = sliceSize;
    }

    @Override
    BackendDiscovery source(OkHttpClient client) {
        return builder(client).build();
    }

    KubernetesDiscovery.Builder builder(OkHttpClient client) {
        return KubernetesDiscovery.builder(client, server.url(), "default", "users")
                .watchTimeout(Duration.ofSeconds(1))
                .backoff(Duration.ofMillis(1), Duration.ofMillis(4));
    }

    @Override
    BackendDiscovery patientSource(OkHttpClient client) {
        return KubernetesDiscovery.builder(client, server.url(), "default", "users")
                .build();
    }

    /** Entries of one weight and port share slices; a slice that stays as it is does not change its version. */
    @Override
    synchronized void set(List<Entry> entries) {
        Map<String, List<Entry>> groups = new TreeMap<>();
        entries.forEach(entry -> groups.computeIfAbsent(
                        "users-" + entry.weight() + "-" + entry.port(), name -> new ArrayList<>())
                .add(entry));
        TreeMap<String, ObjectNode> wanted = new TreeMap<>();
        groups.forEach((prefix, group) -> {
            for (int from = 0; from < group.size(); from += sliceSize) {
                String name = prefix + "-" + String.format("%04d", from / sliceSize);
                wanted.put(name, slice(name, group.subList(from, Math.min(group.size(), from + sliceSize))));
            }
        });
        // What moves between slices is in both for a while, as the control plane does it.
        wanted.values().stream()
                .filter(slice -> !slices.containsKey(name(slice)))
                .forEach(this::put);
        wanted.values().forEach(this::put);
        List.copyOf(slices.keySet()).stream()
                .filter(name -> !wanted.containsKey(name))
                .forEach(this::delete);
    }

    private static String name(ObjectNode slice) {
        return slice.path("metadata").path("name").textValue();
    }

    synchronized void put(ObjectNode slice) {
        String name = name(slice);
        ObjectNode before = slices.get(name);
        if (before != null) {
            ((ObjectNode) slice.get("metadata"))
                    .put(
                            "resourceVersion",
                            before.path("metadata").path("resourceVersion").textValue());
            if (before.equals(slice)) {
                return;
            }
        }
        ((ObjectNode) slice.get("metadata")).put("resourceVersion", String.valueOf(++version));
        slices.put(name, slice);
        history.add(new Change(version, before == null ? "ADDED" : "MODIFIED", slice));
        remember();
        notifyAll();
    }

    synchronized void delete(String name) {
        ObjectNode gone = slices.remove(name).deepCopy();
        ((ObjectNode) gone.get("metadata")).put("resourceVersion", String.valueOf(++version));
        history.add(new Change(version, "DELETED", gone));
        remember();
        notifyAll();
    }

    private void remember() {
        if (slices.size() < 50) {
            states.add(state());
        }
    }

    private Set<String> state() {
        Set<String> state = new TreeSet<>();
        slices.values()
                .forEach(slice -> slice.path("endpoints")
                        .forEach(endpoint -> state.add(endpoint.path("addresses")
                                        .path(0)
                                        .textValue() + ":"
                                + slice.path("ports").path(0).path("port").intValue())));
        return state;
    }

    @Override
    synchronized void compact() {
        version++;
        compacted = version;
        history.clear();
        notifyAll();
    }

    /** Ends all watches as a server does that is about to end. */
    synchronized void endWatches(boolean end) {
        endWatches = end;
        notifyAll();
    }

    ObjectNode slice(String name, List<Entry> entries) {
        int weight = entries.get(0).weight();
        ObjectNode slice = JSON.createObjectNode();
        slice.put("apiVersion", "discovery.k8s.io/v1").put("kind", "EndpointSlice");
        ObjectNode metadata = slice.putObject("metadata");
        metadata.put("name", name).put("namespace", "default");
        metadata.putObject("labels").put("kubernetes.io/service-name", "users");
        if (weight != 1) {
            metadata.putObject("annotations").put("evenkeel.dev/weight", String.valueOf(weight));
        }
        slice.put("addressType", "IPv4");
        slice.putArray("ports")
                .addObject()
                .put("name", "http")
                .put("port", entries.get(0).port())
                .put("protocol", "TCP");
        ArrayNode endpoints = slice.putArray("endpoints");
        for (Entry entry : entries) {
            ObjectNode endpoint = endpoints.addObject();
            endpoint.putArray("addresses").add(entry.host());
            String condition = conditions.getOrDefault(entry.host(), "ready");
            endpoint.putObject("conditions")
                    .put("ready", condition.equals("ready"))
                    .put("serving", !condition.equals("failing"))
                    .put("terminating", condition.equals("terminating"));
            // The only free texts of an endpoint.
            entry.metadata().forEach((key, value) -> endpoint.put("nodeName", value));
            if (!entry.zone().isEmpty()) {
                endpoint.put("zone", entry.zone());
            }
            endpoint.putObject("targetRef")
                    .put("kind", "Pod")
                    .put("name", "users-" + entry.host())
                    .put("uid", "uid-" + entry.host());
        }
        return slice;
    }

    @Override
    void answer(LoopbackServer.Request request, LoopbackServer.Answer answer) throws IOException, InterruptedException {
        if (!request.path().equals("/apis/discovery.k8s.io/v1/namespaces/default/endpointslices")
                || !"kubernetes.io/service-name=users".equals(request.query().get("labelSelector"))) {
            answer.whole(404, "{\"kind\":\"Status\",\"code\":404}");
        } else if ("true".equals(request.query().get("watch"))) {
            watch(
                    Long.parseLong(request.query().get("resourceVersion")),
                    Long.parseLong(request.query().get("timeoutSeconds")),
                    answer);
        } else {
            list(request, answer);
        }
    }

    private void list(LoopbackServer.Request request, LoopbackServer.Answer answer) throws IOException {
        String page;
        synchronized (this) {
            lists++;
            String token = request.query().get("continue");
            if (token == null) {
                int limit = Integer.parseInt(request.query().getOrDefault("limit", "100000"));
                page = pages(limit);
            } else {
                page = laterPages.get(token);
            }
        }
        if (page == null) {
            answer.whole(410, "{\"kind\":\"Status\",\"code\":410,\"reason\":\"Expired\"}");
        } else {
            answer.whole(200, page);
        }
    }

    /** The first page; the later ones are kept for those who ask on. */
    private String pages(int limit) throws IOException {
        List<ObjectNode> all = List.copyOf(slices.values());
        String first = "";
        for (int from = 0; from == 0 || from < all.size(); from += limit) {
            int to = Math.min(all.size(), from + limit);
            ObjectNode page = JSON.createObjectNode();
            page.put("kind", "EndpointSliceList");
            ObjectNode metadata = page.putObject("metadata").put("resourceVersion", String.valueOf(version));
            if (to < all.size()) {
                metadata.put("continue", version + "/" + to);
            }
            page.putArray("items").addAll(all.subList(from, to));
            if (from == 0) {
                first = JSON.writeValueAsString(page);
            } else {
                laterPages.put(version + "/" + from, JSON.writeValueAsString(page));
            }
        }
        return first;
    }

    private void watch(long from, long seconds, LoopbackServer.Answer answer) throws IOException, InterruptedException {
        long sent = from;
        long until = System.nanoTime() + seconds * 1_000_000_000;
        synchronized (this) {
            watches++;
            if (from < compacted && silentAboutHistory) {
                answer.open();
                return;
            }
            if (from < compacted && version % 2 == 0) {
                answer.whole(410, "{\"kind\":\"Status\",\"code\":410,\"reason\":\"Gone\"}");
                return;
            }
        }
        answer.open();
        while (true) {
            String text;
            synchronized (this) {
                long left = 1;
                while (sent == version && !endWatches && left > 0) {
                    left = until - System.nanoTime();
                    wait(1 + Math.max(0, left) / 1_000_000);
                }
                if (left <= 0 || (silentAboutHistory && sent < compacted)) {
                    return;
                }
                if (sent < compacted) {
                    text =
                            "{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"code\":410,\"reason\":\"Expired\"}}\n";
                } else {
                    text = events(sent);
                }
                sent = version;
            }
            answer.send(text);
            if (text.startsWith("{\"type\":\"ERROR\"") || endWatches) {
                return;
            }
        }
    }

    private String events(long after) throws IOException {
        StringBuilder text = new StringBuilder();
        for (Change change : history) {
            if (change.version > after) {
                ObjectNode event = JSON.createObjectNode();
                event.put("type", change.type).set("object", change.slice);
                text.append(JSON.writeValueAsString(event)).append('\n');
            }
        }
        ObjectNode bookmark = JSON.createObjectNode();
        bookmark.put("type", "BOOKMARK")
                .putObject("object")
                .putObject("metadata")
                .put("resourceVersion", String.valueOf(version));
        return text + JSON.writeValueAsString(bookmark) + "\n";
    }
}
