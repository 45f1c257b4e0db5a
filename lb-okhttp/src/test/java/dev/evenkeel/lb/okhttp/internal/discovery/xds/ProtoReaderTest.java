package dev.evenkeel.lb.okhttp.internal.discovery.xds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.evenkeel.lb.okhttp.internal.discovery.registry.MalformedAnswerException;
import okio.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The wire format of Protocol Buffers: the examples of its documentation, and what it forbids. */
class ProtoReaderTest {

    private static ProtoReader hex(String bytes) {
        return ProtoReader.of(ByteString.decodeHex(bytes).toByteArray());
    }

    @Test
    void examplesOfTheDocumentation_areRead() throws Exception {
        ProtoReader number = hex("089601");
        assertThat(number.next()).isTrue();
        assertThat(number.field()).isEqualTo(1);
        assertThat(number.uint32()).isEqualTo(150);
        assertThat(number.next()).isFalse();

        ProtoReader text = hex("120774657374696e67");
        assertThat(text.next()).isTrue();
        assertThat(text.field()).isEqualTo(2);
        assertThat(text.text()).isEqualTo("testing");

        ProtoReader nested = hex("1a03089601");
        assertThat(nested.next()).isTrue();
        ProtoReader inner = nested.message();
        assertThat(inner.next()).isTrue();
        assertThat(inner.uint32()).isEqualTo(150);
    }

    @Test
    void unknownFields_ofEachType_areSkipped() throws Exception {
        ProtoReader in = hex("0801" + "110000000000000000" + "1a0161" + "2500000000" + "3002");
        long last = 0;
        while (in.next()) {
            if (in.field() == 6) {
                last = in.uint32();
            } else {
                in.skip();
            }
        }
        assertThat(last).isEqualTo(2);
    }

    @Test
    void negativeNumber_isOneOf32Bits() throws Exception {
        ProtoReader in = hex("08ffffffffffffffffff01");
        assertThat(in.next()).isTrue();
        assertThat(in.uint32()).isEqualTo(0xFFFF_FFFFL);
    }

    @ParameterizedTest
    @CsvSource({
        "08, an end in the middle of a field",
        "0896, an end in the middle of a field",
        "1205616263, an end in the middle of a field",
        "12ffffffff0f, an end in the middle of a field",
        "12ffffffffffffffffff01, an end in the middle of a field",
        "09ffff, an end in the middle of a field",
        "00, a field number of 0",
        "808080808002, a field number of 8589934592",
        "0b, wire type 3",
        "0f, wire type 7",
        "08ffffffffffffffffffff01, a varint of more than 10 bytes",
    })
    void malformedMessage_isRefused(String bytes, String rule) {
        assertThatExceptionOfType(MalformedAnswerException.class)
                .isThrownBy(() -> {
                    ProtoReader in = hex(bytes);
                    while (in.next()) {
                        in.skip();
                    }
                })
                .withMessage("a message must be of Protocol Buffers: it has " + rule);
    }

    @Test
    void valueOfAnotherType_isRefused() throws Exception {
        ProtoReader in = hex("0801");
        assertThat(in.next()).isTrue();
        assertThatExceptionOfType(MalformedAnswerException.class)
                .isThrownBy(in::text)
                .withMessageEndingWith("wire type 0 in field 1");
    }

    @Test
    void textThatIsNotUtf8_isRefused() throws Exception {
        ProtoReader in = hex("0a01ff");
        assertThat(in.next()).isTrue();
        assertThatExceptionOfType(MalformedAnswerException.class)
                .isThrownBy(in::text)
                .withMessageEndingWith("text that is not UTF-8");
    }

    @Test
    void messages_areNestedToABound() throws Exception {
        ProtoWriter message = new ProtoWriter();
        for (int i = 0; i < ProtoReader.MAX_DEPTH; i++) {
            message = new ProtoWriter().message(1, message);
        }
        ProtoReader in = ProtoReader.of(message.bytes().toByteArray());
        for (int i = 1; i < ProtoReader.MAX_DEPTH; i++) {
            assertThat(in.next()).isTrue();
            in = in.message();
        }
        assertThat(in.next()).isTrue();
        assertThatExceptionOfType(MalformedAnswerException.class)
                .isThrownBy(in::message)
                .withMessageEndingWith("more than 64 levels");
    }
}
