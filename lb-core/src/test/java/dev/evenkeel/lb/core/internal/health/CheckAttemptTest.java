package dev.evenkeel.lb.core.internal.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.HealthState;
import dev.evenkeel.lb.core.VirtualTime;
import dev.evenkeel.lb.core.health.HealthCheckPolicy;
import dev.evenkeel.lb.spi.HealthCheck;
import dev.evenkeel.lb.spi.HealthResult;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One check: one result at most, and one release of its slot, whatever the check does. */
@Timeout(60)
class CheckAttemptTest {
    private static final Backend BACKEND = Backend.of("http://a:1");
    private static final Duration TIMEOUT = Duration.ofSeconds(1);
    private static final HealthResult FINE = HealthResult.healthy("fine");

    private final VirtualTime time = new VirtualTime();
    private final List<String> results = new ArrayList<>();
    private int slotsLeft;

    @AfterEach
    void noInterruptIsLeft() {
        assertThat(Thread.interrupted()).isFalse();
    }

    private CheckAttempt attempt(HealthCheck check) {
        return attempt(check, result -> results.add(result.state() + " " + result.cause()));
    }

    private CheckAttempt attempt(HealthCheck check, Consumer<HealthResult> receiver) {
        HealthCheckPolicy policy =
                HealthCheckPolicy.builder(check).timeout(TIMEOUT).build();
        return new CheckAttempt(policy, BACKEND, receiver, () -> slotsLeft++);
    }

    private CheckAttempt begun(HealthCheck check) {
        CheckAttempt attempt = attempt(check);
        attempt.begin(time, Runnable::run);
        return attempt;
    }

    /** The attempt has ended in every respect. */
    private void assertOver(CheckAttempt attempt) {
        assertThat(attempt.isAtWork()).isFalse();
        assertThat(slotsLeft).isEqualTo(1);
        assertThat(time.pendingTimers()).isZero();
    }

    @Test
    void result_endsTheAttempt_andItsTimeout() {
        CompletableFuture<HealthResult> answer = new CompletableFuture<>();
        CheckAttempt attempt = begun((backend, timeout) -> {
            assertThat(backend).isSameAs(BACKEND);
            assertThat(timeout).isEqualTo(TIMEOUT);
            return answer;
        });
        assertThat(attempt.isAtWork()).isTrue();
        assertThat(slotsLeft).isZero();

        answer.complete(FINE);

        assertThat(results).containsExactly("UP fine");
        assertOver(attempt);
    }

    @Test
    void degradedResult_withALongCause_keepsItsState() {
        begun((backend, timeout) ->
                CompletableFuture.completedStage(new HealthResult(HealthState.DEGRADED, "x".repeat(2_000))));

        assertThat(results).singleElement().satisfies(result -> {
            assertThat(result).startsWith("DEGRADED xxx").hasSizeLessThan(520);
        });
    }

    @Test
    void executor_thatIsShutDown_endsTheAttemptWithoutAResult() {
        CheckAttempt attempt = attempt((backend, timeout) -> CompletableFuture.completedStage(FINE));
        Executor shutDown = task -> {
            throw new RejectedExecutionException("shut down");
        };
        attempt.begin(time, shutDown);

        assertThat(results).isEmpty();
        assertOver(attempt);
    }

    @Test
    void check_thatRunsOutOfMemory_isUnhealthy_andTheErrorIsRethrownOnceAllIsDone() {
        CheckAttempt attempt = attempt((backend, timeout) -> {
            throw new OutOfMemoryError("test");
        });
        assertThatThrownBy(() -> attempt.begin(time, Runnable::run)).isInstanceOf(OutOfMemoryError.class);

        assertThat(results).containsExactly("DOWN the check threw java.lang.OutOfMemoryError: test");
        assertOver(attempt);
    }

    // Stages of the application's own making.

    /** A future whose registration of callbacks throws. */
    private static CompletableFuture<HealthResult> throwing(Error thrown) {
        return new CompletableFuture<>() {
            @Override
            public CompletableFuture<HealthResult> whenComplete(
                    BiConsumer<? super HealthResult, ? super Throwable> action) {
                throw thrown;
            }
        };
    }

    /** A stage that is no future, and hands over to the callback. */
    @SuppressWarnings("unchecked")
    private static CompletionStage<HealthResult> stage(CompletableFuture<HealthResult> behind) {
        return (CompletionStage<HealthResult>) Proxy.newProxyInstance(
                CheckAttemptTest.class.getClassLoader(),
                new Class<?>[] {CompletionStage.class},
                (self, method, args) -> {
                    try {
                        return method.invoke(behind, args);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Test
    void future_whoseCallbacksThrow_isUnhealthy_andLeavesItsSlot() {
        CheckAttempt attempt = begun((backend, timeout) -> throwing(new StackOverflowError()));

        assertThat(results).containsExactly("DOWN the check's stage threw java.lang.StackOverflowError");
        assertOver(attempt);
    }

    @Test
    void stage_whoseCallbacksThrow_isUnhealthy_andLeavesItsSlotOnce() {
        CheckAttempt attempt = begun((backend, timeout) -> stage(throwing(new AssertionError("broken"))));

        assertThat(results).containsExactly("DOWN the check's stage threw java.lang.AssertionError: broken");
        assertOver(attempt);
    }

    @Test
    void future_whoseCallbacksRunOutOfMemory_isUnhealthy_andTheErrorIsRethrown() {
        CheckAttempt attempt = attempt((backend, timeout) -> throwing(new OutOfMemoryError("test")));
        assertThatThrownBy(() -> attempt.begin(time, Runnable::run)).isInstanceOf(OutOfMemoryError.class);

        assertThat(results).containsExactly("DOWN the check's stage threw java.lang.OutOfMemoryError: test");
        assertOver(attempt);
    }

    @Test
    void stage_thatIsNoFuture_leavesItsSlotAtTheTimeout() {
        CompletableFuture<HealthResult> behind = new CompletableFuture<>();
        CheckAttempt attempt = begun((backend, timeout) -> stage(behind));
        time.advance(TIMEOUT);
        assertThat(results).containsExactly("DOWN no result within PT1S");
        assertOver(attempt);

        behind.complete(FINE);
        assertThat(results).hasSize(1);
        assertThat(slotsLeft).isEqualTo(1);
    }

    @Test
    void future_thatIsNotDone_keepsItsSlotBeyondTheTimeout() {
        CompletableFuture<HealthResult> behind = new CompletableFuture<>() {
            @Override
            public boolean cancel(boolean mayInterruptIfRunning) {
                assertThat(mayInterruptIfRunning).isTrue();
                throw new IllegalStateException("cannot be cancelled");
            }
        };
        CheckAttempt attempt = begun((backend, timeout) -> behind);
        time.advance(TIMEOUT);
        assertThat(results).containsExactly("DOWN no result within PT1S");
        assertThat(attempt.isAtWork()).isTrue();
        assertThat(slotsLeft).isZero();

        behind.complete(FINE);
        assertThat(results).hasSize(1);
        assertOver(attempt);
    }

    /** A future whose cancellation runs out of memory. */
    private static CompletableFuture<HealthResult> fatalToCancel() {
        return new CompletableFuture<>() {
            @Override
            public boolean cancel(boolean mayInterruptIfRunning) {
                throw new OutOfMemoryError("test");
            }
        };
    }

    @Test
    void cancellation_thatRunsOutOfMemory_isRethrown_afterTheResult() {
        CompletableFuture<HealthResult> behind = fatalToCancel();
        CheckAttempt attempt = begun((backend, timeout) -> behind);
        assertThatThrownBy(() -> time.advance(TIMEOUT)).isInstanceOf(OutOfMemoryError.class);

        assertThat(results).containsExactly("DOWN no result within PT1S");
        assertThat(catchThrowable(() -> behind.complete(FINE))).isNull();
        assertOver(attempt);
    }

    @Test
    void abandoned_andCancellationRunsOutOfMemory_leavesItsSlotAllTheSame() {
        CompletableFuture<HealthResult> behind = fatalToCancel();
        CheckAttempt attempt = begun((backend, timeout) -> behind);
        assertThatThrownBy(attempt::abandon).isInstanceOf(OutOfMemoryError.class);

        behind.complete(FINE);
        assertThat(results).isEmpty();
        assertOver(attempt);
    }

    @Test
    void receiver_thatThrows_doesNotKeepTheSlot() {
        CheckAttempt attempt = attempt((backend, timeout) -> CompletableFuture.completedStage(FINE), result -> {
            throw new IllegalStateException("receiver");
        });
        // The future keeps what its callback has thrown.
        attempt.begin(time, Runnable::run);

        assertOver(attempt);
    }

    // Abandoned attempts.

    @Test
    void abandoned_hasNoResult_andCancelsItsFuture() {
        CompletableFuture<HealthResult> answer = new CompletableFuture<>();
        CheckAttempt attempt = begun((backend, timeout) -> answer);
        attempt.abandon();
        attempt.abandon();

        assertThat(answer).isCancelled();
        assertThat(results).isEmpty();
        assertOver(attempt);
    }

    @Test
    void abandonedBeforeItsFutureIsThere_cancelsItThen() {
        CompletableFuture<HealthResult> answer = new CompletableFuture<>();
        CheckAttempt[] self = new CheckAttempt[1];
        self[0] = attempt((backend, timeout) -> {
            self[0].abandon();
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
            return answer;
        });
        self[0].begin(time, Runnable::run);

        assertThat(answer).isCancelled();
        assertThat(results).isEmpty();
        assertOver(self[0]);
    }

    @Test
    void interruptOfTheAttempt_doesNotOutliveTheCheck() {
        CheckAttempt[] self = new CheckAttempt[1];
        self[0] = attempt((backend, timeout) -> {
            Thread abandoning = new Thread(self[0]::abandon);
            abandoning.start();
            while (!Thread.currentThread().isInterrupted()) {
                Thread.onSpinWait();
            }
            return CompletableFuture.completedStage(FINE);
        });
        self[0].begin(time, Runnable::run);

        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        assertThat(results).isEmpty();
    }

    @Test
    void interruptOfTheCheckItself_stays() {
        begun((backend, timeout) -> {
            Thread.currentThread().interrupt();
            return CompletableFuture.completedStage(FINE);
        });

        assertThat(Thread.interrupted()).isTrue();
        assertThat(results).containsExactly("UP fine");
    }

    @Test
    void endOfTheFuture_afterTheCheckReturned_interruptsNoThread() {
        CompletableFuture<HealthResult> answer = new CompletableFuture<>();
        CheckAttempt attempt = begun((backend, timeout) -> answer);
        Thread other = new Thread(attempt::abandon);
        other.start();
        boolean joined = catchThrowable(other::join) == null;

        assertThat(joined).isTrue();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        assertOver(attempt);
    }
}
