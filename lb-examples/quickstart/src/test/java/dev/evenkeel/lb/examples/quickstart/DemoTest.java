package dev.evenkeel.lb.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DemoTest {

    @Test
    void badDay_failsNoCallAndLeavesNoThread() throws InterruptedException {
        Program demo = Program.run("--seconds", "5");

        assertThat(demo.err()).isEmpty();
        assertThat(demo.failed()).as(demo.out()).isZero();
        assertThat(demo.code()).isZero();
        assertThat(demo.sent()).isPositive().isEqualTo(demo.answered());
        assertThat(demo.distribution()).containsOnlyKeys("fast", "fresh", "medium", "slow");
        assertThat(demo.distribution().values()).allMatch(count -> count > 0);
        assertThat(Stream.of("KILLED medium", "RESTARTED medium", "ADDED fresh", "DRAINED fast")
                        .map(demo.out()::indexOf))
                .doesNotContain(-1)
                .isSorted();
        assertThat(demo.out()).containsPattern("DRAINED fast in \\d+ ms with 0 calls left");
        await().until(DemoTest::ourThreads, List::isEmpty);
    }

    @Test
    void drained_getsNothingMore() throws InterruptedException {
        Program demo = Program.run("--seconds", "2", "--concurrency", "4");

        String atTheDrain = demo.out().substring(demo.out().indexOf("DRAINED fast"));
        List<Long> after = new Program(0, atTheDrain, "").requestsOf("fast");
        assertThat(after).isNotEmpty().containsOnly(after.get(0));
        assertThat(demo.failed()).as(demo.out()).isZero();
    }

    /** All but the one that watches for leaked bodies: there is one of it for all clients of a process. */
    private static List<String> ourThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.matches("(evenkeel|caller|replica)-.*") && !name.equals("evenkeel-leaked-bodies"))
                .toList();
    }
}
