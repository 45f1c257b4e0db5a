package dev.evenkeel.lb.core.internal.health;

import static dev.evenkeel.lb.core.PoolFixture.lease;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Ineligibility;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerEvent.BackendRested;
import dev.evenkeel.lb.LoadBalancerEvent.BackendResting;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.PoolFixture;
import dev.evenkeel.lb.core.strategy.Strategies;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Cooldowns that backends ask for: bounded, extended, refused to the last backend, and ended. */
class RetryAfterCooldownsTest {
    private final PoolFixture fixture = new PoolFixture();
    private final LoadBalancer pool = fixture.builder("http://a:1", "http://b:1")
            .strategy(Strategies.roundRobin())
            .maxRetryAfter(Duration.ofSeconds(10))
            .build();

    private Lease at(String id) {
        String other = id.equals("a:1") ? "b:1" : "a:1";
        return lease(pool, RequestContext.NONE.withTried(List.of(Backend.of("http://" + other))));
    }

    private void ask(String id, Duration asked) {
        Lease lease = at(id);
        lease.restFor(asked);
        lease.complete(Outcome.THROTTLED);
    }

    private boolean rests(String id) {
        return pool.snapshot().backend(id).ineligibilities().contains(Ineligibility.RESTING);
    }

    @Test
    void cooldown_isAsLongAsAskedFor_orAsThePoolAllows() {
        ask("a:1", Duration.ofSeconds(3));
        assertThat(rests("a:1")).isTrue();
        fixture.time.advance(Duration.ofMillis(2_999));
        assertThat(rests("a:1")).isTrue();
        fixture.time.advance(Duration.ofMillis(1));
        assertThat(rests("a:1")).isFalse();
        ask("a:1", Duration.ofHours(1));
        fixture.time.advance(Duration.ofSeconds(10));
        assertThat(rests("a:1")).isFalse();
        assertThat(fixture.events(BackendResting.class))
                .extracting(BackendResting::cause)
                .containsExactly("asked for PT3S", "asked for PT1H, more than the longest");
    }

    @Test
    void lastBackendInUse_getsNone() {
        ask("a:1", Duration.ofSeconds(3));
        ask("b:1", Duration.ofSeconds(3));
        assertThat(rests("a:1")).isTrue();
        assertThat(rests("b:1")).isFalse();
    }

    @Test
    void maintenance_endsItWithACause() {
        ask("a:1", Duration.ofSeconds(3));
        pool.registry().maintenance("a:1");
        pool.registry().activate("a:1");
        assertThat(rests("a:1")).isFalse();
        assertThat(fixture.events(BackendRested.class))
                .extracting(BackendRested::cause)
                .containsExactly("back from maintenance");
    }

    @Test
    void cooldown_isExtendedByALaterRequest_andNotShortened_andToldOnce() {
        Lease later = at("a:1");
        Lease sooner = at("a:1");
        ask("a:1", Duration.ofSeconds(3));
        fixture.time.advance(Duration.ofSeconds(2));
        later.restFor(Duration.ofSeconds(5));
        sooner.restFor(Duration.ofSeconds(1));

        fixture.time.advance(Duration.ofMillis(4_999));
        assertThat(rests("a:1")).isTrue();
        fixture.time.advance(Duration.ofMillis(1));
        assertThat(rests("a:1")).isFalse();
        assertThat(fixture.events(BackendResting.class)).hasSize(1);
        assertThat(fixture.events(BackendRested.class)).hasSize(1);
    }

    @Test
    void sameRequestOfABurst_isIgnored() {
        List<Lease> burst = List.of(at("a:1"), at("a:1"), at("a:1"));
        burst.forEach(lease -> {
            lease.restFor(Duration.ofSeconds(3));
            fixture.time.advance(Duration.ofMillis(30));
        });
        assertThat(fixture.time.pendingTimers()).isEqualTo(1);
        fixture.time.advance(Duration.ofMillis(2_910));
        assertThat(rests("a:1")).isFalse();
    }

    @Test
    void backendThatDrains_getsNone() {
        Lease lease = at("a:1");
        pool.registry().drain("a:1");
        lease.restFor(Duration.ofSeconds(3));
        assertThat(fixture.events(BackendResting.class)).isEmpty();
    }

    @Test
    void requestForNoTime_isNone() {
        ask("a:1", Duration.ZERO);
        ask("a:1", Duration.ofSeconds(-1));
        assertThat(rests("a:1")).isFalse();
    }

    @Test
    void lastBackendInUse_isNotConsideredAgainForATenthOfASecond() {
        Lease first = at("b:1");
        Lease second = at("b:1");
        Lease third = at("b:1");
        ask("a:1", Duration.ofMillis(50));
        first.restFor(Duration.ofSeconds(3));
        fixture.time.advance(Duration.ofMillis(99));
        assertThat(rests("a:1")).isFalse();
        second.restFor(Duration.ofSeconds(3));
        assertThat(rests("b:1")).isFalse();

        fixture.time.advance(Duration.ofMillis(1));
        third.restFor(Duration.ofSeconds(3));
        assertThat(rests("b:1")).isTrue();
    }

    @Test
    void extension_byATenthOfASecond_isIgnored_andByMore_granted() {
        Lease little = at("a:1");
        Lease more = at("a:1");
        ask("a:1", Duration.ofSeconds(3));
        little.restFor(Duration.ofMillis(3_100));
        assertThat(fixture.time.pendingTimers()).isEqualTo(1);

        more.restFor(Duration.ofMillis(3_101));
        fixture.time.advance(Duration.ofMillis(3_100));
        assertThat(rests("a:1")).isTrue();
        fixture.time.advance(Duration.ofMillis(1));
        assertThat(rests("a:1")).isFalse();
    }

    @Test
    void requestThatChangesNothing_causesNoSnapshot() {
        Lease later = at("a:1");
        ask("a:1", Duration.ofSeconds(3));
        long version = pool.snapshot().version();
        ask("b:1", Duration.ofSeconds(3));
        later.restFor(Duration.ofSeconds(5));
        fixture.time.advance(Duration.ofSeconds(3));
        assertThat(pool.snapshot().version())
                .as("a refusal, an extension, and the end that it replaces")
                .isEqualTo(version);

        fixture.time.advance(Duration.ofSeconds(2));
        assertThat(pool.snapshot().version()).isEqualTo(version + 1);
    }
}
