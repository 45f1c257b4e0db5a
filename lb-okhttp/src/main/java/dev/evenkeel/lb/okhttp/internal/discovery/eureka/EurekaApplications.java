package dev.evenkeel.lb.okhttp.internal.discovery.eureka;

import com.fasterxml.jackson.databind.JsonNode;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.InstanceList;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.InstanceMapper;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.MalformedAnswerException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The known state of a Eureka server's applications: the instances of the application that is followed, and the
 * statuses of all others, which are part of the hash code that shows whether every delta was applied.
 */
public final class EurekaApplications {
    private static final int MAX_ID = 4_096;

    private final String application;
    private final Function<JsonNode, Backend> reader;
    private final Map<String, String> statuses = new HashMap<>();
    private final Map<String, Instance> instances = new LinkedHashMap<>();
    private int count;

    /** An instance of the application: a backend, or what is wrong with it; neither if it is not up. */
    private record Instance(@Nullable Backend backend, String fault) {}

    public EurekaApplications(String application, Function<JsonNode, Backend> reader) {
        this.application = application.toUpperCase(Locale.ROOT);
        this.reader = reader;
    }

    /** Takes an application of a full answer or of a delta. */
    void take(JsonNode entry) throws MalformedAnswerException {
        String name = entry.path("name").asText("").toUpperCase(Locale.ROOT);
        JsonNode listed = entry.path("instance");
        // A list of one is no list in Eureka's JSON.
        if (listed.isObject()) {
            take(name, listed);
        } else {
            for (JsonNode instance : listed) {
                take(name, instance);
            }
        }
    }

    private void take(String name, JsonNode instance) throws MalformedAnswerException {
        String id = name + "/" + id(instance);
        if (id.length() > MAX_ID) {
            throw new MalformedAnswerException("an instance's id must have at most " + MAX_ID + " characters");
        }
        boolean ours = name.equals(application);
        if (instance.path("actionType").asText("").equals("DELETED")) {
            statuses.remove(id);
            instances.remove(id);
            return;
        }
        String status = instance.path("status").asText("UNKNOWN").toUpperCase(Locale.ROOT);
        statuses.put(id, status);
        InstanceList.checkCount(statuses.size());
        if (ours) {
            Instance before = instances.get(id);
            Instance after = read(id, status, instance);
            // An unchanged instance stays the same object, so that it does not count as a change.
            instances.put(id, after.equals(before) ? before : after);
        }
    }

    /** What names an instance in each answer. A machine is none: it can run several instances, each on its port. */
    private String id(JsonNode instance) {
        String named = instance.path("instanceId").asText("");
        if (!named.isEmpty()) {
            return named;
        }
        String machine = InstanceMapper.first(
                EurekaInstanceReader.id(instance), instance.path("hostName").asText(""), "#" + count++);
        return machine + ":" + instance.path("port").path("$").asText("") + ":"
                + instance.path("securePort").path("$").asText("");
    }

    private Instance read(String id, String status, JsonNode instance) {
        if (!status.equals("UP")) {
            return new Instance(null, "");
        }
        try {
            return new Instance(reader.apply(instance), "");
        } catch (IllegalArgumentException e) {
            return new Instance(null, "instance " + id + ": " + e.getMessage());
        }
    }

    /** How many instances have each status, as the server writes it: {@code DOWN_1_UP_3_}. */
    String hashCodeOfStatuses() {
        Map<String, Integer> counts = new TreeMap<>();
        statuses.values().forEach(status -> counts.merge(status, 1, Integer::sum));
        StringBuilder hash = new StringBuilder();
        counts.forEach((status, number) ->
                hash.append(status).append('_').append(number).append('_'));
        return hash.toString();
    }

    InstanceList listing() throws MalformedAnswerException {
        InstanceList.Builder listing = new InstanceList.Builder();
        for (Instance instance : instances.values()) {
            Backend backend = instance.backend();
            if (backend != null) {
                listing.add(backend);
            } else if (!instance.fault().isEmpty()) {
                listing.skip(instance.fault());
            }
        }
        return listing.build();
    }
}
