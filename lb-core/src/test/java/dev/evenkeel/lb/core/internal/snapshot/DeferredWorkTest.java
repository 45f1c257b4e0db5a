package dev.evenkeel.lb.core.internal.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.Lease;
import dev.evenkeel.lb.LoadBalancer;
import dev.evenkeel.lb.LoadBalancerEvent;
import dev.evenkeel.lb.LoadBalancerEvent.StrategyFailed;
import dev.evenkeel.lb.LoadBalancerListener;
import dev.evenkeel.lb.Outcome;
import dev.evenkeel.lb.RequestContext;
import dev.evenkeel.lb.core.LoadBalancerBuilder;
import dev.evenkeel.lb.core.LoadBalancers;
import dev.evenkeel.lb.core.PoolFixture;
import dev.evenkeel.lb.core.VirtualTime;
import dev.evenkeel.lb.core.internal.runtime.EventDispatcher;
import dev.evenkeel.lb.core.internal.runtime.PoolLog;
import dev.evenkeel.lb.core.internal.runtime.PoolRuntime;
import dev.evenkeel.lb.core.internal.runtime.PoolScheduler;
import dev.evenkeel.lb.core.strategy.Strategies;
import dev.evenkeel.lb.spi.BackendDiscovery;
import dev.evenkeel.lb.spi.Scheduler;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** When pickers' deferred work runs, and in which thread. */
final class DeferredWorkTest {
    private static final Duration LONG = Duration.ofMillis(40);
    private static final Backend A = Backend.of("http://a:1");
    private static final Backend B = Backend.of("http://b:1");

    private final VirtualTime time = new VirtualTime();
    private final EventDispatcher events = new EventDispatcher(new PoolLog("deferred", time, time));
    /** What was given to the thread for such work. */
    private final Deque<Runnable> given = new ArrayDeque<>();

    private boolean refuses;
    private boolean hasNoTimer;
    private final Scheduler timers = (task, delay) -> {
        if (hasNoTimer) {
            throw new RejectedExecutionException("no timer");
        }
        return time.schedule(task, delay);
    };
    private final DeferredWork deferred = new DeferredWork(
            new PoolRuntime("deferred", events, time, new PoolScheduler(timers, time), new Random(1), task -> {
                if (refuses) {
                    throw new RejectedExecutionException("no thread");
                }
                given.add(task);
            }));
    private final List<String> done = new CopyOnWriteArrayList<>();
    private final Runnable longWork = () -> {
        time.advance(LONG);
        done.add("long");
    };

    private final BlockingQueue<Thread> threads = new LinkedBlockingQueue<>();
    private final BlockingQueue<BackendDiscovery.Receiver> receivers = new LinkedBlockingQueue<>();
    private final BackendDiscovery source = receiver -> {
        receivers.add(receiver);
        receiver.backends(List.of(A));
        return () -> {};
    };

    private void observed(Runnable... work) {
        List.of(work).forEach(deferred::add);
        deferred.published(false);
        events.deliver();
    }

    private void runGiven() {
        given.remove().run();
    }

    @Test
    void requested_runsAfterPublication_beforeTheChangeReturns() {
        deferred.add(() -> done.add("table"));
        assertThat(done).isEmpty();
        assertThat(deferred.published(true)).isTrue();
        events.deliver();
        assertThat(done).as("in a thread that delivers").isEmpty();
        deferred.finish();

        assertThat(done).containsExactly("table");
        assertThat(given).isEmpty();
    }

    @Test
    void observed_runsOnItsOwnThread() {
        observed(() -> done.add("table"));

        assertThat(done).isEmpty();
        runGiven();
        assertThat(done).containsExactly("table");
        assertThat(given).isEmpty();
    }

    @Test
    void observations_takeAtMostATenthOfTheTime_andWhatComesMeanwhileIsTakenTogether() {
        observed(longWork);
        runGiven();
        observed(() -> done.add("a"));
        observed(() -> done.add("b"));

        time.advance(LONG.multipliedBy(9).minusMillis(1));
        assertThat(given).isEmpty();
        time.advance(Duration.ofMillis(1));
        assertThat(given).hasSize(1);
        observed(() -> done.add("c"));
        runGiven();
        assertThat(done).containsExactly("long", "a", "b", "c");
        assertThat(given).isEmpty();
    }

    @Test
    void whatComesWhileWorkRuns_waitsForItsTurn() {
        observed(() -> {
            longWork.run();
            observed(() -> done.add("next"));
        });
        runGiven();

        assertThat(given).isEmpty();
        time.advance(LONG.multipliedBy(9));
        runGiven();
        assertThat(done).containsExactly("long", "next");
    }

    @Test
    void afterVeryLongWork_theNextWaitsFiveSeconds() {
        observed(() -> time.advance(Duration.ofMinutes(1)));
        runGiven();
        observed(() -> done.add("next"));

        time.advance(Duration.ofMillis(4_999));
        assertThat(given).isEmpty();
        time.advance(Duration.ofMillis(1));
        runGiven();
        assertThat(done).containsExactly("next");
    }

    @Test
    void afterThePause_observationsRunAtOnce() {
        observed(longWork);
        runGiven();
        time.advance(LONG.multipliedBy(9));

        observed(() -> done.add("next"));

        runGiven();
        assertThat(done).containsExactly("long", "next");
    }

    @Test
    void requested_doesNotWait_andTakesInWhatWaits() {
        observed(longWork);
        runGiven();
        observed(() -> done.add("observed"));
        deferred.add(() -> done.add("requested"));
        deferred.published(true);
        deferred.finish();

        assertThat(done).containsExactly("long", "observed", "requested");
        time.advance(LONG.multipliedBy(9));
        runGiven();
        assertThat(done).hasSize(3);
    }

    @Test
    void equalWork_waitsOnce() {
        observed(longWork, longWork);
        observed(longWork);
        runGiven();

        assertThat(done).containsExactly("long");
        assertThat(given).isEmpty();
    }

    @Test
    void workThatThrows_isCounted_andTheRestRuns() {
        observed(
                () -> {
                    throw new IllegalStateException("no memory of it");
                },
                () -> done.add("next"));
        runGiven();

        assertThat(done).containsExactly("next");
        assertThat(events.log().faultCount()).isEqualTo(1);
        observed(() -> done.add("later"));
        runGiven();
        assertThat(done).containsExactly("next", "later");
    }

    @Test
    void fatalError_isRethrown_theRestRuns_andTheFailedWorkRunsLater() {
        observed(
                onceFailing(() -> {
                    throw new OutOfMemoryError("a test's");
                }),
                () -> done.add("rest"));
        assertThatThrownBy(this::runGiven).isInstanceOf(OutOfMemoryError.class);

        assertThat(done).containsExactly("rest");
        assertThat(given).isEmpty();
        time.advance(Duration.ofSeconds(5));
        runGiven();
        assertThat(done).containsExactly("rest", "failed before");
    }

    @Test
    void threadThatCannotBeStarted_isAskedForAgain() {
        refuses = true;
        observed(() -> done.add("first"));
        refuses = false;
        assertThat(given).isEmpty();
        time.advance(Duration.ofSeconds(5));

        runGiven();
        assertThat(done).containsExactly("first");
    }

    @Test
    void threadThatCannotBeStarted_afterAPause_isAskedForAgain() {
        observed(longWork);
        runGiven();
        observed(() -> done.add("next"));
        refuses = true;
        time.advance(LONG.multipliedBy(9));
        assertThat(given).isEmpty();
        refuses = false;
        time.advance(Duration.ofSeconds(6));

        runGiven();
        assertThat(done).containsExactly("long", "next");
    }

    @Test
    void threadThatCannotBeStarted_isAskedForAtTheNextChange() {
        refuses = true;
        observed(() -> done.add("first"));
        refuses = false;
        observed(() -> done.add("second"));

        runGiven();
        assertThat(done).containsExactly("first", "second");
        time.advance(Duration.ofSeconds(6));
        assertThat(given).isEmpty();
    }

    @Test
    void timerThatCannotBeSet_theNextChangeBeginsTheWork() {
        observed(longWork);
        runGiven();
        hasNoTimer = true;
        observed(() -> done.add("first"));
        hasNoTimer = false;
        observed(() -> done.add("second"));
        time.advance(LONG.multipliedBy(9));

        runGiven();
        assertThat(done).containsExactly("long", "first", "second");
    }

    /** Who has no memory for the work may have none for the line that says so. */
    @Test
    void failureThatCannotBeLogged_losesNoWork() {
        observed(
                onceFailing(() -> {
                    throw new Unspeakable();
                }),
                () -> done.add("next"));
        assertThatThrownBy(this::runGiven).isInstanceOf(OutOfMemoryError.class);
        assertThat(done).isEmpty();

        time.advance(Duration.ofSeconds(5));
        runGiven();
        assertThat(done).containsExactly("next");
    }

    /** Work that fails the first time. */
    private Runnable onceFailing(Runnable failure) {
        AtomicBoolean fails = new AtomicBoolean(true);
        return () -> {
            if (fails.getAndSet(false)) {
                failure.run();
            }
            done.add("failed before");
        };
    }

    private static final class Unspeakable extends RuntimeException {
        private static final long serialVersionUID = 1L;

        @Override
        public String toString() {
            throw new OutOfMemoryError("a test's");
        }
    }

    @Test
    void publicationWithoutWork_startsNothing() {
        observed();

        assertThat(given).isEmpty();
        assertThat(deferred.published(true)).isFalse();
    }

    @Test
    void pool_callsThatEject_doNotRunIt_butTheThreadThatAddsABackendDoes() throws InterruptedException {
        try (LoadBalancer pool = pool(this::noteThread)
                .backends("http://a:1", "http://b:1", "http://c:1")
                .build()) {
            threads.clear();
            pool.registry().add(Backend.of("http://d:1"));
            assertThat(threads.remove()).isSameAs(Thread.currentThread());

            PoolFixture.call(pool, 200, Map.of("b:1", Outcome.SERVER_ERROR));

            assertThat(PoolFixture.status(pool, "b:1").isEligible()).isFalse();
            assertIsOfPickers(threads.poll(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void pool_listsOfADiscovery_doNotWaitForIt() throws InterruptedException {
        try (LoadBalancer pool = pool(this::noteThread).discovery(source).build()) {
            receivers.take().backends(List.of(A, B));

            assertThat(pool.snapshot().backends()).hasSize(2);
            assertIsOfPickers(threads.poll(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void pool_requestedChange_waitsForWorkThatAnotherThreadHasTaken() throws Exception {
        CountDownLatch taken = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Runnable slow = () -> {
            if (isOfPickers(Thread.currentThread())) {
                taken.countDown();
                await(goOn);
            }
            done.add("done");
        };
        try (LoadBalancer pool = pool(slow).discovery(source).build()) {
            done.clear();
            receivers.take().backends(List.of(A, B));
            await(taken);

            CompletableFuture<Void> change =
                    CompletableFuture.runAsync(() -> pool.registry().setWeight("b:1", 7));
            assertThat(pool.acquire(RequestContext.NONE)).as("no call waits").isInstanceOf(Lease.class);
            assertThat(change).isNotDone();
            goOn.countDown();
            change.get(10, TimeUnit.SECONDS);
            assertThat(done).hasSize(2);
        }
    }

    @Test
    void pool_listenerThatRunsOutOfMemory_theChangeStillRunsIt() {
        AtomicBoolean fails = new AtomicBoolean();
        LoadBalancerListener listener = event -> {
            if (fails.getAndSet(false)) {
                throw new OutOfMemoryError("a test's");
            }
        };
        try (LoadBalancer pool =
                pool(() -> done.add("done")).backend(A).listener(listener).build()) {
            done.clear();
            fails.set(true);
            assertThatThrownBy(() -> pool.registry().add(B)).isInstanceOf(OutOfMemoryError.class);

            assertThat(pool.snapshot().backends()).hasSize(2);
            assertThat(done).containsExactly("done");
        }
    }

    @Test
    void pool_workThatIsNull_isTheStrategysFault() {
        List<LoadBalancerEvent> heard = new CopyOnWriteArrayList<>();
        try (LoadBalancer pool = LoadBalancers.builder("users")
                .strategy(context -> {
                    context.afterPublication(null);
                    return Strategies.roundRobin().newPicker(context);
                })
                .backend(A)
                .listener(heard::add)
                .build()) {
            assertThat(pool.acquire(RequestContext.NONE)).isNotInstanceOf(Lease.class);

            assertThat(heard)
                    .filteredOn(StrategyFailed.class::isInstance)
                    .singleElement()
                    .asString()
                    .contains("it could not make a picker: java.lang.NullPointerException: work");
        }
    }

    private void noteThread() {
        threads.add(Thread.currentThread());
    }

    /** A pool whose pickers put off some work. */
    private static LoadBalancerBuilder pool(Runnable work) {
        return LoadBalancers.builder("users").strategy(context -> {
            context.afterPublication(work);
            return Strategies.roundRobin().newPicker(context);
        });
    }

    private static boolean isOfPickers(Thread thread) {
        return thread.getName().equals("evenkeel-picker");
    }

    private static void assertIsOfPickers(@Nullable Thread thread) {
        assertThat(thread).isNotNull();
        assertThat(isOfPickers(thread)).isTrue();
        assertThat(thread.isDaemon()).isTrue();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
