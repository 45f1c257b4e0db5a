package dev.evenkeel.lb.core.strategy;

import static dev.evenkeel.lb.core.PoolFixture.lease;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Named.named;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.Subset;
import dev.evenkeel.lb.core.LoadBalancerBuilder;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.PoolFixture;
import dev.evenkeel.lb.core.topology.SubsetPolicy;
import dev.evenkeel.lb.core.topology.ZonePolicy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The bound of a consistent hash in whole pools: it is the bound of the backends that compete for the call, as if they were
 * a pool of their own.
 */
final class BoundedLoadTest {
    private static final List<String> MINE = List.of("a", "b", "c");
    private static final List<String> REST = List.of("d", "e", "f", "g", "h");

    static Stream<Named<ConsistentHash>> forms() {
        ConsistentHash hash = Strategies.consistentHash();
        return Stream.of(named("maglev", hash), named("ring", hash.ring()), named("rendezvous", hash.rendezvous()));
    }

    private static LoadBalancerBuilder builder(ConsistentHash hash, List<Backend> backends) {
        PoolFixture fixture = new PoolFixture();
        return LoadBalancers.builder("users")
                .backends(backends)
                .timeSource(fixture.time)
                .scheduler(fixture.time)
                .random(new Random(42))
                .strategy(hash);
    }

    private static Backend.Builder backend(String id) {
        return Backend.builder("http://" + id + ":80").id(id);
    }

    private static List<Backend> backends(UnaryOperator<Backend.Builder> mine, UnaryOperator<Backend.Builder> rest) {
        List<Backend> backends = new ArrayList<>();
        MINE.forEach(id -> backends.add(mine.apply(backend(id)).build()));
        REST.forEach(id -> backends.add(rest.apply(backend(id)).build()));
        return backends;
    }

    /** The backends of calls that stay in flight: a hot key, and others in between. */
    private static List<String> calls(LoadBalancer pool, RequestContext context, int calls) {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            String key = i % 4 == 3 ? "key-" + i : "hot";
            ids.add(lease(pool, keyed(context, key)).backend().id());
        }
        return ids;
    }

    private static RequestContext keyed(RequestContext context, String key) {
        return new RequestContext() {
            @Override
            public String affinityKey() {
                return key;
            }

            @Override
            public @Nullable Subset subset() {
                return context.subset();
            }

            @Override
            public List<Backend> tried() {
                return context.tried();
            }
        };
    }

    private static List<String> alone(ConsistentHash hash, int calls) {
        List<Backend> mine = MINE.stream().map(id -> backend(id).build()).toList();
        return calls(builder(hash, mine).build(), RequestContext.NONE, calls);
    }

    @ParameterizedTest
    @MethodSource("forms")
    void subset_isBoundedAsAPoolOfItsBackends(ConsistentHash form) {
        ConsistentHash hash = form.loadFactor(1.5);
        LoadBalancer pool = builder(hash, backends(b -> b.metadata("version", "1"), b -> b.metadata("version", "2")))
                .subsets(SubsetPolicy.noFallback().withSelector("version"))
                .build();
        RequestContext version = new RequestContext() {
            @Override
            public Subset subset() {
                return Subset.of("version", "1");
            }
        };
        assertThat(calls(pool, version, 60)).isEqualTo(alone(hash, 60));
    }

    @ParameterizedTest
    @MethodSource("forms")
    void tier_isBoundedAsAPoolOfItsBackends(ConsistentHash form) {
        ConsistentHash hash = form.loadFactor(1.5);
        LoadBalancer pool =
                builder(hash, backends(b -> b.priority(0), b -> b.priority(1))).build();
        assertThat(calls(pool, RequestContext.NONE, 60)).isEqualTo(alone(hash, 60));
    }

    @ParameterizedTest
    @MethodSource("forms")
    void zone_isBoundedAsAPoolOfItsBackends(ConsistentHash form) {
        ConsistentHash hash = form.loadFactor(1.5);
        LoadBalancer pool = builder(hash, backends(b -> b.zone("here"), b -> b.zone("there")))
                .zones(ZonePolicy.preferLocal("here"))
                .build();
        List<String> ids = calls(pool, RequestContext.NONE, 600);
        // Some calls leave the zone if it is too small; what stays is bounded by what is in flight there.
        for (String id : MINE) {
            int all = (int) ids.stream().filter(MINE::contains).count();
            assertThat(Collections.frequency(ids, id)).isLessThanOrEqualTo((int) Math.ceil(1.5 * all / 3) + 1);
        }
    }

    /** Calls that came without the subset load its backends, too. */
    @ParameterizedTest
    @MethodSource("forms")
    void callsOfAllKinds_countOnBothSides(ConsistentHash form) {
        LoadBalancer pool = builder(
                        form.loadFactor(1), backends(b -> b.metadata("version", "1"), b -> b.metadata("version", "2")))
                .subsets(SubsetPolicy.anyEndpoint().withSelector("version"))
                .build();
        List<String> ids = calls(pool, RequestContext.NONE, 80);
        for (String id : MINE) {
            assertThat(Collections.frequency(ids, id)).isEqualTo(10);
        }
        RequestContext version = new RequestContext() {
            @Override
            public Subset subset() {
                return Subset.of("version", "1");
            }
        };
        List<String> more = calls(pool, version, 30);
        for (String id : MINE) {
            assertThat(Collections.frequency(more, id)).as(id).isEqualTo(10);
        }
    }

    /** What the tried backend has in flight gives the rest no slots: of two, each takes half. */
    @ParameterizedTest
    @MethodSource("forms")
    void retry_isBoundedByWhatIsLeft(ConsistentHash form) {
        List<Backend> mine = MINE.stream().map(id -> backend(id).build()).toList();
        LoadBalancer pool = builder(form.loadFactor(1), mine).build();
        Backend tried = lease(pool, RequestContext.ofAffinityKey("hot")).backend();
        RequestContext others = RequestContext.NONE.withTried(mine.stream()
                .filter(backend -> !backend.id().equals(tried.id()))
                .toList());
        for (int i = 0; i < 30; i++) {
            lease(pool, others);
        }
        RequestContext retry = RequestContext.ofAffinityKey("hot").withTried(List.of(tried));
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            ids.add(lease(pool, retry).backend().id());
        }
        for (Backend backend : mine) {
            assertThat(Collections.frequency(ids, backend.id()))
                    .isEqualTo(backend.id().equals(tried.id()) ? 0 : 5);
        }
    }

    @Test
    void callsThatEnd_giveTheKeyBackToItsOwner() {
        List<Backend> mine = MINE.stream().map(id -> backend(id).build()).toList();
        LoadBalancer pool =
                builder(Strategies.consistentHash().loadFactor(1), mine).build();
        RequestContext hot = RequestContext.ofAffinityKey("hot");
        List<Lease> leases = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            leases.add(lease(pool, hot));
        }
        String owner = leases.get(0).backend().id();
        leases.forEach(lease -> lease.complete(Outcome.SUCCESS));
        assertThat(lease(pool, hot).backend().id()).isEqualTo(owner);
    }
}
