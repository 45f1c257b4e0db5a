package dev.evenkeel.lb.okhttp.internal.steering;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How long a backend keeps idle connections, as far as it is known. */
class IdleLimitTest {
    private final IdleLimit limit = new IdleLimit();

    private static long ms(long millis) {
        return TimeUnit.MILLISECONDS.toNanos(millis);
    }

    private void learn(long millis) {
        limit.ended(ms(millis));
    }

    private boolean isNear(long millis) {
        return limit.isNear(ms(millis));
    }

    @Test
    void nothingIsKnown_atFirst() {
        assertThat(isNear(Integer.MAX_VALUE)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"50, 37, 38", "3000, 2250, 2251", "4000, 3000, 3001", "60000, 59000, 59001"})
    void near_isWithinAQuarter_andASecondAtMost(long endMillis, long farMillis, long nearMillis) {
        learn(endMillis);
        assertThat(isNear(farMillis)).isFalse();
        assertThat(isNear(nearMillis)).isTrue();
    }

    @Test
    void theShortestIdleness_counts() {
        learn(60);
        learn(52);
        learn(70);
        assertThat(isNear(40)).isTrue();
    }

    /** A server that stops closes connections whatever their idleness. */
    @Test
    void connectionThatWasJustUsed_wasNotEndedForItsIdleness() {
        limit.ended(IdleLimit.MIN_NANOS - 1);
        limit.ended(-1);
        assertThat(isNear(Integer.MAX_VALUE)).isFalse();
    }

    @Test
    void connectionThatOutlivesTheLimitTwice_refutesIt_andOneThatIsALittleLateDoesNot() {
        learn(50);
        limit.outlived(ms(99));
        assertThat(isNear(50)).isTrue();
        limit.outlived(ms(100));
        assertThat(isNear(50)).isFalse();
    }

    @Test
    void limitThatNothingConfirms_isForgotten_andLaterEachTimeItWasRight() {
        for (int max = IdleLimit.MIN_UNCONFIRMED; max <= 4 * IdleLimit.MIN_UNCONFIRMED; max *= 2) {
            learn(50);
            assertThat(avoidances()).isEqualTo(max);
        }
        learn(500);
        assertThat(avoidances()).isEqualTo(IdleLimit.MIN_UNCONFIRMED);
    }

    @Test
    void avoidances_areBounded() {
        for (int i = 0; i < 20; i++) {
            learn(50);
            assertThat(avoidances()).isLessThanOrEqualTo(IdleLimit.MAX_UNCONFIRMED);
        }
        learn(50);
        assertThat(avoidances()).isEqualTo(IdleLimit.MAX_UNCONFIRMED);
    }

    @Test
    void anEndThatConfirmsTheLimit_keepsIt() {
        learn(50);
        for (int i = 0; i < 10 * IdleLimit.MIN_UNCONFIRMED; i++) {
            limit.avoided();
            learn(51);
        }
        assertThat(isNear(49)).isTrue();
    }

    /** How often the limit is obeyed without a confirmation. */
    private int avoidances() {
        int count = 0;
        while (isNear(Integer.MAX_VALUE)) {
            limit.avoided();
            count++;
        }
        return count;
    }

    @ParameterizedTest
    @ValueSource(strings = {"timeout=5", "timeout=5, max=100", "max=100, timeout=5", "Timeout=5;x"})
    void keepAliveHeader_isTheBackendsWord(String value) {
        limit.announced(value);
        assertThat(isNear(4_000)).isFalse();
        assertThat(isNear(4_001)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "max=100", "timeout=", "timeout=x", "timeout=-5", "timeout=0"})
    void keepAliveHeaderWithoutATime_saysNothing(String value) {
        limit.announced(value);
        limit.announced(null);
        assertThat(isNear(Integer.MAX_VALUE)).isFalse();
    }

    @Test
    void keepAliveHeaderOfAnyLength_doesNotOverflow() {
        limit.announced("timeout=99999999999999999999999999");
        assertThat(limit.isNear(TimeUnit.DAYS.toNanos(11))).isFalse();
        assertThat(limit.isNear(TimeUnit.DAYS.toNanos(12))).isTrue();
    }
}
