package dev.evenkeel.lb.core.internal.registry;

import static dev.evenkeel.lb.core.PoolFixture.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.PoolFixture;
import dev.evenkeel.lb.spi.BackendDiscovery;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class DiscoverySubscriptionTest {

    @Test
    void build_waitsForTheFirstList() {
        BackendDiscovery slow = receiver -> {
            receiver.executor().execute(() -> {
                receiver.error(new IllegalStateException("not yet"));
                receiver.backends(List.of());
                receiver.backends(List.of(Backend.of("http://a:1")));
            });
            return () -> {};
        };
        try (LoadBalancer pool = LoadBalancers.builder("users")
                .discovery(slow)
                .initialDiscoveryTimeout(Duration.ofHours(1))
                .build()) {
            assertThat(call(pool, 10)).containsOnlyKeys("a:1");
        }
    }

    @Test
    void build_withBackendsOfItsOwn_doesNotWait() {
        try (LoadBalancer pool = LoadBalancers.builder("users")
                .backends("http://a:1")
                .discovery(this::silent)
                .initialDiscoveryTimeout(Duration.ofHours(1))
                .build()) {
            assertThat(call(pool, 10)).containsOnlyKeys("a:1");
        }
    }

    @Test
    void build_waitsNoLongerThanItIsTold() {
        try (LoadBalancer pool = LoadBalancers.builder("users")
                .discovery(this::silent)
                .initialDiscoveryTimeout(Duration.ofMillis(1))
                .build()) {
            assertThat(PoolFixture.refusal(pool)).contains("no backends");
        }
    }

    @Test
    void build_thatIsInterrupted_waitsNoLonger() {
        Thread.currentThread().interrupt();
        try (LoadBalancer pool = LoadBalancers.builder("users")
                .discovery(this::silent)
                .initialDiscoveryTimeout(Duration.ofHours(1))
                .build()) {
            assertThat(Thread.interrupted()).isTrue();
            assertThat(pool.snapshot().backends()).isEmpty();
        }
    }

    @Test
    void sourceThatFailsOnItsClose_keepsNothingElseOpen() {
        PoolFixture fixture = new PoolFixture();
        LoadBalancer pool = fixture.builder("http://a:1")
                .discovery(receiver -> {
                    receiver.scheduler().schedule(() -> {}, Duration.ofHours(1));
                    return () -> {
                        throw new IllegalStateException("closed twice");
                    };
                })
                .build();

        pool.close();

        assertThat(fixture.time.pendingTimers()).isZero();
    }

    @Test
    void sourceThatStartsWhileThePoolIsClosed_isClosed() {
        PoolFixture fixture = new PoolFixture();
        LoadBalancer pool = fixture.builder("http://a:1").build();
        AtomicInteger closed = new AtomicInteger();

        fixture.builder("http://a:1")
                .discovery(receiver -> {
                    pool.close();
                    return closed::incrementAndGet;
                })
                .applyTo(pool);

        assertThat(closed).hasValue(1);
    }

    @Test
    void wait_outOfRange_isRefused() {
        assertThatThrownBy(() -> LoadBalancers.builder("users").initialDiscoveryTimeout(Duration.ofSeconds(-1)))
                .hasMessage("initialDiscoveryTimeout must be PT0S to PT1H: PT-1S");
    }

    private BackendDiscovery.Watch silent(BackendDiscovery.Receiver receiver) {
        return () -> {};
    }
}
