package dev.evenkeel.lb.okhttp.config;

import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerListener;
import dev.evenkeel.lb.core.config.ConfigException;
import dev.evenkeel.lb.core.config.ConfigParser;
import dev.evenkeel.lb.core.internal.runtime.SharedScheduler;
import dev.evenkeel.lb.okhttp.HedgingCallFactory;
import dev.evenkeel.lb.okhttp.LoadBalancingBuilder;
import dev.evenkeel.lb.okhttp.internal.http.Preconditions;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/**
 * A configuration that runs: the pools of a document, and the clients that they are attached to. It can be replaced
 * while calls are under way.
 *
 * <pre>{@code
 * LiveConfig config = LiveConfig.start(Path.of("balancing.json"));
 * OkHttpClient client = config.attach(new OkHttpClient());
 * }</pre>
 *
 * <p>A file is checked for changes every 2 s, or at its {@code reloadInterval}: by its real path, so that a symbolic
 * link to another file counts as a change, as in a ConfigMap of Kubernetes. New content is checked as a whole. If there
 * is any error, the whole configuration in force stays, and the errors are logged and reported as an event, once.
 * Otherwise the next call uses it. Unchanged parts keep their state: pools with the health, latencies, sessions and
 * calls in flight of their backends, connections, budgets, counts of mirrors. Calls that have begun keep the former
 * configuration; removed pools are closed 5 s later.
 *
 * <p>Thread-safe. The application must not close a pool of the document, nor reconfigure an attached client: the next
 * reload would undo it.
 */
public final class LiveConfig implements AutoCloseable {
    private final SharedScheduler timers = new SharedScheduler();
    private final ConfigReloader state;
    private final ConfigSource source;
    private final @Nullable ConfigFileWatcher watch;

    private LiveConfig(Builder builder) throws IOException {
        source = builder.source;
        state = new ConfigReloader(source.name(), builder.environment, builder.parser, builder.extras(), timers);
        boolean started = false;
        try {
            byte[] text = source.read();
            state.start(text);
            started = true;
        } finally {
            if (!started) {
                state.close();
                timers.close();
            }
        }
        Path file = source.file();
        watch = file == null ? null : new ConfigFileWatcher(file, state);
    }

    /**
     * Reads a configuration from a JSON file, starts its pools, and looks at the file for changes from then on.
     *
     * <p>lb-okhttp/docs/configuration.md has every field; the resource {@code balancing.schema.json} of this package is the
     * JSON Schema.
     *
     * @param file JSON in UTF-8, at most 1 MiB
     * @return to be attached to clients; close it when it is no longer needed
     * @throws dev.evenkeel.lb.core.config.ConfigException if anything in the file is wrong: it names every fault
     * @throws IOException if the file cannot be read
     */
    public static LiveConfig start(Path file) throws IOException {
        return LiveConfig.builder(file).start();
    }

    /**
     * The same for a file of another form than JSON.
     *
     * <pre>{@code
     * LoaderOptions strict = new LoaderOptions();
     * strict.setAllowDuplicateKeys(false);
     * LiveConfig.start(Path.of("balancing.yaml"),
     *         text -> new Yaml(new SafeConstructor(strict)).load(new ByteArrayInputStream(text)));
     * }</pre>
     *
     * @param file at most 1 MiB
     * @param parser makes maps, lists and scalars of its content
     * @return to be attached to clients; close it when it is no longer needed
     * @throws dev.evenkeel.lb.core.config.ConfigException if anything in the file is wrong: it names every fault
     * @throws IOException if the file cannot be read
     */
    public static LiveConfig start(Path file, ConfigParser parser) throws IOException {
        return LiveConfig.builder(file).parser(parser).start();
    }

    /**
     * The same for a text at hand.
     *
     * @param json the document itself, not the name of a file; at most 1 MiB
     * @return to be attached to clients; close it when it is no longer needed
     * @throws dev.evenkeel.lb.core.config.ConfigException if anything in it is wrong: it names every fault
     */
    public static LiveConfig start(String json) {
        try {
            return LiveConfig.builder(json).start();
        } catch (IOException e) {
            throw new UncheckedIOException("a text needs no I/O", e);
        }
    }

    /**
     * Starts with a file.
     *
     * @param file JSON in UTF-8 (or what a {@link Builder#parser} reads), at most 1 MiB
     * @return a builder
     */
    public static Builder builder(Path file) {
        return new Builder(ConfigSource.of(file));
    }

    /**
     * Starts with a text.
     *
     * @param json the document itself, not the name of a file; at most 1 MiB
     * @return a builder
     */
    public static Builder builder(String json) {
        return new Builder(ConfigSource.of(json));
    }

    /**
     * Starts with a stream of text.
     *
     * @param text the document, at most 1 MiB; read to its end and not closed
     * @return a builder
     * @throws IOException if it cannot be read
     */
    public static Builder builder(Reader text) throws IOException {
        return new Builder(ConfigSource.of(text));
    }

    /**
     * Attaches the pools, the routes and all settings to a client: any number of clients. Each follows the
     * configuration as long as it is in use.
     *
     * <p>The client's Dispatcher and ConnectionPool are sized for the backends that there are now, see
     * {@link LoadBalancingBuilder#attach}.
     *
     * @param client the client; it is not changed
     * @return an ordinary client
     * @throws IllegalArgumentException if the client has a pool of one of these names already
     * @throws IllegalStateException if this is closed
     */
    public OkHttpClient attach(OkHttpClient client) {
        Preconditions.notNull(client, "client");
        return state.attach(client);
    }

    /**
     * Attaches a client, and makes calls with it that are hedged as the document says, if it does.
     *
     * @param client the client; it is not changed
     * @return a factory, for Retrofit's {@code callFactory} too
     * @throws IllegalArgumentException if the client has a pool of one of these names already
     * @throws IllegalStateException if this is closed
     */
    public HedgingCallFactory callFactory(OkHttpClient client) {
        Preconditions.notNull(client, "client");
        return state.callFactory(client);
    }

    /**
     * The pools.
     *
     * @return in the order of the document that is in force
     */
    public List<LoadBalancer> pools() {
        return state.pools();
    }

    /**
     * A pool.
     *
     * @param name its name
     * @return the pool, the same as long as the document has one of this name
     * @throws IllegalArgumentException if there is none
     */
    public LoadBalancer pool(String name) {
        List<LoadBalancer> pools = pools();
        return pools.stream()
                .filter(pool -> pool.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("unknown pool \"" + name + "\"; expected one of "
                        + pools.stream().map(LoadBalancer::name).toList()));
    }

    /**
     * Reads the document again, from where it came from, and puts it in force: on this thread, which may have to wait
     * for the first list of a new pool's discovery.
     *
     * @return whether anything has changed
     * @throws ConfigException if anything is wrong with it: it names every fault, and nothing has changed
     * @throws IOException if it cannot be read
     * @throws IllegalStateException if this is closed
     */
    public boolean reload() throws IOException {
        return reload(source::read);
    }

    /**
     * Puts another document in force. If this one came from a file, the file's next change is in force again after it.
     *
     * @param json the document itself, or what the parser reads
     * @return whether anything has changed
     * @throws ConfigException if anything is wrong with it: it names every fault, and nothing has changed
     * @throws IllegalStateException if this is closed
     */
    public boolean reload(String json) {
        try {
            return reload(() -> json.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("a text needs no I/O", e);
        }
    }

    private boolean reload(ConfigReloader.Text text) throws IOException {
        boolean changed = state.reload(text);
        if (watch != null) {
            watch.resume();
        }
        return changed;
    }

    /**
     * The reloads until now: whether the last one succeeded, when, and how many were refused.
     *
     * @return an immutable copy
     */
    public ReloadStatus reloads() {
        return state.reloads();
    }

    /**
     * Writes the configuration that runs: the document, with the present backends of pools without a discovery.
     *
     * <p>Values from the environment are written as placeholders.
     *
     * @return JSON that {@link #start(String)} reads, and makes the same of
     */
    public String toConfig() {
        return state.toConfig();
    }

    /**
     * The JSON Schema (2020-12) of documents. It is in the jar, too, as the resource {@code balancing.schema.json} of
     * this package.
     *
     * @return JSON
     */
    public static String schema() {
        return ConfigReloader.schema();
    }

    /** Stops looking at the file, and closes the pools. Calls of attached clients fail from then on. */
    @Override
    public void close() {
        if (watch != null) {
            watch.close();
        }
        state.close();
        timers.close();
    }

    @Override
    public String toString() {
        return "RunningConfig[" + source.name() + "]";
    }

    /** Sets what a document cannot have. Not thread-safe. */
    public static final class Builder {
        private final ConfigSource source;
        private Function<String, @Nullable String> environment = System::getenv;
        private @Nullable ConfigParser parser;
        private @Nullable OkHttpClient lender;
        private final List<LoadBalancerListener> listeners = new ArrayList<>();
        private final List<Consumer<ConfigEvent>> reloads = new ArrayList<>();
        private final List<Consumer<LoadBalancingBuilder>> settings = new ArrayList<>();
        private Duration farewell = ConfigReloader.FAREWELL;

        private Builder(ConfigSource source) {
            this.source = source;
        }

        /**
         * Sets what reads the text, for other forms than JSON.
         *
         * @param reader such as {@code text -> yamlMapper.readValue(text, Object.class)}
         * @return this
         */
        public Builder parser(ConfigParser reader) {
            Preconditions.notNull(reader, "parser");
            parser = reader;
            return this;
        }

        /**
         * Sets the values of placeholders.
         *
         * @param variables the value by the name; null for what is not set. Default the environment of this process
         * @return this
         */
        public Builder environment(Function<String, @Nullable String> variables) {
            Preconditions.notNull(variables, "environment");
            environment = variables;
            return this;
        }

        /**
         * Sets the client whose TLS settings, Dns and threads are used by checks, probes and discovery over HTTP.
         *
         * @param client default one of our own with daemon threads, which {@link LiveConfig#close} ends
         * @return this
         */
        public Builder client(OkHttpClient client) {
            Preconditions.notNull(client, "client");
            lender = client;
            return this;
        }

        /**
         * Adds a listener of all pools.
         *
         * @param listener called for every event, of pools that a reload brings, too
         * @return this
         */
        public Builder listener(LoadBalancerListener listener) {
            Preconditions.notNull(listener, "listener");
            listeners.add(listener);
            return this;
        }

        /**
         * Adds a listener of reloads.
         *
         * @param listener called on the thread of the reload, one event at a time
         * @return this
         */
        public Builder onReload(Consumer<ConfigEvent> listener) {
            Preconditions.notNull(listener, "listener");
            reloads.add(listener);
            return this;
        }

        /**
         * Sets what only code can set, such as an outcome classifier. A setting of the document has precedence.
         *
         * @param setting called for each client and each reload; must set the same each time, and no pools and routes
         * @return this
         */
        public Builder settings(Consumer<LoadBalancingBuilder> setting) {
            Preconditions.notNull(setting, "settings");
            settings.add(setting);
            return this;
        }

        /** For tests: after how long pools that have gone are closed. */
        Builder farewell(Duration after) {
            farewell = after;
            return this;
        }

        private ConfigReloader.Extras extras() {
            return new ConfigReloader.Extras(
                    new HttpClientProvider(lender),
                    List.copyOf(listeners),
                    List.copyOf(reloads),
                    List.copyOf(settings),
                    farewell);
        }

        /**
         * Reads the document and starts its pools: all of them, or none.
         *
         * @return the configuration in force; close it when it is no longer needed
         * @throws ConfigException if anything is wrong with it: it names every fault
         * @throws IOException if it cannot be read
         */
        public LiveConfig start() throws IOException {
            return new LiveConfig(this);
        }
    }
}
