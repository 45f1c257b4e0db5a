package dev.evenkeel.lb.okhttp.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.Backend;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Connections that are cut at random bytes while the registry changes, and some that fall silent there: every list that is told
 * is one that the registry had, in its order, each backend once; and whenever the cuts cease, the list is the registry's.
 */
@Tag("long")
class CutStreamsTest {
    private static final Duration LONG = Duration.ofSeconds(120);
    /** One connection of so many falls silent instead of being cut. */
    private static final int SILENT = 60;

    static Stream<Arguments> registries() {
        return Stream.of(
                registry("Kubernetes", 2_500, () -> new FakeKubernetes(5)),
                registry("etcd", 2_500, FakeEtcd::new),
                registry("Consul", 8_000, FakeConsul::new),
                registry("Eureka", 16_000, FakeEureka::new),
                registry("xDS", 4_000, () -> new FakeXds(false)),
                registry("xDS, incremental", 4_000, () -> new FakeXds(true)));
    }

    private static Arguments registry(String name, int meanBytes, Callable<FakeRegistry> factory) {
        return Arguments.argumentSet(name, meanBytes, factory);
    }

    @ParameterizedTest
    @MethodSource("registries")
    @Timeout(300)
    void list_convergesWhateverIsCut(int meanBytes, Callable<FakeRegistry> factory) throws Exception {
        convergesWhateverIsCut(100, meanBytes, factory);
    }

    @ParameterizedTest
    @MethodSource("registries")
    @Tag("soak")
    @Timeout(900)
    void list_convergesWhateverIsCutAThousandTimes(int meanBytes, Callable<FakeRegistry> factory) throws Exception {
        convergesWhateverIsCut(1_000, meanBytes, factory);
    }

    private static void convergesWhateverIsCut(int cuts, int meanBytes, Callable<FakeRegistry> factory)
            throws Exception {
        Random random = new Random(20_261_125);
        OkHttpClient client =
                new OkHttpClient.Builder().readTimeout(Duration.ofSeconds(2)).build();
        try (FakeRegistry registry = factory.call()) {
            LoopbackServer server = registry.server;
            registry.set(Entry.many(20));
            try (Recorder recorder = new Recorder(7).follow(registry.source(client))) {
                assertThat(recorder.list()).hasSize(20);
                server.silent = number -> number % SILENT == SILENT / 2;
                cut(server, random, meanBytes);
                List<Entry> entries = new ArrayList<>(Entry.many(20));
                int nextCheck = cuts / 10;
                while (server.cuts.get() < cuts || server.silences.get() == 0) {
                    change(entries, random);
                    registry.set(List.copyOf(entries));
                    if (random.nextInt(20) == 0) {
                        registry.compact();
                    }
                    // The next change comes after this one has come over, or in the next connection, or at once.
                    if (random.nextBoolean()) {
                        Set<String> expected = ids(entries);
                        int before = server.connections.get();
                        await().pollInSameThread()
                                .pollDelay(Duration.ZERO)
                                .pollInterval(Duration.ofMillis(1))
                                .atMost(LONG)
                                .until(() -> server.connections.get() > before
                                        || backends(recorder.list()).equals(expected));
                    }
                    if (server.cuts.get() >= nextCheck) {
                        nextCheck += cuts / 10;
                        server.budget = () -> Long.MAX_VALUE;
                        awaitSame(recorder, entries);
                        cut(server, random, meanBytes);
                    }
                }
                server.budget = () -> Long.MAX_VALUE;
                awaitSame(recorder, entries);
                System.out.println(registry.getClass().getSimpleName() + ": " + server.cuts + " cuts, "
                        + server.silences + " silences, " + server.connections + " connections, "
                        + registry.states.size() + " states of the registry, " + recorder.lists.size()
                        + " lists, errors: " + recorder.errors.size());
                inOrder(recorder.lists, registry.states);
            }
        }
    }

    /** Begins to cut; the connections that there are, too. */
    private static void cut(LoopbackServer server, Random random, int meanBytes) throws Exception {
        server.budget = () -> budget(random, meanBytes);
        server.down();
        server.up();
    }

    private static synchronized long budget(Random random, int meanBytes) {
        return (long) (-Math.log(1 - random.nextDouble()) * meanBytes);
    }

    private static void change(List<Entry> entries, Random random) {
        int number = random.nextInt(40);
        Entry entry = Entry.of(number);
        if (!entries.remove(entry) || entries.isEmpty()) {
            entries.add(random.nextInt(entries.size() + 1), entry);
        }
    }

    private static void awaitSame(Recorder recorder, List<Entry> entries) {
        Set<String> expected = ids(entries);
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(backends(recorder.list())).isEqualTo(expected));
    }

    private static void inOrder(List<List<Backend>> lists, List<Set<String>> states) {
        int state = 0;
        for (List<Backend> list : lists) {
            Set<String> ids = backends(list);
            assertThat(list).hasSameSizeAs(ids);
            while (!states.get(state).equals(ids)) {
                state++;
                assertThat(state).as("a state of the registry that is " + ids).isLessThan(states.size());
            }
        }
    }

    private static Set<String> ids(List<Entry> entries) {
        return new TreeSet<>(entries.stream().map(Entry::id).toList());
    }

    private static Set<String> backends(List<Backend> list) {
        return new TreeSet<>(list.stream().map(Backend::id).toList());
    }
}
