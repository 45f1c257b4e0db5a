package dev.evenkeel.lb.okhttp.discovery;

import dev.evenkeel.lb.okhttp.internal.discovery.xds.XdsMessages;
import dev.evenkeel.lb.spi.BackendDiscovery;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import okhttp3.OkHttpClient;
import okio.ByteString;

/** A control plane with one cluster, which sends all of it whenever it changes, and notes what it is told. */
final class FakeXds extends FakeRegistry implements GrpcServerConnection.Handler {
    static final String CLUSTER = "users";

    /** The nonces of answers that were accepted. */
    final List<String> accepted = new CopyOnWriteArrayList<>();
    /** The reasons for which answers were refused, as they stand in the status. */
    final List<String> refused = new CopyOnWriteArrayList<>();
    /** The first requests of streams. */
    final List<Map<Integer, List<String>>> openings = new CopyOnWriteArrayList<>();
    /** With what each new stream ends at once, if not null. */
    volatile String[] refusal;
    /** Whether requests are not answered. */
    volatile boolean silent;

    private final boolean delta;
    private final Map<GrpcServerConnection.Stream, Map<String, String>> streams = new LinkedHashMap<>();
    private ByteString assignment = XdsMessages.assignment(CLUSTER, List.of());
    private String service = CLUSTER;
    private int version;
    private int nonce;

    /** @param delta whether it speaks the incremental protocol */
    FakeXds(boolean delta) throws IOException {
        this.delta = delta;
        server.http2 = (in, out) -> new GrpcServerConnection(in, out, this).serve();
    }

    XdsDiscovery.Builder builder(OkHttpClient client) {
        // Connections that have fallen silent are noticed by pings.
        OkHttpClient pinging =
                client.newBuilder().pingInterval(Duration.ofSeconds(1)).build();
        XdsDiscovery.Builder builder = XdsDiscovery.builder(pinging, CLUSTER, server.url())
                .backoff(Duration.ofMillis(1), Duration.ofMillis(4));
        return delta ? builder.delta() : builder;
    }

    @Override
    BackendDiscovery source(OkHttpClient client) {
        return builder(client).build();
    }

    @Override
    BackendDiscovery patientSource(OkHttpClient client) {
        XdsDiscovery.Builder builder = XdsDiscovery.builder(client, CLUSTER, server.url());
        return (delta ? builder.delta() : builder).build();
    }

    @Override
    synchronized void set(List<Entry> entries) {
        version++;
        if (entries.size() < 50) {
            states.add(new TreeSet<>(entries.stream().map(Entry::id).toList()));
        }
        assignment = assignment(service, entries);
        push(XdsMessages.ENDPOINTS);
    }

    private static ByteString assignment(String name, List<Entry> entries) {
        return XdsMessages.assignment(
                name,
                entries.stream()
                        .map(entry -> new XdsMessages.Listed(
                                entry.host(), entry.port(), entry.weight(), entry.zone(), entry.metadata()))
                        .toList());
    }

    /** Moves the cluster's endpoints to another assignment. */
    synchronized void move(String newService, List<Entry> entries) {
        service = newService;
        version++;
        assignment = assignment(newService, entries);
        push(XdsMessages.CLUSTER);
        push(XdsMessages.ENDPOINTS);
    }

    /** Sends the cluster anew as another message, or removes it if that is empty. */
    synchronized void cluster(ByteString resource) {
        version++;
        forEachStream((stream, names) -> {
            if (names.containsKey(XdsMessages.CLUSTER)) {
                stream.send(answer(XdsMessages.CLUSTER, CLUSTER, resource));
            }
        });
    }

    /** Removes the endpoints, which only the incremental protocol can say. */
    synchronized void removeEndpoints() {
        forEachStream((stream, names) ->
                stream.send(XdsMessages.delta(XdsMessages.ENDPOINTS, nextNonce(), "", ByteString.EMPTY, service)));
    }

    /** Sends a message as it is. */
    synchronized void send(ByteString message) {
        forEachStream((stream, names) -> stream.send(message));
    }

    /** Sends an answer with endpoints that are no resource. */
    synchronized void sendEndpoints(ByteString resource) {
        forEachStream((stream, names) -> stream.send(answer(XdsMessages.ENDPOINTS, service, resource)));
    }

    /** Ends all streams. */
    synchronized void end(String... trailers) {
        forEachStream((stream, names) -> stream.end(trailers));
        streams.clear();
    }

    synchronized int streams() {
        return streams.size();
    }

    private interface Action {
        void run(GrpcServerConnection.Stream stream, Map<String, String> names) throws IOException;
    }

    private void forEachStream(Action action) {
        for (GrpcServerConnection.Stream stream : List.copyOf(streams.keySet())) {
            try {
                action.run(stream, streams.get(stream));
            } catch (IOException e) {
                streams.remove(stream); // One side has gone, as sides do.
            }
        }
    }

    private void push(String type) {
        forEachStream((stream, names) -> push(type, stream, names));
    }

    private void push(String type, GrpcServerConnection.Stream stream, Map<String, String> names) throws IOException {
        String name = names.getOrDefault(type, "");
        if (type.equals(XdsMessages.CLUSTER) && name.equals(CLUSTER)) {
            stream.send(answer(type, name, XdsMessages.clusterOf(CLUSTER, service)));
        } else if (type.equals(XdsMessages.ENDPOINTS) && name.equals(service)) {
            stream.send(answer(type, name, assignment));
        }
    }

    private ByteString answer(String type, String name, ByteString resource) {
        if (!delta) {
            return resource.size() == 0
                    ? XdsMessages.answer(type, "v" + version, nextNonce())
                    : XdsMessages.answer(type, "v" + version, nextNonce(), resource);
        }
        return resource.size() == 0
                ? XdsMessages.delta(type, nextNonce(), "", resource, name)
                : XdsMessages.delta(type, nextNonce(), name, resource);
    }

    private String nextNonce() {
        return "n" + ++nonce;
    }

    @Override
    public synchronized void message(GrpcServerConnection.Stream stream, byte[] message) throws IOException {
        Map<Integer, List<String>> request = XdsMessages.request(message);
        Map<String, String> names = streams.get(stream);
        if (names == null) {
            names = new LinkedHashMap<>();
            streams.put(stream, names);
            openings.add(request);
            if (misbehaves(stream)) {
                return;
            }
        }
        String type = first(request, delta ? 2 : 4);
        String answered = first(request, delta ? 6 : 5);
        String status = first(request, delta ? 7 : 6);
        if (!status.isEmpty()) {
            refused.add(status);
        } else if (!answered.isEmpty()) {
            accepted.add(answered);
        }
        String name = first(request, 3);
        boolean other =
                delta ? request.containsKey(3) || request.containsKey(4) : !name.equals(names.getOrDefault(type, ""));
        if (other) {
            names.put(type, name);
            if (!silent) {
                push(type, stream, names);
            }
        }
    }

    private boolean misbehaves(GrpcServerConnection.Stream stream) throws IOException {
        String text = garbage;
        if (endless) {
            stream.raw(ByteString.decodeHex("007fffffff20202020"));
        } else if (text != null) {
            stream.raw(ByteString.encodeUtf8(text));
            stream.cut();
        } else if (refusal != null) {
            stream.end(refusal);
        } else {
            return false;
        }
        return true;
    }

    private static String first(Map<Integer, List<String>> request, int field) {
        return request.getOrDefault(field, List.of("")).get(0);
    }

    @Override
    public synchronized void ended(GrpcServerConnection.Stream stream) {
        streams.remove(stream);
    }

    @Override
    void answer(LoopbackServer.Request request, LoopbackServer.Answer answer) throws IOException {
        answer.whole(505, "HTTP/2 is spoken here");
    }
}
