package dev.evenkeel.lb.internal;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/** The rules for URIs of backends, and what such a URI says. */
public final class BackendUri {
    private static final int MAX_QUOTED = 300;

    private BackendUri() {}

    /**
     * The host of a backend's URI.
     *
     * @param uri a URI
     * @return a host name in lower case or an IP literal, the latter without brackets
     */
    public static String host(URI uri) {
        return Authority.of(uri).host();
    }

    /**
     * The port of a backend's URI.
     *
     * @param uri a URI
     * @return 1 to 65,535; the scheme's default if the URI has none
     */
    public static int port(URI uri) {
        return Authority.of(uri).port();
    }

    /**
     * Host and port of a backend's URI.
     *
     * @param uri a URI
     * @return such as {@code [::1]:80}, with the scheme's default if the URI has no port
     */
    public static String hostAndPort(URI uri) {
        return Authority.of(uri).withPort();
    }

    /**
     * Parses the URI of a backend.
     *
     * @param uri such as {@code http://10.0.0.1:8080}
     * @return the URI as {@link #checked} returns it
     * @throws IllegalArgumentException if the URI is not one of a backend
     */
    public static URI parse(String uri) {
        try {
            return checked(new URI(uri));
        } catch (URISyntaxException e) {
            // Without the exception's message, which quotes the whole text.
            throw new IllegalArgumentException("backend URI is malformed: " + quoted(uri) + " (" + e.getReason()
                    + "); write scheme://host:port, such as http://10.0.0.1:8080");
        }
    }

    /**
     * Checks the URI of a backend.
     *
     * @param uri any URI
     * @return the URI with scheme and host in lower case, and without slashes at its end
     * @throws IllegalArgumentException if the URI is not one of a backend
     */
    public static URI checked(URI uri) {
        String scheme = uri.getScheme();
        if (scheme == null || uri.isOpaque()) {
            throw new IllegalArgumentException(
                    "backend URI must have a scheme and a host, such as http://10.0.0.1:8080: " + quoted(uri));
        }
        String lowerScheme = scheme.toLowerCase(Locale.ROOT);
        switch (lowerScheme) {
            case "http", "https", "tcp", "udp" -> {}
            default ->
                throw new IllegalArgumentException("backend URI must have the scheme http, https, tcp or udp: "
                        + quoted(uri) + " has " + quoted(scheme));
        }
        // For a host name with an underscore, URI gives the user info in the authority only.
        boolean hasUserInfo =
                uri.getRawAuthority() != null && uri.getRawAuthority().indexOf('@') >= 0;
        if (hasUserInfo || uri.getRawQuery() != null || uri.getRawFragment() != null) {
            throw new IllegalArgumentException("backend URI must have no user info, query or fragment: " + quoted(uri));
        }
        Authority authority = Authority.of(uri);
        String path = uri.getRawPath() == null ? "" : uri.getRawPath();
        while (path.endsWith("/")) {
            path = path.substring(0, path.length() - 1);
        }
        if (!path.isEmpty() && !lowerScheme.startsWith("http")) {
            throw new IllegalArgumentException("backend URI of scheme " + lowerScheme + " must have no path: "
                    + quoted(uri) + "; write " + lowerScheme + "://" + authority);
        }
        return URI.create(lowerScheme + "://" + authority + path);
    }

    /**
     * A URI for a message: without possible secrets (user info, query, fragment), bounded in length, and on one line.
     */
    private static String quoted(Object uri) {
        String text = uri.toString();
        int at = text.lastIndexOf('@');
        if (at >= 0) {
            int slashes = text.indexOf("://");
            String scheme = slashes >= 0 && slashes < at ? text.substring(0, slashes + 3) : "";
            text = scheme + "…" + text.substring(at);
        }
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (i == MAX_QUOTED || (i > 0 && isQueryOrFragment(text.charAt(i - 1)))) {
                quoted.append('…');
                break;
            }
            quoted.append(isShown(c) ? c : '\uFFFD');
        }
        return quoted.append('"').toString();
    }

    private static boolean isQueryOrFragment(char c) {
        return c == '?' || c == '#';
    }

    private static boolean isShown(char c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }

    /** Host and port of a URI; {@link URI} itself returns neither for host names with an underscore. */
    private record Authority(String host, int explicitPort, int port) {
        static Authority of(URI uri) {
            String raw = uri.getRawAuthority();
            if (raw == null || raw.isEmpty()) {
                throw new IllegalArgumentException(
                        "backend URI must have a host, such as http://10.0.0.1:8080: " + quoted(uri));
            }
            String hostPort = raw.substring(raw.lastIndexOf('@') + 1);
            int colon = hostPort.lastIndexOf(':');
            boolean hasPort = colon > hostPort.lastIndexOf(']');
            String host = hasPort ? hostPort.substring(0, colon) : hostPort;
            if (host.startsWith("[") && host.endsWith("]")) {
                host = host.substring(1, host.length() - 1);
            }
            if (host.isEmpty() || (host.indexOf('%') >= 0 && host.indexOf(':') < 0)) {
                throw new IllegalArgumentException(
                        "backend URI must have a host, such as http://10.0.0.1:8080: " + quoted(uri));
            }
            int explicitPort = hasPort ? parsePort(hostPort.substring(colon + 1), uri) : -1;
            return new Authority(host.toLowerCase(Locale.ROOT), explicitPort, effectivePort(explicitPort, uri));
        }

        private static int parsePort(String text, URI uri) {
            int port = -1;
            if (!text.isEmpty() && text.length() <= 5 && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
                port = Integer.parseInt(text);
            }
            if (port < 1 || port > 65_535) {
                throw new IllegalArgumentException("backend URI must have a port of 1..65535: " + quoted(uri));
            }
            return port;
        }

        private static int effectivePort(int explicitPort, URI uri) {
            if (explicitPort != -1) {
                return explicitPort;
            }
            return switch (uri.getScheme().toLowerCase(Locale.ROOT)) {
                case "http" -> 80;
                case "https" -> 443;
                default ->
                    throw new IllegalArgumentException(
                            "backend URI of scheme " + uri.getScheme() + " must have a port: " + quoted(uri));
            };
        }

        String withPort() {
            return bracketed() + ":" + port;
        }

        @Override
        public String toString() {
            return explicitPort == -1 ? bracketed() : bracketed() + ":" + explicitPort;
        }

        private String bracketed() {
            return host.indexOf(':') >= 0 ? "[" + host + "]" : host;
        }
    }
}
