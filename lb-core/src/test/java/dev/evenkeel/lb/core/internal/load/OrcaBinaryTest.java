package dev.evenkeel.lb.core.internal.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.evenkeel.lb.LoadReport;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The wire format of Protocol Buffers: known fields, unknown ones, and lengths that lie. */
class OrcaBinaryTest {
    private final ByteArrayOutputStream message = new ByteArrayOutputStream();

    private OrcaBinaryTest bytes(int... bytes) {
        for (int b : bytes) {
            message.write(b);
        }
        return this;
    }

    private OrcaBinaryTest fixed64(int field, double value) {
        bytes(field << 3 | 1);
        message.writeBytes(ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putDouble(value)
                .array());
        return this;
    }

    private LoadReport parse() {
        return OrcaBinary.parse(message.toByteArray());
    }

    @Test
    void fields_areRead() {
        LoadReport report =
                fixed64(1, 0.5).fixed64(9, 0.75).bytes(3 << 3, 0xAC, 0x02).parse();
        assertThat(report.cpuUtilization()).isEqualTo(0.5);
        assertThat(report.applicationUtilization()).isEqualTo(0.75);
        assertThat(report.qps()).isEqualTo(300);
    }

    @Test
    void entryOfAMap_isAMessageOfItsOwn() {
        bytes(8 << 3 | 2, 12, 1 << 3 | 2, 1, 'q').fixed64(2, 7);
        assertThat(parse().metrics()).containsExactly(Map.entry("q", 7.0));
    }

    @Test
    void unknownFields_areSkipped() {
        LoadReport report = bytes(15 << 3 | 2, 2, 1, 2)
                .bytes(14 << 3 | 5, 1, 2, 3, 4)
                .bytes(13 << 3, 0x80, 0x01)
                .fixed64(2, 0.25)
                .parse();
        assertThat(report.memUtilization()).isEqualTo(0.25);
    }

    @Test
    void malformedMessages_areRefused() {
        assertThatThrownBy(() -> OrcaBinary.parse(new byte[] {1 << 3 | 1, 0}))
                .hasMessageEndingWith("it has an end in the middle of a field");
        assertThatThrownBy(() -> OrcaBinary.parse(new byte[] {8 << 3 | 2, 100, 1}))
                .hasMessageEndingWith("it has an end in the middle of a field");
        assertThatThrownBy(() -> OrcaBinary.parse(new byte[] {1 << 3 | 3})).hasMessageEndingWith("it has wire type 3");
        assertThatThrownBy(() -> OrcaBinary.parse(new byte[] {0})).hasMessageEndingWith("it has a field number of 0");
        byte[] endless = new byte[12];
        Arrays.fill(endless, (byte) 0x80);
        endless[0] = 3 << 3;
        assertThatThrownBy(() -> OrcaBinary.parse(endless))
                .hasMessageEndingWith("it has a varint of more than 10 bytes");
    }
}
