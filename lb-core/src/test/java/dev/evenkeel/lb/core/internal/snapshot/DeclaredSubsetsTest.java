package dev.evenkeel.lb.core.internal.snapshot;

import static dev.evenkeel.lb.core.PoolFixture.call;
import static dev.evenkeel.lb.core.PoolFixture.lease;
import static dev.evenkeel.lb.core.PoolFixture.refusal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.Subset;
import dev.evenkeel.lb.core.LoadBalancerBuilder;
import dev.evenkeel.lb.core.PoolFixture;
import dev.evenkeel.lb.core.health.BreakerPolicy;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.core.topology.SlowStart;
import dev.evenkeel.lb.core.topology.SubsetPolicy;
import dev.evenkeel.lb.core.topology.SubsetPolicy.Fallback;
import dev.evenkeel.lb.core.topology.ZonePolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A request that wants a subset sees nothing but the subset, which is a pool in the pool. */
class DeclaredSubsetsTest {
    private static final Subset V1 = Subset.of("version", "1");
    private static final Subset V2 = Subset.of("version", "2");
    private static final Subset V3 = Subset.of("version", "3");
    private static final SubsetPolicy BY_VERSION = SubsetPolicy.noFallback().withSelector("version");

    private final PoolFixture fixture = new PoolFixture();

    private static Backend backend(String name, String version) {
        return backend(name, version, 0);
    }

    private static Backend backend(String name, String version, int priority) {
        return Backend.builder("http://" + name + ":1")
                .id(name)
                .priority(priority)
                .metadata("version", version)
                .build();
    }

    /** a and b are of version 1, c and d of version 2. */
    private LoadBalancerBuilder four() {
        return fixture.builder()
                .strategy(Strategies.roundRobin())
                .subsets(BY_VERSION)
                .backends(List.of(backend("a", "1"), backend("b", "1"), backend("c", "2"), backend("d", "2")));
    }

    private static Map<String, Integer> calls(LoadBalancer pool, int calls, Subset subset) {
        Map<String, Integer> counts = new TreeMap<>();
        RequestContext context = RequestContext.NONE.withSubset(subset);
        for (int i = 0; i < calls; i++) {
            Lease lease = lease(pool, context);
            counts.merge(lease.backend().id(), 1, Integer::sum);
            lease.complete(Outcome.SUCCESS);
        }
        return counts;
    }

    private static String refused(LoadBalancer pool, Subset subset) {
        return refusal(pool, RequestContext.NONE.withSubset(subset));
    }

    @Test
    void subset_isServedByItsBackendsAlone_andTheRestByAll() {
        LoadBalancer pool = four().build();

        assertThat(calls(pool, 10, V2)).isEqualTo(Map.of("c", 5, "d", 5));
        assertThat(calls(pool, 10, V1)).isEqualTo(Map.of("a", 5, "b", 5));
        assertThat(call(pool, 8)).isEqualTo(Map.of("a", 2, "b", 2, "c", 2, "d", 2));
    }

    @Test
    void subset_isServed_underEveryStrategy() {
        for (String strategy : List.of("adaptive", "random", "consistentHash", "leastConnections", "resourceBased")) {
            LoadBalancer pool = four().strategy(Strategies.byName(strategy)).build();
            assertThat(calls(pool, 50, V2).keySet()).as(strategy).isSubsetOf("c", "d");
        }
    }

    @Test
    void subsetOfNobody_fails_andSaysSo() {
        LoadBalancer pool = four().build();

        assertThat(refused(pool, V3))
                .isEqualTo("pool \"users\" has no backend available: 4 backends; none has version=3");
        assertThat(call(pool, 4)).hasSize(4);
    }

    @Test
    void subsetThatIsDown_fails_andSaysSo_whateverTheFallback() {
        LoadBalancer pool = four().subsets(SubsetPolicy.anyEndpoint().withSelector("version"))
                .build();
        pool.registry().maintenance("c");
        pool.registry().drain("d");

        assertThat(refused(pool, V2))
                .isEqualTo("pool \"users\" has no backend available: 2 backends (1 draining, 1 in maintenance);"
                        + " asked for version=2");
    }

    @Test
    void anyEndpoint_servesSubsetsOfNobodyByAll() {
        LoadBalancer pool = four().subsets(SubsetPolicy.anyEndpoint().withSelector("version"))
                .build();

        assertThat(calls(pool, 8, V3)).hasSize(4);
        assertThat(calls(pool, 8, V2)).hasSize(2);
    }

    @Test
    void defaultSubset_servesTheRest() {
        LoadBalancer pool = four().subsets(SubsetPolicy.defaultSubset(V1)).build();

        assertThat(call(pool, 4)).isEqualTo(Map.of("a", 2, "b", 2));
        assertThat(calls(pool, 4, V3)).isEqualTo(Map.of("a", 2, "b", 2));
        assertThat(calls(pool, 4, V2)).isEqualTo(Map.of("c", 2, "d", 2));
        pool.registry().replaceAll(List.of(backend("c", "2")));
        assertThat(refusal(pool)).startsWith("pool \"users\" has no backend available");
    }

    @Test
    void undeclaredKeys_areRefused_andTheTextSaysHowToDeclareThem() {
        LoadBalancer none = four().subsets(SubsetPolicy.noFallback()).build();
        LoadBalancer others = four().subsets(
                        SubsetPolicy.noFallback().withSelector("zone", "stage").withSelector("stage"))
                .build();

        assertThat(refused(none, V2))
                .isEqualTo("pool \"users\" has no backend available: 4 backends; asked for version=2, but subsets by"
                        + " [version] are not declared (no selector is); declare them by"
                        + " SubsetPolicy.withSelector(\"version\"), in a document by \"selectors\" of \"subsets\"");
        assertThat(refused(others, V2.and("color", "red")))
                .contains("subsets by [color, version] are not declared ([stage, zone], [stage] are); declare them by"
                        + " SubsetPolicy.withSelector(\"color\", \"version\")");
    }

    @Test
    void undeclaredKeys_fallBack_ifThePolicyDoes() {
        LoadBalancer anywhere = four().subsets(SubsetPolicy.anyEndpoint()).build();
        LoadBalancer toDefault = four().subsets(SubsetPolicy.defaultSubset(V1)).build();

        assertThat(calls(anywhere, 4, V2)).hasSize(4);
        assertThat(calls(toDefault, 4, Subset.of("color", "red"))).isEqualTo(Map.of("a", 2, "b", 2));
    }

    @Test
    void requests_neitherAddSelectors_norMakeASnapshot() {
        LoadBalancer pool = four().build();
        long before = pool.snapshot().version();
        for (int i = 0; i < 1_000; i++) {
            refused(pool, Subset.of("version", "no. " + i));
            refused(pool, Subset.of("key " + i, "2"));
        }

        assertThat(pool.snapshot().version()).isEqualTo(before);
        assertThat(calls(pool, 2, V2)).isEqualTo(Map.of("c", 1, "d", 1));
    }

    @Test
    void client_declaresKeys_whichOutliveAnotherPolicy() {
        LoadBalancer pool = four().subsets(SubsetPolicy.noFallback()).build();
        pool.declareSubsets(Set.of("version"));
        long once = pool.snapshot().version();
        pool.declareSubsets(Set.of("version"));

        assertThat(pool.snapshot().version()).isEqualTo(once);
        assertThat(calls(pool, 4, V2)).isEqualTo(Map.of("c", 2, "d", 2));

        four().subsets(SubsetPolicy.anyEndpoint().withSelector("stage")).applyTo(pool);

        assertThat(calls(pool, 4, V2)).isEqualTo(Map.of("c", 2, "d", 2));
        assertThat(calls(pool, 4, V3)).hasSize(4);
    }

    @Test
    void client_declaresMoreThanTheMaximum_keepsTheFirstOnes() {
        LoadBalancer pool = four().subsets(SubsetPolicy.noFallback()).build();
        pool.declareSubsets(Set.of("version"));
        for (int i = 0; i < 2 * SubsetPolicy.MAX_SELECTORS; i++) {
            pool.declareSubsets(Set.of("key " + i));
        }

        assertThat(calls(pool, 2, V2)).hasSize(2);
        assertThat(refused(pool, Subset.of("key 0", ""))).contains("none has key 0=");
        assertThat(refused(pool, Subset.of("key 31", ""))).contains("subsets by [key 31] are not declared");
        assertThatThrownBy(() -> pool.declareSubsets(Set.of())).hasMessage("selector must have 1..16 keys: []");
    }

    @Test
    void subsets_areBounded() {
        LoadBalancer pool = four().subsets(BY_VERSION.withMaxSubsets(1)).build();

        assertThat(calls(pool, 2, V1)).hasSize(2);
        assertThat(refused(pool, V2)).contains("none has version=2");
    }

    @Test
    void turns_goOn_whenTheListChanges() {
        LoadBalancer pool = fixture.builder()
                .strategy(Strategies.roundRobin())
                .subsets(BY_VERSION)
                .backends(List.of(backend("a", "1"), backend("b", "1"), backend("c", "1")))
                .build();
        List<String> order = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            order.addAll(calls(pool, 1, V1).keySet());
            // Others come and go; nothing changes for the subset.
            pool.registry().add(backend("x" + i, "2"));
        }

        for (int i = 0; i + 3 <= order.size(); i++) {
            assertThat(order.subList(i, i + 3)).containsExactlyInAnyOrder("a", "b", "c");
        }
    }

    @Test
    void membership_followsTheMetadata() {
        LoadBalancer pool = four().build();
        assertThat(calls(pool, 4, V2)).containsOnlyKeys("c", "d");

        pool.registry().replaceAll(List.of(backend("a", "2"), backend("b", "1"), backend("c", "2"), backend("d", "3")));

        assertThat(calls(pool, 4, V2)).containsOnlyKeys("a", "c");
        assertThat(calls(pool, 4, V3)).containsOnlyKeys("d");
    }

    @Test
    void subset_hasTiersOfItsOwn() {
        LoadBalancer pool = fixture.builder()
                .strategy(Strategies.roundRobin())
                .subsets(BY_VERSION)
                .backends(List.of(backend("a", "1", 0), backend("b", "2", 1), backend("c", "2", 2)))
                .build();

        assertThat(call(pool, 4)).containsOnlyKeys("a");
        assertThat(calls(pool, 4, V2)).containsOnlyKeys("b");
        pool.registry().maintenance("b");
        assertThat(calls(pool, 4, V2)).containsOnlyKeys("c");
    }

    /** The pool can do without the one that fails; the subset cannot. */
    @Test
    void lastOfASubset_isNotGivenUp_althoughThePoolDoesNotUseIt() {
        LoadBalancer pool = fixture.builder()
                .strategy(Strategies.roundRobin())
                .subsets(BY_VERSION)
                .circuitBreaker(
                        BreakerPolicy.builder().windowSize(10).minCalls(4).build())
                .backends(List.of(backend("a", "1"), backend("b", "1"), backend("c", "1"), backend("d", "2")))
                .build();
        RequestContext wantsV2 = RequestContext.NONE.withSubset(V2);
        for (int i = 0; i < 6; i++) {
            lease(pool, wantsV2).complete(Outcome.SERVER_ERROR);
        }

        assertThat(call(pool, 9)).containsOnlyKeys("a", "b", "c");
        assertThat(calls(pool, 3, V2)).isEqualTo(Map.of("d", 3));
    }

    @Test
    void retry_staysInTheSubset() {
        LoadBalancer pool = four().build();
        RequestContext wantsV2 = RequestContext.NONE.withSubset(V2);
        Backend first = lease(pool, wantsV2).backend();
        Backend second = lease(pool, wantsV2.withTried(List.of(first))).backend();

        assertThat(List.of(first.id(), second.id())).containsExactlyInAnyOrder("c", "d");
        assertThat(refusal(pool, wantsV2.withTried(List.of(first, second))))
                .startsWith("pool \"users\" has no backend available: 2 backends (2 tried in this call); asked for");
    }

    @Test
    void session_isNotLedOutOfItsSubset() {
        LoadBalancer pool = four().build();
        RequestContext boundToA = RequestContext.NONE.withBoundBackend("a");

        assertThat(lease(pool, boundToA.withSubset(V1)).backend().id()).isEqualTo("a");
        assertThat(lease(pool, boundToA.withSubset(V2)).backend().id()).isIn("c", "d");
    }

    @Test
    void session_staysWhereAFallbackHasLedIt() {
        LoadBalancer pool = four().subsets(SubsetPolicy.anyEndpoint().withSelector("version"))
                .build();
        RequestContext bound = RequestContext.NONE.withBoundBackend("a").withSubset(V3);

        for (int i = 0; i < 8; i++) {
            assertThat(lease(pool, bound).backend().id()).isEqualTo("a");
        }
    }

    @Test
    void weightsZonesAndRamps_areTheBackendsOwn() {
        LoadBalancer pool = fixture.builder()
                .strategy(Strategies.weightedRoundRobin())
                .subsets(BY_VERSION)
                .zones(ZonePolicy.multiplied(Map.of("near", 3)))
                .slowStart(SlowStart.of(Duration.ofSeconds(30)))
                .backend(Backend.builder("http://a:1")
                        .id("a")
                        .zone("near")
                        .metadata("version", "1")
                        .build())
                .backend(Backend.builder("http://b:1")
                        .id("b")
                        .zone("far")
                        .metadata("version", "1")
                        .build())
                .backend(backend("c", "2"))
                .build();

        assertThat(calls(pool, 8, V1)).isEqualTo(Map.of("a", 6, "b", 2));
        assertThat(call(pool, 10)).isEqualTo(Map.of("a", 6, "b", 2, "c", 2));
    }

    @Test
    void zones_divideASubsetByItself() {
        List<Backend> backends = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            backends.add(Backend.builder("http://h" + i + ":1")
                    .id("h" + i)
                    .zone(i % 2 == 0 ? "near" : "far")
                    .metadata("version", i < 8 ? "1" : "2")
                    .build());
        }
        LoadBalancer pool = fixture.builder()
                .strategy(Strategies.roundRobin())
                .subsets(BY_VERSION)
                .zones(ZonePolicy.weighted(Map.of("near", 3, "far", 1)))
                .backends(backends)
                .build();

        Map<String, Integer> counts = calls(pool, 400, V1);

        assertThat(IntStream.of(0, 2, 4, 6).map(i -> counts.get("h" + i)).sum()).isEqualTo(300);
        assertThat(counts).hasSize(8);
    }

    @Test
    @Timeout(60)
    void subsetsUnderChange_neverSeeAnothersBackend() throws Exception {
        LoadBalancer pool =
                four().timeSource(dev.evenkeel.lb.spi.TimeSource.system()).build();
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (Subset subset : List.of(V1, V2, V3)) {
                RequestContext context = RequestContext.NONE.withSubset(subset);
                running.add(threads.submit(() -> {
                    for (int i = 0; i < 20_000; i++) {
                        if (pool.acquire(context) instanceof Lease lease) {
                            assertThat(subset.matches(lease.backend())).isTrue();
                            lease.complete(i % 7 == 0 ? Outcome.FAILED : Outcome.SUCCESS);
                        }
                    }
                }));
            }
            for (int i = 0; i < 300; i++) {
                // A version never changes under an id here: a snapshot that is a moment old would know the one before.
                pool.registry().replaceAll(List.of(backend("a", "1"), backend("c", "2"), backend("e" + i % 5, "3")));
                pool.registry().replaceAll(List.of(backend("b", "1"), backend("d", "2")));
            }
            for (Future<?> one : running) {
                one.get(50, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(pool.snapshot().inFlight()).isZero();
        pool.close();
    }

    @Test
    void badPolicies_areRefused() {
        assertThatThrownBy(() -> SubsetPolicy.noFallback().withSelector())
                .hasMessage("selector must have 1..16 keys: []");
        assertThatThrownBy(() -> SubsetPolicy.noFallback().withSelector("a").withSelector("a"))
                .hasMessage("subset selectors must differ: two have the keys [a]");
        assertThatThrownBy(() -> SubsetPolicy.noFallback().withSelector(Fallback.DEFAULT_SUBSET, "a"))
                .hasMessageStartingWith("fall-back DEFAULT_SUBSET must have a default subset");
        assertThatThrownBy(() -> SubsetPolicy.noFallback().withMaxSubsets(0))
                .hasMessage("maxSubsets must be 1..100000: 0");
    }
}
