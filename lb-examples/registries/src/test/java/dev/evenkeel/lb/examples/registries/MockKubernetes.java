package dev.evenkeel.lb.examples.registries;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPortBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;

/**
 * fabric8's mock of the Kubernetes API, which keeps objects, numbers their versions and tells watchers. It does so over
 * WebSockets alone, so there is a door before it that passes each message on as a line of a stream, as the API server has it.
 */
final class MockKubernetes implements AutoCloseable {
    private static final int NORMAL_CLOSURE = 1_000;

    private final KubernetesMockServer mock = new KubernetesMockServer(
            new Context(), new MockWebServer(), new HashMap<>(), new KubernetesCrudDispatcher(), false);
    private final KubernetesClient kubernetes;
    private final OkHttpClient client = new OkHttpClient();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final int port;
    private HttpServer door;

    MockKubernetes() throws IOException {
        mock.init(InetAddress.getByName("127.0.0.1"), 0);
        kubernetes = mock.createClient();
        door = open(0);
        port = door.getAddress().getPort();
    }

    String url() {
        return "http://127.0.0.1:" + port;
    }

    private HttpServer open(int at) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), at), 0);
        server.setExecutor(threads);
        server.createContext("/", this::pass);
        server.start();
        return server;
    }

    /** Nobody gets in. */
    void shut() {
        door.stop(0);
    }

    void reopen() throws IOException {
        door = open(port);
    }

    // The objects.

    /** A slice of one endpoint. */
    void put(String name, int endpointPort, boolean ready) {
        Resource<EndpointSlice> slice = slices(new EndpointSliceBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace("default")
                .addToLabels("kubernetes.io/service-name", "users")
                .endMetadata()
                .withAddressType("IPv4")
                .withPorts(new EndpointPortBuilder()
                        .withName("http")
                        .withPort(endpointPort)
                        .withProtocol("TCP")
                        .build())
                .withEndpoints(new EndpointBuilder()
                        .withAddresses("127.0.0.1")
                        .withNewConditions()
                        .withReady(ready)
                        .withServing(ready)
                        .withTerminating(false)
                        .endConditions()
                        .withZone("eu-1a")
                        .build())
                .build());
        if (slice.get() == null) {
            slice.create();
        } else {
            slice.update();
        }
    }

    void delete(String name) {
        kubernetes
                .discovery()
                .v1()
                .endpointSlices()
                .inNamespace("default")
                .withName(name)
                .delete();
    }

    private Resource<EndpointSlice> slices(EndpointSlice slice) {
        return kubernetes
                .discovery()
                .v1()
                .endpointSlices()
                .inNamespace("default")
                .resource(slice);
    }

    // The door.

    private void pass(HttpExchange exchange) throws IOException {
        String target = "http://127.0.0.1:" + mock.getPort() + exchange.getRequestURI();
        Request request = new Request.Builder().url(target).build();
        if (target.contains("watch=true")) {
            stream(request, exchange);
        } else {
            try (exchange;
                    Response response = client.newCall(request).execute()) {
                byte[] body = response.body().bytes();
                exchange.sendResponseHeaders(response.code(), body.length);
                exchange.getResponseBody().write(body);
            }
        }
    }

    private void stream(Request request, HttpExchange exchange) throws IOException {
        BlockingQueue<Optional<String>> messages = new LinkedBlockingQueue<>();
        WebSocket socket = client.newWebSocket(request, new WebSocketListener() {
            @Override
            public void onMessage(WebSocket webSocket, String text) {
                messages.add(Optional.of(text));
            }

            @Override
            public void onClosing(WebSocket webSocket, int code, String reason) {
                messages.add(Optional.empty());
            }

            @Override
            public void onFailure(WebSocket webSocket, Throwable cause, Response response) {
                messages.add(Optional.empty());
            }
        });
        try (exchange) {
            exchange.sendResponseHeaders(200, 0);
            OutputStream out = exchange.getResponseBody();
            out.flush();
            for (String line = messages.take().orElse(null);
                    line != null;
                    line = messages.take().orElse(null)) {
                out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
                out.flush();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            socket.close(NORMAL_CLOSURE, null);
        }
    }

    @Override
    public void close() {
        door.stop(0);
        threads.shutdownNow();
        kubernetes.close();
        mock.destroy();
        client.dispatcher().executorService().shutdownNow();
        client.connectionPool().evictAll();
    }
}
