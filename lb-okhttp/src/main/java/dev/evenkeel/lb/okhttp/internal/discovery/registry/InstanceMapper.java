package dev.evenkeel.lb.okhttp.internal.discovery.registry;

import dev.evenkeel.lb.Backend;

/** Maps an instance of a registry to a backend: id, URI, metadata. */
public final class InstanceMapper {
    private InstanceMapper() {}

    public static Backend.Builder backend(String scheme, String host, int port) {
        InstanceHost.check(host);
        checkPort(port);
        return Backend.builder(scheme + "://" + (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port);
    }

    public static int checkPort(int port) {
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("port must be 1..65535: " + port);
        }
        return port;
    }

    /** The values that are not empty. */
    public static void metadata(Backend.Builder backend, String key, String value) {
        if (!value.isEmpty()) {
            backend.metadata(key, value);
        }
    }

    /** The first that is not empty. */
    public static String first(String... texts) {
        for (String text : texts) {
            if (!text.isEmpty()) {
                return text;
            }
        }
        return "";
    }
}
