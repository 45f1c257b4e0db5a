package dev.evenkeel.lb.core.internal.pool;

import static dev.evenkeel.lb.core.PoolFixture.lease;
import static dev.evenkeel.lb.core.PoolFixture.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PickResult;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.Subset;
import dev.evenkeel.lb.core.LogLines;
import dev.evenkeel.lb.core.PoolFixture;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.core.health.OutlierDetectors;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.core.topology.SubsetPolicy;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.HealthResult;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which backend a request gets when its first pick leads nowhere. */
@Timeout(60)
class BackendSelectorTest {
    private final PoolFixture fixture = new PoolFixture();

    // The pool changes while a call looks.

    @Test
    void pickThatFails_isRepeatedOnTheSnapshotThatCameMeanwhile() {
        LoadBalancer pool =
                fixture.builder("http://a:1").strategy(Strategies.roundRobin()).build();
        AtomicInteger looks = new AtomicInteger();
        Lease lease = lease(pool, RequestContext.NONE.withPermitted(backend -> {
            if (looks.incrementAndGet() == 1) {
                pool.registry().add(Backend.of("http://b:1"));
            }
            return backend.id().equals("b:1");
        }));

        assertThat(lease.backend().id()).isEqualTo("b:1");
    }

    @Test
    void pickThatFailsOnAnUnchangedPool_isNotRepeated() {
        AtomicInteger picks = new AtomicInteger();
        LoadBalancer pool =
                fixture.builder("http://a:1").strategy(nothing(picks)).build();
        refusal(pool, RequestContext.NONE.withTried(List.of(Backend.of("http://a:1"))));

        assertThat(picks).hasValue(1);
    }

    @Test
    void poolThatChangesWithEachLook_refusesInTheEnd() {
        LoadBalancer pool =
                fixture.builder("http://a:1").strategy(Strategies.roundRobin()).build();
        AtomicInteger added = new AtomicInteger();
        RequestContext never = RequestContext.NONE.withPermitted(backend -> {
            if (backend.id().equals("a:1")) {
                pool.registry().add(Backend.of("http://b" + added.incrementAndGet() + ":1"));
            }
            return false;
        });

        assertThat(refusal(pool, never)).startsWith("pool \"users\" has no backend available");
        assertThat(added.get()).isBetween(17, 200);
        assertThat(pool.snapshot().inFlight()).isZero();
    }

    // Strategies that pick nothing.

    /** Counts its picks and picks nothing. */
    private static LoadBalancingStrategy nothing(AtomicInteger picks) {
        return context -> request -> {
            picks.incrementAndGet();
            return null;
        };
    }

    @Test
    void strategyThatPicksNothing_thoughABackendIsOpenToAll_isAskedTwice() {
        AtomicInteger picks = new AtomicInteger();
        LoadBalancer pool = fixture.builder("http://a:1", "http://b:1")
                .strategy(nothing(picks))
                .build();

        assertThat(refusal(pool)).contains("picked nothing although the request accepts 2 of 2 backends");
        assertThat(picks).hasValue(2);
    }

    @Test
    void strategyThatPicksNothing_thoughOneOfTwoIsOpenToAll_isAskedTwice() {
        AtomicInteger picks = new AtomicInteger();
        LoadBalancer pool = fixture.builder()
                .backend(Backend.of("http://a:1"))
                .backend(Backend.builder("http://b:1").maxInFlight(5).build())
                .strategy(nothing(picks))
                .build();

        refusal(pool);
        assertThat(picks).hasValue(2);
    }

    /** A call that ends may have made room after the picker looked. */
    @Test
    void strategyThatPicksNothing_ofBackendsWithLimits_isAskedSeventeenTimes() {
        AtomicInteger picks = new AtomicInteger();
        LoadBalancer pool = fixture.builder()
                .backend(Backend.builder("http://a:1").maxInFlight(5).build())
                .strategy(nothing(picks))
                .build();

        assertThat(refusal(pool)).contains("picked nothing although the request accepts 1 of 1 backends");
        assertThat(picks).hasValue(17);
    }

    /** A picker of an older snapshot may still hold a backend that passive health has closed. */
    @Test
    void strategyThatPicksABackendThatIsOut_doesNotGetItIn() {
        List<Candidate> first = new ArrayList<>();
        LoadBalancer pool = fixture.builder("http://a:1", "http://b:1", "http://c:1")
                .outlierDetection(OutlierDetectors.none())
                .strategy(context -> request -> {
                    if (first.isEmpty()) {
                        first.addAll(context.candidates());
                    }
                    return first.get(0);
                })
                .build();
        String id = lease(pool).backend().id();
        for (int i = 0; i < 12; i++) {
            if (pool.acquire(RequestContext.NONE) instanceof Lease lease) {
                lease.complete(Outcome.NEVER_SENT);
            }
        }
        assertThat(pool.snapshot().backend(id).breaker()).isEqualTo(BreakerState.OPEN);
        int before = pool.snapshot().backend(id).inFlight();

        assertThat(refusal(pool)).contains("picked \"" + id + "\", which the request does not accept");
        String tried = id.equals("b:1") ? "c:1" : "b:1";
        assertThat(refusal(pool, RequestContext.NONE.withTried(List.of(Backend.of("http://" + tried)))))
                .contains("picked \"" + id + "\", which the request does not accept");
        assertThat(pool.snapshot().backend(id).inFlight()).isEqualTo(before);
    }

    // Tiers.

    /** The drawn tier is full, or the next one: each other one is tried, once. */
    @Test
    void full_isThePoolOnlyWhenEveryTierIs() {
        Set<String> sick = Set.of("b0:1", "c0:1", "d0:1", "b1:1", "c1:1", "d1:1");
        List<Backend> backends = new ArrayList<>();
        for (int tier = 0; tier < 3; tier++) {
            for (String name : List.of("a", "b", "c", "d")) {
                backends.add(Backend.builder("http://" + name + tier + ":1")
                        .priority(tier)
                        .maxInFlight(1)
                        .build());
            }
        }
        LoadBalancer pool = fixture.builder()
                .backends(backends)
                .strategy(Strategies.roundRobin())
                .healthCheck(HealthCheckPolicy.builder((backend, timeout) -> CompletableFuture.completedFuture(
                                sick.contains(backend.id())
                                        ? HealthResult.unhealthy("sick")
                                        : HealthResult.healthy("fine")))
                        .fall(1)
                        .initialState(HealthState.DOWN)
                        .build())
                .build();
        fixture.time.advance(Duration.ofSeconds(1));
        assertThat(pool.snapshot().tiers())
                .extracting(tier -> tier.loadPercent() > 10)
                .containsOnly(true);
        for (int round = 0; round < 100; round++) {
            List<Lease> leases = new ArrayList<>();
            while (pool.acquire(RequestContext.NONE) instanceof Lease lease) {
                leases.add(lease);
            }
            assertThat(leases).as("round %d", round).hasSize(6);
            leases.forEach(lease -> lease.complete(Outcome.SUCCESS));
        }
    }

    // Subsets.

    @Test
    void undeclaredSubset_thatFallsBack_isLoggedOnce() {
        LoadBalancer pool = fixture.builder("http://a:1", "http://b:1")
                .subsets(SubsetPolicy.anyEndpoint())
                .build();
        try (LogLines log = new LogLines("fall back")) {
            for (int i = 0; i < 3; i++) {
                lease(pool, RequestContext.NONE.withSubset(Subset.of("version", "2")));
            }
            assertThat(log.lines())
                    .singleElement()
                    .asString()
                    .contains("version")
                    .startsWith("WARNING pool users");
        }
    }

    @Test
    void declaredSubset_isNotLogged() {
        LoadBalancer pool = fixture.builder("http://a:1", "http://b:1")
                .subsets(SubsetPolicy.anyEndpoint().withSelector("version"))
                .build();
        try (LogLines log = new LogLines("fall back")) {
            lease(pool, RequestContext.NONE.withSubset(Subset.of("version", "2")));
            assertThat(log.lines()).isEmpty();
        }
    }

    @Test
    void subsetDeclaredLater_isFound() {
        LoadBalancer pool = fixture.builder()
                .backend(Backend.builder("http://a:1").metadata("version", "1").build())
                .backend(Backend.builder("http://b:1").metadata("version", "2").build())
                .subsets(SubsetPolicy.noFallback())
                .build();
        RequestContext second = RequestContext.NONE.withSubset(Subset.of("version", "2"));
        refusal(pool, second);

        ((Pool) pool).declareSubsets(Set.of("version"));

        assertThat(lease(pool, second).backend().id()).isEqualTo("b:1");
    }

    // Backends that only passive health keeps out.

    private void refuseConnections(LoadBalancer pool, String... ids) {
        for (int i = 0; i < 12; i++) {
            for (String id : ids) {
                PickResult result = pool.acquire(RequestContext.NONE.withPermitted(
                        backend -> backend.id().equals(id)));
                if (result instanceof Lease lease) {
                    lease.complete(Outcome.NEVER_SENT);
                }
            }
        }
    }

    private Map<String, Integer> afterTrying(LoadBalancer pool, String tried, int calls) {
        Map<String, Integer> counts = new HashMap<>();
        for (int i = 0; i < calls; i++) {
            Lease lease = lease(
                    pool,
                    RequestContext.NONE
                            .withTried(List.of(
                                    Backend.builder("http://" + tried).id(tried).build()))
                            .withPassiveHealthIgnored(true));
            counts.merge(lease.backend().id(), 1, Integer::sum);
            lease.complete(Outcome.DISCARDED);
        }
        return counts;
    }

    @Test
    void backendsThatPassiveHealthKeepsOut_shareTheCallsThatHaveNoOther() {
        LoadBalancer pool = fixture.builder(
                        "http://good:1",
                        "http://a:1",
                        "http://b:1",
                        "http://c:1",
                        "http://d:1",
                        "http://e:1",
                        "http://f:1")
                .strategy(Strategies.roundRobin())
                .build();
        refuseConnections(pool, "a:1", "b:1");

        Map<String, Integer> counts = new HashMap<>();
        for (int i = 0; i < 200; i++) {
            Lease lease = lease(
                    pool,
                    RequestContext.NONE
                            .withPermitted(
                                    backend -> Set.of("good:1", "a:1", "b:1").contains(backend.id()))
                            .withTried(List.of(Backend.of("http://good:1")))
                            .withPassiveHealthIgnored(true));
            counts.merge(lease.backend().id(), 1, Integer::sum);
            lease.complete(Outcome.DISCARDED);
        }

        assertThat(counts.get("a:1")).isBetween(10, 190);
        assertThat(counts.get("b:1")).isEqualTo(200 - counts.get("a:1"));
    }

    @Test
    void ofBackendsThatPassiveHealthKeepsOut_theFirstTierIsPreferred() {
        LoadBalancer pool = fixture.builder()
                .backend(Backend.of("http://good:1"))
                .backend(Backend.builder("http://spare:1").priority(1).build())
                .backend(Backend.of("http://out:1"))
                .strategy(Strategies.roundRobin())
                .build();
        pool.registry().maintenance("good:1");
        pool.registry().maintenance("out:1");
        refuseConnections(pool, "spare:1");
        pool.registry().activate("good:1");
        pool.registry().activate("out:1");
        refuseConnections(pool, "out:1");
        assertThat(pool.snapshot().backend("spare:1").breaker()).isEqualTo(BreakerState.OPEN);
        assertThat(pool.snapshot().backend("out:1").breaker()).isEqualTo(BreakerState.OPEN);

        assertThat(afterTrying(pool, "good:1", 50)).containsOnlyKeys("out:1");
    }
}
