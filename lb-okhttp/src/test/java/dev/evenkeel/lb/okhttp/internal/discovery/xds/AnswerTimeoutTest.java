package dev.evenkeel.lb.okhttp.internal.discovery.xds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** When a call is cancelled. */
class AnswerTimeoutTest {
    private final AtomicInteger cancelled = new AtomicInteger();

    @Test
    void answerThatDoesNotCome_cancelsOnce() {
        AnswerTimeout timeout = new AnswerTimeout(Duration.ofMillis(1), cancelled::incrementAndGet);
        timeout.start();
        timeout.start();
        await().until(timeout::hasExpired);
        timeout.stop();

        await().until(() -> cancelled.get() == 1);
    }

    @Test
    void answerThatComes_cancelsNothing() {
        AnswerTimeout timeout = new AnswerTimeout(Duration.ofHours(1), cancelled::incrementAndGet);
        timeout.start();
        timeout.stop();
        timeout.stop();

        assertThat(timeout.hasExpired()).isFalse();
        assertThat(cancelled).hasValue(0);
    }
}
