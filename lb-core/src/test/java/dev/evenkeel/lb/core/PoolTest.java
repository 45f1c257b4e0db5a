package dev.evenkeel.lb.core;

import static dev.evenkeel.lb.core.PoolFixture.call;
import static dev.evenkeel.lb.core.PoolFixture.lease;
import static dev.evenkeel.lb.core.PoolFixture.refusal;
import static dev.evenkeel.lb.core.PoolFixture.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerEvent.StrategyFailed;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.spi.Candidate;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import dev.evenkeel.lb.spi.PickRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PoolTest {
    private static final String A = "a:1";
    private static final String B = "b:1";
    private static final String C = "c:1";

    private final PoolFixture fixture = new PoolFixture();

    private LoadBalancerBuilder three() {
        return fixture.builder("http://a:1", "http://b:1", "http://c:1").strategy(Strategies.roundRobin());
    }

    @Test
    void roundRobin_thirtyCallsOverThree_tenEach() {
        LoadBalancer pool = three().build();

        assertThat(call(pool, 30)).containsExactlyInAnyOrderEntriesOf(Map.of(A, 10, B, 10, C, 10));
    }

    @Test
    void lease_completedTwice_countsOnce() {
        LoadBalancer pool = fixture.builder("http://a:1").build();
        Lease lease = lease(pool);
        assertThat(status(pool, A).inFlight()).isEqualTo(1);

        assertThat(lease.complete(Outcome.SUCCESS)).isTrue();
        assertThat(lease.complete(Outcome.FAILED)).isFalse();

        assertThat(status(pool, A).inFlight()).isZero();
        assertThat(status(pool, A).requests()).isEqualTo(1);
        assertThat(status(pool, A).count(Outcome.SUCCESS)).isEqualTo(1);
        assertThat(status(pool, A).count(Outcome.FAILED)).isZero();
    }

    @Test
    void latency_ofAStreamedAnswer_endsWhenTheAnswerBegins() {
        LoadBalancer pool = fixture.builder("http://a:1").build();
        Lease lease = lease(pool);
        fixture.time.advance(Duration.ofMillis(20));
        lease.responded();
        fixture.time.advance(Duration.ofHours(1));
        assertThat(status(pool, A).inFlight()).isEqualTo(1);

        lease.complete(Outcome.SUCCESS);

        assertThat(status(pool, A).latency()).isEqualTo(Duration.ofMillis(20));
    }

    @Test
    void tried_backends_areNotChosenAgain() {
        LoadBalancer pool = three().build();

        for (int i = 0; i < 10; i++) {
            RequestContext context =
                    RequestContext.NONE.withTried(List.of(Backend.of("http://a:1"), Backend.of("http://b:1")));
            Lease lease = lease(pool, context);
            assertThat(lease.backend().id()).isEqualTo(C);
            lease.complete(Outcome.SUCCESS);
        }
    }

    @Test
    void allTried_isAValueThatSaysSo() {
        LoadBalancer pool = fixture.builder("http://a:1").build();

        assertThat(refusal(pool, RequestContext.NONE.withTried(List.of(Backend.of("http://a:1")))))
                .isEqualTo("pool \"users\" has no backend available: 1 backend (1 tried in this call); tried a:1");
    }

    @Test
    void noBackends_saysSo() {
        assertThat(refusal(fixture.builder().build()))
                .isEqualTo("pool \"users\" has no backend available: it has no backends");
    }

    @Test
    void closedPool_saysSo_andOldLeasesComplete() {
        LoadBalancer pool = three().build();
        Lease lease = lease(pool);
        pool.close();
        pool.close();

        assertThat(refusal(pool)).contains("3 backends").endsWith("; the pool is closed");
        assertThat(lease.complete(Outcome.SUCCESS)).isTrue();
        assertThat(pool.snapshot().inFlight()).isZero();
        assertThat(pool.snapshot().closed()).isTrue();
        assertThatThrownBy(() -> pool.registry().add(Backend.of("http://d:1")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("pool \"users\" is closed");
    }

    @Test
    void fullBackend_isPassedOver_andAFullPoolSaysSo() {
        LoadBalancer pool = fixture.builder()
                .backend(Backend.builder("http://a:1").maxInFlight(1).build())
                .backend(Backend.builder("http://b:1").maxInFlight(2).build())
                .build();
        List<Lease> leases = List.of(lease(pool), lease(pool), lease(pool));

        assertThat(leases.stream().filter(l -> l.backend().id().equals(A))).hasSize(1);
        assertThat(refusal(pool))
                .isEqualTo("pool \"users\" has no backend available: 2 backends (2 full); 3 of 3 calls in flight");
        leases.get(0).complete(Outcome.SUCCESS);
        assertThat(lease(pool).backend()).isEqualTo(leases.get(0).backend());
    }

    @Test
    void tier_isUsedOnlyWhenTheOneBeforeHasNothing() {
        LoadBalancer pool = fixture.builder("http://a:1")
                .backend(Backend.builder("http://b:1").priority(1).build())
                .build();
        assertThat(call(pool, 10)).containsOnlyKeys(A);

        pool.registry().maintenance(A);
        assertThat(call(pool, 10)).containsOnlyKeys(B);

        pool.registry().activate(A);
        assertThat(call(pool, 10)).containsOnlyKeys(A);
        assertThat(status(pool, B).isEligible()).isFalse();
    }

    @Test
    void retry_afterTheFirstTierIsTried_goesToTheNext() {
        LoadBalancer pool = fixture.builder("http://a:1")
                .backend(Backend.builder("http://b:1").priority(1).build())
                .build();

        assertThat(lease(pool, RequestContext.NONE.withTried(List.of(Backend.of("http://a:1"))))
                        .backend()
                        .id())
                .isEqualTo(B);
    }

    @Test
    void strategy_returningNull_failsWithItsName_andReportsOnce() {
        LoadBalancer pool = three().strategy(named("picky", request -> null)).build();

        assertThat(refusal(pool))
                .isEqualTo(
                        "pool \"users\" has no backend available: 3 backends; strategy \"picky\" picked nothing although"
                                + " the request accepts 3 of 3 backends");
        refusal(pool);
        assertThat(fixture.events(StrategyFailed.class)).hasSize(1);
        assertThat(pool.snapshot().inFlight()).isZero();
    }

    @Test
    void strategy_throwing_failsWithItsNameAndTheCause() {
        LoadBalancer pool = three().strategy(named("bomb", request -> {
                    throw new IllegalStateException("boom");
                }))
                .build();

        assertThat(refusal(pool)).endsWith("3 backends; strategy \"bomb\" threw java.lang.IllegalStateException: boom");
        assertThat(fixture.events(StrategyFailed.class)).hasSize(1);
    }

    @Test
    void strategy_throwingInNewPicker_failsCallsNotTheBuild() {
        LoadBalancer pool = three().strategy(context -> {
                    throw new IllegalStateException("boom");
                })
                .build();

        assertThat(refusal(pool)).contains("it could not make a picker: java.lang.IllegalStateException: boom");
    }

    @Test
    void strategy_ignoringWhatTheRequestAccepts_isNamed() {
        LoadBalancer pool = fixture.builder("http://a:1", "http://b:1")
                .strategy(context -> {
                    Candidate first = context.candidates().get(0);
                    return request -> first;
                })
                .build();

        assertThat(refusal(pool, RequestContext.NONE.withTried(List.of(Backend.of("http://a:1")))))
                .contains("picked \"a:1\", which the request does not accept");
    }

    @Test
    void strategy_pickingAnotherPoolsCandidate_isNamed() {
        Candidate[] stolen = new Candidate[1];
        LoadBalancer other = fixture.builder("http://x:1")
                .strategy(context -> {
                    stolen[0] = context.candidates().get(0);
                    return request -> stolen[0];
                })
                .build();
        LoadBalancer pool = fixture.builder("http://a:1")
                .strategy(context -> request -> stolen[0])
                .build();

        assertThat(refusal(pool)).endsWith("picked a candidate that is not the pool's");
        assertThat(other.snapshot().inFlight()).isZero();
    }

    private static LoadBalancingStrategy named(String name, dev.evenkeel.lb.spi.Picker picker) {
        return new LoadBalancingStrategy() {
            @Override
            public dev.evenkeel.lb.spi.Picker newPicker(dev.evenkeel.lb.spi.PickerContext context) {
                return picker;
            }

            @Override
            public String name() {
                return name;
            }
        };
    }

    /** The change comes between the pick and the count, as a race would have it. */
    @Test
    void drain_betweenPickAndCount_stillWins() {
        AtomicReference<LoadBalancer> pool = new AtomicReference<>();
        AtomicBoolean raced = new AtomicBoolean();
        pool.set(fixture.builder("http://a:1", "http://b:1")
                .strategy(context -> request -> {
                    Candidate picked = firstAccepted(context.candidates(), request);
                    if (pool.get() != null && raced.compareAndSet(false, true)) {
                        pool.get().registry().drain(A);
                    }
                    return picked;
                })
                .build());

        assertThat(lease(pool.get()).backend().id()).isEqualTo(B);
        assertThat(status(pool.get(), A).requests()).isZero();
    }

    @Test
    void limit_reachedBetweenPickAndCount_isNotExceeded() {
        AtomicReference<LoadBalancer> pool = new AtomicReference<>();
        AtomicBoolean raced = new AtomicBoolean();
        pool.set(fixture.builder()
                .backend(Backend.builder("http://a:1").maxInFlight(1).build())
                .backend(Backend.builder("http://b:1").maxInFlight(1).build())
                .strategy(context -> request -> {
                    Candidate picked = firstAccepted(context.candidates(), request);
                    if (raced.compareAndSet(false, true)) {
                        assertThat(lease(pool.get()).backend().id()).isEqualTo(A);
                    }
                    return picked;
                })
                .build());

        assertThat(lease(pool.get()).backend().id()).isEqualTo(B);
        assertThat(status(pool.get(), A).inFlight()).isEqualTo(1);
        assertThat(refusal(pool.get())).contains("2 full");
    }

    private static @Nullable Candidate firstAccepted(List<Candidate> candidates, PickRequest request) {
        return candidates.stream().filter(request::accepts).findFirst().orElse(null);
    }
}
