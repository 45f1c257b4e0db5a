package dev.evenkeel.lb.examples.prototype;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The files of the example as they are, but for their ports: those are free ones, the same in each file. */
record Places(Path directory, Map<String, Integer> ports) {
    private static final Pattern SERVER = Pattern.compile("server (\\S+) 127\\.0\\.0\\.1:(\\d+)");
    private static final int HAPROXY = 18_080;

    static Places copyTo(Path directory) throws IOException {
        String config = Files.readString(Path.of("prototype.json"));
        String haproxy = Files.readString(Path.of("haproxy.cfg"));
        Map<String, Integer> ports = new LinkedHashMap<>();
        Matcher servers = SERVER.matcher(haproxy);
        while (servers.find()) {
            int port = freePort();
            ports.put(servers.group(1), port);
            config = config.replace(":" + servers.group(2) + "\"", ":" + port + "\"");
        }
        ports.put("haproxy", freePort());
        for (Map.Entry<String, Integer> port : ports.entrySet()) {
            haproxy = haproxy.replaceAll(
                    "server " + port.getKey() + " 127\\.0\\.0\\.1:\\d+",
                    "server " + port.getKey() + " 127.0.0.1:" + port.getValue());
        }
        haproxy = haproxy.replace("127.0.0.1:" + HAPROXY, "127.0.0.1:" + ports.get("haproxy"));
        Files.writeString(directory.resolve("prototype.json"), config);
        Files.writeString(directory.resolve("haproxy.cfg"), haproxy);
        Files.copy(Path.of("script.txt"), directory.resolve("script.txt"));
        return new Places(directory, ports);
    }

    Path config() {
        return directory.resolve("prototype.json");
    }

    Path script() {
        return directory.resolve("script.txt");
    }

    int port(String server) {
        return ports.get(server);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
