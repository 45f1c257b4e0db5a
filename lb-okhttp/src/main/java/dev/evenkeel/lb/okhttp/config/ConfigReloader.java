package dev.evenkeel.lb.okhttp.config;

import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerListener;
import dev.evenkeel.lb.core.config.ConfigException;
import dev.evenkeel.lb.core.config.ConfigFault;
import dev.evenkeel.lb.core.config.ConfigParser;
import dev.evenkeel.lb.core.internal.document.PoolDefinition;
import dev.evenkeel.lb.core.internal.document.reader.SecretFiles;
import dev.evenkeel.lb.core.internal.document.schema.ConfigDocument;
import dev.evenkeel.lb.core.internal.document.schema.ConfigDocument.Document;
import dev.evenkeel.lb.core.internal.document.schema.ObjectSchema;
import dev.evenkeel.lb.core.internal.log.Containment;
import dev.evenkeel.lb.okhttp.HedgingCallFactory;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.LoadBalancingBuilder;
import dev.evenkeel.lb.okhttp.LoadBalancingInterceptor;
import dev.evenkeel.lb.okhttp.internal.document.ClientDefinition;
import dev.evenkeel.lb.okhttp.internal.document.ClientForm;
import dev.evenkeel.lb.okhttp.internal.routing.ClientRouting;
import dev.evenkeel.lb.okhttp.route.RouteTable;
import dev.evenkeel.lb.spi.Scheduler;
import dev.evenkeel.lb.spi.Scheduler.Cancellable;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/** Keeps the document in force, and replaces it by another one. Thread-safe. */
final class ConfigReloader implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("dev.evenkeel.lb");

    /** The time that calls of a removed pool, and their retries, have before it is closed. */
    static final Duration FAREWELL = Duration.ofSeconds(5);

    private final String name;
    private final Function<String, @Nullable String> environment;
    private final @Nullable ConfigParser parser;
    private final Extras extras;
    private final Scheduler timers;
    private final ObjectSchema<ClientDefinition> form;

    /** One reload at a time. Taken before the other lock, and held while new pools start. */
    private final ReentrantLock reloading = new ReentrantLock();

    private final ReentrantLock lock = new ReentrantLock();

    /** Pools that the document no longer has, and that are not closed yet. A timer removes them without the lock. */
    private final Set<LoadBalancer> leaving = ConcurrentHashMap.newKeySet();

    // Guarded by the lock.
    private boolean closed;
    private final List<WeakReference<LoadBalancingInterceptor>> clients = new ArrayList<>();

    private volatile @Nullable ConfigVersion inForce;
    /** The files that placeholders of the document name that was read last. Used by the reload alone. */
    private volatile SecretFiles secrets = new SecretFiles();

    private final ReloadLog log;

    private final AtomicReference<ReloadStatus> reloads = new AtomicReference<>(ReloadStatus.started());

    /**
     * The settings that a document cannot have.
     *
     * @param lender lends TLS settings, Dns and threads to checks
     * @param listeners of all pools
     * @param reloads listeners of reloads
     * @param settings what code alone sets
     * @param farewell the time after which removed pools are closed
     */
    record Extras(
            HttpClientProvider lender,
            List<LoadBalancerListener> listeners,
            List<Consumer<ConfigEvent>> reloads,
            List<Consumer<LoadBalancingBuilder>> settings,
            Duration farewell) {}

    /** Takes timers that its owner closes after it. */
    ConfigReloader(
            String name,
            Function<String, @Nullable String> environment,
            @Nullable ConfigParser parser,
            Extras extras,
            Scheduler timers) {
        this.name = name;
        this.environment = environment;
        this.parser = parser;
        this.extras = extras;
        this.timers = timers;
        this.log = new ReloadLog(name, timers);
        this.form = ClientForm.document(extras.lender());
    }

    static String schema() {
        return ConfigDocument.schema("Load balancing by Evenkeel", ClientForm.document(OkHttpClient::new));
    }

    /** Puts the first document in force. */
    void start(byte[] text) {
        Document<ClientDefinition> document = read(text);
        inForce = started(document.value(), document.fields(), Map.of());
    }

    private Document<ClientDefinition> read(byte[] text) {
        SecretFiles named = new SecretFiles();
        secrets = named;
        return new ConfigDocument(name, text, parser, environment, named).read(form);
    }

    /** Whether a file that the document's placeholders name has changed since it was read, or this was asked. */
    boolean haveSecretsChanged() {
        return secrets.haveChanged();
    }

    private ConfigVersion inForce() {
        return Objects.requireNonNull(inForce, "not started");
    }

    /** Makes a document's version: takes over the running pools and starts the new ones, all of them or none. */
    private ConfigVersion started(
            ClientDefinition definition, Map<String, Object> fields, Map<String, LoadBalancer> running) {
        Map<String, LoadBalancer> pools = new LinkedHashMap<>();
        ConfigVersion version = new ConfigVersion(definition, fields, pools);
        try {
            for (PoolDefinition pool : definition.pools()) {
                LoadBalancer known = running.get(pool.name());
                pools.put(pool.name(), known == null ? start(pool) : known);
            }
            check(version);
            return version;
        } catch (RuntimeException | Error e) {
            version.closeNew(running);
            throw e;
        }
    }

    /** Checks what needs running pools, such as two names that are one host. */
    private void check(ConfigVersion version) {
        version.pools().values().forEach(pool -> {
            if (pool.snapshot().closed()) {
                throw new IllegalStateException(
                        "pool \"" + pool.name() + "\" is closed: its configuration is to close it");
            }
        });
        try {
            LoadBalancingBuilder unused = builder(version);
            RouteTable unusedTable = ClientRouting.table(
                    version.pools().values(), version.definition().routes());
        } catch (IllegalArgumentException e) {
            throw new ConfigException(name, List.of(new ConfigFault("$.pools", "", String.valueOf(e.getMessage()))));
        }
    }

    private LoadBalancer start(PoolDefinition pool) {
        extras.listeners().forEach(pool.builder()::listener);
        return pool.builder().build();
    }

    /**
     * Reads another document, when no other reload is under way: the document that is read last is in force last.
     */
    @FunctionalInterface
    interface Text {
        /** Reads the text; null if it has not changed since it was read before. */
        byte @Nullable [] read() throws IOException;
    }

    /**
     * Puts another document in force.
     *
     * @return whether it differs from the one before
     */
    boolean reload(Text text) throws IOException {
        ConfigEvent event;
        ConfigException fault = null;
        reloading.lock();
        try {
            byte[] read = text.read();
            if (read == null) {
                return false;
            }
            Set<String> changed = change(read);
            log.accepted();
            if (changed.isEmpty()) {
                ReloadStatus unused = reloads.updateAndGet(ReloadStatus::unchanged);
                return false;
            }
            event = new ConfigEvent.Applied(name, Instant.now(), changed);
        } catch (ConfigException e) {
            event = new ConfigEvent.Refused(name, Instant.now(), e);
            fault = e;
        } finally {
            reloading.unlock();
        }
        tell(event);
        if (fault != null) {
            throw fault;
        }
        return true;
    }

    /** Reads and applies another document; returns what changed, empty if nothing did. */
    private Set<String> change(byte[] text) {
        Document<ClientDefinition> document = read(text);
        ConfigVersion before = inForce();
        if (document.fields().equals(before.fields())) {
            return Set.of();
        }
        ClientDefinition definition = document.value();
        Set<String> changed = definition.keep(before.definition(), before.fields(), document.fields());
        apply(started(definition, document.fields(), before.pools()), before);
        log.applied(changed);
        return changed;
    }

    private void apply(ConfigVersion next, ConfigVersion before) {
        lock.lock();
        try {
            if (closed) {
                next.closeNew(before.pools());
                throw closedException();
            }
            next.definition().pools().stream()
                    .filter(pool -> before.pools().containsKey(pool.name()))
                    .forEach(pool -> pool.builder()
                            .applyTo(Objects.requireNonNull(before.pools().get(pool.name()))));
            clients.removeIf(client -> client.get() == null);
            clients.forEach(client -> {
                LoadBalancingInterceptor attached = client.get();
                if (attached != null) {
                    attached.reconfigure(builder(next));
                }
            });
            inForce = next;
            before.pools().forEach((pool, running) -> {
                if (!next.pools().containsKey(pool)) {
                    leaving.add(running);
                    Cancellable unused = timers.schedule(() -> leave(running), extras.farewell());
                }
            });
        } finally {
            lock.unlock();
        }
    }

    /** Closes a pool that the document no longer has. Runs on the timers' thread, which waits for no reload. */
    private void leave(LoadBalancer pool) {
        leaving.remove(pool);
        pool.close();
    }

    private LoadBalancingBuilder builder(ConfigVersion version) {
        LoadBalancingBuilder builder = LoadBalancing.builder();
        extras.settings().forEach(setting -> setting.accept(builder));
        return version.definition().applyTo(builder, version.pools().values());
    }

    /** Reloads a file that may have changed; logs each error once. */
    @SuppressWarnings("CatchingUnchecked") // the file is looked at again after any exception
    void look(Text text) {
        try {
            boolean unused = reload(text);
        } catch (ConfigException e) {
            boolean unused = log.refused(e);
        } catch (IOException | RuntimeException e) {
            if (!isClosed() && log.refused(e)) {
                tell(new ConfigEvent.Refused(name, Instant.now(), e));
            }
        }
    }

    private void tell(ConfigEvent event) {
        ReloadStatus unused = reloads.updateAndGet(before -> before.after(event));
        for (Consumer<ConfigEvent> listener : extras.reloads()) {
            try {
                listener.accept(event);
            } catch (RuntimeException | Error e) {
                LOG.log(System.Logger.Level.WARNING, "a listener of reloads failed", e);
                Containment.rethrowFatal(e);
            }
        }
    }

    OkHttpClient attach(OkHttpClient client) {
        lock.lock();
        try {
            checkOpen();
            OkHttpClient attached = builder(inForce()).attach(client);
            clients.removeIf(known -> known.get() == null);
            clients.add(new WeakReference<>(LoadBalancing.interceptor(attached).orElseThrow()));
            return attached;
        } finally {
            lock.unlock();
        }
    }

    HedgingCallFactory callFactory(OkHttpClient client) {
        lock.lock();
        try {
            return LoadBalancing.hedging(
                    attach(client), () -> inForce().definition().hedging());
        } finally {
            lock.unlock();
        }
    }

    List<LoadBalancer> pools() {
        return List.copyOf(inForce().pools().values());
    }

    ReloadStatus reloads() {
        return Objects.requireNonNull(reloads.get());
    }

    Duration reloadInterval() {
        return inForce().definition().reloadInterval();
    }

    String toConfig() {
        return inForce().toConfig();
    }

    private boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    private void checkOpen() {
        if (closed) {
            throw closedException();
        }
    }

    private IllegalStateException closedException() {
        return new IllegalStateException(name + " is closed");
    }

    Scheduler timers() {
        return timers;
    }

    @Override
    public void close() {
        List<LoadBalancer> pools;
        lock.lock();
        try {
            closed = true;
            pools = new ArrayList<>(leaving);
            leaving.clear();
        } finally {
            lock.unlock();
        }
        ConfigVersion last = inForce;
        if (last != null) {
            pools.addAll(last.pools().values());
        }
        pools.forEach(LoadBalancer::close);
        log.close();
        extras.lender().close();
    }
}
