package dev.evenkeel.lb.okhttp.internal.discovery.registry;

import java.util.ArrayList;
import java.util.List;

/** The servers of one registry, any of which can be asked. Used by one thread. */
public final class RegistryServers {
    private final List<RegistryServer> servers;
    private int current;

    public RegistryServers(List<RegistryServer> servers) {
        this.servers = servers;
    }

    public static List<RegistryServer> parse(String server, String... others) {
        List<RegistryServer> servers = new ArrayList<>();
        servers.add(RegistryServer.of(server));
        for (String other : others) {
            servers.add(RegistryServer.of(other));
        }
        return List.copyOf(servers);
    }

    public RegistryServer current() {
        return servers.get(current);
    }

    /** The current one has failed: the next one is asked from now on. */
    public void moveOn() {
        current = (current + 1) % servers.size();
    }
}
