package dev.evenkeel.lb.okhttp.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerEvent.BackendAdded;
import dev.evenkeel.lb.LoadBalancerEvent.PoolClosed;
import dev.evenkeel.lb.LoadBalancerListener;
import dev.evenkeel.lb.core.config.ConfigException;
import dev.evenkeel.lb.okhttp.LoadBalancing;
import dev.evenkeel.lb.okhttp.LoadBalancingBuilder;
import dev.evenkeel.lb.okhttp.discovery.VirtualTime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import okhttp3.OkHttpClient;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a reload puts in force, refuses, closes and reports. Time is virtual, and nothing is sent. */
@Timeout(60)
class ConfigReloaderTest {
    private static final Logger LOGGER = Logger.getLogger("dev.evenkeel.lb");

    private final VirtualTime time = new VirtualTime();
    private final List<ConfigEvent> events = new ArrayList<>();
    private final List<String> added = new CopyOnWriteArrayList<>();
    private final List<String> closed = new CopyOnWriteArrayList<>();
    private final List<LoadBalancingBuilder> built = new CopyOnWriteArrayList<>();
    private volatile Runnable whenBuilt = () -> {};
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final Handler handler = new Handler() {
        private final SimpleFormatter formatter = new SimpleFormatter();

        private final Thread test = Thread.currentThread();

        @Override
        public void publish(LogRecord line) {
            if (Thread.currentThread() != test) {
                return; // Of another test.
            }
            lines.add(line.getLevel() + " " + formatter.formatMessage(line));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    private ConfigReloader reloader;

    private static String text(String document) {
        return document.replace('\'', '"');
    }

    private static byte[] bytes(String document) {
        return text(document).getBytes(StandardCharsets.UTF_8);
    }

    private static String pools(String... names) {
        List<String> pools = new ArrayList<>();
        for (String name : names) {
            pools.add("{'name': '" + name + "', 'backends': ['http://10.0.0.1:80']}");
        }
        return "{'pools': [" + String.join(", ", pools) + "]}";
    }

    private ConfigReloader reloader(HttpClientProvider lender, List<Consumer<ConfigEvent>> listeners) {
        List<LoadBalancerListener> ofPools = List.of(event -> {
            if (event instanceof BackendAdded joined) {
                added.add(joined.pool() + " " + joined.backend().id());
            } else if (event instanceof PoolClosed gone) {
                closed.add(gone.pool());
            }
        });
        return new ConfigReloader(
                "test",
                name -> null,
                null,
                new ConfigReloader.Extras(
                        lender,
                        ofPools,
                        listeners,
                        List.of(built::add, builder -> whenBuilt.run()),
                        Duration.ofSeconds(5)),
                time);
    }

    @BeforeEach
    void start() {
        LOGGER.addHandler(handler);
        reloader = reloader(new HttpClientProvider(null), List.of(events::add));
        reloader.start(bytes(pools("users")));
    }

    @AfterEach
    void stop() {
        LOGGER.removeHandler(handler);
        reloader.close();
    }

    private boolean reload(String document) throws IOException {
        return reloader.reload(() -> bytes(document));
    }

    private LoadBalancer pool(String name) {
        return reloader.pools().stream()
                .filter(pool -> pool.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static boolean isClosed(LoadBalancer pool) {
        return pool.snapshot().closed();
    }

    // What comes into force.

    @Test
    void sameDocument_changesNothing_andIsNoEvent() throws IOException {
        LoadBalancer before = pool("users");

        assertThat(reload(pools("users"))).isFalse();

        assertThat(pool("users")).isSameAs(before);
        assertThat(events).isEmpty();
        assertThat(lines).isEmpty();
        assertThat(reloader.reloads().applied()).isZero();
    }

    @Test
    void textThatHasNotChanged_isNotRead() throws IOException {
        assertThat(reloader.reload(() -> null)).isFalse();

        assertThat(events).isEmpty();
    }

    @Test
    void otherDocument_isInForce_reportedAndLogged() throws IOException {
        LoadBalancer users = pool("users");

        assertThat(reload(pools("users", "orders"))).isTrue();

        assertThat(pool("users")).isSameAs(users);
        assertThat(reloader.pools()).extracting(LoadBalancer::name).containsExactly("users", "orders");
        assertThat(events).singleElement().isInstanceOfSatisfying(ConfigEvent.Applied.class, event -> {
            assertThat(event.source()).isEqualTo("test");
            assertThat(event.changed()).containsExactly("pools.orders");
        });
        assertThat(lines).containsExactly("INFO test: another configuration is in force; changed: [pools.orders]");
        assertThat(reloader.reloads().applied()).isEqualTo(1);
        assertThat(reloader.toConfig()).contains("orders");
    }

    @Test
    void settingOfAPool_isAppliedToThePoolThatRuns() throws IOException {
        LoadBalancer users = pool("users");
        assertThat(users.strategyName()).isEqualTo("adaptive");

        reload("{'pools': [{'name': 'users', 'backends': ['http://10.0.0.1:80'], 'strategy': 'random'}]}");

        assertThat(pool("users")).isSameAs(users);
        assertThat(users.strategyName()).isEqualTo("random");
    }

    @Test
    void listenersOfPools_hearOfAddedPoolsToo() throws IOException {
        reload(pools("users", "orders"));

        Awaitility.await().until(() -> added.contains("orders 10.0.0.1:80"));
        assertThat(added).contains("users 10.0.0.1:80");
    }

    @Test
    void reloadInterval_isTheDocumentsInForce() throws IOException {
        assertThat(reloader.reloadInterval()).isEqualTo(Duration.ofSeconds(2));

        reload(pools("users").replace("{'pools'", "{'reloadInterval': '7s', 'pools'"));

        assertThat(reloader.reloadInterval()).isEqualTo(Duration.ofSeconds(7));
    }

    // What is refused.

    @Test
    void badDocument_isRefused_reportedAndLeavesAllAsItIs() throws IOException {
        LoadBalancer users = pool("users");

        assertThatThrownBy(() -> reload("{'pools': [], 'nonsense': 1}")).isInstanceOf(ConfigException.class);

        assertThat(reloader.pools()).containsExactly(users);
        assertThat(isClosed(users)).isFalse();
        assertThat(events).singleElement().isInstanceOf(ConfigEvent.Refused.class);
        assertThat(reloader.reloads().refused()).isEqualTo(1);
        assertThat(reloader.reloads().lastSucceeded()).isFalse();

        assertThat(reload(pools("users"))).isFalse();
        assertThat(reloader.reloads().lastSucceeded()).isTrue();
    }

    @Test
    void poolsThatAreOneHost_areRefused() {
        assertThatThrownBy(() -> reload(pools("users", "USERS")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("$.pools");

        assertThat(reloader.pools()).extracting(LoadBalancer::name).containsExactly("users");
        assertThat(events).singleElement().isInstanceOf(ConfigEvent.Refused.class);
    }

    @Test
    void poolThatTheApplicationHasClosed_isRefused_andTheNewPoolsAreClosed() {
        List<LoadBalancer> before = reloader.pools();
        before.get(0).close();

        assertThatThrownBy(() -> reload(pools("users", "orders")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("pool \"users\" is closed: its configuration is to close it");

        assertThat(reloader.pools()).isEqualTo(before);
        Awaitility.await().until(() -> closed.contains("orders"));
    }

    @Test
    void start_withABadDocument_startsNothing() {
        ConfigReloader other = reloader(new HttpClientProvider(null), List.of());

        assertThatThrownBy(() -> other.start(bytes(pools("users", "USERS")))).isInstanceOf(ConfigException.class);
        assertThatThrownBy(other::pools)
                .isInstanceOf(NullPointerException.class)
                .hasMessage("not started");
        other.close();
    }

    // Looks at a file.

    @Test
    void look_logsAndReportsOneCauseOnce_andAnotherOneAgain() {
        ConfigReloader.Text broken = () -> bytes("{'pools': 1}");
        reloader.look(broken);
        reloader.look(broken);
        assertThat(lines).hasSize(1);
        assertThat(lines.get(0))
                .startsWith("WARNING test: the configuration in force stays, since the changed one is refused: ")
                .contains("$.pools");

        reloader.look(() -> {
            throw new IOException("no disk");
        });
        reloader.look(() -> {
            throw new IOException("no disk");
        });

        assertThat(lines).hasSize(2);
        assertThat(lines.get(1)).endsWith("java.io.IOException: no disk");
        assertThat(events)
                .last()
                .isInstanceOfSatisfying(
                        ConfigEvent.Refused.class,
                        event -> assertThat(event.cause()).hasMessage("no disk"));
        assertThat(events.stream()
                        .filter(event ->
                                event instanceof ConfigEvent.Refused refused && refused.cause() instanceof IOException))
                .hasSize(1);
    }

    @Test
    void look_afterAGoodDocument_logsTheSameCauseAgain() {
        ConfigReloader.Text broken = () -> bytes("{'pools': 1}");
        reloader.look(broken);
        reloader.look(() -> bytes(pools("users", "orders")));
        reloader.look(broken);

        assertThat(lines.stream().filter(line -> line.startsWith("WARNING"))).hasSize(2);
        assertThat(pool("orders").name()).isEqualTo("orders");
    }

    /** As a program that writes the file in a loop; each change is still applied. */
    @Test
    void look_atChangesWithoutAnEnd_isAtMost20LinesAMinute_andSaysHowManyWereLeftOut() {
        for (int i = 0; i < 100; i++) {
            int change = i;
            reloader.look(
                    () -> bytes(change % 2 == 0 ? pools("users", "orders" + change) : "{'pools': " + change + "}"));
        }
        assertThat(lines).hasSize(20);
        assertThat(pool("orders98").name()).isEqualTo("orders98");

        reloader.close();
        assertThat(lines).hasSize(21);
        assertThat(lines.get(20)).startsWith("WARNING test: 80 more lines were left out");
    }

    @Test
    void look_afterTheClose_saysNothing() {
        reloader.close();
        reloader.look(() -> bytes(pools("users", "orders")));

        assertThat(lines).isEmpty();
        assertThat(events).isEmpty();
    }

    @Test
    void listener_thatThrows_isLogged_andTheOtherListenersHear() throws IOException {
        List<ConfigEvent> heard = new ArrayList<>();
        ConfigReloader other = reloader(
                new HttpClientProvider(null),
                List.of(
                        event -> {
                            throw new StackOverflowError();
                        },
                        heard::add));
        other.start(bytes(pools("a")));
        assertThat(other.reload(() -> bytes(pools("a", "b")))).isTrue();

        assertThat(heard).hasSize(1);
        assertThat(lines).contains("WARNING a listener of reloads failed");
        other.close();
    }

    @Test
    void listener_thatRunsOutOfMemory_isLogged_andRethrown() {
        ConfigReloader other = reloader(new HttpClientProvider(null), List.of(event -> {
            throw new OutOfMemoryError("test");
        }));
        other.start(bytes(pools("a")));

        assertThatThrownBy(() -> other.reload(() -> bytes(pools("a", "b")))).isInstanceOf(OutOfMemoryError.class);

        assertThat(other.pools()).hasSize(2);
        assertThat(lines).contains("WARNING a listener of reloads failed");
        other.close();
    }

    // What leaves.

    @Test
    void removedPool_isClosedAfterTheFarewell() throws IOException {
        reload(pools("users", "orders"));
        LoadBalancer orders = pool("orders");
        reload(pools("users"));

        time.advance(Duration.ofMillis(4_999));
        assertThat(isClosed(orders)).isFalse();
        time.advance(Duration.ofMillis(1));
        assertThat(isClosed(orders)).isTrue();
        assertThat(isClosed(pool("users"))).isFalse();
    }

    /** The timers' thread serves all pools: a reload that takes long is not to hold it up. */
    @Test
    void removedPool_isClosedWhileAnotherReloadTakesLong() throws Exception {
        OkHttpClient client = reloader.attach(new OkHttpClient());
        reload(pools("users", "orders"));
        LoadBalancer orders = pool("orders");
        reload(pools("users"));
        CountDownLatch released = new CountDownLatch(1);
        int before = built.size();
        // The first is built for checks, and the second for the client, under the lock.
        whenBuilt = () -> {
            if (built.size() == before + 2) {
                awaitQuietly(released);
            }
        };
        // The common pool may have one thread.
        Executor threads = task -> new Thread(task, "config-reloader-test").start();
        CompletableFuture<Boolean> slow = CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return reload(pools("users", "carts"));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                threads);
        Awaitility.await().until(() -> built.size() == before + 2);

        CompletableFuture<Void> timer = CompletableFuture.runAsync(() -> time.advance(Duration.ofSeconds(5)), threads);
        try {
            assertThat(timer).succeedsWithin(Duration.ofSeconds(20));
            assertThat(isClosed(orders)).isTrue();
            assertThat(slow).isNotDone();
        } finally {
            released.countDown();
        }
        assertThat(slow).succeedsWithin(Duration.ofSeconds(20)).isEqualTo(true);
        assertThat(LoadBalancing.interceptor(client)).isPresent();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void close_closesPoolsInForce_andThoseThatAreLeaving() throws IOException {
        reload(pools("users", "orders"));
        LoadBalancer users = pool("users");
        LoadBalancer orders = pool("orders");
        reload(pools("users"));

        reloader.close();

        assertThat(isClosed(users)).isTrue();
        assertThat(isClosed(orders)).isTrue();
    }

    @Test
    void close_endsTheThreadsOfTheClientThatChecksShare() {
        HttpClientProvider lender = new HttpClientProvider(null);
        ConfigReloader other = reloader(lender, List.of());
        other.start(bytes(pools("a")));
        ExecutorService threads = lender.get().dispatcher().executorService();

        other.close();

        assertThat(threads.isShutdown()).isTrue();
    }

    @Test
    void closed_takesNoDocument_andNoClient() {
        reloader.close();
        LoadBalancer users = reloader.pools().get(0);

        assertThatThrownBy(() -> reloader.attach(new OkHttpClient()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("test is closed");
        assertThatThrownBy(() -> reload(pools("orders"))).isInstanceOf(IllegalStateException.class);
        assertThat(reloader.pools()).containsExactly(users);
        Awaitility.await().until(() -> closed.containsAll(List.of("users", "orders")));
    }

    /** Each takes the lock and frees it. */
    @Test
    void reloads_clients_andFarewells_leaveNoLockBehind() throws Exception {
        OkHttpClient client = reloader.attach(new OkHttpClient());
        assertThat(reloader.callFactory(new OkHttpClient())).isNotNull();
        reload(pools("users", "orders"));
        reload(pools("users"));
        time.advance(Duration.ofSeconds(5));
        reloader.look(() -> {
            throw new IOException("no disk");
        });

        OkHttpClient further = CompletableFuture.supplyAsync(() -> reloader.attach(new OkHttpClient()))
                .get(30, TimeUnit.SECONDS);
        assertThat(LoadBalancing.interceptor(further)).isPresent();
        assertThat(LoadBalancing.interceptor(client)).isPresent();
    }

    // Clients.

    @Test
    void attachedClients_areRebuiltByEachReload_andNotThoseThatAreGone() throws Exception {
        OkHttpClient kept = reloader.attach(new OkHttpClient());
        WeakReference<OkHttpClient> gone = new WeakReference<>(reloader.attach(new OkHttpClient()));
        Awaitility.await().until(() -> {
            System.gc();
            return gone.get() == null
                    || !LoadBalancing.interceptor(Objects.requireNonNull(gone.get()))
                            .isPresent();
        });

        built.clear();
        reload(pools("users", "orders"));

        // One build checks the document, one is for the client.
        assertThat(built).hasSize(2);
        assertThat(LoadBalancing.interceptor(kept)).isPresent();
    }

    @Test
    void callFactory_isOfAnAttachedClient() throws IOException {
        built.clear();
        assertThat(reloader.callFactory(new OkHttpClient())).isNotNull();
        reload(pools("users", "orders"));

        assertThat(built).hasSize(3);
    }

    // Secrets.

    @Test
    void secretOfAPlaceholder_thatChanges_isSeenOnce(@TempDir Path directory) throws IOException {
        Path secret = Files.writeString(directory.resolve("user"), "one");
        String document = text("{'pools': [{'name': 'users', 'backends': [{'uri': 'http://10.0.0.1:80', 'id': '${file:"
                + secret + "}'}]}]}");
        UnaryOperator<String> same = read -> read;
        assertThat(reload(same.apply(document))).isTrue();
        assertThat(reloader.haveSecretsChanged()).isFalse();

        Files.writeString(secret, "two");

        assertThat(reloader.haveSecretsChanged()).isTrue();
        assertThat(reloader.haveSecretsChanged()).isFalse();
        assertThat(reload(document)).isTrue();
        // The former one leaves when its drain has ended.
        Awaitility.await()
                .untilAsserted(() -> assertThat(pool("users").snapshot().backends())
                        .extracting(status -> status.backend().id())
                        .containsExactly("two"));
    }

    @Test
    void schema_isThatOfDocuments() {
        assertThat(ConfigReloader.schema())
                .contains("Load balancing by Evenkeel")
                .contains("reloadInterval");
        assertThat(Map.of("timers", reloader.timers())).containsValue(time);
    }
}
