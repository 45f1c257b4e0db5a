package dev.evenkeel.lb.okhttp.internal.discovery.xds;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What is written is what the documentation of Protocol Buffers shows. */
class ProtoWriterTest {

    @Test
    void fields_areWrittenInTheirForms() {
        assertThat(new ProtoWriter().varint(1, 150).bytes().hex()).isEqualTo("089601");
        assertThat(new ProtoWriter().text(2, "testing").bytes().hex()).isEqualTo("120774657374696e67");
        assertThat(new ProtoWriter()
                        .message(3, new ProtoWriter().varint(1, 150))
                        .bytes()
                        .hex())
                .isEqualTo("1a03089601");
        assertThat(new ProtoWriter().number(2, 1.0).bytes().hex()).isEqualTo("11000000000000f03f");
        assertThat(new ProtoWriter().varint(38, 0).bytes().hex()).isEqualTo("b00200");
    }

    @Test
    void emptyText_isWrittenOnlyWhereItsPresenceCounts() {
        assertThat(new ProtoWriter().text(1, "").bytes().size()).isZero();
        assertThat(new ProtoWriter().presentText(3, "").bytes().hex()).isEqualTo("1a00");
    }
}
