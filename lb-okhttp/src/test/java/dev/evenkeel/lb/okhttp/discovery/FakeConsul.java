package dev.evenkeel.lb.okhttp.discovery;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.evenkeel.lb.spi.BackendDiscovery;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import okhttp3.OkHttpClient;

/** The health endpoint of Consul with blocking queries, in the shapes of its documentation. */
final class FakeConsul extends FakeRegistry {
    private static final ObjectMapper JSON = new ObjectMapper();

    private List<Entry> entries = List.of();
    private long index = 20;

    FakeConsul() throws IOException {}

    @Override
    BackendDiscovery source(OkHttpClient client) {
        return ConsulDiscovery.builder(client, "users", server.url())
                .watchTimeout(Duration.ofSeconds(1))
                .minInterval(Duration.ofMillis(1))
                .backoff(Duration.ofMillis(1), Duration.ofMillis(4))
                .build();
    }

    @Override
    BackendDiscovery patientSource(OkHttpClient client) {
        return ConsulDiscovery.builder(client, "users", server.url()).build();
    }

    @Override
    String[] garbageHeaders() {
        return new String[] {"X-Consul-Index: 7"};
    }

    @Override
    synchronized void set(List<Entry> list) {
        entries = list;
        index++;
        states.add(new TreeSet<>(list.stream().map(Entry::id).toList()));
        notifyAll();
    }

    @Override
    void answer(LoopbackServer.Request request, LoopbackServer.Answer answer) throws IOException, InterruptedException {
        if (!request.path().equals("/v1/health/service/users")
                || !"true".equals(request.query().get("passing"))) {
            answer.whole(404, "");
            return;
        }
        long after = Long.parseLong(request.query().getOrDefault("index", "0"));
        String text;
        long now;
        synchronized (this) {
            long until = System.nanoTime() + waitNanos(request.query().getOrDefault("wait", "300s"));
            for (long left = 1; after >= index && left > 0; left = until - System.nanoTime()) {
                wait(1 + left / 1_000_000);
            }
            now = index;
            text = text();
        }
        answer.whole(200, text, "X-Consul-Index: " + now);
    }

    private static long waitNanos(String seconds) {
        return Duration.parse("PT" + seconds).toNanos();
    }

    private String text() {
        ArrayNode list = JSON.createArrayNode();
        int number = 0;
        for (Entry entry : entries) {
            ObjectNode item = list.addObject();
            item.putObject("Node")
                    .put("ID", "40e4a748-2192-161a-0510-9bf59fe950b5")
                    .put("Node", "foobar")
                    .put("Address", "10.1.10.12")
                    .put("Datacenter", "dc1")
                    .putObject("Meta")
                    .put("instance_type", "t2.medium");
            ObjectNode service = item.putObject("Service");
            service.put("ID", "users-" + number++).put("Service", "users").put("Address", entry.host());
            service.putArray("Tags").add("primary");
            ObjectNode meta = service.putObject("Meta");
            entry.metadata().forEach(meta::put);
            service.put("Port", entry.port());
            service.putObject("Weights").put("Passing", entry.weight()).put("Warning", 1);
            item.putArray("Checks")
                    .addObject()
                    .put("CheckID", "service:users")
                    .put("Status", "passing")
                    .put("Output", "");
        }
        return list.toString();
    }
}
