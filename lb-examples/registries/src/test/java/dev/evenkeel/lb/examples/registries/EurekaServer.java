package dev.evenkeel.lb.examples.registries;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Map;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.cloud.netflix.eureka.server.EnableEurekaServer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/** Netflix's Eureka server in Spring Cloud's dress, in this process, on loopback; what is registered is gone when it stops. */
final class EurekaServer implements AutoCloseable {
    private static final MediaType JSON = MediaType.get("application/json");

    private final OkHttpClient client = new OkHttpClient();
    private final int port = freePort();
    private ConfigurableApplicationContext context;

    /** The whole application. */
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @EnableEurekaServer
    static class Application {}

    EurekaServer() throws IOException {
        start();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }

    void start() {
        Map<String, Object> settings = Map.of(
                "server.address",
                "127.0.0.1",
                "server.port",
                port,
                "spring.main.banner-mode",
                "off",
                "eureka.client.register-with-eureka",
                false,
                "eureka.client.fetch-registry",
                false,
                "eureka.client.service-url.defaultZone",
                url(),
                "eureka.server.enable-self-preservation",
                false,
                "eureka.server.eviction-interval-timer-in-ms",
                500,
                "eureka.server.response-cache-update-interval-ms",
                200);
        context = new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.SERVLET)
                .properties(settings)
                .run();
    }

    void stop() {
        context.close();
    }

    String url() {
        return "http://127.0.0.1:" + port + "/eureka/";
    }

    /** Registers an instance that is up, for a minute unless it is renewed. */
    void register(String id, int instancePort, int weight) throws IOException {
        register(id, instancePort, weight, 60);
    }

    void register(String id, int instancePort, int weight, int leaseSeconds) throws IOException {
        send("POST", "apps/USERS", """
                {"instance": {"instanceId": "%s", "hostName": "127.0.0.1", "app": "USERS", "ipAddr": "127.0.0.1",
                  "vipAddress": "users", "status": "UP", "overriddenstatus": "UNKNOWN",
                  "port": {"$": %d, "@enabled": "true"}, "securePort": {"$": 443, "@enabled": "false"},
                  "leaseInfo": {"renewalIntervalInSecs": 30, "durationInSecs": %d},
                  "dataCenterInfo": {"@class": "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo", "name": "MyOwn"},
                  "metadata": {"weight": "%d", "zone": "a"}}}
                """.formatted(id, instancePort, leaseSeconds, weight));
    }

    void cancel(String id) throws IOException {
        send("DELETE", "apps/USERS/" + id, null);
    }

    void status(String id, String status) throws IOException {
        send("PUT", "apps/USERS/" + id + "/status?value=" + status, "");
    }

    private void send(String method, String path, String body) throws IOException {
        Request request = new Request.Builder()
                .url(url() + path)
                .method(method, body == null ? null : RequestBody.create(body, JSON))
                .build();
        try (Response response = client.newCall(request).execute()) {
            if (!response.isSuccessful()) {
                throw new IOException(
                        path + ": " + response.code() + " " + response.body().string());
            }
        }
    }

    @Override
    public void close() {
        context.close();
        client.dispatcher().executorService().shutdown();
        client.connectionPool().evictAll();
    }
}
