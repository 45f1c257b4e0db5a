package dev.evenkeel.lb.examples.failures;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import okhttp3.tls.HeldCertificate;

/** An nginx of the comparison. It answers at once, or hands the request on to the {@link WorkServer}. */
final class ParityNginx implements ParityServer {
    private final Map<ParityProtocol, Integer> ports = new EnumMap<>(ParityProtocol.class);
    private final NginxServer server;

    ParityNginx(
            Path binary,
            Path directory,
            String id,
            ParityCondition condition,
            HeldCertificate certificate,
            WorkServer work)
            throws IOException {
        for (ParityProtocol protocol : ParityProtocol.values()) {
            ports.put(protocol, NginxServer.freePort());
        }
        Files.writeString(directory.resolve("certificate.pem"), certificate.certificatePem());
        Files.writeString(directory.resolve("key.pem"), certificate.privateKeyPkcs8Pem());
        String answer = condition.works()
                ? "proxy_pass http://work/" + id + "; proxy_http_version 1.1; proxy_set_header Connection \"\";"
                : "return 200 ok;";
        work.slowDown(id, condition.slowness());
        server = new NginxServer(
                binary,
                directory,
                id,
                port(ParityProtocol.H1),
                configuration(condition.directives(), answer, work.port()));
    }

    NginxServer server() {
        return server;
    }

    @Override
    public int port(ParityProtocol protocol) {
        return Objects.requireNonNull(ports.get(protocol));
    }

    @Override
    public List<String> posts() {
        return server.log().stream()
                .filter(line -> line.startsWith("POST "))
                .map(line -> line.split(" ", -1)[1])
                .toList();
    }

    @Override
    public void quit() {
        server.quit();
    }

    @Override
    public void close() {
        server.close();
    }

    private String configuration(String directives, String answer, int workPort) {
        return """
                user root;
                daemon off;
                worker_processes 1;
                pid nginx.pid;
                error_log error.log;
                events { worker_connections 4096; }
                http {
                  log_format parity '$request_method $arg_id $status';
                  access_log access.log parity;
                  client_body_temp_path body;
                  proxy_temp_path proxy;
                  fastcgi_temp_path fastcgi;
                  uwsgi_temp_path uwsgi;
                  scgi_temp_path scgi;
                  upstream work { server 127.0.0.1:%1$d; keepalive 300; }
                  %2$s
                  server {
                    listen 127.0.0.1:%3$d;
                    listen 127.0.0.1:%4$d ssl http2;
                    listen 127.0.0.1:%5$d http2;
                    ssl_certificate certificate.pem;
                    ssl_certificate_key key.pem;
                    location / { %6$s }
                  }
                }
                """.formatted(
                workPort,
                directives.contains("keepalive_requests") ? directives : "keepalive_requests 1000000; " + directives,
                port(ParityProtocol.H1),
                port(ParityProtocol.H2_TLS),
                port(ParityProtocol.H2_PRIOR_KNOWLEDGE),
                answer);
    }
}
