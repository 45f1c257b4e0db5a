package dev.evenkeel.lb.okhttp.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.ThreadMXBean;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerEvent.BackendAdded;
import dev.evenkeel.lb.LoadBalancerEvent.BackendRemoved;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.LoadBalancers;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What it costs when one endpoint of 10,000 comes or goes: the CPU time and the bytes of the source's thread, from the first
 * byte of the event to the snapshot that the next pick reads. Printed, not asserted.
 */
@Tag("soak")
@Timeout(600)
class ReadyEndpointsCostTest {
    private static final int BACKENDS = 10_000;
    private static final int SLICE = 100;
    private static final int WARM_UP = 1_000;
    private static final int CHANGES = 400;

    @Test
    void oneEndpointOfTenThousand_reachesTheNextPick() throws Exception {
        AtomicInteger events = new AtomicInteger();
        Random random = new Random(11);
        try (FakeKubernetes registry = new FakeKubernetes(SLICE)) {
            registry.set(Entry.many(BACKENDS));
            try (LoadBalancer pool = LoadBalancers.builder("users")
                    .discovery(registry.source(new OkHttpClient()))
                    .listener(event -> {
                        if (event instanceof BackendAdded || event instanceof BackendRemoved) {
                            events.incrementAndGet();
                        }
                    })
                    .build()) {
                awaitEvents(events, BACKENDS);
                ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
                long thread = Arrays.stream(threads.getThreadInfo(threads.getAllThreadIds()))
                        .filter(info -> info != null && info.getThreadName().startsWith("evenkeel-discovery"))
                        .findFirst()
                        .orElseThrow()
                        .getThreadId();
                List<Long> nanos = new ArrayList<>();
                long bytes = 0;
                for (int i = 0; i < WARM_UP + CHANGES; i++) {
                    int slice = random.nextInt(BACKENDS / SLICE);
                    int before = events.get();
                    long cpuBefore = threads.getThreadCpuTime(thread);
                    long bytesBefore = threads.getThreadAllocatedBytes(thread);
                    Entry gone = Entry.of(slice * SLICE + random.nextInt(SLICE));
                    registry.put(slice(registry, slice, gone));
                    awaitEvents(events, before + 1);
                    awaitIdle(threads, thread);
                    if (i >= WARM_UP) {
                        nanos.add(threads.getThreadCpuTime(thread) - cpuBefore);
                        bytes += threads.getThreadAllocatedBytes(thread) - bytesBefore;
                    }
                    if (i % 100 == 0) {
                        assertThat(picks(pool)).doesNotContain(gone.id());
                    }
                    registry.put(slice(registry, slice, null));
                    awaitEvents(events, before + 2);
                    awaitIdle(threads, thread);
                }
                nanos.sort(null);
                System.out.printf(
                        "one endpoint of %,d in slices of %d: CPU %.2f ms (median), %.2f ms (mean), %.2f ms (p99), %,d"
                                + " bytes%n",
                        BACKENDS,
                        SLICE,
                        nanos.get(CHANGES / 2) / 1e6,
                        nanos.stream().mapToLong(Long::longValue).average().orElseThrow() / 1e6,
                        nanos.get(CHANGES * 99 / 100) / 1e6,
                        bytes / CHANGES);
            }
        }
    }

    private static ObjectNode slice(FakeKubernetes registry, int number, Entry without) {
        ObjectNode slice = registry.slice(
                "users-1-8080-" + String.format("%04d", number),
                Entry.many(BACKENDS).subList(number * SLICE, (number + 1) * SLICE));
        if (without != null) {
            ArrayNode endpoints = (ArrayNode) slice.path("endpoints");
            for (int i = 0; i < endpoints.size(); i++) {
                if (endpoints.path(i).path("addresses").path(0).textValue().equals(without.host())) {
                    endpoints.remove(i);
                }
            }
        }
        return slice;
    }

    private static List<String> picks(LoadBalancer pool) {
        List<String> picks = new ArrayList<>();
        for (int i = 0; i < 2 * BACKENDS; i++) {
            Lease lease = (Lease) pool.acquire(RequestContext.NONE);
            picks.add(lease.backend().id());
            lease.complete(Outcome.SUCCESS);
        }
        return picks;
    }

    private static void awaitEvents(AtomicInteger events, int count) {
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .atMost(Duration.ofSeconds(60))
                .until(() -> events.get() >= count);
    }

    /** The thread has nothing left to do but to read. */
    private static void awaitIdle(ThreadMXBean threads, long thread) {
        long[] last = {-1};
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .atMost(Duration.ofSeconds(60))
                .until(() -> {
                    long now = threads.getThreadCpuTime(thread);
                    boolean idle = now == last[0];
                    last[0] = now;
                    return idle;
                });
    }
}
