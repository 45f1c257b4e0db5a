package dev.evenkeel.lb.core.internal.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import dev.evenkeel.lb.LoadBalancerEvent.PoolClosed;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class LogTextTest {
    @Test
    void texts_areBounded_andFreeOfControlCharacters() {
        Backend backend = Backend.builder("http://a:80").id("a".repeat(255)).build();
        assertThat(LogText.id(backend)).startsWith("aaa").hasSizeLessThanOrEqualTo(LogText.MAX_ID + 3);
        assertThat(LogText.cause("refused\n" + "x".repeat(300)))
                .startsWith("refused")
                .doesNotContain("\n")
                .hasSizeLessThanOrEqualTo(203);
        assertThat(LogText.event(new PoolClosed("p", Instant.EPOCH))).startsWith("PoolClosed");
    }

    @Test
    void count_hasItsNounInThePluralExceptForOne() {
        assertThat(LogText.count(0, "backend")).isEqualTo("0 backends");
        assertThat(LogText.count(1, "backend")).isEqualTo("1 backend");
        assertThat(LogText.count(2, "backend")).isEqualTo("2 backends");
    }
}
