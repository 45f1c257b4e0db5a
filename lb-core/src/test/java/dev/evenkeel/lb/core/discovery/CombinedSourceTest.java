package dev.evenkeel.lb.core.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A source is awaited until it delivers or its time is up; it has failed if its time is up and it still fails. */
class CombinedSourceTest {
    private static final SourceList LIST = new SourceList(List.of(Backend.of("http://a:1")), Set.of());

    private final CombinedSource source = new CombinedSource();

    @Test
    void silentSource_isAwaited_untilItsTimeIsUp() {
        assertThat(source.isAwaited()).isTrue();
        assertThat(source.hasFailed()).isFalse();
        source.timerEnded();
        assertThat(source.isAwaited()).isFalse();
        assertThat(source.hasFailed()).isTrue();
    }

    @Test
    void list_endsTheWaitAndTheTimer() {
        AtomicInteger cancelled = new AtomicInteger();
        source.timer(cancelled::incrementAndGet);
        source.heard(LIST);
        assertThat(source.isAwaited()).isFalse();
        assertThat(source.list()).isEqualTo(LIST);
        assertThat(cancelled).hasValue(1);
        source.stopTimer();
        assertThat(cancelled).hasValue(1);
        source.timerEnded();
        assertThat(source.hasFailed()).isFalse();
    }

    @Test
    void onlyTheFirstFailureAfterAList_startsAWait() {
        assertThat(source.failed()).isFalse();
        source.heard(LIST);
        assertThat(source.failed()).isTrue();
        assertThat(source.failed()).isFalse();
        assertThat(source.hasFailed()).isFalse();
        source.timerEnded();
        assertThat(source.hasFailed()).isTrue();
        assertThat(source.list()).isEqualTo(LIST);
    }
}
