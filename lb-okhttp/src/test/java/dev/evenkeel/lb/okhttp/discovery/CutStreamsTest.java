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
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Connections that are cut at random bytes, a thousand times, while the registry changes: every list that is told is one that
 * the registry had, in its order, each backend once; and whenever the cuts cease, the list is the registry's.
 */
@Timeout(300)
class CutStreamsTest {
    private static final int CUTS = 1_000;
    private static final Duration LONG = Duration.ofSeconds(120);

    @Test
    void kubernetes_convergesWhateverIsCut() throws Exception {
        try (FakeKubernetes registry = new FakeKubernetes(5)) {
            convergesWhateverIsCut(registry, registry.states, registry::compact);
        }
    }

    @Test
    void etcd_convergesWhateverIsCut() throws Exception {
        try (FakeEtcd registry = new FakeEtcd()) {
            convergesWhateverIsCut(registry, registry.states, registry::compact);
        }
    }

    private static void convergesWhateverIsCut(FakeRegistry registry, List<Set<String>> states, Runnable compact)
            throws Exception {
        Random random = new Random(20_261_125);
        registry.set(Entry.many(20));
        try (Recorder recorder = new Recorder(7).follow(registry.source(new OkHttpClient()))) {
            assertThat(recorder.list()).hasSize(20);
            // Connections that were made before are cut at the next change.
            registry.server.budget = () -> budget(random);
            registry.server.down();
            registry.server.up();
            List<Entry> entries = new ArrayList<>(Entry.many(20));
            int nextCheck = 100;
            while (registry.server.cuts.get() < CUTS) {
                change(entries, random);
                registry.set(entries);
                if (random.nextInt(20) == 0) {
                    compact.run();
                }
                // The next change comes after this one has come over, or in the next connection, or at once.
                Set<String> ids = new TreeSet<>(entries.stream().map(Entry::id).toList());
                int before = registry.server.connections.get();
                if (random.nextBoolean()) {
                    await().pollDelay(Duration.ZERO)
                            .pollInterval(Duration.ofMillis(1))
                            .atMost(LONG)
                            .until(() -> registry.server.connections.get() > before
                                    || ids(recorder.list()).equals(ids));
                }
                if (registry.server.cuts.get() >= nextCheck) {
                    nextCheck += 100;
                    registry.server.budget = () -> Long.MAX_VALUE;
                    awaitSame(recorder, entries);
                    registry.server.budget = () -> budget(random);
                    registry.server.down();
                    registry.server.up();
                }
            }
            registry.server.budget = () -> Long.MAX_VALUE;
            awaitSame(recorder, entries);
            System.out.println(registry.getClass().getSimpleName() + ": " + registry.server.cuts + " cuts, "
                    + registry.server.connections + " connections, " + states.size() + " states of the registry, "
                    + recorder.lists.size() + " lists, errors: " + recorder.errors.size());
            inOrder(recorder.lists, states);
        }
    }

    private static synchronized long budget(Random random) {
        return (long) (-Math.log(1 - random.nextDouble()) * 2_500);
    }

    private static void change(List<Entry> entries, Random random) {
        int number = random.nextInt(40);
        Entry entry = Entry.of(number);
        if (!entries.remove(entry) || entries.isEmpty()) {
            entries.add(random.nextInt(entries.size() + 1), entry);
        }
    }

    private static void awaitSame(Recorder recorder, List<Entry> entries) {
        Set<String> expected = new TreeSet<>(entries.stream().map(Entry::id).toList());
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(ids(recorder.list())).isEqualTo(expected));
    }

    private static void inOrder(List<List<Backend>> lists, List<Set<String>> states) {
        int state = 0;
        for (List<Backend> list : lists) {
            Set<String> ids = ids(list);
            assertThat(list).hasSameSizeAs(ids);
            while (!states.get(state).equals(ids)) {
                state++;
                assertThat(state).as("a state of the registry that is " + ids).isLessThan(states.size());
            }
        }
    }

    private static Set<String> ids(List<Backend> list) {
        return new TreeSet<>(list.stream().map(Backend::id).toList());
    }
}
