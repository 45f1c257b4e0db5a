package dev.evenkeel.lb.okhttp.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerEvent;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.config.ConfigException;
import dev.evenkeel.lb.okhttp.Calls;
import dev.evenkeel.lb.okhttp.HedgingCallFactory;
import dev.evenkeel.lb.okhttp.TestBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Collectors;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A document is exchanged while it is in force. */
@Timeout(120)
class LiveConfigTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path directory;

    private TestBackend a;
    private TestBackend b;
    private final List<ConfigEvent> reloads = new CopyOnWriteArrayList<>();
    private final List<LoadBalancerEvent> events = new CopyOnWriteArrayList<>();

    @BeforeEach
    void start() {
        a = TestBackend.start("a");
        b = TestBackend.start("b");
    }

    @AfterEach
    void stop() {
        a.close();
        b.close();
    }

    private String document(TestBackend backend, String more) {
        return """
                { "pools": [ { "name": "users", "backends": [ "%s" ] } ], "reloadInterval": "20ms"%s }
                """.formatted(backend.uri(), more);
    }

    private Path write(String text) throws IOException {
        Path fresh = Files.writeString(directory.resolve("fresh"), text);
        return Files.move(fresh, directory.resolve("balancing.json"), StandardCopyOption.ATOMIC_MOVE);
    }

    private LiveConfig start(Path file) throws IOException {
        return LiveConfig.builder(file)
                .onReload(reloads::add)
                .listener(events::add)
                .start();
    }

    private static String call(OkHttpClient client) throws IOException {
        return Calls.body(client, "http://users/x");
    }

    @Test
    void file_thatIsReplaced_isInForceSoon() throws IOException {
        try (LiveConfig config = start(write(document(a, "")))) {
            OkHttpClient client = config.attach(new OkHttpClient());
            assertThat(call(client)).isEqualTo("a");

            write(document(b, ", \"addressing\": \"steer\""));
            await().atMost(PATIENCE).until(() -> !reloads.isEmpty());

            assertThat(call(client)).isEqualTo("b");
            assertThat(reloads).singleElement().isInstanceOfSatisfying(ConfigEvent.Applied.class, applied -> {
                assertThat(applied.changed()).containsExactlyInAnyOrder("pools.users", "addressing");
                assertThat(applied.source()).endsWith("balancing.json");
            });
        }
    }

    @Test
    void link_asInAConfigMapOfKubernetes_isFollowed() throws IOException {
        Path first = Files.createDirectory(directory.resolve("..2026_11_26_1"));
        Path second = Files.createDirectory(directory.resolve("..2026_11_26_2"));
        Files.writeString(first.resolve("balancing.json"), document(a, ""));
        Files.writeString(second.resolve("balancing.json"), document(b, ""));
        Path data = Files.createSymbolicLink(directory.resolve("..data"), first.getFileName());
        Path file = Files.createSymbolicLink(directory.resolve("balancing.json"), Path.of("..data/balancing.json"));
        try (LiveConfig config = start(file)) {
            OkHttpClient client = config.attach(new OkHttpClient());
            assertThat(call(client)).isEqualTo("a");

            Path link = Files.createSymbolicLink(directory.resolve("..data_tmp"), second.getFileName());
            Files.move(link, data, StandardCopyOption.ATOMIC_MOVE);

            await().atMost(PATIENCE).until(() -> call(client).equals("b"));
        }
    }

    @Test
    void secretOfAFile_isReadAgainWhenItChanges() throws IOException {
        Path token = Files.writeString(directory.resolve("token"), "one\n");
        Path file = write(document(a, """
                , "credentials": { "%s": { "Authorization": "Bearer ${file:%s}" } }
                """.formatted(a.uri(), token)));
        try (LiveConfig config = start(file)) {
            OkHttpClient client = config.attach(new OkHttpClient());
            assertThat(call(client)).isEqualTo("a");

            Files.delete(token);
            await().atMost(PATIENCE).until(() -> reloads.size() == 1);
            assertThat(reloads.get(0)).isInstanceOf(ConfigEvent.Refused.class);
            assertThat(call(client)).isEqualTo("a");

            Files.writeString(token, "two\n");
            await().atMost(PATIENCE).until(() -> reloads.size() == 2);
            assertThat(call(client)).isEqualTo("a");

            assertThat(a.requests())
                    .extracting(request -> request.getHeaders().get("Authorization"))
                    .containsExactly("Bearer one", "Bearer one", "Bearer two");
            assertThat(config.toConfig()).contains("${file:").doesNotContain("Bearer two");
        }
    }

    @Test
    void badFile_leavesTheOldOneInForce_withOneEventAndOneLogLine() throws IOException {
        List<String> log = new CopyOnWriteArrayList<>();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord logged) {
                log.add(logged.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger logger = Logger.getLogger("dev.evenkeel.lb");
        logger.addHandler(handler);
        try (LiveConfig config = start(write(document(a, "")))) {
            OkHttpClient client = config.attach(new OkHttpClient());
            String before = config.toConfig();

            write(document(b, ", \"adressing\": \"steer\", \"retries\": { \"maxAttempts\": 0 }"));
            await().atMost(PATIENCE).until(() -> !reloads.isEmpty());
            for (int i = 0; i < 20; i++) {
                assertThat(call(client)).isEqualTo("a");
            }
            assertThat(config.toConfig()).isEqualTo(before);
            write(document(b, ""));
            await().atMost(PATIENCE).until(() -> reloads.size() > 1);

            assertThat(call(client)).isEqualTo("b");
            assertThat(reloads).hasSize(2);
            assertThat(reloads.get(0))
                    .isInstanceOfSatisfying(
                            ConfigEvent.Refused.class,
                            refused -> assertThat(((ConfigException) refused.cause()).faults())
                                    .extracting(fault -> fault.path())
                                    .containsExactlyInAnyOrder("$.adressing", "$.retries.maxAttempts"));
            assertThat(log)
                    .filteredOn(line -> line.contains("the configuration in force stays"))
                    .singleElement()
                    .asString()
                    .contains("$.adressing", "$.retries.maxAttempts");
        } finally {
            logger.removeHandler(handler);
        }
    }

    @Test
    void file_thatVanishes_isToldOnce_andItsReturnIsNoNews() throws IOException {
        Path file = write(document(a, ""));
        try (LiveConfig config = start(file)) {
            Files.delete(file);
            await().atMost(PATIENCE).until(() -> !reloads.isEmpty());
            assertThatThrownBy(config::reload).isInstanceOf(NoSuchFileException.class);
            write(document(a, " "));
            assertThat(config.reload()).isFalse();
            write(document(b, ""));
            await().atMost(PATIENCE).until(() -> reloads.size() > 1);

            assertThat(reloads).hasSize(2);
            assertThat(reloads.get(0)).isInstanceOf(ConfigEvent.Refused.class);
            assertThat(reloads.get(1)).isInstanceOf(ConfigEvent.Applied.class);
        }
    }

    @Test
    void looks_thatTheDocumentEnds_beginAgainWithOneThatWantsThem() throws IOException {
        try (LiveConfig config = start(write(document(a, "").replace("20ms", "0s")))) {
            write(document(b, ""));
            assertThat(config.reload()).isTrue();
            write(document(a, ""));
            await().atMost(PATIENCE).until(() -> reloads.size() > 1);

            assertThat(call(config.attach(new OkHttpClient()))).isEqualTo("a");
        }
    }

    @Test
    void whatHasNotChanged_keepsItsState() throws IOException {
        String two = """
                {
                  "pools": [
                    { "name": "users", "strategy": "roundRobin", "backends": [ "%s", "%s" ] },
                    { "name": "other", "backends": [ "%s" ] }
                  ],
                  "routes": [ { "name": "split", "host": "split", "to": { "shares": [
                      { "pool": "users", "weight": 1 }, { "pool": "other", "weight": 1 } ] } } ],
                  "sessions": { "key": { "type": "header", "name": "X-User" } }%s
                }
                """;
        String before = two.formatted(a.uri(), b.uri(), a.uri(), "");
        String after = two.formatted(a.uri(), b.uri(), a.uri(), ", \"retries\": { \"maxAttempts\": 2 }");
        try (LiveConfig config = LiveConfig.start(before)) {
            OkHttpClient client = config.attach(new OkHttpClient());
            LoadBalancer pool = config.pool("users");
            Request session = Calls.get("http://users/x")
                    .newBuilder()
                    .header("X-User", "7")
                    .build();
            String bound = Calls.body(client, session);
            Response open = client.newCall(Calls.get("http://users/x")).execute();
            long calls = requests(pool);

            for (int i = 0; i < 10; i++) {
                assertThat(config.reload(i % 2 == 0 ? after : before)).isTrue();
                assertThat(Calls.body(client, session)).isEqualTo(bound);
            }

            assertThat(config.pool("users")).isSameAs(pool);
            assertThat(requests(pool)).isEqualTo(calls + 10);
            assertThat(open.body().string()).isIn("a", "b");
            assertThat(pool.snapshot().backends())
                    .allMatch(status -> status.count(Outcome.SUCCESS) > 0 && status.inFlight() == 0);
            assertThat(a.connections() + b.connections()).isEqualTo(2);
        }
    }

    private static long requests(LoadBalancer pool) {
        return pool.snapshot().backends().stream()
                .mapToLong(status -> status.requests())
                .sum();
    }

    @Test
    void pools_thatComeAndGo_areStartedAndClosed() throws IOException {
        String two = """
                { "pools": [ { "name": "users", "backends": [ "%s" ] }, { "name": "more", "backends": [ "%s" ] } ] }
                """.formatted(a.uri(), b.uri());
        try (LiveConfig config = start(write(document(a, "").replace("20ms", "0s")))) {
            OkHttpClient client = config.attach(new OkHttpClient());

            assertThat(config.reload(two)).isTrue();
            LoadBalancer more = config.pool("more");
            assertThat(Calls.body(client, "http://more/x")).isEqualTo("b");
            assertThat(config.reload(document(a, ""))).isTrue();

            assertThat(config.pools()).hasSize(1);
            await().atMost(PATIENCE).until(() -> more.snapshot().closed());
            assertThat(events)
                    .filteredOn(event -> event.pool().equals("more"))
                    .hasAtLeastOneElementOfType(LoadBalancerEvent.BackendAdded.class)
                    .hasAtLeastOneElementOfType(LoadBalancerEvent.PoolClosed.class);
        }
    }

    @Test
    void poolThatIsBad_startsNothing_andChangesNothing() throws IOException {
        try (LiveConfig config = LiveConfig.start(document(a, ""))) {
            OkHttpClient client = config.attach(new OkHttpClient());
            String sameHost = """
                    { "pools": [ { "name": "users", "backends": [ "%s" ] },
                      { "name": "::1", "backends": [ "%s" ] }, { "name": "0:0:0:0:0:0:0:1", "backends": [ "%s" ] } ] }
                    """.formatted(b.uri(), b.uri(), b.uri());

            assertThatThrownBy(() -> config.reload(sameHost))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("different names");
            assertThat(call(client)).isEqualTo("a");
        }
    }

    @Test
    void yaml_byAMapper_isRead() throws IOException {
        Path file = Files.writeString(directory.resolve("balancing.yaml"), """
                pools:
                  - name: users
                    backends: [ "%s" ]
                routes:
                  - name: all
                    host: www.example.com
                    to: users
                reloadInterval: 0s
                """.formatted(a.uri()));
        YAMLMapper yaml = new YAMLMapper();
        try (LiveConfig config = LiveConfig.start(file, text -> yaml.readValue(text, Object.class))) {
            assertThat(Calls.body(config.attach(new OkHttpClient()), "http://www.example.com/x"))
                    .isEqualTo("a");

            assertThat(LiveConfig.start(config.toConfig()).toConfig()).isEqualTo(config.toConfig());
        }
    }

    @Test
    void yaml_thatIsABomb_isRefused() {
        String bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n"
                + "bcdefgh"
                        .chars()
                        .mapToObj(c -> {
                            String before = "*" + (char) (c - 1);
                            return (char) c + ": &" + (char) c + " ["
                                    + String.join(",", java.util.Collections.nCopies(9, before)) + "]\n";
                        })
                        .collect(Collectors.joining());
        YAMLMapper yaml = new YAMLMapper();

        assertThatThrownBy(() -> LiveConfig.builder(bomb)
                        .parser(text -> yaml.readValue(text, Object.class))
                        .start())
                .isInstanceOf(ConfigException.class);
    }

    @Test
    void manyClients_followTheDocument() throws IOException {
        try (LiveConfig config = LiveConfig.start(document(a, ""))) {
            List<OkHttpClient> clients = List.of(config.attach(new OkHttpClient()), config.attach(new OkHttpClient()));
            HedgingCallFactory calls = config.callFactory(new OkHttpClient());

            config.reload(document(b, ", \"hedging\": { \"delay\": \"1h\" }"));

            for (OkHttpClient client : clients) {
                assertThat(call(client)).isEqualTo("b");
            }
            try (Response response = calls.newCall(Calls.get("http://users/x")).execute()) {
                assertThat(response.body().string()).isEqualTo("b");
            }
        }
    }
}
