package dev.evenkeel.lb.core.internal.concurrent;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Threads are daemons with a name, and end when they are idle. */
class DaemonThreadsTest {
    @Test
    void threads_areDaemons_withTheName_andTheLoaderOfTheirCreator() {
        Thread thread = DaemonThreads.named("evenkeel-x").newThread(() -> {});

        assertThat(thread.isDaemon()).isTrue();
        assertThat(thread.getName()).isEqualTo("evenkeel-x");
        assertThat(thread.getContextClassLoader())
                .isSameAs(Thread.currentThread().getContextClassLoader());
    }

    @Test
    void threadsOfTheProcess_keepNoClassLoader() {
        assertThat(DaemonThreads.ofProcess("evenkeel-x").newThread(() -> {}).getContextClassLoader())
                .isNull();
    }

    @Test
    void poolOnDemand_hasNoThreadWithoutWork_andNoQueue() throws Exception {
        ThreadPoolExecutor threads = DaemonThreads.onDemand(DaemonThreads.named("evenkeel-x"), Duration.ofSeconds(1));
        AtomicReference<String> ranOn = new AtomicReference<>();

        assertThat(threads.getPoolSize()).isZero();
        threads.submit(() -> ranOn.set(Thread.currentThread().getName())).get(10, TimeUnit.SECONDS);

        assertThat(ranOn).hasValue("evenkeel-x");
        assertThat(threads.getQueue().remainingCapacity()).isZero();
        assertThat(threads.getKeepAliveTime(TimeUnit.MILLISECONDS)).isEqualTo(1_000);
        threads.shutdownNow();
    }

    @Test
    void singleThreadOnDemand_queuesWork() {
        ThreadPoolExecutor thread = DaemonThreads.oneOnDemand(DaemonThreads.named("evenkeel-x"), Duration.ofSeconds(1));

        assertThat(thread.getMaximumPoolSize()).isEqualTo(1);
        assertThat(thread.getQueue().remainingCapacity()).isPositive();
    }
}
