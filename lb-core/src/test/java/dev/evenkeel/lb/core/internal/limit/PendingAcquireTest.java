package dev.evenkeel.lb.core.internal.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PendingAcquireTest {
    private final PendingAcquire waiting =
            new PendingAcquire(RequestContext.NONE, List.of(), 0, new ConcurrentLinkedQueue<>());
    private final List<Outcome> ended = new ArrayList<>();

    private final Lease lease = new Lease() {
        @Override
        public Backend backend() {
            return Backend.of("http://a:1");
        }

        @Override
        public void responded() {}

        @Override
        public boolean complete(Outcome outcome) {
            return ended.add(outcome);
        }
    };

    @Test
    void result_isDelivered() {
        waiting.end(lease);
        assertThat(waiting.join()).isSameAs(lease);
        assertThat(ended).isEmpty();
    }

    @Test
    void leaseForACallerThatHasGivenUp_isReturned() {
        waiting.cancel(false);
        waiting.end(lease);
        assertThat(ended).containsExactly(Outcome.DISCARDED);
    }

    @Test
    void oneThread_takesItFromTheQueue() {
        assertThat(waiting.leave()).isTrue();
        assertThat(waiting.leave()).isFalse();
    }

    @Test
    void timeout_isCancelledAtTheEnd_alsoIfItIsSetLater() {
        AtomicInteger cancelled = new AtomicInteger();
        waiting.stopTimeout();
        waiting.timeOutBy(cancelled::incrementAndGet);
        assertThat(cancelled).hasValue(0);
        waiting.stopTimeout();
        assertThat(cancelled).hasValue(1);
        waiting.end(lease);
        waiting.timeOutBy(cancelled::incrementAndGet);
        assertThat(cancelled).hasValue(2);
    }

    @Test
    void requestWithATriedBackend_isParticular() {
        assertThat(waiting.particular).isFalse();
        assertThat(new PendingAcquire(
                                RequestContext.NONE,
                                List.of(Backend.of("http://a:1")),
                                0,
                                new ConcurrentLinkedQueue<>())
                        .particular)
                .isTrue();
    }
}
