package dev.evenkeel.lb.okhttp;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.config.ConfigException;
import dev.evenkeel.lb.core.config.ConfigParser;
import dev.evenkeel.lb.core.config.form.ConfigDocument;
import dev.evenkeel.lb.core.config.form.ConfigDocument.Document;
import dev.evenkeel.lb.core.config.form.Form;
import dev.evenkeel.lb.core.document.PoolDraft;
import dev.evenkeel.lb.core.document.PoolForm;
import dev.evenkeel.lb.event.LoadBalancerListener;
import dev.evenkeel.lb.okhttp.document.BalancingDraft;
import dev.evenkeel.lb.okhttp.document.BalancingForm;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/** What is in force of a document, and how another one takes its place. Thread-safe. */
final class ConfigState implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("dev.evenkeel.lb");

    private final String name;
    private final Function<String, @Nullable String> environment;
    private final @Nullable ConfigParser parser;
    private final Extras extras;
    private final Form<BalancingDraft> form;

    /** One reload at a time. Taken before the other lock, and held while new pools start. */
    private final ReentrantLock reloading = new ReentrantLock();

    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by the lock.
    private boolean closed;
    private final List<WeakReference<LoadBalancingInterceptor>> clients = new ArrayList<>();
    private final List<WeakReference<HedgingCallFactory>> factories = new ArrayList<>();

    private volatile @Nullable Version inForce;
    /** The last that was refused, as it was told. */
    private volatile @Nullable String refusal;

    /**
     * What no document can say.
     *
     * @param lender lends TLS settings, Dns and threads to checks
     * @param listeners of all pools
     * @param reloads listeners of reloads
     * @param settings what code alone sets
     */
    record Extras(
            Lender lender,
            List<LoadBalancerListener> listeners,
            List<Consumer<ConfigEvent>> reloads,
            List<Consumer<LoadBalancing.Builder>> settings) {}

    /**
     * A document in force.
     *
     * @param draft what it says
     * @param fields its canonical text
     * @param pools by name, in its order
     */
    private record Version(BalancingDraft draft, Map<String, Object> fields, Map<String, LoadBalancer> pools) {}

    ConfigState(
            String name, Function<String, @Nullable String> environment, @Nullable ConfigParser parser, Extras extras) {
        this.name = name;
        this.environment = environment;
        this.parser = parser;
        this.extras = extras;
        this.form = BalancingForm.document(extras.lender());
    }

    static String schema() {
        return ConfigDocument.schema("Load balancing by Evenkeel", BalancingForm.document(OkHttpClient::new));
    }

    /** Puts the first document in force. */
    void start(byte[] text) {
        Document<BalancingDraft> document = read(text);
        inForce = new Version(document.value(), document.fields(), started(document.value(), Map.of()));
    }

    private Document<BalancingDraft> read(byte[] text) {
        return new ConfigDocument(name, text, parser, environment).read(form);
    }

    private Version inForce() {
        return Objects.requireNonNull(inForce, "not started");
    }

    /** The pools of a document: those that run already, and new ones, of which all start, or none. */
    private Map<String, LoadBalancer> started(BalancingDraft draft, Map<String, LoadBalancer> running) {
        Map<String, LoadBalancer> pools = new LinkedHashMap<>();
        try {
            for (PoolDraft pool : draft.pools()) {
                LoadBalancer known = running.get(pool.name());
                pools.put(pool.name(), known == null ? start(pool) : known);
            }
            return pools;
        } catch (RuntimeException e) {
            pools.values().stream().filter(pool -> !running.containsValue(pool)).forEach(LoadBalancer::close);
            throw e;
        }
    }

    private LoadBalancer start(PoolDraft pool) {
        extras.listeners().forEach(pool.builder()::listener);
        return pool.builder().build();
    }

    /**
     * Puts another document in force.
     *
     * @return whether it differs from the one before
     */
    boolean reload(byte[] text) {
        ConfigEvent event;
        reloading.lock();
        try {
            Document<BalancingDraft> document = read(text);
            Version before = inForce();
            if (document.fields().equals(before.fields())) {
                refusal = null;
                return false;
            }
            BalancingDraft draft = document.value();
            Set<String> changed = draft.keep(before.draft(), before.fields(), document.fields());
            Map<String, LoadBalancer> pools = started(draft, before.pools());
            Version next = new Version(draft, document.fields(), pools);
            apply(next, before);
            refusal = null;
            event = new ConfigEvent.Applied(name, Instant.now(), changed);
            LOG.log(System.Logger.Level.INFO, "{0}: another configuration is in force; changed: {1}", name, changed);
        } catch (ConfigException e) {
            tell(new ConfigEvent.Refused(name, Instant.now(), e));
            throw e;
        } finally {
            reloading.unlock();
        }
        tell(event);
        return true;
    }

    private void apply(Version next, Version before) {
        lock.lock();
        try {
            if (closed) {
                next.pools().values().stream()
                        .filter(pool -> !before.pools().containsValue(pool))
                        .forEach(LoadBalancer::close);
                throw closedException();
            }
            next.draft().pools().stream()
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
            factories.removeIf(factory -> factory.get() == null);
            factories.forEach(factory -> {
                HedgingCallFactory hedging = factory.get();
                if (hedging != null) {
                    hedging.policy(next.draft().hedging());
                }
            });
            inForce = next;
        } finally {
            lock.unlock();
        }
        before.pools().forEach((pool, running) -> {
            if (!next.pools().containsKey(pool)) {
                running.close();
            }
        });
    }

    private LoadBalancing.Builder builder(Version version) {
        LoadBalancing.Builder builder = LoadBalancing.builder();
        extras.settings().forEach(setting -> setting.accept(builder));
        return version.draft().applyTo(builder, version.pools().values());
    }

    /** The same for a look at a file: what is wrong is logged, once. */
    @SuppressWarnings("CatchingUnchecked") // Whatever it is: the looks go on.
    void reloadOrTell(byte[] text) {
        try {
            boolean unused = reload(text);
        } catch (ConfigException e) {
            log(e);
        } catch (RuntimeException e) {
            refused(e);
        }
    }

    /** A document could not be read. */
    void refused(Exception cause) {
        if (!isClosed() && log(cause)) {
            tell(new ConfigEvent.Refused(name, Instant.now(), cause));
        }
    }

    /** False if it was the last thing that was told. */
    private boolean log(Exception cause) {
        String text = String.valueOf(cause);
        if (text.equals(refusal)) {
            return false;
        }
        refusal = text;
        LOG.log(
                System.Logger.Level.WARNING,
                "the configuration in force stays, since another one cannot take its place: " + text);
        return true;
    }

    private void tell(ConfigEvent event) {
        for (Consumer<ConfigEvent> listener : extras.reloads()) {
            try {
                listener.accept(event);
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.WARNING, "a listener of reloads failed", e);
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
            HedgingCallFactory factory =
                    new HedgingCallFactory(attach(client), inForce().draft().hedging());
            factories.removeIf(known -> known.get() == null);
            factories.add(new WeakReference<>(factory));
            return factory;
        } finally {
            lock.unlock();
        }
    }

    List<LoadBalancer> pools() {
        return List.copyOf(inForce().pools().values());
    }

    Duration reloadInterval() {
        return inForce().draft().reloadInterval();
    }

    String toConfig() {
        Version version = inForce();
        Map<String, Object> fields = new LinkedHashMap<>(version.fields());
        List<Object> pools = new ArrayList<>();
        List<?> written = (List<?>) Objects.requireNonNull(fields.get("pools"));
        for (int i = 0; i < written.size(); i++) {
            PoolDraft draft = version.draft().pools().get(i);
            LoadBalancer running = Objects.requireNonNull(version.pools().get(draft.name()));
            pools.add(pool((Map<?, ?>) Objects.requireNonNull(written.get(i)), draft, running));
        }
        fields.put("pools", pools);
        return Document.write(fields);
    }

    /** As it was written, with the backends that there are now: each as it was written, if it is one of those. */
    private static Map<Object, Object> pool(Map<?, ?> written, PoolDraft draft, LoadBalancer running) {
        Map<Object, Object> pool = new LinkedHashMap<>(written);
        if (!(written.get("backends") instanceof List<?> backends) || written.containsKey("discovery")) {
            return pool;
        }
        Map<Backend, Object> known = new LinkedHashMap<>();
        for (int i = 0; i < backends.size(); i++) {
            known.put(draft.backends().get(i), Objects.requireNonNull(backends.get(i)));
        }
        List<Object> now = new ArrayList<>();
        for (BackendStatus status : running.snapshot().backends()) {
            Object text = known.get(status.backend());
            now.add(text == null ? PoolForm.write(status.backend()) : text);
        }
        if (!now.isEmpty()) {
            pool.put("backends", now);
        }
        return pool;
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

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
        } finally {
            lock.unlock();
        }
        Version last = inForce;
        if (last != null) {
            last.pools().values().forEach(LoadBalancer::close);
        }
        extras.lender().close();
    }
}
