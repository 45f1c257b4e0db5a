package dev.evenkeel.lb.okhttp.internal.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import okio.Buffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames are followed over any division into reads and writes. */
class WebSocketFramesTest {
    private static final int TEXT = 0x1;
    private static final int CONTINUATION = 0x0;
    private static final int PING = 0x9;
    private static final int CLOSE = 0x8;

    private static Buffer frame(int opcode, boolean fin, boolean masked, int length, Random random) {
        Buffer frame = new Buffer().writeByte((fin ? 0x80 : 0) | opcode);
        int mask = masked ? 0x80 : 0;
        if (length < 126) {
            frame.writeByte(mask | length);
        } else if (length < 65_536) {
            frame.writeByte(mask | 126).writeShort(length);
        } else {
            frame.writeByte(mask | 127).writeLong(length);
        }
        byte[] rest = new byte[length + (masked ? 4 : 0)];
        random.nextBytes(rest); // payloads look like heads, too
        return frame.write(rest);
    }

    @ParameterizedTest
    @CsvSource({"1, true", "2, true", "3, false", "4, false"})
    void boundaries_areWhereFramesEnd(long seed, boolean masked) throws IOException {
        Random random = new Random(seed);
        int[] lengths = {0, 1, 125, 126, 127, 65_535, 65_536, 70_000};
        int[] opcodes = {TEXT, CONTINUATION, PING};
        Buffer all = new Buffer();
        List<Long> ends = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            int opcode = opcodes[random.nextInt(opcodes.length)];
            all.writeAll(frame(opcode, random.nextBoolean(), masked, lengths[random.nextInt(lengths.length)], random));
            ends.add(all.size());
        }
        WebSocketFrames frames = new WebSocketFrames();
        long position = 0;
        while (!all.exhausted()) {
            long step = Math.min(all.size(), 1 + random.nextInt(random.nextBoolean() ? 3 : 100_000));
            frames.advance(all, step);
            all.skip(step);
            position += step;
            assertThat(frames.isAtBoundary())
                    .as("at %d, seed %d", position, seed)
                    .isEqualTo(ends.contains(position));
        }
        assertThat(frames.isClosed()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5, 126, 70_000})
    void closeFrame_isFound_inOneReadOrInMany(int length) throws IOException {
        Random random = new Random(length);
        for (int chunk : new int[] {1, 7, 1_000_000}) {
            Buffer all = frame(TEXT, true, false, length, random);
            long begin = all.size();
            all.writeAll(frame(CLOSE, true, false, 2, random));
            WebSocketFrames frames = new WebSocketFrames();
            long position = 0;
            long passed;
            do {
                long step = Math.min(all.size(), chunk);
                passed = frames.advanceToClose(all, step);
                all.skip(passed);
                position += passed;
                if (passed < step) {
                    break;
                }
            } while (!all.exhausted());
            assertThat(position).isEqualTo(begin);
            assertThat(frames.isAtBoundary()).isTrue();
            assertThat(frames.isClosed()).as("not gone into").isFalse();
            frames.advance(all, all.size());
            assertThat(frames.isClosed()).isTrue();
        }
    }

    @Test
    void closeFrame_ofTheServer_hasCodeAndReason() throws IOException {
        Buffer frame = WebSocketFrames.close(1001, "going", false);
        assertThat(frame.readByte()).isEqualTo((byte) 0x88);
        assertThat(frame.readByte()).isEqualTo((byte) 7);
        assertThat(frame.readShort()).isEqualTo((short) 1001);
        assertThat(frame.readUtf8()).isEqualTo("going");
    }

    @Test
    void closeFrame_ofTheClient_isMasked() throws IOException {
        Buffer frame = WebSocketFrames.close(1001, "going", true);
        assertThat(frame.readByte()).isEqualTo((byte) 0x88);
        assertThat(frame.readByte()).isEqualTo((byte) (0x80 | 7));
        byte[] mask = new byte[4];
        assertThat(frame.read(mask)).isEqualTo(4);
        byte[] payload = frame.readByteArray();
        for (int i = 0; i < payload.length; i++) {
            payload[i] ^= mask[i % 4];
        }
        assertThat(new Buffer().write(payload).readShort()).isEqualTo((short) 1001);
        assertThat(new String(payload, 2, 5, StandardCharsets.US_ASCII)).isEqualTo("going");
    }

    @Test
    void longReason_isCutToWhatAControlFrameHolds_andIsAscii() throws IOException {
        Buffer frame = WebSocketFrames.close(1001, "ü" + "x".repeat(200), false);
        frame.skip(1);
        assertThat(frame.readByte()).isEqualTo((byte) 125);
        frame.skip(2);
        assertThat(frame.readUtf8()).isEqualTo("?" + "x".repeat(122));
    }
}
