package dev.evenkeel.lb.core.internal.strategy.support;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NormalAnswersTest {
    private final NormalAnswers answers = new NormalAnswers();

    @Test
    void endsBetweenTwoTimes_areFound_theTimesExcluded() {
        assertThat(answers.anyBetween(0, 1_000)).isFalse();
        answers.add(500, 0);
        assertThat(answers.anyBetween(499, 501)).isTrue();
        assertThat(answers.anyBetween(500, 600)).isFalse();
        assertThat(answers.anyBetween(400, 500)).isFalse();
    }

    /** Times of {@code System.nanoTime} may be negative. */
    @Test
    void placesWithoutAnEntry_areNoTimes() {
        assertThat(answers.anyBetween(-1_000, 1_000)).isFalse();
        answers.add(-2_000, 0);
        assertThat(answers.anyBetween(-1_000, 1_000)).isFalse();
        assertThat(answers.anyBetween(-3_000, -1_000)).isTrue();
    }

    @Test
    void endsThatComeCloseTogether_areOneEntry() {
        answers.add(100_000, 3_200_000);
        answers.add(200_000, 3_200_000);
        assertThat(answers.anyBetween(150_000, 250_000)).isFalse();
        answers.add(200_001, 3_200_000);
        assertThat(answers.anyBetween(150_000, 250_000)).isTrue();
    }

    @Test
    void endsOfAPoolThatAnswersAtOnce_areTenMicrosecondsApart() {
        answers.add(100, 1);
        answers.add(10_100, 1);
        assertThat(answers.anyBetween(10_000, 20_000)).isFalse();
        answers.add(10_101, 1);
        assertThat(answers.anyBetween(10_000, 20_000)).isTrue();
    }

    @Test
    void onlyTheLastEight_areKept() {
        for (int i = 1; i <= 9; i++) {
            answers.add(100_000L * i, 0);
        }
        assertThat(answers.anyBetween(50_000, 150_000)).isFalse();
        assertThat(answers.anyBetween(150_000, 250_000)).isTrue();
    }
}
