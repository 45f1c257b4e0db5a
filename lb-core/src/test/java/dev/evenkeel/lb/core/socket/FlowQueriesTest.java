package dev.evenkeel.lb.core.socket;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.Backend;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FlowQueriesTest {
    private final FlowQueries queries = new FlowQueries();
    private final List<String> ended = new ArrayList<>();

    private FlowQueries.Query query(String id, long sentNanos) {
        return new FlowQueries.Query(
                new byte[0], new FakeLease(id, outcome -> ended.add(id + " " + outcome)), sentNanos, List.of());
    }

    @Test
    void answers_areTakenInTheOrderOfTheQueries() {
        queries.sent(query("a", 0));
        queries.sent(query("b", 0));
        queries.answered();
        queries.answered();
        queries.answered();
        assertThat(ended).containsExactly("a SUCCESS", "b SUCCESS");
        assertThat(queries.isEmpty()).isTrue();
    }

    @Test
    void overdueQuery_isTheOldest_andTimedOut() {
        queries.sent(query("a", 100));
        assertThat(queries.leftNanos(130, 50)).isEqualTo(20);
        assertThat(queries.takeOverdue(149, 50)).isNull();
        assertThat(requireNonNull(queries.takeOverdue(150, 50)).triedAndThis())
                .extracting(Backend::id)
                .containsExactly("a");
        assertThat(ended).containsExactly("a TIMED_OUT");
        assertThat(queries.leftNanos(150, 50)).isEqualTo(50);
    }

    @Test
    void endOfTheFlow_cancelsItsQueries() {
        FlowQueries.Query unsent = query("a", 0);
        queries.sent(unsent);
        queries.remove(unsent);
        queries.sent(query("b", 0));
        queries.run();
        assertThat(ended).containsExactly("b CANCELLED");
    }
}
