package dev.evenkeel.lb.examples.spring;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Starts three servers and the {@link Shop}, calls it, kills a server, drains another by the actuator, and prints what the
 * actuator shows meanwhile.
 *
 * <p>Arguments: {@code --stay} to go on until the process is ended.
 */
public final class SpringBootExample {
    private static final int CALLS = 60;
    private static final HttpClient BROWSER = HttpClient.newHttpClient();

    private final Map<String, HttpServer> servers = new TreeMap<>();
    private final PrintStream out;
    private int failed;

    private SpringBootExample(PrintStream out) {
        this.out = out;
    }

    /**
     * Runs.
     *
     * @param args see the class
     * @throws Exception if a server cannot be started
     */
    public static void main(String[] args) throws Exception {
        run(System.out, args.length == 1 && args[0].equals("--stay"));
    }

    static void run(PrintStream out, boolean stay) throws Exception {
        SpringBootExample example = new SpringBootExample(out);
        try {
            example.perform(stay);
        } finally {
            example.servers.values().forEach(server -> server.stop(0));
        }
    }

    private void perform(boolean stay) throws Exception {
        Map<String, Object> ports = new TreeMap<>(Map.of("server.port", 0));
        for (String name : new String[] {"a", "b", "c"}) {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/", exchange -> answer(exchange, name));
            server.start();
            servers.put(name, server);
            ports.put(
                    "PORT_" + name.toUpperCase(Locale.ROOT), server.getAddress().getPort());
        }
        SpringApplication application = new SpringApplication(Shop.class);
        application.setDefaultProperties(ports);
        try (ConfigurableApplicationContext context = application.run()) {
            String shop = "http://127.0.0.1:" + context.getEnvironment().getProperty("local.server.port");
            out.println("the shop         " + shop + "/hello/42");
            out.println("its pools        " + shop + "/actuator/evenkeel");
            out.println("their health     " + shop + "/actuator/health/evenkeel");
            call(shop, "three servers");
            Objects.requireNonNull(servers.get("a")).stop(0);
            call(shop, "a was killed");
            awaitHealth(shop, "\"state\":\"degraded\"");
            post(shop + "/actuator/evenkeel", "{ \"pool\": \"users\", \"backend\": \"b\", \"action\": \"drain\" }");
            call(shop, "b is drained");
            out.println("health           " + get(shop + "/actuator/health/evenkeel/users"));
            out.println("meters           " + get(shop + "/actuator/metrics/evenkeel.attempts"));
            out.println("calls            " + 3 * CALLS + ", failed " + failed);
            while (stay) {
                LockSupport.parkNanos(TimeUnit.HOURS.toNanos(1));
            }
        }
    }

    private void call(String shop, String when) throws IOException, InterruptedException {
        Map<String, Integer> answers = new TreeMap<>();
        for (int i = 0; i < CALLS; i++) {
            HttpResponse<String> response = send(HttpRequest.newBuilder(URI.create(shop + "/hello/" + i)));
            if (response.statusCode() == 200) {
                String body = response.body();
                answers.merge(body.substring(body.lastIndexOf(' ') + 1), 1, Integer::sum);
            } else {
                failed++;
            }
        }
        out.printf("%-16s %s%n", when, answers);
    }

    private static void awaitHealth(String shop, String text) throws IOException, InterruptedException {
        while (!get(shop + "/actuator/health/evenkeel/users").contains(text)) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
    }

    private static String get(String uri) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(URI.create(uri))).body();
    }

    private static void post(String uri, String json) throws IOException, InterruptedException {
        HttpResponse<String> response = send(HttpRequest.newBuilder(URI.create(uri))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json)));
        if (response.statusCode() != 200) {
            throw new IOException(uri + " must answer 200: " + response.statusCode() + " " + response.body());
        }
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return BROWSER.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static void answer(HttpExchange exchange, String name) throws IOException {
        try (exchange) {
            byte[] body =
                    ("user " + exchange.getRequestURI().getPath() + " of " + name).getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/plain;charset=UTF-8");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }
}
