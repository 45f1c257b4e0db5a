package dev.evenkeel.lb.core;

import static dev.evenkeel.lb.core.PoolFixture.call;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BackendStatus;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerEvent.BackendAdded;
import dev.evenkeel.lb.LoadBalancerEvent.BackendRemoved;
import dev.evenkeel.lb.LoadBalancerEvent.BackendUpdated;
import dev.evenkeel.lb.LoadBalancerEvent.DiscoveryFailed;
import dev.evenkeel.lb.core.discovery.Discoveries;
import dev.evenkeel.lb.core.discovery.DnsOrigin;
import dev.evenkeel.lb.core.discovery.FileOrigin;
import dev.evenkeel.lb.core.discovery.Origin;
import dev.evenkeel.lb.core.discovery.PushOrigin;
import dev.evenkeel.lb.core.strategy.Strategies;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What may happen to any source, and what the pool makes of it: its list, its events, and calls, none of which ever fails
 * because of discovery. On virtual time.
 */
class DiscoveryTableTest {
    private static final Duration TURN = Duration.ofSeconds(10);
    private static final Backend A = Backend.of("http://10.0.0.1:80");
    private static final Backend B = Backend.of("http://10.0.0.2:80");
    private static final Backend C = Backend.of("http://10.0.0.3:80");
    private static final String A_ID = "10.0.0.1:80";
    private static final String B_ID = "10.0.0.2:80";
    private static final String C_ID = "10.0.0.3:80";

    @TempDir
    private Path directory;

    private final PoolFixture fixture = new PoolFixture();
    private boolean honoursEmpty;
    private Origin origin;
    private LoadBalancer pool;

    enum Source {
        PUSH,
        FILE,
        UNION,
        FAILOVER,
        SUBSET,
        REMOTE_ONLY,
        DNS
    }

    private void given(Source source, Backend... first) {
        origin = switch (source) {
            case PUSH -> new PushOrigin();
            case FILE -> new FileOrigin(directory.resolve("backends.json"));
            case UNION -> new PushOrigin(other -> Discoveries.union(other, Discoveries.fixed()));
            case FAILOVER -> new PushOrigin(other -> Discoveries.failover(Duration.ofMinutes(5), other));
            case REMOTE_ONLY -> new PushOrigin(Discoveries::remoteOnly);
            case DNS -> new DnsOrigin();
            case SUBSET -> new PushOrigin(other -> Discoveries.subset(other, 10_000, "client"));
        };
        origin.has(List.of(first));
        pool = fixture.builder()
                .strategy(Strategies.weightedRoundRobin())
                .discovery(origin.discovery())
                .honourEmptyDiscovery(honoursEmpty)
                .build();
        turn();
        fixture.events.clear();
    }

    @AfterEach
    void nothingIsLeftOfAPoolThatIsClosed() {
        pool.close();
        assertThat(fixture.time.pendingTimers()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void backendThatIsAdded_takesTraffic(Source source) {
        given(source, A, B);

        origin.has(List.of(A, B, C));
        turn();

        assertThat(call(pool, 30)).containsOnlyKeys(A_ID, B_ID, C_ID);
        assertThat(fixture.events).singleElement().isInstanceOf(BackendAdded.class);
    }

    @ParameterizedTest
    @EnumSource
    void backendThatIsRemoved_getsNothing(Source source) {
        given(source, A, B);

        origin.has(List.of(B));
        turn();

        assertThat(call(pool, 30)).containsOnlyKeys(B_ID);
        assertThat(fixture.events).singleElement().isInstanceOf(BackendRemoved.class);
    }

    @ParameterizedTest
    @EnumSource
    void weightThatChanges_isInForce(Source source) {
        given(source, A, B);
        call(pool, 10);

        origin.has(List.of(A.withWeight(3), B));
        turn();

        assertThat(call(pool, 40)).containsEntry(A_ID, 30).containsEntry(B_ID, 10);
        assertThat(fixture.events).singleElement().isInstanceOf(BackendUpdated.class);
        assertThat(PoolFixture.status(pool, A_ID).requests())
                .as("nothing restarts")
                .isEqualTo(35);
    }

    @ParameterizedTest
    @EnumSource
    void backendThatFlaps_keepsItsState(Source source) {
        given(source, A, B);
        for (int i = 0; i < 20; i++) {
            call(pool, 10);
            origin.has(i % 2 == 0 ? List.of(B) : List.of(A, B));
            turn();
        }

        call(pool, 10);

        assertThat(ids()).containsExactly(A_ID, B_ID);
        assertThat(PoolFixture.status(pool, A_ID).requests())
                .as("nothing restarts")
                .isEqualTo(55);
        assertThat(fixture.events(BackendRemoved.class)).hasSize(10);
        assertThat(fixture.events(BackendAdded.class)).hasSize(10);
        assertThat(fixture.events(DiscoveryFailed.class)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void sourceThatIsDownForAMinute_leavesTheList_andIsHeardWhenItIsBack(Source source) {
        given(source, A, B);

        origin.isDown();
        for (int second = 0; second < 60; second++) {
            fixture.time.advance(Duration.ofSeconds(1));
            assertThat(call(pool, 10)).containsOnlyKeys(A_ID, B_ID);
        }
        assertThat(fixture.events(DiscoveryFailed.class)).isNotEmpty();
        assertThat(fixture.events).allMatch(DiscoveryFailed.class::isInstance);
        fixture.events.clear();

        origin.has(List.of(B, C));
        fixture.time.advance(Duration.ofMinutes(1));

        assertThat(call(pool, 10)).containsOnlyKeys(B_ID, C_ID);
        assertThat(fixture.events(DiscoveryFailed.class)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void emptyAnswer_isAnErrorAndLeavesTheList(Source source) {
        given(source, A, B);

        origin.has(List.of());
        turn();

        assertThat(call(pool, 10)).containsOnlyKeys(A_ID, B_ID);
        assertThat(fixture.events).isNotEmpty().allMatch(DiscoveryFailed.class::isInstance);
    }

    @ParameterizedTest
    @EnumSource
    void emptyAnswer_thatIsToBeHonoured_emptiesThePool(Source source) {
        honoursEmpty = true;
        given(source, A, B);

        origin.has(List.of());
        turn();

        assertThat(ids()).isEmpty();
        assertThat(fixture.events(DiscoveryFailed.class)).isEmpty();
        origin.has(List.of(C));
        turn();
        assertThat(call(pool, 10)).containsOnlyKeys(C_ID);
    }

    @ParameterizedTest
    @EnumSource
    void malformedAnswer_isAnErrorAndLeavesTheList(Source source) {
        given(source, A, B);

        origin.talksNonsense();
        turn();

        assertThat(call(pool, 10)).containsOnlyKeys(A_ID, B_ID);
        assertThat(fixture.events).isNotEmpty().allMatch(DiscoveryFailed.class::isInstance);
    }

    @ParameterizedTest
    @EnumSource
    void tenThousandBackends_areTaken_andOneChangeIsOneEvent(Source source) {
        given(source, A, B);
        List<Backend> many = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            many.add(Backend.of("http://10.1." + i / 250 + "." + i % 250 + ":80"));
        }
        origin.has(many);
        turn();
        assertThat(ids()).hasSize(10_000);
        fixture.events.clear();

        origin.has(many.subList(1, 10_000));
        turn();

        assertThat(ids()).hasSize(9_999);
        assertThat(fixture.events).singleElement().isInstanceOf(BackendRemoved.class);
    }

    @ParameterizedTest
    @EnumSource
    void duplicates_neverReachTheList(Source source) {
        given(source, A, B);

        assertThat(origin.hasTwice(C)).isTrue();
        turn();

        assertThat(ids()).doesNotHaveDuplicates();
        assertThat(call(pool, 10)).isNotEmpty();
        if (ids().contains(A_ID)) {
            assertThat(fixture.events(DiscoveryFailed.class))
                    .singleElement()
                    .satisfies(failed ->
                            assertThat(failed.cause()).hasMessageContaining("duplicate backend id \"" + C_ID));
        } else {
            assertThat(ids()).containsExactly(C_ID);
        }
    }

    @ParameterizedTest
    @EnumSource
    void impossibleBackend_isAnErrorAndLeavesTheList(Source source) {
        given(source, A, B);
        if (!origin.hasImpossible()) {
            return;
        }
        turn();

        assertThat(ids()).containsExactly(A_ID, B_ID);
        assertThat(call(pool, 10)).containsOnlyKeys(A_ID, B_ID);
        assertThat(fixture.events).isNotEmpty().allMatch(DiscoveryFailed.class::isInstance);
    }

    @Test
    void call_neverAsksANameServer() {
        given(Source.DNS, A, B);
        DnsOrigin dns = (DnsOrigin) origin;
        int before = dns.questions();

        call(pool, 10_000);
        assertThat(dns.questions()).isEqualTo(before);
        turn();

        assertThat(dns.questions()).as("it is the time that asks").isGreaterThan(before);
    }

    private void turn() {
        fixture.time.advance(TURN);
    }

    private List<String> ids() {
        return pool.snapshot().backends().stream()
                .map(BackendStatus::backend)
                .map(Backend::id)
                .sorted()
                .toList();
    }
}
