package dev.evenkeel.lb.okhttp.internal.discovery.xds;

import dev.evenkeel.lb.okhttp.internal.discovery.registry.MalformedAnswerException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Reads the fields of one message in the wire format of Protocol Buffers, in their order. Each length is checked
 * against the remaining bytes before memory of that size is allocated, and messages are nested to at most 64 levels.
 * Used by one thread.
 */
final class ProtoReader {
    static final int MAX_DEPTH = 64;

    private static final int VARINT = 0;
    private static final int FIXED_64 = 1;
    private static final int LENGTH_DELIMITED = 2;
    private static final int FIXED_32 = 5;

    private final ByteBuffer in;
    private final int depth;
    private int field;
    private int wireType;

    private ProtoReader(ByteBuffer in, int depth) {
        this.in = in.order(ByteOrder.LITTLE_ENDIAN);
        this.depth = depth;
    }

    static ProtoReader of(byte[] message) {
        return new ProtoReader(ByteBuffer.wrap(message), 1);
    }

    /** Goes on to the next field, whose value must be read or skipped. False at the end of the message. */
    boolean next() throws MalformedAnswerException {
        if (!in.hasRemaining()) {
            return false;
        }
        long tag = varint();
        if (tag >>> 3 == 0 || tag >>> 32 != 0) {
            throw malformed("a field number of " + Long.toUnsignedString(tag >>> 3));
        }
        field = (int) (tag >>> 3);
        wireType = (int) (tag & 7);
        return true;
    }

    /** The number of the field. */
    int field() {
        return field;
    }

    /** A value of 32 bits without a sign. */
    long uint32() throws MalformedAnswerException {
        expect(VARINT);
        return varint() & 0xFFFF_FFFFL;
    }

    boolean flag() throws MalformedAnswerException {
        expect(VARINT);
        return varint() != 0;
    }

    double number() throws MalformedAnswerException {
        expect(FIXED_64);
        return take(Long.BYTES).getDouble();
    }

    String text() throws MalformedAnswerException {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(slice()).toString();
        } catch (CharacterCodingException e) {
            throw new MalformedAnswerException(
                    "a message must be of Protocol Buffers: it has text that is not UTF-8", e);
        }
    }

    /** A message that is the value of the field. It can be read later, and has bytes in common with this one. */
    ProtoReader message() throws MalformedAnswerException {
        if (depth == MAX_DEPTH) {
            throw malformed("more than " + MAX_DEPTH + " levels");
        }
        return new ProtoReader(slice(), depth + 1);
    }

    void skip() throws MalformedAnswerException {
        switch (wireType) {
            case VARINT -> varint();
            case FIXED_64 -> take(Long.BYTES);
            case LENGTH_DELIMITED -> slice();
            case FIXED_32 -> take(Integer.BYTES);
            default -> throw malformed("wire type " + wireType);
        }
    }

    private void expect(int expected) throws MalformedAnswerException {
        if (wireType != expected) {
            throw malformed("wire type " + wireType + " in field " + field);
        }
    }

    private long varint() throws MalformedAnswerException {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            byte next = take(1).get();
            value |= (next & 0x7FL) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw malformed("a varint of more than 10 bytes");
    }

    private ByteBuffer slice() throws MalformedAnswerException {
        expect(LENGTH_DELIMITED);
        long length = varint();
        return take(length < 0 || length > in.remaining() ? in.remaining() + 1 : (int) length);
    }

    /** The next bytes as a separate buffer. */
    private ByteBuffer take(int length) throws MalformedAnswerException {
        if (length > in.remaining()) {
            throw malformed("an end in the middle of a field");
        }
        ByteBuffer taken = in.slice(in.position(), length).order(ByteOrder.LITTLE_ENDIAN);
        in.position(in.position() + length);
        return taken;
    }

    private static MalformedAnswerException malformed(String what) {
        return new MalformedAnswerException("a message must be of Protocol Buffers: it has " + what);
    }
}
