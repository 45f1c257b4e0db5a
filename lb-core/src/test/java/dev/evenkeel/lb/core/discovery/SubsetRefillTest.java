package dev.evenkeel.lb.core.discovery;

import static dev.evenkeel.lb.core.PoolFixture.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerEvent.BackendAdded;
import dev.evenkeel.lb.LoadBalancerEvent.BackendRemoved;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PoolSnapshot.TierStatus;
import dev.evenkeel.lb.core.PoolFixture;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.spi.BackendDiscovery;
import dev.evenkeel.lb.spi.HealthResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A subset of a fleet goes on with the next backends while some of its own are out, and has its own back afterwards. */
class SubsetRefillTest {
    private static final List<Backend> FLEET = IntStream.range(0, 8)
            .mapToObj(i -> Backend.of("http://10.0.0." + i + ":80"))
            .toList();
    /** The fleet in the order in which this client takes backends. */
    private static final List<String> ORDER = order();

    private final PoolFixture fixture = new PoolFixture();
    private final Set<String> down = new HashSet<>();
    private final List<BackendDiscovery.Receiver> fleet = new ArrayList<>();

    private final BackendDiscovery source = receiver -> {
        fleet.add(receiver);
        receiver.backends(FLEET);
        return () -> {};
    };

    private static List<String> order() {
        List<String> order = new ArrayList<>();
        for (int size = 1; size <= FLEET.size(); size++) {
            for (Backend backend : new RendezvousSubsetter(size, "client-1", 0)
                    .of(FLEET, Set.of())
                    .backends()) {
                if (!order.contains(backend.id())) {
                    order.add(backend.id());
                }
            }
        }
        return order;
    }

    private LoadBalancer pool(BackendDiscovery discovery) {
        return fixture.builder()
                .discovery(discovery)
                .strategy(Strategies.roundRobin())
                .healthCheck(HealthCheckPolicy.builder((backend, timeout) -> CompletableFuture.completedFuture(
                                down.contains(backend.id())
                                        ? HealthResult.unhealthy("down")
                                        : HealthResult.healthy("up")))
                        .interval(Duration.ofMillis(200))
                        .fall(1)
                        .rise(1)
                        .build())
                .build();
    }

    private LoadBalancer pool() {
        return pool(Discoveries.subset(source, 3, "client-1"));
    }

    private void settle() {
        fixture.time.advance(Duration.ofSeconds(3));
    }

    private static Set<String> members(LoadBalancer pool) {
        Set<String> ids = new HashSet<>();
        for (BackendStatus status : pool.snapshot().backends()) {
            ids.add(status.backend().id());
        }
        return ids;
    }

    private static Set<String> first(int count) {
        return Set.copyOf(ORDER.subList(0, count));
    }

    @Test
    void threeOfEight_allDown_theOtherFiveServe_andTheThreeComeBack() {
        LoadBalancer pool = pool();
        settle();
        assertThat(members(pool)).isEqualTo(first(3));

        down.addAll(first(3));
        settle();

        assertThat(members(pool)).isEqualTo(first(6));
        assertThat(call(pool, 30).keySet()).isEqualTo(Set.copyOf(ORDER.subList(3, 6)));

        down.clear();
        settle();

        assertThat(members(pool)).isEqualTo(first(3));
        assertThat(call(pool, 30).keySet()).isEqualTo(first(3));
    }

    @Test
    void replacementsThatAreDownThemselves_areReplacedToo_withinTheBound() {
        LoadBalancer pool = pool(Discoveries.subset(source, 3, "client-1", 4));
        down.addAll(first(5));
        settle();
        assertThat(members(pool)).isEqualTo(first(7));

        down.addAll(ORDER);
        settle();
        assertThat(members(pool)).isEqualTo(first(7));

        down.removeAll(first(2));
        settle();
        assertThat(members(pool)).isEqualTo(first(7));
        down.removeAll(first(3));
        settle();
        assertThat(members(pool)).isEqualTo(first(3));
    }

    @Test
    void drainMaintenanceAndEjection_areReplaced_untilTheyEnd() {
        LoadBalancer pool = pool();
        settle();

        pool.registry().drain(ORDER.get(0));
        assertThat(members(pool)).isEqualTo(first(4));
        pool.registry().maintenance(ORDER.get(1));
        assertThat(members(pool)).isEqualTo(first(5));
        call(pool, 40, Map.of(ORDER.get(2), Outcome.SERVER_ERROR));
        assertThat(members(pool)).isEqualTo(first(6));

        settle();
        assertThat(members(pool)).isEqualTo(first(5));
        pool.registry().activate(ORDER.get(0));
        pool.registry().activate(ORDER.get(1));
        settle();
        assertThat(members(pool)).isEqualTo(first(3));
    }

    private final List<Backend> tiers = IntStream.range(0, 8)
            .mapToObj(i -> Backend.builder("http://10.0.0." + i + ":80")
                    .priority(i < 6 ? 0 : 1)
                    .build())
            .toList();

    private LoadBalancer poolOfTiers(int maxRefill) {
        BackendDiscovery ofTiers = receiver -> {
            receiver.backends(tiers);
            return () -> {};
        };
        return pool(Discoveries.subset(ofTiers, 3, "client-1", maxRefill));
    }

    /** The ids of the backends of tier 0 that the pool has, the subset's own ones first. */
    private Set<String> ofTierZero(LoadBalancer pool) {
        Set<String> ids = members(pool);
        ids.removeAll(tiers.subList(6, 8).stream().map(Backend::id).toList());
        return ids;
    }

    private static String tier(LoadBalancer pool, int index) {
        TierStatus tier = pool.snapshot().tiers().get(index);
        return tier.loadPercent() + " % of the load, " + tier.healthyPercent() + " % healthy"
                + (tier.panic() ? ", panic" : "");
    }

    @Test
    void replacedBackends_doNotCountInTheirTier_soNothingSpillsOver() {
        LoadBalancer pool = poolOfTiers(3);
        settle();
        Set<String> own = ofTierZero(pool);
        assertThat(own).hasSize(3);

        down.addAll(own);
        settle();
        assertThat(ofTierZero(pool)).hasSize(6);
        assertThat(tier(pool, 0)).isEqualTo("100 % of the load, 100 % healthy");
        assertThat(call(pool, 60).keySet()).isEqualTo(minus(ofTierZero(pool), own));

        down.clear();
        settle();
        assertThat(ofTierZero(pool)).isEqualTo(own);
        assertThat(tier(pool, 0)).isEqualTo("100 % of the load, 100 % healthy");
    }

    @Test
    void backendsBeyondTheBound_countAsMissing() {
        LoadBalancer pool = poolOfTiers(1);
        settle();
        down.addAll(ofTierZero(pool));
        settle();

        // One of three serves: 140 % of a third stay, and the rest goes to tier 1.
        assertThat(ofTierZero(pool)).hasSize(4);
        assertThat(tier(pool, 0)).isEqualTo("46 % of the load, 33 % healthy");
        assertThat(tier(pool, 1)).isEqualTo("54 % of the load, 100 % healthy");
    }

    @Test
    void replacedBackends_inMaintenanceOrDraining_doNotCountEither_andCountAgainAfterwards() {
        LoadBalancer pool = poolOfTiers(3);
        settle();
        List<String> own = List.copyOf(ofTierZero(pool));
        pool.registry().drain(own.get(0));
        pool.registry().maintenance(own.get(1));
        settle();
        assertThat(tier(pool, 0)).isEqualTo("100 % of the load, 100 % healthy");
        assertThat(tier(pool, 1)).startsWith("0 % of the load");

        pool.registry().activate(own.get(0));
        pool.registry().activate(own.get(1));
        settle();
        assertThat(ofTierZero(pool)).isEqualTo(Set.copyOf(own));
        down.add(own.get(0));
        down.addAll(minus(tiers.stream().map(Backend::id).collect(Collectors.toSet()), own));
        settle();
        assertThat(tier(pool, 0)).isEqualTo("100 % of the load, 66 % healthy");
    }

    @Test
    void replacedBackendThatIsEjected_isTheLastResort_whenItsReplacementsAreDown() {
        LoadBalancer pool = poolOfTiers(3);
        settle();
        Set<String> own = ofTierZero(pool);
        down.addAll(minus(tiers.stream().map(Backend::id).collect(Collectors.toSet()), own));
        settle();
        assertThat(members(pool)).containsAll(own);

        call(pool, 40, own.stream().collect(Collectors.toMap(id -> id, id -> Outcome.SERVER_ERROR)));
        // The first checks find out that the replacements are down.
        fixture.time.advance(Duration.ofMillis(500));

        assertThat(ofTierZero(pool)).hasSizeGreaterThan(3);
        assertThat(own).containsAll(call(pool, 20).keySet());
    }

    private static Set<String> minus(Set<String> all, Collection<String> some) {
        Set<String> rest = new HashSet<>(all);
        rest.removeAll(some);
        return rest;
    }

    @Test
    void noRefill_staysWithTheThree() {
        LoadBalancer pool = pool(Discoveries.subset(source, 3, "client-1", 0));
        down.addAll(first(3));
        settle();
        assertThat(members(pool)).isEqualTo(first(3));
        assertThatThrownBy(() -> Discoveries.subset(source, 3, "me", -1))
                .hasMessage("subset maxRefill must be 0..100000: -1");
    }

    @Test
    void subsetWithinAUnion_isRefilledToo() {
        LoadBalancer pool = pool(
                Discoveries.union(Discoveries.subset(source, 3, "client-1"), Discoveries.fixed(FLEET.subList(0, 1))));
        down.addAll(first(3));
        settle();
        assertThat(members(pool)).containsAll(first(6));
    }

    @Test
    void nothingChanges_ifTheBackendsThatAreOutAreNot() {
        LoadBalancer pool = pool();
        settle();
        down.add(ORDER.get(0));
        settle();
        int added = fixture.events(BackendAdded.class).size();
        fixture.time.advance(Duration.ofMinutes(1));
        fleet.get(0).backends(FLEET);

        assertThat(fixture.events(BackendAdded.class)).hasSize(added);
        assertThat(fixture.events(BackendRemoved.class)).isEmpty();
        assertThat(members(pool)).isEqualTo(first(4));
    }

    @Test
    void backendThatLeavesTheFleet_leavesTheSubset_whetherOrNotItIsOut() {
        LoadBalancer pool = pool();
        down.add(ORDER.get(0));
        settle();
        fleet.get(0)
                .backends(FLEET.stream()
                        .filter(backend -> !backend.id().equals(ORDER.get(0)))
                        .toList());
        settle();
        assertThat(members(pool)).isEqualTo(Set.copyOf(ORDER.subList(1, 4)));
    }
}
