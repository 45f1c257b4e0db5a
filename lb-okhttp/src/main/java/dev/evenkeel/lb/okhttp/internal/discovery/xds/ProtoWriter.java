package dev.evenkeel.lb.okhttp.internal.discovery.xds;

import okio.Buffer;
import okio.ByteString;

/** Writes the fields of one message in the wire format of Protocol Buffers. Used by one thread. */
final class ProtoWriter {
    private static final int VARINT = 0;
    private static final int FIXED_64 = 1;
    private static final int LENGTH_DELIMITED = 2;

    private final Buffer out = new Buffer();

    /** An empty text is not written: it is the default. */
    ProtoWriter text(int field, String value) {
        return value.isEmpty() ? this : presentText(field, value);
    }

    /** Also written if it is empty, as in a {@code oneof}. */
    ProtoWriter presentText(int field, String value) {
        return message(field, ByteString.encodeUtf8(value));
    }

    ProtoWriter varint(int field, long value) {
        tag(field, VARINT);
        varint(value);
        return this;
    }

    ProtoWriter number(int field, double value) {
        tag(field, FIXED_64);
        out.writeLongLe(Double.doubleToRawLongBits(value));
        return this;
    }

    /** Also written if it has no fields. */
    ProtoWriter message(int field, ProtoWriter value) {
        return message(field, value.bytes());
    }

    ProtoWriter message(int field, ByteString value) {
        tag(field, LENGTH_DELIMITED);
        varint(value.size());
        out.write(value);
        return this;
    }

    ByteString bytes() {
        return out.snapshot();
    }

    private void tag(int field, int wireType) {
        varint((long) field << 3 | wireType);
    }

    private void varint(long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            out.writeByte((int) ((rest & 0x7F) | 0x80));
            rest >>>= 7;
        }
        out.writeByte((int) rest);
    }
}
