package dev.evenkeel.lb.core.retry;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Tokens that calls and time earn, and retries spend. */
class TokenBucketTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void calls_earnAShare_upToTheMaximum() {
        TokenBucket bucket = new TokenBucket(20, 0, 3, 0, 0);
        for (int i = 0; i < 5; i++) {
            assertThat(bucket.take(0)).isFalse();
            bucket.callStarted();
        }
        assertThat(bucket.left(0)).isEqualTo(1);
        for (int i = 0; i < 100; i++) {
            bucket.callStarted();
        }
        assertThat(bucket.left(0)).isEqualTo(3);
    }

    @Test
    void time_earnsTokens_andClocksThatGoBackDoNot() {
        TokenBucket bucket = new TokenBucket(0, 2, 10, 0, 100 * SECOND);

        assertThat(bucket.left(99 * SECOND)).isZero();
        assertThat(bucket.left(102 * SECOND)).isEqualTo(4);
        assertThat(bucket.left(1_000 * SECOND)).isEqualTo(10);
    }

    @Test
    void token_isTakenOnce_andGivenBack() {
        TokenBucket bucket = new TokenBucket(0, 0, 1, 1, 0);

        assertThat(bucket.take(0)).isTrue();
        assertThat(bucket.take(0)).isFalse();
        bucket.giveBack();
        bucket.giveBack();
        assertThat(bucket.left(0)).isEqualTo(1);
    }
}
