package dev.evenkeel.lb.okhttp.internal.discovery.xds;

import static dev.evenkeel.lb.okhttp.internal.discovery.xds.XdsMessages.message;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

/** How a source introduces itself. */
class XdsNodeTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void node_isWrittenWithWhatIsKnown() throws Exception {
        XdsNode bare = new XdsNode("me", "", "", "", "", JSON.createObjectNode());
        assertThat(bare.message().bytes())
                .isEqualTo(message().text(1, "me").text(6, "evenkeel").bytes());

        XdsNode full = new XdsNode("me", "shop", "eu", "eu-1a", "", JSON.readTree("{\"v\":\"2\"}"));
        ProtoWriter struct =
                message().message(1, message().text(1, "v").message(2, message().text(3, "2")));
        assertThat(full.message().bytes())
                .isEqualTo(message()
                        .text(1, "me")
                        .text(2, "shop")
                        .message(3, struct)
                        .message(4, message().text(1, "eu").text(2, "eu-1a"))
                        .text(6, "evenkeel")
                        .bytes());
    }

    @Test
    void metadata_hasTheTypesOfJson() throws Exception {
        XdsNode node = new XdsNode("", "", "", "", "", JSON.readTree("{\"a\":[1.5,true,null,{},\"\"]}"));
        ProtoWriter list = message()
                .message(1, message().number(2, 1.5))
                .message(1, message().varint(4, 1))
                .message(1, message().varint(1, 0))
                .message(1, message().message(5, message()))
                .message(1, message().presentText(3, ""));
        ProtoWriter struct =
                message().message(1, message().text(1, "a").message(2, message().message(6, list)));
        assertThat(node.message().bytes())
                .isEqualTo(message().message(3, struct).text(6, "evenkeel").bytes());
    }
}
