package dev.evenkeel.lb.core.internal.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.core.LogLines;
import dev.evenkeel.lb.core.VirtualTime;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.core.internal.socket.PromptHealthCheck;
import dev.evenkeel.lb.spi.HealthCheck;
import dev.evenkeel.lb.spi.HealthResult;
import dev.evenkeel.lb.spi.Scheduler;
import dev.evenkeel.lb.spi.Scheduler.Cancellable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HealthCheckerTest {
    private static final Duration INTERVAL = Duration.ofSeconds(2);

    private final VirtualTime time = new VirtualTime();
    private final List<HealthChecker> checkers = new ArrayList<>();

    /** A backend that remembers what was found of it. */
    private static class Patient implements HealthChecker.Subject {
        final List<String> findings = new ArrayList<>();
        private final Backend backend;

        Patient(int number) {
            backend = Backend.of("http://h" + number + ":1");
        }

        @Override
        public Backend backend() {
            return backend;
        }

        @Override
        public boolean provenWithin(Duration period) {
            return false;
        }

        @Override
        public synchronized void health(HealthState state, String cause) {
            findings.add(state + " " + cause);
        }

        synchronized List<String> findings() {
            return List.copyOf(findings);
        }
    }

    private HealthChecker checker(HealthCheckPolicy policy, Scheduler scheduler, Executor executor) {
        HealthChecker checker = new HealthChecker(policy, scheduler, executor, new Random(7));
        checkers.add(checker);
        return checker;
    }

    /** One failure brings a backend down. */
    private HealthChecker checker(HealthCheck check) {
        return checker(HealthCheckPolicy.builder(check).fall(1).build(), time, Runnable::run);
    }

    @AfterEach
    void closeAll() {
        checkers.forEach(HealthChecker::close);
        assertThat(time.pendingTimers()).isZero();
        await().untilAsserted(() -> assertThat(workers()).isEmpty());
    }

    private static List<String> workers() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.equals("evenkeel-check"))
                .toList();
    }

    private static HealthResult fine() {
        return HealthResult.healthy("fine");
    }

    // Which thread begins a check.

    /** A check that is prompt for some backends, and remembers the threads that began it. */
    private static final class ThreadNames implements PromptHealthCheck {
        final Map<String, String> byHost = new ConcurrentHashMap<>();

        @Override
        public boolean isPrompt(Backend backend) {
            return backend.host().equals("h1");
        }

        @Override
        public CompletionStage<HealthResult> check(Backend backend, Duration timeout) {
            byHost.put(backend.host(), Thread.currentThread().getName());
            return CompletableFuture.completedFuture(fine());
        }
    }

    private Map<String, String> beganOn(@Nullable Executor executor) {
        ThreadNames check = new ThreadNames();
        HealthChecker checker =
                new HealthChecker(HealthCheckPolicy.builder(check).build(), time, executor, new Random(7));
        checkers.add(checker);
        checker.start(new Patient(1));
        checker.start(new Patient(2));
        time.advance(INTERVAL);
        await().untilAsserted(() -> assertThat(check.byHost).hasSize(2));
        return check.byHost;
    }

    @Test
    void promptCheck_beginsOnTheTimer_andAnotherOneOnAThreadOfItsOwn() {
        assertThat(beganOn(null))
                .containsEntry("h1", Thread.currentThread().getName())
                .containsEntry("h2", "evenkeel-check");
    }

    @Test
    void promptCheck_beginsOnTheApplicationsExecutor_ifThereIsOne() {
        assertThat(beganOn(task -> {
                    Thread thread = new Thread(task, "application's");
                    thread.setDaemon(true);
                    thread.start();
                }))
                .containsEntry("h1", "application's")
                .containsEntry("h2", "application's");
    }

    // What a check may do wrong.

    private List<String> findings(HealthCheck check, Duration after) {
        Patient patient = new Patient(1);
        checker(check).start(patient);
        time.advance(after);
        return patient.findings();
    }

    @Test
    void check_thatThrows_isUnhealthyWithTheReason() {
        assertThat(findings(
                        (backend, timeout) -> {
                            throw new IllegalStateException("broken");
                        },
                        Duration.ZERO))
                .containsExactly("DOWN the check threw java.lang.IllegalStateException: broken");
    }

    @Test
    void check_thatThrowsAnError_isUnhealthyWithTheReason_andIsCheckedAgain() {
        AtomicInteger calls = new AtomicInteger();
        assertThat(findings(
                        (backend, timeout) -> {
                            if (calls.incrementAndGet() == 1) {
                                throw new NoClassDefFoundError("com/example/Driver");
                            }
                            return CompletableFuture.completedStage(fine());
                        },
                        INTERVAL))
                .containsExactly("DOWN the check threw java.lang.NoClassDefFoundError: com/example/Driver", "UP fine");
    }

    @Test
    void check_thatFails_isUnhealthyWithTheReason() {
        assertThat(findings(
                        (backend, timeout) -> CompletableFuture.failedStage(new java.io.IOException("no route")),
                        Duration.ZERO))
                .containsExactly("DOWN the check failed with java.io.IOException: no route");
    }

    @Test
    @SuppressWarnings("NullAway")
    void check_thatReturnsNull_isUnhealthyWithTheReason() {
        assertThat(findings((backend, timeout) -> null, Duration.ZERO)).containsExactly("DOWN the check returned null");
        assertThat(findings((backend, timeout) -> CompletableFuture.completedStage(null), Duration.ZERO))
                .containsExactly("DOWN the check's result is null");
    }

    @Test
    void check_thatHangs_isUnhealthyAtTheTimeout_andCancelled() {
        List<CompletableFuture<HealthResult>> checks = new ArrayList<>();
        assertThat(findings(
                        (backend, timeout) -> {
                            CompletableFuture<HealthResult> never = new CompletableFuture<>();
                            checks.add(never);
                            return never;
                        },
                        Duration.ofSeconds(1)))
                .containsExactly("DOWN no result within PT1S");
        assertThat(checks).hasSize(1).allMatch(CompletableFuture::isCancelled);
    }

    @Test
    void check_whoseStageCannotBeCancelled_endsAtTheTimeoutAllTheSame() {
        assertThat(findings((backend, timeout) -> new StubbornStage(), Duration.ofSeconds(1)))
                .containsExactly("DOWN no result within PT1S");
    }

    /** A stage that is no future. */
    private static final class StubbornStage extends CompletableFuture<HealthResult> {
        @Override
        public CompletableFuture<HealthResult> toCompletableFuture() {
            throw new UnsupportedOperationException("not a future");
        }
    }

    @Test
    void cause_ofAnyLength_isKeptShort() {
        String cause = findings(
                        (backend, timeout) ->
                                CompletableFuture.completedStage(HealthResult.unhealthy("x".repeat(1_000_000))),
                        Duration.ZERO)
                .get(0);

        assertThat(cause).startsWith("DOWN xxx").endsWith("x…").hasSizeLessThan(520);
    }

    @Test
    void resultAfterTheTimeout_countsNoMore() {
        CompletableFuture<HealthResult> late = new CompletableFuture<>() {
            @Override
            public boolean cancel(boolean mayInterruptIfRunning) {
                return false;
            }
        };
        Patient patient = new Patient(1);
        checker((backend, timeout) -> late).start(patient);
        time.advance(Duration.ofSeconds(1));
        late.complete(fine());

        assertThat(patient.findings()).containsExactly("DOWN no result within PT1S");
    }

    // When checks run.

    @Test
    void intervals_areCountedFromTheEndOfACheck_soThatChecksNeverPileUp() {
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicInteger begun = new AtomicInteger();
        Cancellable checks = checker(
                        HealthCheckPolicy.builder((backend, timeout) -> {
                                    begun.incrementAndGet();
                                    most.accumulateAndGet(running.incrementAndGet(), Math::max);
                                    CompletableFuture<HealthResult> slow = new CompletableFuture<>();
                                    time.schedule(
                                            () -> {
                                                running.decrementAndGet();
                                                slow.complete(fine());
                                            },
                                            Duration.ofMillis(1_500));
                                    return slow;
                                })
                                .interval(Duration.ofMillis(500))
                                .timeout(Duration.ofSeconds(2))
                                .jitterPercent(0)
                                .build(),
                        time,
                        Runnable::run)
                .start(new Patient(1));
        time.advance(Duration.ofSeconds(20));

        assertThat(most).hasValue(1);
        assertThat(begun).hasValue(11);
        checks.cancel();
        time.advance(Duration.ofSeconds(2));
    }

    /**
     * The milliseconds from check to check of a backend that is down, but for its third check.
     *
     * @param other whether another backend is up
     */
    private List<Long> gapsWhileDown(UnaryOperator<HealthCheckPolicy.Builder> settings, boolean other) {
        List<Long> times = new ArrayList<>();
        HealthCheck check = (backend, timeout) -> {
            if (backend.id().startsWith("h2")) {
                return CompletableFuture.completedStage(fine());
            }
            times.add(time.nanoTime() / 1_000_000);
            return CompletableFuture.completedStage(times.size() == 3 ? fine() : HealthResult.unhealthy("off"));
        };
        HealthCheckPolicy.Builder policy =
                HealthCheckPolicy.builder(check).fall(1).jitterPercent(0);
        HealthChecker checker = checker(settings.apply(policy).build(), time, Runnable::run);
        checker.start(new Patient(1));
        if (other) {
            checker.start(new Patient(2));
        }
        while (times.size() < 6) {
            time.advance(Duration.ofMillis(100));
        }
        return IntStream.range(1, 6)
                .mapToObj(i -> times.get(i) - times.get(i - 1))
                .toList();
    }

    @Test
    void backendThatIsDown_isCheckedAtItsOwnInterval_butFastAfterASuccess() {
        assertThat(gapsWhileDown(policy -> policy.downInterval(Duration.ofSeconds(30)), true))
                .containsExactly(30_000L, 30_000L, 500L, 30_000L, 30_000L);
        assertThat(gapsWhileDown(policy -> policy.downInterval(Duration.ofMillis(100)), true))
                .containsExactly(100L, 100L, 500L, 100L, 100L);
    }

    @Test
    void backendThatIsDown_isByDefaultCheckedAsOneThatIsUp() {
        assertThat(gapsWhileDown(policy -> policy, true)).containsExactly(2_000L, 2_000L, 500L, 2_000L, 2_000L);
    }

    @Test
    void allAreDown_areCheckedFast_whateverTheirInterval() {
        assertThat(gapsWhileDown(policy -> policy.downInterval(Duration.ofSeconds(30)), false))
                .containsExactly(500L, 500L, 500L, 500L, 500L);
    }

    @Test
    void samples_decideInsteadOfRiseAndFall() {
        AtomicInteger checks = new AtomicInteger();
        HealthCheck flapping = (backend, timeout) -> CompletableFuture.completedStage(
                checks.getAndIncrement() % 3 == 0 ? fine() : HealthResult.unhealthy("off"));
        Patient patient = new Patient(1);
        Cancellable running = checker(
                        HealthCheckPolicy.builder(flapping).samples(2, 4).build(), time, Runnable::run)
                .start(patient);
        time.advance(Duration.ofMinutes(1));
        running.cancel();
        // + - - + - - +: of the last four, two or one succeed.
        assertThat(patient.findings()).startsWith("UP fine", "DOWN off", "UP fine", "DOWN off");
    }

    @Test
    void jitter_spreadsTheChecksOfAFleet_withinItsBounds() {
        List<Long> times = new ArrayList<>();
        checker((backend, timeout) -> {
                    times.add(time.nanoTime());
                    return CompletableFuture.completedStage(fine());
                })
                .start(new Patient(1));
        time.advance(Duration.ofSeconds(100));

        List<Long> gaps = new ArrayList<>();
        for (int i = 1; i < times.size(); i++) {
            gaps.add((times.get(i) - times.get(i - 1)) / 1_000_000);
        }
        assertThat(gaps)
                .allMatch(gap -> gap >= 1_800 && gap <= 2_200)
                .anyMatch(gap -> gap < 1_900)
                .anyMatch(gap -> gap > 2_100);
    }

    @Test
    void smallPool_isCheckedAtOnce() {
        AtomicInteger checks = new AtomicInteger();
        HealthChecker checker = checker((backend, timeout) -> {
            checks.incrementAndGet();
            return CompletableFuture.completedStage(fine());
        });
        for (int i = 0; i < 64; i++) {
            checker.start(new Patient(i));
        }
        time.advance(Duration.ZERO);

        assertThat(checks).hasValue(64);
    }

    @Test
    void largePool_isSpreadOverTheInterval_fromTheFirstRoundOn() {
        int backends = 10_000;
        AtomicInteger checks = new AtomicInteger();
        HealthChecker checker = checker((backend, timeout) -> {
            checks.incrementAndGet();
            return CompletableFuture.completedStage(fine());
        });
        for (int i = 0; i < backends; i++) {
            checker.start(new Patient(i));
        }
        for (int tenth = 0; tenth < 50; tenth++) {
            int before = checks.get();
            time.advance(INTERVAL.dividedBy(10));
            assertThat(checks.get() - before).as("tenth %d", tenth).isBetween(700, 1_400);
        }
    }

    @Test
    void checksAtATime_areBounded_andTheOthersFollowInTheirOrder() {
        List<CompletableFuture<HealthResult>> running = new ArrayList<>();
        List<String> begun = new ArrayList<>();
        HealthChecker checker = checker(
                HealthCheckPolicy.builder((backend, timeout) -> {
                            CompletableFuture<HealthResult> result = new CompletableFuture<>();
                            running.add(result);
                            begun.add(backend.host());
                            return result;
                        })
                        .maxConcurrent(3)
                        .build(),
                time,
                Runnable::run);
        for (int i = 0; i < 8; i++) {
            checker.start(new Patient(i));
        }
        time.advance(Duration.ZERO);
        assertThat(begun).containsExactly("h0", "h1", "h2");

        running.get(1).complete(fine());
        assertThat(begun).containsExactly("h0", "h1", "h2", "h3");
        // The others hang: their timeout frees their slots.
        time.advance(Duration.ofSeconds(1));
        assertThat(begun).containsExactly("h0", "h1", "h2", "h3", "h4", "h5", "h6");
    }

    @Test
    void backlogOfChecksThatEndAtOnce_needsNoStack() {
        CompletableFuture<HealthResult> gate = new CompletableFuture<>();
        AtomicInteger checks = new AtomicInteger();
        HealthChecker checker = checker(
                HealthCheckPolicy.builder((backend, timeout) ->
                                checks.getAndIncrement() == 0 ? gate : CompletableFuture.completedStage(fine()))
                        .maxConcurrent(1)
                        .timeout(Duration.ofMinutes(1))
                        .build(),
                time,
                Runnable::run);
        for (int i = 0; i < 20_000; i++) {
            checker.start(new Patient(i));
        }
        time.advance(INTERVAL);
        assertThat(checks).hasValue(1);

        gate.complete(fine());
        assertThat(checks).hasValue(20_000);
    }

    @Test
    void cancelled_duringACheck_cancelsTheCheckAndReportsNothing() {
        CompletableFuture<HealthResult> never = new CompletableFuture<>();
        Patient patient = new Patient(1);
        Cancellable checks = checker((backend, timeout) -> never).start(patient);
        time.advance(Duration.ZERO);
        checks.cancel();
        checks.cancel();
        time.advance(Duration.ofSeconds(10));

        assertThat(never).isCancelled();
        assertThat(patient.findings()).isEmpty();
        assertThat(time.pendingTimers()).isZero();
    }

    // Checks that block.

    /** Blocks until the test lets go; it ignores interrupts, as blocking I/O does. */
    private static final class BlockingCheck implements HealthCheck {
        final CountDownLatch gate = new CountDownLatch(1);
        final AtomicInteger blocked = new AtomicInteger();
        final AtomicInteger calls = new AtomicInteger();

        @Override
        public CompletionStage<HealthResult> check(Backend backend, Duration timeout) {
            calls.incrementAndGet();
            if (backend.host().equals("h0")) {
                blocked.incrementAndGet();
                boolean interrupted = false;
                while (gate.getCount() > 0) {
                    try {
                        gate.await();
                    } catch (InterruptedException e) {
                        interrupted = true;
                    }
                }
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
            return CompletableFuture.completedStage(fine());
        }
    }

    @Test
    void check_thatBlocks_failsAtTheTimeout_andDelaysNoOther_andIsNotStartedTwice() {
        BlockingCheck check = new BlockingCheck();
        HealthChecker checker = checker(HealthCheckPolicy.builder(check).fall(1).build(), time, null);
        Patient stuck = new Patient(0);
        Patient well = new Patient(1);
        checker.start(stuck);
        checker.start(well);
        time.advance(Duration.ZERO);
        await().until(() -> check.blocked.get() == 1 && !well.findings().isEmpty());
        assertThat(well.findings()).containsExactly("UP fine");

        time.advance(Duration.ofSeconds(1));
        assertThat(stuck.findings()).containsExactly("DOWN no result within PT1S");
        int before = check.calls.get();
        for (int i = 0; i < 10; i++) {
            time.advance(INTERVAL);
        }
        await().until(() -> check.calls.get() > before);
        assertThat(check.blocked).hasValue(1);
        assertThat(workers().size()).isLessThanOrEqualTo(3);

        check.gate.countDown();
        await().untilAsserted(() -> {
            time.advance(INTERVAL);
            assertThat(stuck.findings()).endsWith("UP fine");
        });
    }

    @Test
    void check_thatWaitsInterruptibly_isInterruptedAtTheTimeout() {
        CountDownLatch waiting = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        Patient patient = new Patient(1);
        checker(
                        HealthCheckPolicy.builder((backend, timeout) -> {
                                    waiting.countDown();
                                    try {
                                        new CountDownLatch(1).await();
                                    } catch (InterruptedException e) {
                                        interrupted.countDown();
                                    }
                                    return CompletableFuture.completedStage(fine());
                                })
                                .fall(1)
                                .build(),
                        time,
                        null)
                .start(patient);
        time.advance(Duration.ZERO);
        await().until(() -> waiting.getCount() == 0);
        time.advance(Duration.ofSeconds(1));

        await().until(() -> interrupted.getCount() == 0);
        assertThat(patient.findings()).containsExactly("DOWN no result within PT1S");
    }

    @Test
    void closedWhileAllChecksBlock_leavesNoTimerAndNoThread() {
        CountDownLatch waiting = new CountDownLatch(20);
        HealthChecker checker = checker(
                HealthCheckPolicy.of((backend, timeout) -> {
                    waiting.countDown();
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    return CompletableFuture.completedStage(fine());
                }),
                time,
                null);
        for (int i = 0; i < 20; i++) {
            checker.start(new Patient(i));
        }
        time.advance(Duration.ZERO);
        await().until(() -> waiting.getCount() == 0);

        checker.close();
        assertThat(time.pendingTimers()).isZero();
        await().untilAsserted(() -> assertThat(workers()).isEmpty());
    }

    /** A future that cannot be cancelled: a thread is at work for it. */
    private static final class Working extends CompletableFuture<HealthResult> {
        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            return false;
        }
    }

    @Test
    void futureThatGoesOnAfterItsTimeout_keepsItsSlotUntilItIsDone() {
        Working stuck = new Working();
        AtomicInteger checks = new AtomicInteger();
        HealthChecker checker = checker(
                HealthCheckPolicy.builder((backend, timeout) -> {
                            checks.incrementAndGet();
                            return backend.host().equals("h1")
                                    ? stuck
                                    : CompletableFuture.completedFuture(HealthResult.healthy("well"));
                        })
                        .interval(INTERVAL)
                        .timeout(Duration.ofSeconds(1))
                        .maxConcurrent(1)
                        .build(),
                time,
                Runnable::run);
        Patient first = new Patient(1);
        Patient second = new Patient(2);
        checker.start(first);
        checker.start(second);

        time.advance(Duration.ofSeconds(60));
        assertThat(first.findings()).hasSize(1).first().asString().startsWith("DOWN");
        assertThat(checks).hasValue(1);
        assertThat(second.findings()).isEmpty();

        stuck.complete(HealthResult.healthy("late"));
        assertThat(second.findings()).containsExactly("UP well");
    }

    // What a check hears of its users, and what cancels when.

    /** Counts its users; its release may throw. */
    private static final class CountedCheck implements HealthCheck {
        final Error onRelease;
        int users;

        CountedCheck(Error onRelease) {
            this.onRelease = onRelease;
        }

        @Override
        public CompletionStage<HealthResult> check(Backend backend, Duration timeout) {
            return CompletableFuture.completedStage(fine());
        }

        @Override
        public void retain() {
            users++;
        }

        @Override
        public void release() {
            users--;
            if (onRelease != null) {
                throw onRelease;
            }
        }
    }

    @Test
    void check_isRetainedByTheChecker_andReleasedByItsClose() {
        CountedCheck check = new CountedCheck(null);
        HealthChecker checker = new HealthChecker(HealthCheckPolicy.of(check), time, Runnable::run, new Random(7));
        checker.start(new Patient(1));
        assertThat(check.users).isEqualTo(1);

        checker.close();
        assertThat(check.users).isZero();
        assertThat(time.pendingTimers()).isZero();
    }

    @Test
    void check_thatThrowsAtItsRelease_isLogged_unlessTheMachineIsBroken() {
        try (LogLines lines = new LogLines("a health check failed")) {
            new HealthChecker(
                            HealthCheckPolicy.of(new CountedCheck(new AssertionError("busy"))),
                            time,
                            Runnable::run,
                            new Random(7))
                    .close();
            assertThat(lines.lines()).containsExactly("WARNING a health check failed on its release");
        }
        HealthChecker broken = new HealthChecker(
                HealthCheckPolicy.of(new CountedCheck(new OutOfMemoryError("test"))),
                time,
                Runnable::run,
                new Random(7));
        assertThatThrownBy(broken::close).isInstanceOf(OutOfMemoryError.class);
    }

    @Test
    void subject_hearsOfEachSuccess_andOfNoFailure() {
        AtomicInteger checks = new AtomicInteger();
        AtomicInteger successes = new AtomicInteger();
        HealthChecker checker = checker((backend, timeout) -> CompletableFuture.completedStage(
                checks.incrementAndGet() % 2 == 1 ? fine() : HealthResult.unhealthy("off")));
        checker.start(new HealthChecker.Subject() {
            @Override
            public Backend backend() {
                return Backend.of("http://a:1");
            }

            @Override
            public boolean provenWithin(Duration period) {
                return false;
            }

            @Override
            public void succeeded() {
                successes.incrementAndGet();
            }

            @Override
            public void health(HealthState state, String cause) {}
        });
        while (checks.get() < 7) {
            time.advance(INTERVAL);
        }

        assertThat(successes.get()).isEqualTo((checks.get() + 1) / 2);
    }

    /** A pool may be closed in the very moment in which the next check is planned. */
    @Test
    void cancelledWhileTheNextCheckIsPlanned_leavesNoTimer() {
        List<Cancellable> started = new ArrayList<>();
        Scheduler racing = (task, delay) -> {
            Cancellable timer = time.schedule(task, delay);
            if (delay.compareTo(Duration.ofSeconds(1)) > 0) { // No timeout of a check.
                started.forEach(Cancellable::cancel);
            }
            return timer;
        };
        AtomicInteger checks = new AtomicInteger();
        HealthChecker checker = checker(
                HealthCheckPolicy.of((backend, timeout) -> {
                    checks.incrementAndGet();
                    return CompletableFuture.completedStage(fine());
                }),
                racing,
                Runnable::run);
        started.add(checker.start(new Patient(1)));
        time.advance(Duration.ZERO);

        assertThat(checks).hasValue(1);
        assertThat(time.pendingTimers()).isZero();
    }

    @Test
    void backendThatCallsProve_isCheckedAllTheSame_untilAndUnlessItsChecksFindItUp() {
        AtomicInteger checks = new AtomicInteger();
        Patient proven = new Patient(1) {
            @Override
            public boolean provenWithin(Duration period) {
                return true;
            }
        };
        checker(
                        HealthCheckPolicy.builder((backend, timeout) -> CompletableFuture.completedStage(
                                        checks.incrementAndGet() > 5 ? fine() : HealthResult.unhealthy("off")))
                                .fall(3)
                                .rise(2)
                                .skipProven(true)
                                .build(),
                        time,
                        Runnable::run)
                .start(proven);
        time.advance(Duration.ofMinutes(1));

        assertThat(proven.findings()).containsExactly("DOWN off", "UP fine");
        assertThat(checks).hasValue(7);
    }

    @Test
    void cancelledWhileItWaitsForASlot_isNotChecked_andFreesTheSlot() {
        List<String> begun = new ArrayList<>();
        List<CompletableFuture<HealthResult>> running = new ArrayList<>();
        HealthChecker checker = checker(
                HealthCheckPolicy.builder((backend, timeout) -> {
                            begun.add(backend.host());
                            CompletableFuture<HealthResult> result = new CompletableFuture<>();
                            running.add(result);
                            return result;
                        })
                        .maxConcurrent(1)
                        .build(),
                time,
                Runnable::run);
        checker.start(new Patient(1));
        Cancellable second = checker.start(new Patient(2));
        checker.start(new Patient(3));
        time.advance(Duration.ZERO);
        second.cancel();
        running.get(0).complete(fine());

        assertThat(begun).containsExactly("h1", "h3");
    }

    @Test
    void cancelledByItsOwnCheck_cancelsThatCheck_andReportsNothing() {
        List<Cancellable> started = new ArrayList<>();
        CompletableFuture<HealthResult> never = new CompletableFuture<>();
        Patient patient = new Patient(1);
        started.add(checker((backend, timeout) -> {
                    started.get(0).cancel();
                    return never;
                })
                .start(patient));
        time.advance(INTERVAL.multipliedBy(10));

        assertThat(never).isCancelled();
        assertThat(patient.findings()).isEmpty();
        assertThat(time.pendingTimers()).isZero();
    }

    /** The probe is gone with it: as the only one left, a backend that is down is checked fast. */
    @Test
    void cancelledBackend_servesNoMore() {
        List<Long> times = new ArrayList<>();
        HealthChecker checker = checker(
                HealthCheckPolicy.builder((backend, timeout) -> {
                            boolean up = backend.host().equals("h2");
                            if (!up) {
                                times.add(time.nanoTime() / 1_000_000);
                            }
                            return CompletableFuture.completedStage(up ? fine() : HealthResult.unhealthy("off"));
                        })
                        .fall(1)
                        .jitterPercent(0)
                        .downInterval(Duration.ofSeconds(30))
                        .build(),
                time,
                Runnable::run);
        checker.start(new Patient(1));
        Cancellable well = checker.start(new Patient(2));
        time.advance(Duration.ofSeconds(31));
        well.cancel();
        time.advance(Duration.ofSeconds(31));
        int before = times.size();
        time.advance(Duration.ofSeconds(10));

        assertThat(times.size() - before).isEqualTo(20);
    }
}
