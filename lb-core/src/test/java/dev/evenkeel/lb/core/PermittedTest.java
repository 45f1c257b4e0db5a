package dev.evenkeel.lb.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Decision;
import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PickResult;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.Subset;
import dev.evenkeel.lb.Unavailable;
import dev.evenkeel.lb.core.limit.LimitPolicy;
import dev.evenkeel.lb.core.strategy.Strategies;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A request that may be sent to some backends only. */
class PermittedTest {
    private static final RequestContext TLS_ONLY = RequestContext.NONE.withPermitted(Backend::isTls);

    private final PoolFixture fixture = new PoolFixture();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "adaptive",
                "consistentHash",
                "ipHash",
                "latencyTiers",
                "leastConnections",
                "leastResponseTime",
                "powerOfTwo",
                "random",
                "roundRobin",
                "weightedLeastConnections",
                "weightedRoundRobin"
            })
    void pick_underEveryStrategy_takesAPermittedBackend(String strategy) {
        LoadBalancer pool = fixture.builder("http://a:1", "http://b:1", "https://c:1", "http://d:1", "https://e:1")
                .strategy(Strategies.byName(strategy))
                .build();

        for (int i = 0; i < 50; i++) {
            RequestContext keyed = RequestContext.ofAffinityKey("user-" + i).withPermitted(Backend::isTls);
            Lease lease = PoolFixture.lease(pool, keyed);
            assertThat(lease.backend().isTls()).isTrue();
            lease.complete(Outcome.SUCCESS);
        }
    }

    @Test
    void pick_withoutAPermittedBackend_saysHowMany() {
        LoadBalancer pool = fixture.builder("http://a:1", "http://b:1").build();

        Unavailable refused = (Unavailable) pool.acquire(TLS_ONLY);

        assertThat(refused.reasons()).isEqualTo(Map.of(Ineligibility.NOT_PERMITTED, 2));
        assertThat(refused.occupancy()).isNull();
        assertThat(refused.message())
                .isEqualTo("pool \"users\" has no backend available: 2 backends (2 not permitted for this call)");
    }

    @Test
    void permittedBackend_inAStandbyTier_isTaken() {
        LoadBalancer pool = fixture.builder()
                .backends(List.of(
                        Backend.of("http://a:1"),
                        Backend.builder("https://b:1").priority(1).build()))
                .build();

        assertThat(PoolFixture.lease(pool, TLS_ONLY).backend().id()).isEqualTo("b:1");
    }

    @Test
    void boundBackend_thatIsNotPermitted_isPassedOver() {
        LoadBalancer pool = fixture.builder("http://a:1", "https://b:1").build();

        assertThat(PoolFixture.lease(pool, TLS_ONLY.withBoundBackend("a:1"))
                        .backend()
                        .id())
                .isEqualTo("b:1");
    }

    @Test
    void contextsDerived_keepWhatIsPermitted() {
        RequestContext derived = TLS_ONLY.withBoundBackend("a:1")
                .withSubset(Subset.of("version", "1"))
                .withTried(List.of());

        assertThat(derived.permitted()).isSameAs(TLS_ONLY.permitted());
        assertThat(derived.withPermitted(null).permitted()).isNull();
    }

    @Test
    void decision_namesTheReason() {
        LoadBalancer pool = fixture.builder("http://a:1", "https://b:1")
                .strategy(Strategies.roundRobin())
                .build();

        Decision decision = pool.explain(TLS_ONLY).with(pool.acquire(TLS_ONLY));

        assertThat(decision.toString()).endsWith("; not eligible: a:1 (not permitted for this call)");
    }

    @Test
    void call_thatWaitsForAPermittedBackend_holdsNoOtherCallUp() {
        LoadBalancer pool = fixture.builder()
                .backends(List.of(
                        Backend.builder("http://a:1").maxInFlight(1).build(),
                        Backend.builder("https://b:1").maxInFlight(1).build()))
                .limits(LimitPolicy.maxInFlight(2).withQueue(5, Duration.ofSeconds(1)))
                .build();
        Lease plain = PoolFixture.lease(pool, RequestContext.NONE.withBoundBackend("a:1"));
        Lease tls = PoolFixture.lease(pool, TLS_ONLY);
        CompletableFuture<PickResult> restricted = pool.acquireOrWait(TLS_ONLY);
        CompletableFuture<PickResult> any = pool.acquireOrWait(RequestContext.NONE);

        plain.complete(Outcome.SUCCESS);

        assertThat(any)
                .isCompletedWithValueMatching(result ->
                        result instanceof Lease lease && lease.backend().id().equals("a:1"));
        assertThat(restricted).isNotDone();
        tls.complete(Outcome.SUCCESS);
        assertThat(restricted)
                .isCompletedWithValueMatching(result ->
                        result instanceof Lease lease && lease.backend().id().equals("b:1"));
    }
}
