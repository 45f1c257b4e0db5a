package dev.evenkeel.lb.core.internal.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Decision;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerEvent.StrategyFailed;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.PickResult;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.Subset;
import dev.evenkeel.lb.Unavailable;
import dev.evenkeel.lb.core.LoadBalancerBuilder;
import dev.evenkeel.lb.core.PoolFixture;
import dev.evenkeel.lb.core.health.BreakerPolicy;
import dev.evenkeel.lb.core.limit.LimitPolicy;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.core.topology.SlowStart;
import dev.evenkeel.lb.core.topology.SubsetPolicy;
import dev.evenkeel.lb.core.topology.ZonePolicy;
import dev.evenkeel.lb.spi.LoadBalancingStrategy;
import dev.evenkeel.lb.spi.Picker;
import dev.evenkeel.lb.spi.PickerContext;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A pool answers {@code acquire} while another thread holds the lock of its changes. */
@Timeout(60)
class PoolTest {
    private static final Subset V2 = Subset.of("version", "2");

    private final PoolFixture fixture = new PoolFixture();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final BlockedStrategy strategy = new BlockedStrategy();

    /** Makes a picker as its thread does, but the first one after {@code arm} waits, under the pool's lock. */
    private static final class BlockedStrategy implements LoadBalancingStrategy {
        private final LoadBalancingStrategy strategy = Strategies.roundRobin();
        private final CountDownLatch locked = new CountDownLatch(1);
        private final CountDownLatch release = new CountDownLatch(1);
        private volatile boolean armed;
        private volatile boolean throwing;

        @Override
        public Picker newPicker(PickerContext context) {
            if (armed) {
                armed = false;
                locked.countDown();
                try {
                    release.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            Picker picker = strategy.newPicker(context);
            return request -> {
                if (throwing) {
                    throw new IllegalStateException("broken");
                }
                return picker.pick(request);
            };
        }
    }

    /** A pool's settings, and a request. */
    private record Case(String name, UnaryOperator<LoadBalancerBuilder> settings, RequestContext request) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Stream<Case> cases() {
        RequestContext any = RequestContext.NONE;
        UnaryOperator<LoadBalancerBuilder> defaults = builder -> builder;
        return Stream.of(
                new Case("defaults", defaults, any),
                new Case(
                        "subset",
                        builder -> builder.subsets(SubsetPolicy.noFallback().withSelector("version")),
                        any.withSubset(V2)),
                new Case("undeclared subset", defaults, any.withSubset(V2)),
                new Case(
                        "undeclared subset, any endpoint",
                        builder -> builder.subsets(SubsetPolicy.anyEndpoint()),
                        any.withSubset(V2)),
                new Case(
                        "undeclared subset, default subset",
                        builder -> builder.subsets(SubsetPolicy.defaultSubset(V2)),
                        any.withSubset(Subset.of("color", "red"))),
                new Case("session", defaults, any.withBoundBackend("a")),
                new Case("tried", defaults, any.withTried(List.of(backend("a", "1")))),
                new Case("none left", defaults, any.withTried(List.of(backend("a", "1"), backend("b", "2")))),
                new Case(
                        "limit and queue",
                        builder -> builder.limits(LimitPolicy.maxInFlight(10).withQueue(5, Duration.ofSeconds(1))),
                        any),
                new Case("full", builder -> builder.limits(LimitPolicy.maxInFlight(1)), any),
                new Case(
                        "breaker",
                        builder ->
                                builder.circuitBreaker(BreakerPolicy.builder().build()),
                        any),
                new Case("slow start", builder -> builder.slowStart(SlowStart.of(Duration.ofSeconds(30))), any),
                new Case("zones", builder -> builder.zones(ZonePolicy.weighted(Map.of("near", 1))), any),
                new Case("logged decisions", builder -> builder.logDecisions(1), any));
    }

    private static Backend backend(String id, String version) {
        return Backend.builder("http://" + id + ":1")
                .id(id)
                .zone("near")
                .metadata("version", version)
                .build();
    }

    private LoadBalancer pool(UnaryOperator<LoadBalancerBuilder> settings) {
        return settings.apply(fixture.builder().backends(List.of(backend("a", "1"), backend("b", "2"))))
                .strategy(strategy)
                .build();
    }

    /** Returns when another thread holds the pool's lock, which it does until {@link BlockedStrategy#release}. */
    private Future<?> holdLock(LoadBalancer pool) throws InterruptedException {
        strategy.armed = true;
        Future<?> change = threads.submit(() -> pool.registry().add(backend("c", "2")));
        assertThat(strategy.locked.await(30, TimeUnit.SECONDS)).isTrue();
        return change;
    }

    @AfterEach
    void releaseTheLock() {
        strategy.release.countDown();
        threads.shutdownNow();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void acquire_whileAnotherThreadHoldsTheLock_isAnswered(Case given) throws Exception {
        LoadBalancer pool = pool(given.settings());
        PickResult first = pool.acquire(given.request());
        assertThat(first).isNotNull();
        Object before = answer(pool.acquire(given.request()));
        Future<?> change = holdLock(pool);

        PickResult result = threads.submit(() -> pool.acquire(given.request())).get(30, TimeUnit.SECONDS);

        assertThat(answer(result)).isEqualTo(before);
        assertThat(change.isDone()).isFalse();
    }

    /** Which kind of answer it is: a lease, or the reason of a refusal. */
    private static Object answer(PickResult result) {
        return result instanceof Unavailable refused ? refused.message() : Lease.class;
    }

    @Test
    void acquire_strategyThrows_whileAnotherThreadHoldsTheLock_isAnswered_andListenersHearOfIt() throws Exception {
        LoadBalancer pool = pool(builder -> builder);
        Future<?> change = holdLock(pool);
        strategy.throwing = true;

        for (int i = 0; i < 3; i++) {
            PickResult result =
                    threads.submit(() -> pool.acquire(RequestContext.NONE)).get(30, TimeUnit.SECONDS);
            assertThat(((Unavailable) result).message()).contains("threw java.lang.IllegalStateException: broken");
        }

        assertThat(fixture.events(StrategyFailed.class)).hasSize(1);
        assertThat(change.isDone()).isFalse();
    }

    @Test
    void explain_whileAnotherThreadHoldsTheLock_isAnswered() throws Exception {
        LoadBalancer pool = pool(builder -> builder);
        Future<?> change = holdLock(pool);

        Decision decision =
                threads.submit(() -> pool.explain(RequestContext.NONE)).get(30, TimeUnit.SECONDS);

        assertThat(decision.options()).hasSize(2).allMatch(Decision.Option::isEligible);
        assertThat(change.isDone()).isFalse();
    }

    /** A call that is refused after it was counted may be the one that the drain waits for. */
    @Test
    void drain_endsWithTheLastCall_althoughSessionsAreRefusedMeanwhile() {
        LoadBalancer pool = fixture.builder()
                .backend(Backend.builder("http://a:1").id("a").maxInFlight(1).build())
                .backend(backend("b", "2"))
                .build();
        RequestContext toA = RequestContext.NONE.withBoundBackend("a");
        Lease last = PoolFixture.lease(pool, toA);
        CompletableFuture<?> drained = pool.registry().remove("a").toCompletableFuture();

        assertThat(PoolFixture.lease(pool, toA).backend().id()).isEqualTo("b");
        last.complete(Outcome.SUCCESS);
        fixture.time.advance(Duration.ofMinutes(5));

        assertThat(drained).isCompleted();
        assertThat(pool.snapshot().backends()).hasSize(1);
    }
}
