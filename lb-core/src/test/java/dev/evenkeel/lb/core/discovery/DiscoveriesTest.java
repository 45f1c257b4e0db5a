package dev.evenkeel.lb.core.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.spi.BackendDiscovery;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class DiscoveriesTest {
    private static final Backend A = Backend.of("http://10.0.0.1:80");
    private static final Backend B = Backend.of("http://10.0.0.2:80");
    private static final Backend C = Backend.of("http://10.0.0.3:80");
    private static final String A_ID = "10.0.0.1:80";
    private static final String B_ID = "10.0.0.2:80";
    private static final String C_ID = "10.0.0.3:80";

    private final FakeReceiver receiver = new FakeReceiver();
    private final PushOrigin first = new PushOrigin();
    private final PushOrigin second = new PushOrigin();

    @Test
    void fixed_isToldOnce() {
        Discoveries.fixed("http://10.0.0.1:80", "http://10.0.0.2:80").start(receiver);

        assertThat(receiver.lists).containsExactly(List.of(A_ID, B_ID));
    }

    @Test
    void union_ofTwoWithOneId_takesTheEarliersSource() {
        Discoveries.union(first.discovery(), second.discovery()).start(receiver);

        second.has(List.of(A.withWeight(2), B.withWeight(2)));
        first.has(List.of(A.withWeight(1)));

        assertThat(receiver.backends).containsExactly(A.withWeight(1), B.withWeight(2));
        first.has(List.of(C));
        assertThat(receiver.backends).containsExactly(C, A.withWeight(2), B.withWeight(2));
    }

    @Test
    void union_waitsForEveryFirstWord() {
        Discoveries.union(first.discovery(), second.discovery()).start(receiver);

        first.has(List.of(A));
        assertThat(receiver.lists).isEmpty();
        second.has(List.of(B));

        assertThat(receiver.lists).containsExactly(List.of(A_ID, B_ID));
        assertThat(receiver.time.pendingTimers()).isZero();
    }

    @Test
    void union_waitsForAnErrorNoLonger() {
        Discoveries.union(first.discovery(), second.discovery()).start(receiver);

        first.has(List.of(A));
        second.isDown();

        assertThat(receiver.lists).containsExactly(List.of(A_ID));
        assertThat(receiver.errors).hasSize(1);
    }

    @Test
    void union_waitsForSilenceOneSecond() {
        Discoveries.union(first.discovery(), second.discovery()).start(receiver);
        first.has(List.of(A));

        receiver.time.advance(Duration.ofMillis(999));
        assertThat(receiver.lists).isEmpty();
        receiver.time.advance(Duration.ofMillis(1));
        assertThat(receiver.lists).containsExactly(List.of(A_ID));

        second.has(List.of(B));
        assertThat(receiver.ids()).containsExactly(A_ID, B_ID);
    }

    @Test
    void union_keepsTheLastGoodListOfEachSource() {
        Discoveries.union(first.discovery(), second.discovery()).start(receiver);
        first.has(List.of(A));
        second.has(List.of(B));

        second.isDown();
        second.has(List.of());
        second.hasTwice(C);
        first.has(List.of(A, C));

        assertThat(receiver.ids()).containsExactly(A_ID, C_ID, B_ID);
        assertThat(receiver.errors).hasSize(3);
    }

    @Test
    void union_ofAPoolThatHonoursEmptyLists_letsASourceRunEmpty() {
        receiver.honoursEmpty = true;
        Discoveries.union(first.discovery(), second.discovery()).start(receiver);
        first.has(List.of(A));
        second.has(List.of(B));

        first.has(List.of());
        assertThat(receiver.ids()).containsExactly(B_ID);
        second.has(List.of());

        assertThat(receiver.ids()).isEmpty();
        assertThat(receiver.errors).isEmpty();
    }

    @Test
    void failover_usesTheSecondAfterTheFirstHasFailedForSoLong() {
        failover();
        first.has(List.of(A));
        second.has(List.of(B));

        first.isDown();
        receiver.time.advance(Duration.ofSeconds(29));
        first.isDown();
        assertThat(receiver.ids()).containsExactly(A_ID);
        receiver.time.advance(Duration.ofSeconds(1));
        assertThat(receiver.ids()).containsExactly(B_ID);

        second.has(List.of(C));
        assertThat(receiver.ids()).containsExactly(C_ID);
        first.has(List.of(A));
        assertThat(receiver.ids()).containsExactly(A_ID);
        second.has(List.of(B));
        assertThat(receiver.ids()).containsExactly(A_ID);
    }

    @Test
    void failover_staysWithASourceOneEntryOfWhichIsBad() {
        failover();
        first.has(List.of(A));
        second.has(List.of(B));

        first.leavesOut("1 of 2 entries is left out");
        receiver.time.advance(Duration.ofHours(1));

        assertThat(receiver.ids()).containsExactly(A_ID);
        assertThat(receiver.ambient).hasSize(1);
    }

    @Test
    void failover_staysWithDnsOneTargetOfWhichIsBad() {
        FakeZone zone = new FakeZone()
                .with(
                        "_s._tcp.test 1 IN SRV 0 1 0 a.test.",
                        "_s._tcp.test 1 IN SRV 0 1 80 b.test.",
                        "b.test 1 IN A 10.0.0.1");
        BackendDiscovery dns = DnsDiscovery.services("_s._tcp.test")
                .nameservers(settings -> zone)
                .build();
        Discoveries.failover(Duration.ofSeconds(30), dns, second.discovery()).start(receiver);
        second.has(List.of(B));
        receiver.time.advance(Duration.ofHours(1));

        assertThat(receiver.ids()).containsExactly("10.0.0.1:80");
        assertThat(receiver.ambient).hasSize(1);
    }

    @Test
    void subset_passesOnWhatIsLeftOut() {
        Discoveries.subset(first.discovery(), 1, "client").start(receiver);
        first.leavesOut("1 of 2 entries is left out");

        assertThat(receiver.ambient).hasSize(1);
    }

    @Test
    void failover_forgetsAFailureThatPassed() {
        failover();
        first.has(List.of(A));
        second.has(List.of(B));

        first.isDown();
        receiver.time.advance(Duration.ofSeconds(29));
        first.has(List.of(A));
        first.isDown();
        receiver.time.advance(Duration.ofSeconds(29));

        assertThat(receiver.ids()).containsExactly(A_ID);
    }

    @Test
    void failover_ofASourceThatIsSilentFromTheStart_waits() {
        failover();
        second.has(List.of(B));

        receiver.time.advance(Duration.ofSeconds(29));
        assertThat(receiver.lists).isEmpty();
        receiver.time.advance(Duration.ofSeconds(1));

        assertThat(receiver.ids()).containsExactly(B_ID);
    }

    @Test
    void failover_ofASourceThatIsDownFromTheStart_doesNotWait() {
        failover();
        second.has(List.of(B));

        first.isDown();

        assertThat(receiver.ids()).containsExactly(B_ID);
    }

    @Test
    void failover_withNobodyToTurnTo_keepsTheList() {
        failover();
        first.has(List.of(A));
        second.isDown();

        first.isDown();
        receiver.time.advance(Duration.ofHours(1));

        assertThat(receiver.lists).containsExactly(List.of(A_ID));
        assertThat(receiver.errors).hasSize(2);
    }

    @Test
    void closing_closesEverySource() {
        BackendDiscovery.Watch watch = failover();
        assertThat(first.isWatched()).isTrue();

        watch.close();

        assertThat(first.isWatched()).isFalse();
        assertThat(second.isWatched()).isFalse();
        assertThat(receiver.time.pendingTimers()).isZero();
        first.has(List.of(A));
        assertThat(receiver.lists).isEmpty();
    }

    @Test
    void sourceThatCannotStart_closesTheOthers() {
        assertThatThrownBy(() -> Discoveries.union(first.discovery(), given -> {
                            throw new IllegalStateException("no such source");
                        })
                        .start(receiver))
                .hasMessage("no such source");

        assertThat(first.isWatched()).isFalse();
        assertThat(receiver.time.pendingTimers()).isZero();
    }

    @Test
    void sourcesThatSpeakAtOnce_areToldOneAtATime_andTheLastWordCounts() throws Exception {
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        FakeReceiver strict = new FakeReceiver();
        Discoveries.union(first.discovery(), second.discovery()).start(new ForwardingReceiver(strict) {
            @Override
            public void backends(List<Backend> backends) {
                most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                strict.backends(backends);
                inside.decrementAndGet();
            }

            @Override
            public void error(Throwable cause) {
                throw new AssertionError(cause);
            }
        });
        CountDownLatch go = new CountDownLatch(1);
        Thread one = speaking(go, first, A);
        Thread other = speaking(go, second, B);
        go.countDown();
        one.join();
        other.join();

        assertThat(most).hasValue(1);
        assertThat(strict.backends).containsExactly(A.withWeight(2_000), B.withWeight(2_000));
    }

    private static Thread speaking(CountDownLatch go, PushOrigin origin, Backend backend) {
        Thread thread = new Thread(() -> {
            try {
                go.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            for (int weight = 1; weight <= 2_000; weight++) {
                origin.has(List.of(backend.withWeight(weight)));
            }
        });
        thread.start();
        return thread;
    }

    @Test
    void badArguments_areRefused() {
        assertThatThrownBy(Discoveries::union).hasMessage("union must have at least one source: none");
        assertThatThrownBy(() -> Discoveries.failover(Duration.ofDays(1), first.discovery()))
                .hasMessage("failover failureTimeout must be PT0S to PT1H: PT24H");
        assertThatThrownBy(() -> Discoveries.subset(first.discovery(), 0, "me"))
                .hasMessage("subset size must be 1..100000: 0");
        assertThatThrownBy(() -> Discoveries.subset(first.discovery(), 5, " "))
                .hasMessageStartingWith("subset client id must not be blank: \" \"; take what tells");
    }

    private BackendDiscovery.Watch failover() {
        return Discoveries.failover(Duration.ofSeconds(30), first.discovery(), second.discovery())
                .start(receiver);
    }
}
