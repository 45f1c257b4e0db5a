package dev.evenkeel.lb.okhttp.discovery;

import dev.evenkeel.lb.Backend;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What a fake registry is told to list; the values may be such as no backend has. */
record Entry(String host, int port, int weight, String zone, Map<String, String> metadata) {

    static Entry of(int number) {
        return new Entry("10.0." + number / 250 + "." + (1 + number % 250), 8080, 1, "", Map.of());
    }

    static List<Entry> many(int count) {
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            entries.add(of(i));
        }
        return entries;
    }

    Entry weight(int other) {
        return new Entry(host, port, other, zone, metadata);
    }

    Entry port(int other) {
        return new Entry(host, other, weight, zone, metadata);
    }

    Entry metadata(String key, String value) {
        return new Entry(host, port, weight, zone, Map.of(key, value));
    }

    String id() {
        return host + ":" + port;
    }

    /** Id and weight, as lists are compared. */
    String brief() {
        return id() + " " + weight;
    }

    static String brief(Backend backend) {
        return backend.id() + " " + backend.weight();
    }
}
