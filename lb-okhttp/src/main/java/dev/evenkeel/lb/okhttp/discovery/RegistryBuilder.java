package dev.evenkeel.lb.okhttp.discovery;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryBackoff;
import dev.evenkeel.lb.okhttp.internal.discovery.registry.RegistryServer;
import java.time.Duration;
import java.util.List;
import okhttp3.OkHttpClient;

/**
 * The settings that the sources of all registries have.
 *
 * @param <B> the builder itself
 */
abstract class RegistryBuilder<B extends RegistryBuilder<B>> {
    private static final Duration MIN_WATCH_TIMEOUT = Duration.ofSeconds(1);

    final OkHttpClient client;
    /** What is looked up: a service, an application, a prefix of keys. */
    final String name;

    final List<RegistryServer> servers;
    RegistryBackoff backoff = RegistryBackoff.DEFAULT;

    RegistryBuilder(OkHttpClient client, String name, List<RegistryServer> servers) {
        this.client = client;
        this.name = name;
        this.servers = servers;
    }

    abstract B self();

    /**
     * Sets the waits after failures. They double and have a jitter of ±50 %.
     *
     * @param initialInterval positive; default 500 ms
     * @param maxInterval at least {@code initialInterval}; default 30 s
     * @return this
     */
    public B backoff(Duration initialInterval, Duration maxInterval) {
        backoff = new RegistryBackoff(initialInterval, maxInterval);
        return self();
    }

    /** The scheme, if a backend can have it. */
    static String checkedScheme(String scheme) {
        Backend unused = Backend.of(scheme + "://stand-in.invalid:1");
        return scheme;
    }

    static Duration checkedWatchTimeout(Duration watchTimeout, Duration max) {
        if (watchTimeout.compareTo(MIN_WATCH_TIMEOUT) < 0 || watchTimeout.compareTo(max) > 0) {
            throw new IllegalArgumentException(
                    "watchTimeout must be " + MIN_WATCH_TIMEOUT + " to " + max + ": " + watchTimeout);
        }
        return watchTimeout;
    }
}
