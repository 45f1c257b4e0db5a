package dev.evenkeel.lb.okhttp.internal.http;

import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import okio.Buffer;

/**
 * Follows the frames of one direction of a WebSocket (RFC 6455, 5.2) to know where one ends and where the close frame
 * begins. It looks at heads only, so neither compression nor fragmentation matters: a control frame may stand between
 * any two frames. Not thread-safe.
 */
final class WebSocketFrames {
    private static final int FIN = 0x80;
    private static final int OPCODE_MASK = 0x0f;
    private static final int CLOSE = 0x8;
    private static final int MASKED = 0x80;
    private static final int LENGTH_MASK = 0x7f;
    private static final int LENGTH_IN_TWO_BYTES = 126;
    private static final int LENGTH_IN_EIGHT_BYTES = 127;
    private static final int MASK_BYTES = 4;
    /** What the payload of a control frame has room for, besides the code. */
    private static final int MAX_REASON_BYTES = 123;

    private static final Pattern NOT_ASCII = Pattern.compile("[^ -~]");

    /** The bytes of the present head that have been seen: 0 between two frames, and in a payload. */
    private int headSeen;

    /** How many bytes the length has beyond the second byte of the head. Known from the second byte on. */
    private int lengthBytes;

    private int maskBytes;
    private long payloadLength;
    private long payloadLeft;
    private boolean closed;

    /** Whether the next byte is the first of a frame. */
    boolean isAtBoundary() {
        return headSeen == 0 && payloadLeft == 0;
    }

    /** Whether the close frame has begun. */
    boolean isClosed() {
        return closed;
    }

    /** Goes on over the first bytes of a buffer. */
    void advance(Buffer bytes, long count) {
        long position = 0;
        while (position < count) {
            position += step(bytes, position, count);
        }
    }

    /** Goes on over the first bytes of a buffer, but not into a close frame. Returns over how many. */
    long advanceToClose(Buffer bytes, long count) {
        long position = 0;
        while (position < count && !(isAtBoundary() && isClose(bytes.getByte(position)))) {
            position += step(bytes, position, count);
        }
        return position;
    }

    private static boolean isClose(byte first) {
        return (first & OPCODE_MASK) == CLOSE;
    }

    /** Goes on over one byte of a head, or over what there is of a payload. Returns over how many bytes. */
    private long step(Buffer bytes, long position, long count) {
        if (payloadLeft > 0) {
            long payload = Math.min(payloadLeft, count - position);
            payloadLeft -= payload;
            return payload;
        }
        byte next = bytes.getByte(position);
        headSeen++;
        if (headSeen == 1) {
            closed |= isClose(next);
        } else if (headSeen == 2) {
            int length = next & LENGTH_MASK;
            lengthBytes = length == LENGTH_IN_EIGHT_BYTES ? 8 : length == LENGTH_IN_TWO_BYTES ? 2 : 0;
            maskBytes = (next & MASKED) == 0 ? 0 : MASK_BYTES;
            payloadLength = lengthBytes == 0 ? length : 0;
        } else if (headSeen <= 2 + lengthBytes) {
            payloadLength = payloadLength << 8 | (next & 0xff);
        }
        if (headSeen >= 2 && headSeen == 2 + lengthBytes + maskBytes) {
            headSeen = 0;
            payloadLeft = payloadLength;
        }
        return 1;
    }

    /**
     * A close frame.
     *
     * @param masked whether it goes from the client to the server
     * @param reason cut to what a frame has room for; what is not ASCII becomes a question mark
     */
    static Buffer close(int code, String reason, boolean masked) {
        String ascii = NOT_ASCII.matcher(reason).replaceAll("?");
        String text = ascii.substring(0, Math.min(ascii.length(), MAX_REASON_BYTES));
        byte[] payload = new Buffer().writeShort(code).writeUtf8(text).readByteArray();
        Buffer frame = new Buffer().writeByte(FIN | CLOSE);
        if (!masked) {
            return frame.writeByte(payload.length).write(payload);
        }
        byte[] mask = new byte[MASK_BYTES];
        ThreadLocalRandom.current().nextBytes(mask);
        for (int i = 0; i < payload.length; i++) {
            payload[i] ^= mask[i % MASK_BYTES];
        }
        return frame.writeByte(MASKED | payload.length).write(mask).write(payload);
    }
}
