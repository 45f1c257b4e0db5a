package dev.evenkeel.lb.okhttp.internal.routing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.okhttp.affinity.AffinityKey;
import dev.evenkeel.lb.okhttp.route.Split;
import okhttp3.Request;
import org.junit.jupiter.api.Test;

/** Requests are divided exactly by weight, and evenly on the way. */
class WeightedSplitterTest {
    private static int[] counts(WeightedSplitter splitter, int shares, int requests) {
        int[] counts = new int[shares];
        for (int i = 0; i < requests; i++) {
            counts[splitter.next()]++;
        }
        return counts;
    }

    @Test
    void eachRound_isExact() {
        WeightedSplitter splitter = WeightedSplitter.of(
                Split.builder().pool("a", 950).pool("b", 40).pool("c", 10).build());
        for (int round = 0; round < 5; round++) {
            assertThat(counts(splitter, 3, 100)).containsExactly(95, 4, 1);
        }
    }

    @Test
    void percentages_areExact_andTheEndsAreAbsolute() {
        assertThat(counts(WeightedSplitter.percent(30), 2, 100)).containsExactly(30, 70);
        assertThat(counts(WeightedSplitter.percent(0), 2, 100)).containsExactly(0, 100);
        assertThat(counts(WeightedSplitter.percent(100), 2, 100)).containsExactly(100, 0);
    }

    @Test
    void stickyKeys_stay_andFollowTheWeights() throws Exception {
        WeightedSplitter splitter = WeightedSplitter.of(Split.builder()
                .pool("a", 80)
                .pool("b", 20)
                .sticky(AffinityKey.header("User"))
                .build());
        int ofB = 0;
        for (int i = 0; i < 2_000; i++) {
            Request request = new Request.Builder()
                    .url("http://x/")
                    .header("User", "user " + i)
                    .build();
            int first = splitter.next(request);
            assertThat(splitter.next(request)).isEqualTo(first);
            ofB += first;
        }
        assertThat(ofB).isBetween(320, 480);
    }
}
