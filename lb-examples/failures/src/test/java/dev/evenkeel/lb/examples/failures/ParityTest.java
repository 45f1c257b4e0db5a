package dev.evenkeel.lb.examples.failures;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.okhttp.retry.RetryPolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The comparison with plain OkHttp in short. Without nginx it is skipped, unless it is required. */
@Tag("long")
class ParityTest {
    private static Path nginx;

    @BeforeAll
    static void find() {
        nginx = FailuresTest.nginx();
    }

    @ParameterizedTest
    @EnumSource
    void attachedClient_failsNoMoreCallsThanPlainOkHttp_andSendsNoPostTwice(ParityCondition condition)
            throws IOException {
        List<ParityRow> rows = rows(condition, RetryPolicy.standard());
        SoftAssertions softly = new SoftAssertions();
        for (ParityRow row : rows) {
            String line = row.line() + " " + row.reasons();
            int maxFailedPosts = row.maxFailedPosts(ParityPlan.brief());
            for (ParityCount gets : ParityRow.attached(row.gets())) {
                softly.assertThat(gets.failed()).as(line).isLessThanOrEqualTo(row.maxFailedGets());
            }
            for (ParityCount posts : ParityRow.attached(row.posts())) {
                softly.assertThat(posts.failed()).as(line).isLessThanOrEqualTo(maxFailedPosts);
                softly.assertThat(posts.twice()).as(line).isZero();
            }
            // The servers did end connections, and the client's was not the only one.
            softly.assertThat(ParityRow.plain(row.posts()).connections())
                    .as(line)
                    .isGreaterThan(row.unbrokenConnections(ParityPlan.brief()));
        }
        softly.assertAll();
    }

    /** The cells in which a client with the defaults may fail a POST that plain OkHttp sends again. */
    @ParameterizedTest
    @EnumSource(names = {"IDLE_50", "IDLE_300", "HALF_CLOSE", "IDLE_HALF_CLOSE", "RELOAD"})
    void attachedClient_thatResendsAsPlainOkHttpDoes_failsNoMorePostsInAnyCell(ParityCondition condition)
            throws IOException {
        SoftAssertions softly = new SoftAssertions();
        RetryPolicy asPlain = RetryPolicy.builder().resendOnLostConnection(true).build();
        for (ParityRow row : rows(condition, asPlain)) {
            String line = row.line() + " " + row.reasons();
            for (ParityCount posts : ParityRow.attached(row.posts())) {
                softly.assertThat(posts.failed())
                        .as(line)
                        .isLessThanOrEqualTo(ParityRow.plain(row.posts()).failed());
                if (!condition.isHalfClosing()) {
                    softly.assertThat(posts.twice()).as(line).isZero();
                }
            }
        }
        softly.assertAll();
    }

    private static List<ParityRow> rows(ParityCondition condition, RetryPolicy retries) throws IOException {
        List<ParityRow> rows = new ParityTable(nginx, ParityPlan.brief(), retries).run(condition);
        assertThat(rows).hasSameSizeAs(ParityCell.of(condition));
        return rows;
    }
}
