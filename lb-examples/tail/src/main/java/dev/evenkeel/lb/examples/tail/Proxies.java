package dev.evenkeel.lb.examples.tail;

import dev.evenkeel.lb.examples.common.ServerProgram;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/** HAProxy and nginx on loopback ports, and the nginx servers behind them: each with a directory of its own. */
final class Proxies {

    private Proxies() {}

    private static String program(String name) {
        return ServerProgram.find(name)
                .map(Path::toString)
                .orElseThrow(() -> new IllegalStateException(
                        name + " is not installed; on Debian: apt-get install nginx-light haproxy"));
    }

    /** An nginx that answers every request with two bytes. */
    static ServerProgram backend(Path parent) throws IOException {
        int port = freePort();
        return nginx(parent, "backend", port, 1, "", "location / { return 200 ok; }");
    }

    /** An nginx in front of backends, with connections to them that it keeps. */
    static ServerProgram nginx(Path parent, String method, Collection<String> backends) throws IOException {
        int port = freePort();
        String servers = backends.stream()
                .map(address -> "server " + address + " max_fails=0;")
                .collect(Collectors.joining(" "));
        return nginx(
                parent,
                "nginx",
                port,
                2,
                "upstream pool { zone pool 64k; " + method + " " + servers + " keepalive 256; }",
                "location / { proxy_pass http://pool; proxy_http_version 1.1; proxy_set_header Connection \"\"; }");
    }

    private static ServerProgram nginx(
            Path parent, String name, int port, int workers, String upstream, String location) throws IOException {
        String configuration = """
                user root;
                daemon off;
                worker_processes %d;
                pid nginx.pid;
                error_log error.log;
                events { worker_connections 8192; }
                http {
                  access_log off;
                  keepalive_requests 100000000;
                  client_body_temp_path body;
                  proxy_temp_path proxy;
                  fastcgi_temp_path fastcgi;
                  uwsgi_temp_path uwsgi;
                  scgi_temp_path scgi;
                  %s
                  server { listen 127.0.0.1:%d backlog=1024; %s }
                }
                """.formatted(workers, upstream, port, location);
        return start(
                parent,
                name,
                port,
                configuration,
                List.of(program("nginx"), "-p", ".", "-e", "error.log", "-c", "server.conf"));
    }

    /** An HAProxy in front of backends, with a thread for each processor and connections that every client shares. */
    static ServerProgram haproxy(Path parent, String balance, Collection<String> backends) throws IOException {
        int port = freePort();
        StringBuilder servers = new StringBuilder();
        int number = 0;
        for (String address : backends) {
            servers.append("  server s")
                    .append(number++)
                    .append(' ')
                    .append(address)
                    .append('\n');
        }
        String configuration = """
                global
                  maxconn 8192
                defaults
                  mode http
                  timeout connect 5s
                  timeout client 60s
                  timeout server 60s
                  timeout http-keep-alive 60s
                  http-reuse always
                frontend in
                  bind 127.0.0.1:%d backlog 1024
                  default_backend pool
                backend pool
                  balance %s
                %s
                """.formatted(port, balance, servers);
        return start(parent, "haproxy", port, configuration, List.of(program("haproxy"), "-db", "-f", "server.conf"));
    }

    private static ServerProgram start(Path parent, String name, int port, String configuration, List<String> command)
            throws IOException {
        Path directory = Files.createTempDirectory(parent, name + "-");
        Files.writeString(directory.resolve("server.conf"), configuration);
        return ServerProgram.start(directory, port, command);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
