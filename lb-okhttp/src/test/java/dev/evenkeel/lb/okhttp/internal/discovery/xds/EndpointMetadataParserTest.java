package dev.evenkeel.lb.okhttp.internal.discovery.xds;

import static dev.evenkeel.lb.okhttp.internal.discovery.xds.XdsMessages.message;
import static dev.evenkeel.lb.okhttp.internal.discovery.xds.XdsMessages.read;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.evenkeel.lb.okhttp.internal.discovery.registry.MalformedAnswerException;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The metadata of endpoints. */
class EndpointMetadataParserTest {

    private static ProtoWriter entry(String key, ProtoWriter value) {
        return message().text(1, key).message(2, value);
    }

    private static ProtoWriter namespace(String name, ProtoWriter struct) {
        return message().message(1, entry(name, struct));
    }

    @Test
    void textsNumbersAndFlags_ofTheNamespaceOfSubsets_areRead() throws Exception {
        ProtoWriter struct = message()
                .message(1, entry("stage", message().presentText(3, "canary")))
                .message(1, entry("empty", message().presentText(3, "")))
                .message(1, entry("version", message().number(2, 2)))
                .message(1, entry("share", message().number(2, 0.5)))
                .message(1, entry("default", message().varint(4, 1)))
                .message(1, entry("none", message().varint(1, 0)))
                .message(1, entry("deep", message().message(5, message())));

        assertThat(new EndpointMetadataParser().parse(read(namespace("envoy.lb", struct))))
                .isEqualTo(Map.of("stage", "canary", "empty", "", "version", "2", "share", "0.5", "default", "true"));
        assertThat(new EndpointMetadataParser().parse(read(namespace("istio", struct))))
                .isEmpty();
    }

    @Test
    void values_areBounded_overAllEndpointsOfAnAssignment() throws Exception {
        ProtoWriter struct = message();
        for (int i = 0; i < 1_000; i++) {
            struct.message(1, entry("k" + i, message().presentText(3, "v")));
        }
        EndpointMetadataParser parser = new EndpointMetadataParser();
        for (int i = 0; i < EndpointMetadataParser.MAX_VALUES / 1_000; i++) {
            assertThat(parser.parse(read(namespace("envoy.lb", struct)))).hasSize(1_000);
        }
        assertThatExceptionOfType(MalformedAnswerException.class)
                .isThrownBy(() -> parser.parse(read(namespace("envoy.lb", struct))))
                .withMessage("an assignment must have at most 500000 metadata values");
    }
}
