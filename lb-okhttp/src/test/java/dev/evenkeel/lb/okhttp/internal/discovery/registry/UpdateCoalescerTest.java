package dev.evenkeel.lb.okhttp.internal.discovery.registry;

import static dev.evenkeel.lb.okhttp.internal.discovery.registry.WatchFixture.A;
import static dev.evenkeel.lb.okhttp.internal.discovery.registry.WatchFixture.B;
import static dev.evenkeel.lb.okhttp.internal.discovery.registry.WatchFixture.listing;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import okio.Buffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When the changes of a stream are published. */
@Timeout(60)
class UpdateCoalescerTest {
    private final WatchFixture pool = new WatchFixture();
    private final Buffer stream = new Buffer();
    private InstanceList state = listing(A);

    /** What a session does with its coalescer. */
    private interface Steps {
        void run(UpdateCoalescer coalescer) throws IOException;
    }

    private void run(Steps steps) throws InterruptedException {
        pool.run(watch -> {
            steps.run(new UpdateCoalescer(watch, new JsonLinesReader(stream)::hasMore, () -> state));
            return Duration.ofSeconds(1);
        });
        assertThat(pool.errors).isEmpty();
    }

    private void change(UpdateCoalescer coalescer, Backend... backends) throws IOException {
        state = listing(backends);
        coalescer.changed();
        coalescer.whenQuiet();
    }

    @Test
    void singleChange_isPublishedAtOnce_andOnce() throws Exception {
        run(coalescer -> {
            change(coalescer, A);
            state = listing(A, B);
            coalescer.whenQuiet(); // Nothing has changed since.
            coalescer.now();
        });

        assertThat(pool.lists).containsExactly(List.of(A));
    }

    @Test
    void changesOfABusyStream_waitForItsEnd() throws Exception {
        run(coalescer -> {
            stream.writeUtf8("{");
            change(coalescer, A);
            change(coalescer, B);
            change(coalescer, A, B);
            assertThat(pool.lists).containsExactly(List.of(A));
            coalescer.now();
        });

        assertThat(pool.lists).containsExactly(List.of(A), List.of(A, B));
    }

    @Test
    void changesOfABusyStream_waitForAMoment_notLonger() throws Exception {
        run(coalescer -> {
            stream.writeUtf8("{");
            change(coalescer, A);
            pool.nanos.addAndGet(Duration.ofMillis(99).toNanos());
            change(coalescer, B);
            assertThat(pool.lists).hasSize(1);
            pool.nanos.addAndGet(Duration.ofMillis(1).toNanos());
            change(coalescer, A, B);
        });

        assertThat(pool.lists).containsExactly(List.of(A), List.of(A, B));
    }

    @Test
    void changeOfAQuietStream_doesNotWait() throws Exception {
        run(coalescer -> {
            change(coalescer, A);
            change(coalescer, B);
        });

        assertThat(pool.lists).containsExactly(List.of(A), List.of(B));
    }
}
