package dev.evenkeel.lb.core.internal.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.core.internal.load.HaproxyAgentResponse.Admin;
import dev.evenkeel.lb.core.internal.load.HaproxyAgentResponse.State;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HaproxyAgentResponseTest {

    @Test
    void words_inAnyOrderAndCase_areRead() {
        assertThat(HaproxyAgentResponse.parse("up 75% maxconn:30\n"))
                .isEqualTo(new HaproxyAgentResponse(75, 30, null, State.UP, ""));
        assertThat(HaproxyAgentResponse.parse("MaxConn:30,READY,\t 100%,Up\r\nignored"))
                .isEqualTo(new HaproxyAgentResponse(100, 30, Admin.READY, State.UP, ""));
        assertThat(HaproxyAgentResponse.parse("drain"))
                .isEqualTo(new HaproxyAgentResponse(null, null, Admin.DRAIN, null, ""));
        assertThat(HaproxyAgentResponse.parse("maint"))
                .isEqualTo(new HaproxyAgentResponse(null, null, Admin.MAINT, null, ""));
        assertThat(HaproxyAgentResponse.parse("0%")).isEqualTo(new HaproxyAgentResponse(0, null, null, null, ""));
        assertThat(HaproxyAgentResponse.parse("")).isEqualTo(new HaproxyAgentResponse(null, null, null, null, ""));
        assertThat(HaproxyAgentResponse.parse("\n")).isEqualTo(new HaproxyAgentResponse(null, null, null, null, ""));
    }

    @Test
    void downWords_areToldApart_withTheirDescription() {
        assertThat(HaproxyAgentResponse.parse("down # port 80, not there \n"))
                .isEqualTo(new HaproxyAgentResponse(null, null, null, State.DOWN, "port 80, not there"));
        assertThat(HaproxyAgentResponse.parse("fail#disk 100% full").state()).isEqualTo(State.FAIL);
        assertThat(HaproxyAgentResponse.parse("stopped 50%"))
                .isEqualTo(new HaproxyAgentResponse(50, null, null, State.STOPPED, ""));
        assertThat(State.UP.isUp()).isTrue();
        assertThat(State.STOPPED.isUp()).isFalse();
    }

    @Test
    void contradiction_lastWordCounts() {
        assertThat(HaproxyAgentResponse.parse("up down 50% 60%"))
                .isEqualTo(new HaproxyAgentResponse(60, null, null, State.DOWN, ""));
    }

    @Test
    void maxconn0_isNoLimit() {
        assertThat(HaproxyAgentResponse.parse("maxconn:0").maxInFlight()).isEqualTo(Integer.MAX_VALUE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-5%",
                "%",
                "NaN%",
                "7.5%",
                "99999999999%",
                "maxconn:",
                "maxconn:-1",
                "maxconn:1e3",
                "75",
                "ok",
                "u\u0000p"
            })
    void unknownWord_isRefused(String word) {
        assertThatThrownBy(() -> HaproxyAgentResponse.parse("up " + word + "\n"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "agent's word is not known: \"" + word.replace('\u0000', '\uFFFD')
                                + "\"; expected a weight such as 75%, maxconn:30, ready, drain, maint, up, down, fail or stopped");
    }

    @Test
    void weightOutOfRange_isRefused() {
        assertThatThrownBy(() -> HaproxyAgentResponse.parse("25601%"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("agent's weight must be 0%..25600%: 25601%");
        assertThatThrownBy(() -> new HaproxyAgentResponse(null, 0, null, null, ""))
                .hasMessage("agent's maxInFlight must be at least 1: 0");
    }

    @Test
    void endlessLine_isRefused() {
        assertThatThrownBy(() -> HaproxyAgentResponse.parse("up ".repeat(1_000)))
                .hasMessage("agent's line must have at most 1024 characters: it has 3000");
    }

    @Test
    void randomLines_areReadOrRefused_nothingElse() {
        readRandomLines(20_000);
    }

    @Test
    @Tag("long")
    @Tag("mutations")
    void aMillionRandomLines_areReadOrRefused_nothingElse() {
        readRandomLines(Integer.getInteger("evenkeel.mutations", 1_000_000));
    }

    private static void readRandomLines(int lines) {
        Random random = new Random(32);
        String letters = "up down%0123456789:maxconn,#\t\n\u0000";
        for (int i = 0; i < lines; i++) {
            StringBuilder line = new StringBuilder();
            for (int length = random.nextInt(30); length > 0; length--) {
                line.append(letters.charAt(random.nextInt(letters.length())));
            }
            try {
                HaproxyAgentResponse.parse(line.toString());
            } catch (IllegalArgumentException e) {
                assertThat(e.getMessage()).startsWith("agent's ");
            }
        }
    }
}
