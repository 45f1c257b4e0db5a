package dev.evenkeel.lb.examples.tail;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The program runs, and a scraper neither fails nor makes calls fail; figures take a quiet minute. */
@Tag("long")
class ScrapedCallsTest {
    @Test
    void scraper_makesNoCallFail() throws Exception {
        ScrapedCalls.Cost cost = ScrapedCalls.run(1, Duration.ofSeconds(2));

        ScrapedCalls.Pair pair = cost.pairs().get(0);
        assertThat(pair.control().result().calls())
                .isEqualTo(pair.scraped().result().calls())
                .isPositive();
        assertThat(cost.failed()).isZero();
        assertThat(cost.scrapes()).isPositive();
        assertThat(cost.failedScrapes()).isZero();
        assertThat(pair.scraped().window().latency().getTotalCount()).isPositive();
    }
}
