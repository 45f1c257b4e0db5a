package dev.evenkeel.lb.core.internal.health;

import static dev.evenkeel.lb.core.PoolFixture.call;
import static dev.evenkeel.lb.core.PoolFixture.status;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BreakerState;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerEvent.BackendReturned;
import dev.evenkeel.lb.LoadBalancerEvent.BreakerChanged;
import dev.evenkeel.lb.LoadBalancerEvent.HealthChanged;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.core.LoadBalancerBuilder;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.PoolFixture;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.core.health.OutlierDetectors;
import dev.evenkeel.lb.core.health.XdsOutlierDetector;
import dev.evenkeel.lb.core.internal.pool.Pool;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.spi.EjectionPolicy;
import dev.evenkeel.lb.spi.HealthCheck;
import dev.evenkeel.lb.spi.HealthResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

/** What becomes of checks and of their results when a pool is reloaded or closed, and when a backend changes state. */
class ActiveHealthChecksReloadTest {
    private static final String A = "a:1";

    private final PoolFixture fixture = new PoolFixture();
    private final Set<String> sick = ConcurrentHashMap.newKeySet();

    /** Remembers which backends it was asked for, and how many pools use it. */
    private final class Recording implements HealthCheck {
        final List<String> checked = new ArrayList<>();
        final List<CompletableFuture<HealthResult>> open = new ArrayList<>();
        boolean hangs;
        int users;

        @Override
        public CompletionStage<HealthResult> check(Backend backend, Duration timeout) {
            checked.add(backend.id());
            CompletableFuture<HealthResult> result = new CompletableFuture<>();
            open.add(result);
            if (!hangs) {
                result.complete(
                        sick.contains(backend.id()) ? HealthResult.unhealthy("sick") : HealthResult.healthy("fine"));
            }
            return result;
        }

        @Override
        public void retain() {
            users++;
        }

        @Override
        public void release() {
            users--;
        }
    }

    private static HealthCheckPolicy fastFall(HealthCheck check) {
        return HealthCheckPolicy.builder(check).fall(1).jitterPercent(0).build();
    }

    private LoadBalancerBuilder pool() {
        return fixture.builder("http://a:1", "http://b:1", "http://c:1").strategy(Strategies.roundRobin());
    }

    private static LoadBalancerBuilder reloaded() {
        return LoadBalancers.builder("users")
                .backends("http://a:1", "http://b:1", "http://c:1")
                .strategy(Strategies.roundRobin());
    }

    private static long version(LoadBalancer pool) {
        return ((Pool) pool).current().version();
    }

    @Test
    void reloadWithTheSameChecks_goesOnWithThem() {
        Recording check = new Recording();
        HealthCheckPolicy policy = fastFall(check);
        LoadBalancer pool = pool().healthCheck(policy).build();
        fixture.time.advance(Duration.ofSeconds(1));
        reloaded().healthCheck(policy).applyTo(pool);
        fixture.time.advance(Duration.ZERO);

        assertThat(check.checked).hasSize(3);
        assertThat(check.users).isEqualTo(1);
        fixture.time.advance(Duration.ofSeconds(2));
        assertThat(check.checked).hasSize(6);
    }

    @Test
    void reloadWithOtherChecks_endsTheFormerOnes_andKeepsWhatTheyFound() {
        Recording former = new Recording();
        sick.add(A);
        LoadBalancer pool = pool().healthCheck(fastFall(former)).build();
        fixture.time.advance(Duration.ZERO);
        assertThat(status(pool, A).health()).isEqualTo(HealthState.DOWN);

        Recording next = new Recording();
        next.hangs = true;
        reloaded().healthCheck(fastFall(next)).applyTo(pool);
        fixture.time.advance(Duration.ofMillis(900));

        assertThat(status(pool, A).health()).isEqualTo(HealthState.DOWN);
        assertThat(former.checked).hasSize(3);
        assertThat(former.users).isZero();
        assertThat(next.checked).hasSize(3);
        assertThat(next.users).isEqualTo(1);
    }

    @Test
    void reloadWithOtherChecks_cancelsTheFormerOnesThatAreUnderWay() {
        Recording former = new Recording();
        former.hangs = true;
        LoadBalancer pool = pool().healthCheck(fastFall(former)).build();
        fixture.time.advance(Duration.ZERO);
        reloaded().healthCheck(fastFall(new Recording())).applyTo(pool);

        assertThat(former.open).hasSize(3).allMatch(CompletableFuture::isCancelled);
        fixture.time.advance(Duration.ofSeconds(5));
        assertThat(status(pool, A).health()).isEqualTo(HealthState.UP);
    }

    @Test
    void reloadWithoutChecks_forgetsWhatTheyFound() {
        Recording check = new Recording();
        sick.add(A);
        LoadBalancer pool = pool().healthCheck(fastFall(check)).build();
        fixture.time.advance(Duration.ZERO);
        assertThat(call(pool, 9)).doesNotContainKey(A);

        reloaded().applyTo(pool);

        assertThat(status(pool, A).health()).isEqualTo(HealthState.UNKNOWN);
        assertThat(status(pool, A).healthCause()).isEmpty();
        assertThat(call(pool, 9)).containsEntry(A, 3);
        fixture.time.advance(Duration.ofMinutes(1));
        assertThat(check.checked).hasSize(3);
        assertThat(check.users).isZero();
    }

    @Test
    void reloadWithFirstChecks_startsThem() {
        LoadBalancer pool = pool().build();
        Recording check = new Recording();
        sick.add(A);
        reloaded().healthCheck(fastFall(check)).applyTo(pool);
        fixture.time.advance(Duration.ZERO);

        assertThat(check.checked).hasSize(3);
        assertThat(status(pool, A).health()).isEqualTo(HealthState.DOWN);
    }

    @Test
    void reloadWithOtherChecks_doesNotCheckABackendInMaintenance() {
        LoadBalancer pool = pool().healthCheck(fastFall(new Recording())).build();
        fixture.time.advance(Duration.ZERO);
        pool.registry().maintenance(A);
        Recording next = new Recording();
        reloaded().healthCheck(fastFall(next)).applyTo(pool);
        fixture.time.advance(Duration.ofSeconds(10));

        assertThat(next.checked).isNotEmpty().doesNotContain(A);
    }

    @Test
    void close_endsTheChecks_andReleasesTheCheck() {
        Recording check = new Recording();
        check.hangs = true;
        LoadBalancer pool = pool().healthCheck(fastFall(check)).build();
        fixture.time.advance(Duration.ZERO);
        pool.close();

        assertThat(check.users).isZero();
        assertThat(check.open).hasSize(3).allMatch(CompletableFuture::isCancelled);
    }

    // What results change.

    @Test
    void firstGoodResults_ofBackendsThatCountAsUp_makeNoSnapshot_andABadOneDoes() {
        Recording check = new Recording();
        LoadBalancer pool = pool().healthCheck(fastFall(check)).build();
        long before = version(pool);
        fixture.time.advance(Duration.ofSeconds(10));
        assertThat(version(pool)).isEqualTo(before);
        assertThat(fixture.events(HealthChanged.class)).hasSize(3);

        sick.add(A);
        fixture.time.advance(Duration.ofSeconds(10));
        long down = version(pool);
        assertThat(down).isNotEqualTo(before);

        sick.clear();
        fixture.time.advance(Duration.ofSeconds(10));
        assertThat(version(pool)).isNotEqualTo(down);
        assertThat(fixture.events(HealthChanged.class)).last().satisfies(event -> {
            assertThat(event.pool()).isEqualTo("users");
            assertThat(event.before()).isEqualTo(HealthState.DOWN);
            assertThat(event.after()).isEqualTo(HealthState.UP);
            assertThat(event.cause()).isEqualTo("fine");
        });
    }

    /** The text of its refusal changes from "not checked yet" to the cause. */
    @Test
    void firstBadResult_ofABackendThatStartsDown_makesASnapshot_andFurtherOnesDoNot() {
        sick.addAll(Set.of(A, "b:1", "c:1"));
        LoadBalancer pool = pool().healthCheck(HealthCheckPolicy.builder(new Recording())
                        .initialState(HealthState.DOWN)
                        .build())
                .build();
        long awaited = version(pool);
        fixture.time.advance(Duration.ZERO);
        long found = version(pool);
        assertThat(found).isNotEqualTo(awaited);
        fixture.time.advance(Duration.ofSeconds(10));

        assertThat(version(pool)).isEqualTo(found);
        assertThat(fixture.events(HealthChanged.class)).isEmpty();
    }

    @Test
    void returnByItsChecks_closesTheBreaker_andTellsWhy() {
        LoadBalancer pool = pool().outlierDetection(OutlierDetectors.none())
                .healthCheck(HealthCheckPolicy.builder(new Recording())
                        .fall(1)
                        .rise(1)
                        .jitterPercent(0)
                        .build())
                .build();
        fixture.time.advance(Duration.ZERO);
        call(pool, 60, Map.of(A, Outcome.SERVER_ERROR));
        assertThat(status(pool, A).breaker()).isEqualTo(BreakerState.OPEN);
        sick.add(A);
        fixture.time.advance(Duration.ofSeconds(2));
        assertThat(status(pool, A).health()).isEqualTo(HealthState.DOWN);
        assertThat(status(pool, A).breaker()).isNotEqualTo(BreakerState.CLOSED);
        sick.clear();
        fixture.time.advance(Duration.ofSeconds(2));

        assertThat(status(pool, A).breaker()).isEqualTo(BreakerState.CLOSED);
        assertThat(fixture.events(BreakerChanged.class))
                .last()
                .satisfies(event -> assertThat(event.cause()).isEqualTo("its health check succeeds again"));
    }

    @Test
    void returnByItsChecks_endsItsEjection_andTellsWhy() {
        LoadBalancer pool = pool().outlierDetection(XdsOutlierDetector.builder()
                        .errorsInARow(5)
                        .ejection(EjectionPolicy.builder()
                                .baseDuration(Duration.ofMinutes(1))
                                .maxEjectionPercent(100)
                                .build())
                        .build())
                .healthCheck(HealthCheckPolicy.builder(new Recording())
                        .fall(1)
                        .rise(1)
                        .jitterPercent(0)
                        .build())
                .build();
        fixture.time.advance(Duration.ZERO);
        call(pool, 15, Map.of(A, Outcome.SERVER_ERROR));
        assertThat(status(pool, A).ejectedFor()).isNotNull();
        sick.add(A);
        fixture.time.advance(Duration.ofSeconds(2));
        assertThat(status(pool, A).health()).isEqualTo(HealthState.DOWN);
        assertThat(status(pool, A).ejectedFor()).isNotNull();
        sick.clear();
        fixture.time.advance(Duration.ofSeconds(2));

        assertThat(status(pool, A).ejectedFor()).isNull();
        assertThat(fixture.events(BackendReturned.class))
                .last()
                .satisfies(event -> assertThat(event.cause()).isEqualTo("its health check succeeds again"));
    }

    @Test
    void resultOfAFormerStart_countsNoMore() {
        Recording check = new Recording();
        check.hangs = true;
        LoadBalancer pool = pool().healthCheck(fastFall(check)).build();
        fixture.time.advance(Duration.ZERO);
        pool.registry().maintenance(A);
        pool.registry().activate(A);
        int former = check.checked.indexOf(A);
        boolean unused = check.open.get(former).complete(HealthResult.unhealthy("late"));

        assertThat(status(pool, A).health()).isEqualTo(HealthState.UNKNOWN);
        assertThat(status(pool, A).healthCause()).isEmpty();
    }
}
