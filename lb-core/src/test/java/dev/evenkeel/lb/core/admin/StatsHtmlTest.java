package dev.evenkeel.lb.core.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.evenkeel.lb.PoolFigures;
import dev.evenkeel.lb.PoolSnapshot;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** One page: with controls only for a token, and with a nonce for style and script. */
class StatsHtmlTest {
    private static final PoolRow POOL = new PoolRow(
            new PoolSnapshot(
                    "<users>",
                    "random",
                    1,
                    false,
                    List.of(),
                    List.of(BackendRowTest.status(Set.of(), "used", Map.of(), null))),
            PoolFigures.NONE);

    private static String page(String nonce, @Nullable String token, List<PoolRow> pools) {
        StringBuilder html = new StringBuilder();
        new StatsHtml(html, nonce, token, new LatencyHistory(), 0).append(pools);
        return html.toString();
    }

    @Test
    void controls_areThereForATokenOnly_andWithoutThemThePageReloadsItself() {
        assertThat(page("", null, List.of(POOL)))
                .contains("http-equiv=\"refresh\"")
                .doesNotContain("<form", ">Controls</th>");
        assertThat(page("", "t0", List.of(POOL)))
                .contains("<form", ">Controls</th>", "name=\"token\" value=\"t0\"")
                .doesNotContain("http-equiv=\"refresh\"");
    }

    @Test
    void nonce_isOnStyleAndScript() {
        assertThat(page("n\"1", null, List.of())).contains("<style nonce=\"n&quot;1\">", "<script nonce=\"n&quot;1\">");
        assertThat(page("", null, List.of())).contains("<style>", "<script>");
    }

    @Test
    void pageWithoutPools_saysSo() {
        assertThat(page("", null, List.of())).contains("<p>There are no pools.</p>");
    }

    @Test
    void namesAreEscaped_andUnknownLatencyIsADash() {
        assertThat(page("", null, List.of(POOL)))
                .contains("data-pool=\"&lt;users&gt;\"", "data-cell=\"latency\" class=\"num\">&#8211;</td>")
                .doesNotContain("<users>");
    }
}
