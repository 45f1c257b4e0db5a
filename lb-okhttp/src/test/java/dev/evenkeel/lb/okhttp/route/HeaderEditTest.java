package dev.evenkeel.lb.okhttp.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import okhttp3.Headers;
import org.junit.jupiter.api.Test;

/** Changes of headers, none of which can break the message. */
class HeaderEditTest {
    @Test
    void edits_areAppliedInOrder() {
        Headers headers = Headers.of("A", "1", "B", "2", "a", "3");

        assertThat(HeaderEdit.apply(
                        List.of(HeaderEdit.set("A", "x"), HeaderEdit.add("a", "y"), HeaderEdit.remove("B")), headers))
                .isEqualTo(Headers.of("A", "x", "a", "y"));
        assertThat(HeaderEdit.apply(List.of(), headers)).isSameAs(headers);
    }

    @Test
    void headersThatFrameTheMessage_areRefused() {
        for (String name : new String[] {"Content-Length", "transfer-encoding", "Upgrade", "Sec-WebSocket-Key"}) {
            assertThatThrownBy(() -> HeaderEdit.remove(name))
                    .hasMessage("header must be none that frames the message: " + name);
        }
        assertThatThrownBy(() -> HeaderEdit.set("A", "b\r\nC: d")).hasMessageContaining("it has U+000D at 1");
        assertThat(HeaderEdit.set("A", "secret")).hasToString("SET A");
    }
}
