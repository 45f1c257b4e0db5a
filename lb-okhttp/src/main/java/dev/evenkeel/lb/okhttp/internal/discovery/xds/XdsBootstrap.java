package dev.evenkeel.lb.okhttp.internal.discovery.xds;

import com.fasterxml.jackson.databind.JsonNode;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.MalformedAnswerException;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryJson;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a bootstrap file of gRPC (gRFC A27) says of control planes and of this program.
 *
 * @param servers at least one
 * @param node with an empty id if the file has none
 */
public record XdsBootstrap(List<RegistryServer> servers, XdsNode node) {
    /** Names the file. */
    private static final String FILE_VARIABLE = "GRPC_XDS_BOOTSTRAP";
    /** Is the JSON itself. */
    private static final String TEXT_VARIABLE = "GRPC_XDS_BOOTSTRAP_CONFIG";

    private static final int MAX_BYTES = 1 << 20;
    /** A target of gRPC: a host, or one under the scheme {@code dns} without a name server of its own. */
    private static final Pattern TARGET = Pattern.compile("(?:dns:(?:///)?)?([^/:]+|\\[[^/]+\\])(?::([0-9]+))?");

    private static final String DEFAULT_PORT = "443";

    /**
     * What the environment says: the file that it names goes before the text that it has, as in gRPC's own clients, also
     * if the file cannot be read.
     *
     * @throws IllegalStateException if it has neither
     */
    public static XdsBootstrap read(Map<String, String> environment) {
        String file = environment.getOrDefault(FILE_VARIABLE, "");
        if (!file.isBlank()) {
            return read(Path.of(file));
        }
        String text = environment.getOrDefault(TEXT_VARIABLE, "");
        if (text.isBlank()) {
            throw new IllegalStateException(FILE_VARIABLE + " must be set to the path of a bootstrap file, or "
                    + TEXT_VARIABLE + " to its text");
        }
        return parse(TEXT_VARIABLE, text.getBytes(StandardCharsets.UTF_8));
    }

    public static XdsBootstrap read(Path file) {
        byte[] text;
        try (InputStream in = Files.newInputStream(file)) {
            text = in.readNBytes(MAX_BYTES + 1);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the bootstrap file " + file + ": " + e, e);
        }
        return parse("bootstrap file " + file, text);
    }

    private static XdsBootstrap parse(String origin, byte[] text) {
        if (text.length > MAX_BYTES) {
            throw new IllegalArgumentException(origin + ": it must have at most " + MAX_BYTES + " bytes");
        }
        try {
            return parse(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(origin + ": " + e.getMessage(), e);
        }
    }

    static XdsBootstrap parse(byte[] text) {
        JsonNode object;
        try {
            object = RegistryJson.object(text);
        } catch (MalformedAnswerException e) {
            throw new IllegalArgumentException("it must be one JSON object", e);
        }
        List<RegistryServer> servers = new ArrayList<>();
        for (JsonNode server : object.path("xds_servers")) {
            servers.add(server(server));
        }
        if (servers.isEmpty()) {
            throw new IllegalArgumentException("xds_servers must have a server");
        }
        return new XdsBootstrap(List.copyOf(servers), node(object.path("node")));
    }

    private static XdsNode node(JsonNode node) {
        JsonNode locality = node.path("locality");
        JsonNode metadata = node.path("metadata");
        return new XdsNode(
                RegistryJson.text(node, "id"),
                RegistryJson.text(node, "cluster"),
                RegistryJson.text(locality, "region"),
                RegistryJson.text(locality, "zone"),
                RegistryJson.text(locality, "sub_zone"),
                metadata.isObject() ? metadata : RegistryJson.newObject());
    }

    private static RegistryServer server(JsonNode server) {
        String uri = RegistryJson.text(server, "server_uri");
        Matcher target = TARGET.matcher(uri);
        if (!target.matches()) {
            throw new IllegalArgumentException("server_uri must be host:port or dns:///host:port: "
                    + RegistryJson.quote(server.path("server_uri")));
        }
        String port = target.group(2) == null ? DEFAULT_PORT : target.group(2);
        return RegistryServer.of(scheme(server.path("channel_creds")) + "://" + target.group(1) + ":" + port);
    }

    /** Of the first credentials that are known. */
    private static String scheme(JsonNode credentials) {
        for (JsonNode each : credentials) {
            String scheme = scheme(RegistryJson.text(each, "type"));
            if (scheme == null) {
                continue;
            }
            if (scheme.equals("https") && !each.path("config").isEmpty()) {
                throw new IllegalArgumentException("the config of tls credentials is not read: certificates are set on"
                        + " the OkHttpClient; leave it out");
            }
            return scheme;
        }
        throw new IllegalArgumentException(
                "channel_creds must have the type insecure or tls: " + RegistryJson.quote(credentials));
    }

    private static @Nullable String scheme(String type) {
        return switch (type) {
            case "insecure" -> "http";
            case "tls" -> "https";
            default -> null;
        };
    }
}
