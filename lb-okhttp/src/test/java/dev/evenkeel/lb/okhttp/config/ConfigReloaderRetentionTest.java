package dev.evenkeel.lb.okhttp.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.okhttp.Calls;
import dev.evenkeel.lb.okhttp.RawServer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.management.ObjectName;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * One configuration, one client, and documents that differ in everything: pools and routes under new names, other backends, a
 * backend that resets each connection, mirrors, checks, sessions, lanes. Nothing of the old ones stays.
 */
class ConfigReloaderRetentionTest {
    private static final int CALLERS = 2;
    private static final List<String> STRATEGIES =
            List.of("adaptive", "roundRobin", "leastConnections", "consistentHash");

    private final List<RawServer> servers = new ArrayList<>();
    /** Pools that documents no longer had. */
    private final List<WeakReference<LoadBalancer>> gone = new ArrayList<>();

    private RawServer resetting;
    private LiveConfig config;
    private OkHttpClient client;
    private int documents;

    @BeforeEach
    void start() throws IOException {
        for (String name : List.of("a", "b", "c")) {
            servers.add(RawServer.start((head, out) -> RawServer.write(out, 200, name)));
        }
        resetting = RawServer.start((head, out) -> {
            throw new RawServer.Reset();
        });
        config =
                LiveConfig.builder(document(0)).farewell(Duration.ofMillis(100)).start();
        client = config.attach(new OkHttpClient());
    }

    @AfterEach
    void stop() throws IOException {
        config.close();
        for (RawServer server : servers) {
            server.close();
        }
        resetting.close();
    }

    @Test
    @Timeout(180)
    void reloads_underTraffic_leaveNothingBehind() throws Exception {
        storms(30, 120, 1);
    }

    @Test
    @Tag("soak")
    @Timeout(1_800)
    void reloads_byTheThousand_leaveNothingBehind() throws Exception {
        storms(200, 1_000, 3);
    }

    /** After a warm-up each round may leave half an object, and a twentieth of a connection, for each of its reloads. */
    private void storms(int warmUp, int reloads, int rounds) throws Exception {
        storm(warmUp);
        Retained before = retained();
        for (int i = 0; i < rounds; i++) {
            storm(reloads);
            Retained most = new Retained(
                    before.ours() + reloads / 2, before.connections() + reloads / 20, before.threads() + 8);
            await().atMost(Duration.ofMinutes(2))
                    .pollInterval(Duration.ofMillis(200))
                    .untilAsserted(() -> {
                        Retained now = retained();
                        assertThat(now.ours()).as("objects of ours").isLessThanOrEqualTo(most.ours());
                        assertThat(now.connections()).as("connections").isLessThanOrEqualTo(most.connections());
                        assertThat(now.threads()).as("threads").isLessThanOrEqualTo(most.threads());
                    });
            System.out.println("before " + before + ", after " + (i + 1) * reloads + " reloads " + retained());
        }
    }

    /** Calls go on while documents are exchanged; the last one is the first one. */
    private void storm(int reloads) throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        Semaphore made = new Semaphore(0);
        List<Thread> callers = new ArrayList<>();
        for (int i = 0; i < CALLERS; i++) {
            Thread caller = new Thread(() -> call(stop, made), "caller");
            callers.add(caller);
            caller.start();
        }
        try {
            for (int i = 0; i < reloads; i++) {
                reload(++documents);
                made.drainPermits();
                made.acquire(4);
            }
            reload(0);
            made.drainPermits();
            made.acquire(100);
        } finally {
            stop.set(true);
            for (Thread caller : callers) {
                caller.join();
            }
        }
    }

    private void reload(int number) {
        List<LoadBalancer> before = config.pools();
        config.reload(document(number));
        List<LoadBalancer> after = config.pools();
        before.stream()
                .filter(pool -> !after.contains(pool))
                .map(WeakReference::new)
                .forEach(gone::add);
    }

    private void call(AtomicBoolean stop, Semaphore made) {
        for (int i = 0; !stop.get(); i++) {
            Request request = new Request.Builder()
                    .url(i % 3 == 0 ? "http://users/x" : "http://www.example.com/x")
                    .header("X-User", "user " + i % 20)
                    .build();
            try {
                Calls.body(client, request);
            } catch (IOException e) {
                // One of the backends resets every connection: whether calls survive that is the matter of other tests.
            }
            made.release();
        }
    }

    /**
     * What is reachable when all pools that have gone are not.
     *
     * @param ours objects of ours
     * @param connections of OkHttp, the closed ones that it keeps included
     * @param threads ours, and OkHttp's
     */
    private record Retained(long ours, long connections, long threads) {}

    private Retained retained() throws Exception {
        await().atMost(Duration.ofMinutes(1))
                .pollInterval(Duration.ofMillis(200))
                .until(() -> {
                    String unused = histogram();
                    gone.removeIf(pool -> pool.get() == null);
                    return gone.isEmpty();
                });
        long ours = 0;
        long connections = 0;
        for (String line : histogram().lines().toList()) {
            String[] columns = line.trim().split("\\s+");
            if (columns.length >= 4 && columns[0].endsWith(":")) {
                String type = columns[3];
                if (type.startsWith("dev.evenkeel.") && !type.contains("Test") && !type.contains("RawServer")) {
                    ours += Long.parseLong(columns[1]);
                } else if (type.equals("okhttp3.internal.connection.RealConnection")) {
                    connections = Long.parseLong(columns[1]);
                }
            }
        }
        long threads = Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("evenkeel") || name.startsWith("OkHttp"))
                .count();
        return new Retained(ours, connections, threads);
    }

    /** Of what is reachable, after a collection of garbage. */
    private static String histogram() throws Exception {
        return (String) ManagementFactory.getPlatformMBeanServer()
                .invoke(
                        new ObjectName("com.sun.management:type=DiagnosticCommand"),
                        "gcClassHistogram",
                        new Object[] {new String[0]},
                        new String[] {String[].class.getName()});
    }

    private String document(int number) {
        String one = servers.get(number % 3).uri();
        String other = servers.get((number + 1) % 3).uri();
        return """
                {
                  "pools": [
                    {
                      "name": "users", "strategy": "%s",
                      "backends": [ "%s", "%s", "%s" ],
                      "healthCheck": { "type": "http", "interval": "%dms" }
                    },
                    { "name": "steady", "backends": [ "%s" ] },
                    {
                      "name": "only-%d",
                      "backends": [ "%s", "%s" ],
                      "healthCheck": { "type": "http", "interval": "200ms" },
                      "limits": { "maxInFlight": 100, "queueSize": 10, "adaptivePerBackend": {} }
                    }
                  ],
                  "routes": [
                    {
                      "name": "to-%d", "host": "www.example.com", "to": "only-%d", "mirror": "steady",
                      "timeout": "%ds"
                    }
                  ],
                  "sessions": { "key": { "type": "header", "name": "X-User" } },
                  "connections": { "lanes": %d },
                  "maxIdleConnections": 8,
                  "retries": { "maxAttempts": %d }
                }
                """.formatted(
                        STRATEGIES.get(number % STRATEGIES.size()),
                        one,
                        other,
                        resetting.uri(),
                        200 + number % 2,
                        servers.get(0).uri(),
                        number,
                        other,
                        resetting.uri(),
                        number,
                        number,
                        20 + number % 5,
                        1 + number % 2,
                        3 + number % 2);
    }
}
