package dev.evenkeel.lb.okhttp.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.LoadBalancerEvent.BackendAdded;
import dev.evenkeel.lb.LoadBalancerEvent.BackendRemoved;
import dev.evenkeel.lb.LoadBalancerEvent.BackendUpdated;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What every source does when its registry changes, goes away, comes back, or says what it should not: the pool's list, the
 * events, and calls all the time, of which none fails.
 */
@Timeout(300)
class RegistriesTest {
    private static final List<Entry> THREE = Entry.many(3);

    static Stream<Arguments> registries() {
        return Stream.of(
                registry("Kubernetes", () -> new FakeKubernetes(100)),
                registry("etcd", FakeEtcd::new),
                registry("Consul", FakeConsul::new),
                registry("Eureka", FakeEureka::new),
                registry("xDS", () -> new FakeXds(false)),
                registry("xDS, incremental", () -> new FakeXds(true)));
    }

    private static Arguments registry(String name, Callable<FakeRegistry> factory) {
        return Arguments.argumentSet(name, factory);
    }

    @ParameterizedTest
    @MethodSource("registries")
    void backendThatComes_andGoes_isInThePoolAndOut(Callable<FakeRegistry> factory) throws Exception {
        try (FakeRegistry registry = factory.call()) {
            registry.set(THREE);
            try (Following following = new Following(registry.source(new OkHttpClient()))) {
                following.awaitList(THREE);
                registry.set(Entry.many(4));
                following.awaitList(Entry.many(4));
                registry.set(Entry.many(2));
                following.awaitList(Entry.many(2));
                following.awaitCalls(100);

                assertThat(following.events(BackendAdded.class)).hasSize(4);
                assertThat(following.events(BackendRemoved.class)).hasSize(2);
                assertThat(following.errors()).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("registries")
    void weightThatChanges_isAnUpdate(Callable<FakeRegistry> factory) throws Exception {
        try (FakeRegistry registry = factory.call()) {
            registry.set(THREE);
            try (Following following = new Following(registry.source(new OkHttpClient()))) {
                following.awaitList(THREE);
                List<Entry> heavier = List.of(THREE.get(0).weight(5), THREE.get(1), THREE.get(2));
                registry.set(heavier);
                following.awaitList(heavier);

                assertThat(following.events(BackendUpdated.class)).isNotEmpty();
                assertThat(following.errors()).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("registries")
    void backendThatFlaps_endsWhereTheRegistryEnds(Callable<FakeRegistry> factory) throws Exception {
        try (FakeRegistry registry = factory.call()) {
            registry.set(THREE);
            try (Following following = new Following(registry.source(new OkHttpClient()))) {
                following.awaitList(THREE);
                for (int i = 0; i < 100; i++) {
                    registry.set(Entry.many(i % 2 == 0 ? 2 : 3));
                }
                following.awaitList(THREE);
                registry.set(Entry.many(2));
                following.awaitList(Entry.many(2));

                assertThat(following.errors()).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("registries")
    void registryAwayForAMinute_isOneErrorAndFewAttempts_andTheListStays(Callable<FakeRegistry> factory)
            throws Exception {
        VirtualTime time = new VirtualTime();
        try (FakeRegistry registry = factory.call()) {
            registry.set(THREE);
            try (Following following = new Following(registry.patientSource(new OkHttpClient()), time)) {
                following.awaitList(THREE);
                registry.server.down();
                long until = time.nanoTime() + Duration.ofSeconds(60).toNanos();
                int rounds = 0;
                while (time.nanoTime() < until) {
                    await().atMost(Duration.ofSeconds(60)).until(time::hasTimer);
                    time.advanceToNextTimer();
                    rounds++;
                }
                await().atMost(Duration.ofSeconds(60)).until(time::hasTimer);

                assertThat(following.errors()).hasSize(1).first().asString().contains("127.0.0.1");
                assertThat(following.list()).hasSize(3);
                assertThat(rounds).as("attempts in 60 s").isLessThan(20);
                following.awaitCalls(100);

                registry.set(Entry.many(4));
                registry.server.up();
                await().atMost(Duration.ofSeconds(60)).until(() -> {
                    if (time.hasTimer()) {
                        time.advanceToNextTimer();
                    }
                    return following.list().size() == 4;
                });
                assertThat(following.errors()).hasSize(1);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("registries")
    void outageAfterAnOutage_isToldAgain(Callable<FakeRegistry> factory) throws Exception {
        try (FakeRegistry registry = factory.call()) {
            registry.set(THREE);
            try (Following following = new Following(registry.source(new OkHttpClient()))) {
                following.awaitList(THREE);
                for (int outage = 1; outage <= 3; outage++) {
                    int before = following.errors().size();
                    registry.server.down();
                    await().atMost(Duration.ofSeconds(60))
                            .until(() -> following.errors().size() > before);
                    registry.server.up();
                    registry.set(Entry.many(3 + outage));
                    following.awaitList(Entry.many(3 + outage));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("registries")
    void emptyAnswer_keepsTheList_andIsOneError(Callable<FakeRegistry> factory) throws Exception {
        try (FakeRegistry registry = factory.call()) {
            registry.set(THREE);
            try (Following following = new Following(registry.source(new OkHttpClient()))) {
                following.awaitList(THREE);
                registry.set(List.of());
                following.awaitErrors(1);
                following.awaitCalls(1_000);

                // Where entries go one by one, the last of them stays.
                assertThat(following.list()).isNotEmpty();
                assertThat(following.errors()).singleElement().asString().contains("no backends");

                registry.set(Entry.many(4));
                following.awaitList(Entry.many(4));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("registries")
    void malformedAnswer_keepsTheList_andIsOneError(Callable<FakeRegistry> factory) throws Exception {
        keepsTheList(factory, List.of("", "<html>login</html>"));
    }

    @ParameterizedTest
    @MethodSource("registries")
    @Tag("long")
    void malformedAnswerOfEachKind_keepsTheList_andIsOneError(Callable<FakeRegistry> factory) throws Exception {
        keepsTheList(factory, List.of("", "{", "[[[", "<html>login</html>", "{\"items\":7}", "[7]", "null", "\u0000"));
    }

    private static void keepsTheList(Callable<FakeRegistry> factory, List<String> answers) throws Exception {
        for (String garbage : answers) {
            try (FakeRegistry registry = factory.call()) {
                registry.set(THREE);
                try (Following following = new Following(registry.source(new OkHttpClient()))) {
                    following.awaitList(THREE);
                    registry.garbage = garbage;
                    registry.server.down();
                    registry.server.up();
                    await().atMost(Duration.ofSeconds(60))
                            .until(() -> !following.errors().isEmpty());
                    int connections = registry.server.connections.get();
                    following.awaitCalls(1_000);

                    assertThat(following.list()).as(garbage).hasSize(3);
                    assertThat(following.errors().size()).as(garbage).isBetween(1, 4);

                    registry.garbage = null;
                    registry.set(Entry.many(4));
                    following.awaitList(Entry.many(4));
                    assertThat(registry.server.connections.get()).isGreaterThanOrEqualTo(connections);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("registries")
    void answerWithoutAnEnd_isGivenUp_andKeepsTheList(Callable<FakeRegistry> factory) throws Exception {
        try (FakeRegistry registry = factory.call()) {
            registry.set(THREE);
            try (Following following = new Following(registry.source(new OkHttpClient()))) {
                following.awaitList(THREE);
                registry.endless = true;
                registry.server.down();
                registry.server.up();
                await().atMost(Duration.ofSeconds(60))
                        .until(() ->
                                following.errors().stream().anyMatch(error -> error.contains("must have at most")));
                following.awaitCalls(1_000);
                assertThat(following.list()).hasSize(3);

                registry.endless = false;
                registry.set(Entry.many(4));
                following.awaitList(Entry.many(4));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("registries")
    void thousandEntries_areListed(Callable<FakeRegistry> factory) throws Exception {
        areListed(factory, 1_000);
    }

    @ParameterizedTest
    @MethodSource("registries")
    @Tag("long")
    void tenThousandEntries_areListed(Callable<FakeRegistry> factory) throws Exception {
        areListed(factory, 10_000);
    }

    private static void areListed(Callable<FakeRegistry> factory, int count) throws Exception {
        try (FakeRegistry registry = factory.call()) {
            List<Entry> many = new ArrayList<>(Entry.many(count));
            registry.set(many);
            try (Following following = new Following(registry.source(new OkHttpClient()))) {
                following.awaitList(many);
                many.remove(count / 2);
                registry.set(many);
                following.awaitList(many);
                assertThat(following.errors()).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("registries")
    void duplicateEntries_countOnce(Callable<FakeRegistry> factory) throws Exception {
        try (FakeRegistry registry = factory.call()) {
            registry.set(Stream.concat(THREE.stream(), THREE.stream()).toList());
            try (Following following = new Following(registry.source(new OkHttpClient()))) {
                following.awaitList(THREE);
                assertThat(following.errors()).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("registries")
    void hostileEntries_areLeftOutAndReported_andTheOthersStay(Callable<FakeRegistry> factory) throws Exception {
        Map<Entry, String> hostile = Map.of(
                Entry.of(7).metadata("team", "a\r\nX-Evil: 1"), "control characters",
                Entry.of(7).metadata("team", "a\u0000b"), "control characters",
                Entry.of(7).port(0), "port",
                Entry.of(7).port(70_000), "port",
                Entry.of(7).weight(-1), "weight",
                Entry.of(7).weight(65_536), "weight");
        try (FakeRegistry registry = factory.call()) {
            registry.set(THREE);
            try (Following following = new Following(registry.source(new OkHttpClient()))) {
                following.awaitList(THREE);
                int errors = 0;
                for (Map.Entry<Entry, String> entry : hostile.entrySet()) {
                    List<Entry> list = new ArrayList<>(THREE);
                    list.add(entry.getKey());
                    registry.set(list);
                    following.awaitErrors(++errors);
                    following.awaitList(THREE);
                    assertThat(following.errors().get(errors - 1)).contains(entry.getValue(), "left out");
                    assertThat(following.errors().get(errors - 1).chars().noneMatch(Character::isISOControl))
                            .isTrue();
                    registry.set(Entry.many(4));
                    following.awaitList(Entry.many(4));
                    registry.set(THREE);
                    following.awaitList(THREE);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("registries")
    void addressesThatAreNoHosts_areLeftOutAndReported(Callable<FakeRegistry> factory) throws Exception {
        try (FakeRegistry registry = factory.call()) {
            registry.set(THREE);
            try (Following following = new Following(registry.source(new OkHttpClient()))) {
                following.awaitList(THREE);
                int errors = 0;
                for (String host :
                        List.of("user@10.0.0.8", "0.0.0.0", "::", "224.0.0.1", "ff02::1", "255.255.255.255")) {
                    List<Entry> list = new ArrayList<>(THREE);
                    list.add(new Entry(host, 8080, 1, "", Map.of()));
                    registry.set(list);
                    following.awaitErrors(++errors);
                    following.awaitList(THREE);
                    assertThat(following.errors().get(errors - 1)).as(host).contains("1 of 4 entries are left out");
                    registry.set(THREE);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("registries")
    void close_leavesNoThreadAndNoConnection(Callable<FakeRegistry> factory) throws Exception {
        try (FakeRegistry registry = factory.call()) {
            registry.set(THREE);
            OpenSockets sockets = new OpenSockets();
            OkHttpClient client =
                    new OkHttpClient.Builder().socketFactory(sockets).build();
            try (Following following = new Following(registry.source(client))) {
                following.awaitList(THREE);
                assertThat(discoveryThreads()).isNotEmpty();
                assertThat(sockets.open()).isPositive();
                assertThat(client.dispatcher().runningCallsCount()).isZero();
            }
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> discoveryThreads().isEmpty());
            await().atMost(Duration.ofSeconds(60)).until(() -> sockets.open() == 0);
        }
    }

    /** Those of this registry: other tests may run theirs. */
    private static List<String> discoveryThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("evenkeel-discovery"))
                .toList();
    }
}
