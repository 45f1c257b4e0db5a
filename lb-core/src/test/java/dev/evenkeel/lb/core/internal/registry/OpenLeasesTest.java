package dev.evenkeel.lb.core.internal.registry;

import static dev.evenkeel.lb.core.PoolFixture.lease;
import static dev.evenkeel.lb.core.PoolFixture.refusal;
import static dev.evenkeel.lb.core.PoolFixture.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.AdminState;
import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.BackendRegistry.DrainPolicy;
import dev.evenkeel.lb.BackendRegistry.DrainReport;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.Lease.StreamClosedException;
import dev.evenkeel.lb.Lease.StreamClosedException.Reason;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerEvent.BackendRemoved;
import dev.evenkeel.lb.LoadBalancerEvent.DrainEnded;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.LoadBalancerBuilder;
import dev.evenkeel.lb.core.LogLines;
import dev.evenkeel.lb.core.PoolFixture;
import dev.evenkeel.lb.core.limit.LimitPolicy;
import dev.evenkeel.lb.core.strategy.Strategies;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Leases that the pool closes: at the deadline of a drain, and at the maximum duration of streams. */
class OpenLeasesTest {
    private static final String A = "a:1";
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final DrainPolicy CLOSING = DrainPolicy.of(MINUTE).withCloseAtDeadline(true);

    private final PoolFixture fixture = new PoolFixture();
    private final List<StreamClosedException> closed = new ArrayList<>();

    private LoadBalancerBuilder two() {
        return fixture.builder("http://a:1", "http://b:1").strategy(Strategies.roundRobin());
    }

    private Lease open(LoadBalancer pool, String id) {
        Lease lease = acquire(pool, id);
        lease.onClose(why -> {
            closed.add(why);
            lease.complete(Outcome.CANCELLED);
        });
        return lease;
    }

    private static Lease acquire(LoadBalancer pool, String id) {
        return lease(
                pool, RequestContext.NONE.withPermitted(backend -> backend.id().equals(id)));
    }

    private static CompletableFuture<DrainReport> drain(LoadBalancer pool, DrainPolicy policy) {
        return pool.registry().drain(A, policy).toCompletableFuture();
    }

    @Test
    void drain_closesWhatIsLeftOfItsBackend() {
        LoadBalancer pool = two().build();
        open(pool, A);
        open(pool, A);
        open(pool, A).complete(Outcome.SUCCESS);
        Lease elsewhere = open(pool, "b:1");
        CompletableFuture<DrainReport> drained = drain(pool, CLOSING);

        fixture.time.advance(MINUTE.minusSeconds(1));
        assertThat(closed).isEmpty();
        fixture.time.advance(Duration.ofSeconds(1));

        assertThat(drained.join()).isEqualTo(new DrainReport(status(pool, A).backend(), 0, 2, MINUTE));
        assertThat(closed).hasSize(2).allSatisfy(why -> {
            assertThat(why.reason()).isEqualTo(Reason.DRAIN_DEADLINE);
            assertThat(why.pool()).isEqualTo("users");
            assertThat(why.backend().id()).isEqualTo(A);
            assertThat(why)
                    .hasMessage("pool \"users\" closed the stream from backend a:1: the backend was drained, and the"
                            + " deadline of PT1M has passed");
        });
        assertThat(status(pool, A).count(Outcome.CANCELLED)).isEqualTo(2);
        assertThat(fixture.events(DrainEnded.class)).singleElement().satisfies(event -> {
            assertThat(event.closed()).isEqualTo(2);
            assertThat(event.remaining()).isZero();
        });
        assertThat(elsewhere.complete(Outcome.SUCCESS)).isTrue();
        assertThat(fixture.time.pendingTimers()).isZero();
    }

    @Test
    void drain_saysInTheLogHowManyItClosed() {
        try (LogLines log = new LogLines("users");
                LoadBalancer pool = two().build()) {
            open(pool, A);
            open(pool, A);
            drain(pool, CLOSING);

            fixture.time.advance(MINUTE);

            assertThat(log.lines())
                    .anyMatch(line -> line.endsWith("a:1 has ended its drain with 0 calls left, 2 calls closed"));
        }
    }

    @Test
    void drain_closesNothing_byDefault() {
        LoadBalancer pool = two().build();
        open(pool, A);
        CompletableFuture<DrainReport> drained = drain(pool, DrainPolicy.of(MINUTE));

        fixture.time.advance(MINUTE);

        assertThat(drained.join()).isEqualTo(new DrainReport(status(pool, A).backend(), 1, 0, MINUTE));
        assertThat(closed).isEmpty();
    }

    @Test
    void drain_thatIsEmptyBefore_closesNothing() {
        LoadBalancer pool = two().build();
        Lease lease = open(pool, A);
        CompletableFuture<DrainReport> drained = drain(pool, CLOSING);
        lease.complete(Outcome.SUCCESS);

        assertThat(drained.join().closed()).isZero();
        fixture.time.advance(MINUTE.multipliedBy(2));
        assertThat(closed).isEmpty();
    }

    /** A holder that has not said how to close it, or takes too long, is reported as left. */
    @Test
    void drain_doesNotWaitForEverForWhatItHasClosed() {
        LoadBalancer pool = two().build();
        acquire(pool, A);
        Lease slow = acquire(pool, A);
        slow.onClose(closed::add);
        CompletableFuture<DrainReport> drained = drain(pool, CLOSING);

        fixture.time.advance(MINUTE);
        assertThat(closed).hasSize(1);
        assertThat(drained).as("a close handshake takes its time").isNotDone();
        fixture.time.advance(Drains.CLOSE_TIMEOUT);

        assertThat(drained.join())
                .isEqualTo(new DrainReport(status(pool, A).backend(), 2, 1, MINUTE.plus(Drains.CLOSE_TIMEOUT)));
    }

    @Test
    void lease_whoseHolderSaysHowAfterTheDeadline_isClosedAtOnce() {
        LoadBalancer pool = two().build();
        Lease early = acquire(pool, A);
        Lease late = acquire(pool, A);
        CompletableFuture<DrainReport> drained = drain(pool, CLOSING);
        fixture.time.advance(MINUTE);

        late.onClose(why -> late.complete(Outcome.CANCELLED));
        assertThat(drained).isNotDone();
        early.complete(Outcome.SUCCESS);

        assertThat(drained.join().closed()).isEqualTo(1);
        assertThat(drained.join().remaining()).isZero();
    }

    @Test
    void sessions_doNotHoldUpADrainThatCloses() {
        LoadBalancer pool = two().sessionIdleTimeout(Duration.ofHours(1)).build();
        Lease lease = open(pool, A);
        lease.bind();
        CompletableFuture<DrainReport> drained = drain(pool, CLOSING);

        fixture.time.advance(MINUTE);

        assertThat(drained.join().closed()).isEqualTo(1);
        assertThat(lease(pool, RequestContext.NONE.withBoundBackend(A))
                        .backend()
                        .id())
                .isEqualTo("b:1");
    }

    @Test
    void awaitedSession_isGivenUpAtTheDeadline() {
        LoadBalancer pool = two().sessionIdleTimeout(Duration.ofHours(1)).build();
        Lease lease = open(pool, A);
        lease.bind();
        lease.complete(Outcome.SUCCESS);
        CompletableFuture<DrainReport> drained = drain(pool, CLOSING);

        fixture.time.advance(MINUTE);

        assertThat(drained.join()).isEqualTo(new DrainReport(status(pool, A).backend(), 0, 0, MINUTE));
        assertThat(fixture.time.pendingTimers()).isZero();
    }

    @Test
    void closerThatThrows_keepsNoOtherFromBeingClosed() {
        LoadBalancer pool = two().build();
        for (int i = 0; i < 3; i++) {
            Lease lease = acquire(pool, A);
            lease.onClose(why -> {
                lease.complete(Outcome.CANCELLED);
                throw new IllegalStateException("no");
            });
        }
        CompletableFuture<DrainReport> drained = drain(pool, CLOSING);

        try (LogLines log = new LogLines("pool users")) {
            fixture.time.advance(MINUTE);
            assertThat(log.lines())
                    .filteredOn(line -> line.startsWith("WARNING"))
                    .hasSize(3)
                    .allMatch(line -> line.contains("a stream could not be closed: pool \"users\" closed the stream"));
        }
        assertThat(drained.join().closed()).isEqualTo(3);
    }

    @Test
    void sessionOfABackend_whoseStreamsAreBeingClosed_goesElsewhere() {
        LoadBalancer pool = two().build();
        Lease slow = acquire(pool, A);
        slow.onClose(closed::add);
        slow.bind();
        CompletableFuture<DrainReport> drained = drain(pool, CLOSING);
        RequestContext bound = RequestContext.NONE.withBoundBackend(A);
        fixture.time.advance(MINUTE.minusSeconds(1));
        assertThat(lease(pool, bound).backend().id()).isEqualTo(A);
        fixture.time.advance(Duration.ofSeconds(1));

        assertThat(drained).isNotDone();
        assertThat(lease(pool, bound).backend().id()).isEqualTo("b:1");
    }

    @Test
    void maximumDuration_ofAReload_takesTheTimerOver() {
        LoadBalancer pool = two().maxStreamDuration(MINUTE).build();
        open(pool, A);
        two().maxStreamDuration(Duration.ofHours(1)).applyTo(pool);
        assertThat(fixture.time.pendingTimers()).isEqualTo(1);
        fixture.time.advance(Duration.ofMinutes(50));
        assertThat(closed).isEmpty();
        fixture.time.advance(Duration.ofMinutes(10));
        assertThat(closed).hasSize(1);

        two().applyTo(pool);
        assertThat(fixture.time.pendingTimers()).isZero();
    }

    @Test
    void removal_closesByThePoolsPolicy() {
        LoadBalancer pool = two().drains(CLOSING).build();
        open(pool, A);

        CompletableFuture<DrainReport> gone = pool.registry().remove(A).toCompletableFuture();
        fixture.time.advance(MINUTE);

        assertThat(gone.join().closed()).isEqualTo(1);
        assertThat(fixture.events(BackendRemoved.class))
                .singleElement()
                .satisfies(event -> assertThat(event.closed()).isEqualTo(1));
    }

    @Test
    void backendThatIsActiveAgain_keepsItsStreams() {
        LoadBalancer pool = two().build();
        Lease slow = acquire(pool, A);
        slow.onClose(closed::add);
        drain(pool, CLOSING);
        fixture.time.advance(MINUTE);
        assertThat(closed).hasSize(1);

        pool.registry().activate(A);
        open(pool, A);
        fixture.time.advance(MINUTE.multipliedBy(10));

        assertThat(closed).hasSize(1);
        assertThat(status(pool, A).adminState()).isEqualTo(AdminState.ACTIVE);
    }

    @Test
    void policyOfThePool_isThatOfADrainWithoutOne() {
        LoadBalancer pool = two().drains(CLOSING).build();
        assertThat(pool.registry().drainPolicy()).isEqualTo(CLOSING);
        open(pool, A);
        CompletableFuture<DrainReport> drained =
                pool.registry().drain(A, Duration.ofSeconds(5)).toCompletableFuture();

        fixture.time.advance(Duration.ofSeconds(5));

        assertThat(drained.join().closed())
                .as("another deadline, the same rule")
                .isEqualTo(1);
    }

    @Test
    void streams_areClosedBeforeTheirMaximum_andNotAllTogether() {
        LoadBalancer pool = two().maxStreamDuration(Duration.ofMinutes(10)).build();
        for (int i = 0; i < 500; i++) {
            open(pool, A);
        }
        TreeSet<Long> ages = new TreeSet<>();
        int before = 0;
        for (long second = 0; second <= 600; second++) {
            if (closed.size() > before) {
                ages.add(second);
                before = closed.size();
            }
            fixture.time.advance(Duration.ofSeconds(1));
        }

        assertThat(closed)
                .hasSize(500)
                .allSatisfy(why -> assertThat(why.reason()).isEqualTo(Reason.MAX_STREAM_DURATION));
        assertThat(closed.get(0).reason().text()).isEqualTo("maximum stream duration reached");
        assertThat(closed.get(0))
                .hasMessage(
                        "pool \"users\" closed the stream from backend a:1: it reached the maximum duration of PT10M");
        assertThat(ages.first()).isGreaterThan(500);
        assertThat(ages.last()).isLessThanOrEqualTo(600);
        assertThat(ages).hasSizeGreaterThan(1);
        assertThat(pool.snapshot().inFlight()).isZero();
    }

    @Test
    void youngStreams_goOn() {
        LoadBalancer pool = two().maxStreamDuration(Duration.ofMinutes(10)).build();
        for (int i = 0; i < 60; i++) {
            Lease lease = open(pool, A);
            fixture.time.advance(Duration.ofMinutes(8));
            assertThat(lease.complete(Outcome.SUCCESS)).isTrue();
        }
        assertThat(closed).isEmpty();
    }

    @Test
    void poolWithoutAMaximum_hasNoTimer() {
        LoadBalancer pool = two().build();
        open(pool, A);
        assertThat(fixture.time.pendingTimers()).isZero();
        fixture.time.advance(Duration.ofDays(40));
        assertThat(closed).isEmpty();
    }

    @Test
    void poolThatIsClosed_leavesItsStreams() {
        LoadBalancer pool = two().maxStreamDuration(MINUTE).build();
        Lease lease = open(pool, A);
        pool.close();
        fixture.time.advance(Duration.ofHours(1));
        assertThat(closed).isEmpty();
        assertThat(fixture.time.pendingTimers()).isZero();
        assertThat(lease.complete(Outcome.SUCCESS)).isTrue();
    }

    /** A stream that is closed makes room in a pool that is full. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void closedStream_givesItsPermitBack(int limit) {
        LoadBalancer pool = two().limits(LimitPolicy.maxInFlight(limit))
                .maxStreamDuration(MINUTE)
                .build();
        for (int i = 0; i < limit; i++) {
            open(pool, A);
        }
        assertThat(refusal(pool)).contains("full");

        fixture.time.advance(MINUTE);

        assertThat(lease(pool).backend()).isNotNull();
    }

    @Test
    void policy_checksItsDeadline() {
        assertThatThrownBy(() -> DrainPolicy.of(Duration.ZERO))
                .hasMessage("drain deadline must be positive (at most 36500 days): PT0S");
        assertThat(DrainPolicy.defaults()).isEqualTo(DrainPolicy.of(Duration.ofMinutes(5)));
        assertThat(CLOSING.withDeadline(Duration.ofSeconds(3)))
                .isEqualTo(new DrainPolicy(Duration.ofSeconds(3), true, false));
        LoadBalancerBuilder builder = two().backend(Backend.of("http://c:1"));
        assertThatThrownBy(() -> builder.maxStreamDuration(Duration.ofMillis(999)))
                .hasMessage("maxStreamDuration must be PT1S to 30 days: PT0.999S");
    }
}
