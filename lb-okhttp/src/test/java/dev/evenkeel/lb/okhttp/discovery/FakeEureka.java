package dev.evenkeel.lb.okhttp.discovery;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.evenkeel.lb.spi.BackendDiscovery;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import okhttp3.OkHttpClient;

/** The applications and deltas of a Eureka server, with the oddities of its JSON, and one more application. */
final class FakeEureka extends FakeRegistry {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** How many changes each delta repeats. */
    private static final int REPEATED = 24;

    private final Map<String, ObjectNode> instances = new LinkedHashMap<>();
    private final Deque<ObjectNode> changes = new ArrayDeque<>();
    volatile boolean losesDeltas;
    volatile int fullAnswers;
    volatile int deltas;

    FakeEureka() throws IOException {}

    @Override
    BackendDiscovery source(OkHttpClient client) {
        return builder(client).build();
    }

    EurekaDiscovery.Builder builder(OkHttpClient client) {
        return EurekaDiscovery.builder(client, "users", server.url() + "/eureka")
                .interval(Duration.ofMillis(20))
                .backoff(Duration.ofMillis(1), Duration.ofMillis(4));
    }

    @Override
    BackendDiscovery patientSource(OkHttpClient client) {
        return EurekaDiscovery.builder(client, "users", server.url() + "/eureka/")
                .build();
    }

    @Override
    synchronized void set(List<Entry> entries) {
        Map<String, ObjectNode> wanted = new LinkedHashMap<>();
        for (Entry entry : entries) {
            String id = entry.host() + ":users";
            while (wanted.containsKey(id)) {
                id += ":again";
            }
            wanted.put(id, instance(id, entry, "UP"));
        }
        wanted.forEach(this::put);
        List.copyOf(instances.keySet()).stream()
                .filter(id -> !wanted.containsKey(id))
                .forEach(this::delete);
        states.add(new TreeSet<>(entries.stream().map(Entry::id).toList()));
    }

    synchronized void put(String id, ObjectNode instance) {
        ObjectNode before = instances.put(id, instance);
        if (!instance.equals(before)) {
            changed(instance.deepCopy().put("actionType", before == null ? "ADDED" : "MODIFIED"));
        }
    }

    private void delete(String id) {
        changed(instances.remove(id).deepCopy().put("actionType", "DELETED"));
    }

    private void changed(ObjectNode change) {
        changes.add(change);
        if (changes.size() > REPEATED) {
            changes.remove();
        }
    }

    static ObjectNode instance(String id, Entry entry, String status) {
        ObjectNode instance = JSON.createObjectNode();
        instance.put("instanceId", id)
                .put("hostName", "host-" + entry.host())
                .put("app", "USERS")
                .put("ipAddr", entry.host())
                .put("status", status)
                .put("overriddenStatus", "UNKNOWN");
        instance.putObject("port").put("$", entry.port()).put("@enabled", "true");
        instance.putObject("securePort").put("$", 443).put("@enabled", "false");
        instance.putObject("dataCenterInfo")
                .put("@class", "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo")
                .put("name", "MyOwn");
        ObjectNode metadata = instance.putObject("metadata").put("@class", "java.util.Collections$EmptyMap");
        entry.metadata().forEach(metadata::put);
        if (entry.weight() != 1) {
            metadata.put("weight", String.valueOf(entry.weight()));
        }
        return instance;
    }

    @Override
    void answer(LoopbackServer.Request request, LoopbackServer.Answer answer) throws IOException {
        switch (request.path()) {
            case "/eureka/apps/" -> answer.whole(200, full());
            case "/eureka/apps/delta" -> answer.whole(200, delta());
            case "/eureka/apps/users" -> application(answer);
            default -> answer.whole(404, "");
        }
    }

    private synchronized String full() {
        fullAnswers++;
        return applications(List.copyOf(instances.values()), true);
    }

    /** A real server repeats the changes of three minutes. */
    private synchronized String delta() {
        deltas++;
        return applications(losesDeltas ? List.of() : List.copyOf(changes), false);
    }

    private synchronized void application(LoopbackServer.Answer answer) throws IOException {
        if (instances.isEmpty()) {
            answer.whole(404, "");
            return;
        }
        ObjectNode application = JSON.createObjectNode().put("name", "USERS");
        application.set("instance", list(List.copyOf(instances.values())));
        answer.whole(
                200, JSON.createObjectNode().set("application", application).toString());
    }

    private String applications(List<ObjectNode> listed, boolean others) {
        ObjectNode applications = JSON.createObjectNode();
        applications.put("versions__delta", "1").put("apps__hashcode", hash());
        ArrayNode list = applications.putArray("application");
        if (others) {
            ObjectNode other = list.addObject().put("name", "ORDERS");
            other.set("instance", instance("orders-1", Entry.of(900), "STARTING"));
        }
        if (!listed.isEmpty()) {
            list.addObject().put("name", "USERS").set("instance", list(listed));
        }
        return JSON.createObjectNode().set("applications", applications).toString();
    }

    /** A list of one is no list. */
    private static com.fasterxml.jackson.databind.JsonNode list(List<ObjectNode> listed) {
        return listed.size() == 1 ? listed.get(0) : JSON.createArrayNode().addAll(listed);
    }

    private String hash() {
        Map<String, Integer> counts = new TreeMap<>(Map.of("STARTING", 1));
        instances
                .values()
                .forEach(instance -> counts.merge(instance.path("status").textValue(), 1, Integer::sum));
        StringBuilder hash = new StringBuilder();
        counts.forEach(
                (status, count) -> hash.append(status).append('_').append(count).append('_'));
        return hash.toString();
    }
}
