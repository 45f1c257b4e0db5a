package dev.evenkeel.lb.examples.prototype;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.examples.common.ServerProgram;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The same requests to the same nginx servers, through Debian's HAProxy and through the balancer in the client. */
@Timeout(180)
class HaproxyTest {
    @TempDir
    private Path directory;

    private final List<ServerProgram> processes = new ArrayList<>();
    private Places places;
    private List<Step> steps;

    @BeforeEach
    void start() throws IOException {
        String nginx = program("nginx", "nginx-light");
        String haproxy = program("haproxy", "haproxy");
        places = Places.copyTo(directory);
        steps = Step.read(places.script());
        Path configuration = Files.writeString(directory.resolve("nginx.conf"), nginxConfiguration());
        processes.add(ServerProgram.start(
                directory,
                places.port("pages-1"),
                List.of(nginx, "-p", directory.toString(), "-e", "error.log", "-c", configuration.toString())));
        processes.add(
                ServerProgram.start(directory, places.port("haproxy"), List.of(haproxy, "-db", "-f", "haproxy.cfg")));
    }

    @AfterEach
    void stop() {
        processes.forEach(ServerProgram::close);
    }

    @Test
    void everyRequest_throughBoth_reachesTheSamePool() throws IOException {
        Map<String, String> byHaproxy = new LinkedHashMap<>();
        Map<String, String> byEvenkeel = new LinkedHashMap<>();
        Map<String, String> byScript = new LinkedHashMap<>();
        OkHttpClient plain = new OkHttpClient.Builder()
                .dns(host -> List.of(InetAddress.getLoopbackAddress()))
                .build();
        try (Shop shop = Shop.open(places.config())) {
            for (Step step : steps) {
                String request = step.method() + " " + step.text();
                byScript.put(request, step.pool());
                byEvenkeel.put(request, Visit.of(shop.client(), step).pool());
                Visit proxied = Visit.of(
                        plain,
                        step,
                        step.url().newBuilder().port(places.port("haproxy")).build());
                assertThat(proxied.outcome()).as(request).isEqualTo(step.pool().equals(Step.NONE) ? "503" : "200");
                byHaproxy.put(request, proxied.pool());
            }
        } finally {
            plain.connectionPool().evictAll();
        }

        assertThat(byHaproxy).isEqualTo(byScript);
        assertThat(byEvenkeel).isEqualTo(byHaproxy);
    }

    @Test
    void everyServer_ofBothConfigurations_isTheSame() throws IOException {
        try (Shop shop = Shop.open(places.config())) {
            List<Backend> backends = shop.pools().stream()
                    .flatMap(pool -> pool.snapshot().backends().stream())
                    .map(status -> status.backend())
                    .toList();
            ToIntFunction<Backend> port = backend -> backend.uri().getPort();

            assertThat(backends)
                    .hasSize(7)
                    .allSatisfy(backend -> assertThat(places.port(backend.id())).isEqualTo(port.applyAsInt(backend)));
        }
    }

    private static String program(String name, String debianPackage) {
        String message = name + " is not installed: apt-get install --no-install-recommends " + debianPackage;
        return ServerProgram.find(name).map(Path::toString).orElseGet(() -> {
            return Boolean.getBoolean("evenkeel.requireServers")
                    ? Assertions.fail(message)
                    : Assumptions.abort(message);
        });
    }

    private String nginxConfiguration() {
        String servers = places.ports().entrySet().stream()
                .filter(server -> !server.getKey().equals("haproxy"))
                .map(server -> "server { listen 127.0.0.1:%d; location / { add_header %s %s always; return 200 ok; } }"
                        .formatted(server.getValue(), Server.NAME_HEADER, server.getKey()))
                .collect(Collectors.joining("\n  "));
        return """
                daemon off;
                master_process off;
                pid nginx.pid;
                events { worker_connections 1024; }
                http {
                  access_log off;
                  client_body_temp_path body;
                  proxy_temp_path proxy;
                  fastcgi_temp_path fastcgi;
                  uwsgi_temp_path uwsgi;
                  scgi_temp_path scgi;
                  %s
                }
                """.formatted(servers);
    }
}
