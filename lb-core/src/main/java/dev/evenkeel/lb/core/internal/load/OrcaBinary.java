package dev.evenkeel.lb.core.internal.load;

import dev.evenkeel.lb.LoadReport;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Parser of the binary form: the wire format of Protocol Buffers, without a dependency, since there are only nine
 * fields. Each length is checked against the remaining bytes before memory of that size is allocated.
 */
final class OrcaBinary {
    private static final int VARINT = 0;
    private static final int FIXED_64 = 1;
    private static final int LENGTH_DELIMITED = 2;
    private static final int FIXED_32 = 5;

    private OrcaBinary() {}

    static LoadReport parse(byte[] message) {
        ByteBuffer in = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
        OrcaReportBuilder fields = new OrcaReportBuilder();
        while (in.hasRemaining()) {
            int tag = tag(in);
            switch (tag) {
                case 1 << 3 | FIXED_64 -> fields.set("cpu_utilization", fixed64(in));
                case 2 << 3 | FIXED_64 -> fields.set("mem_utilization", fixed64(in));
                case 3 << 3 | VARINT -> fields.set("rps", unsigned(varint(in)));
                case 4 << 3 | LENGTH_DELIMITED -> entry(in, OrcaReportBuilder.REQUEST_COST, fields);
                case 5 << 3 | LENGTH_DELIMITED -> entry(in, OrcaReportBuilder.UTILIZATION, fields);
                case 6 << 3 | FIXED_64 -> fields.set("rps_fractional", fixed64(in));
                case 7 << 3 | FIXED_64 -> fields.set("eps", fixed64(in));
                case 8 << 3 | LENGTH_DELIMITED -> entry(in, OrcaReportBuilder.NAMED_METRICS, fields);
                case 9 << 3 | FIXED_64 -> fields.set("application_utilization", fixed64(in));
                default -> skip(in, tag);
            }
        }
        return fields.report();
    }

    /** An entry of a map is a message of its own: 1 is the key, 2 the value. */
    private static void entry(ByteBuffer message, String map, OrcaReportBuilder fields) {
        ByteBuffer in = slice(message);
        String key = "";
        double value = 0;
        while (in.hasRemaining()) {
            int tag = tag(in);
            switch (tag) {
                case 1 << 3 | LENGTH_DELIMITED -> key = text(slice(in));
                case 2 << 3 | FIXED_64 -> value = fixed64(in);
                default -> skip(in, tag);
            }
        }
        fields.put(map, key, value);
    }

    private static int tag(ByteBuffer in) {
        long tag = varint(in);
        if (tag >>> 3 == 0 || tag >>> 32 != 0) {
            throw malformed("a field number of " + Long.toUnsignedString(tag >>> 3));
        }
        return (int) tag;
    }

    private static void skip(ByteBuffer in, int tag) {
        switch (tag & 7) {
            case VARINT -> varint(in);
            case FIXED_64 -> take(in, Long.BYTES);
            case LENGTH_DELIMITED -> slice(in);
            case FIXED_32 -> take(in, Integer.BYTES);
            default -> throw malformed("wire type " + (tag & 7));
        }
    }

    private static long varint(ByteBuffer in) {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            byte next = take(in, 1).get();
            value |= (next & 0x7FL) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw malformed("a varint of more than 10 bytes");
    }

    private static double fixed64(ByteBuffer in) {
        return take(in, Long.BYTES).getDouble();
    }

    private static double unsigned(long value) {
        return value >= 0 ? value : (value >>> 1) * 2.0;
    }

    private static ByteBuffer slice(ByteBuffer in) {
        long length = varint(in);
        return take(in, length < 0 || length > in.remaining() ? in.remaining() + 1 : (int) length);
    }

    /** The next bytes as a separate buffer. */
    private static ByteBuffer take(ByteBuffer in, int length) {
        if (length > in.remaining()) {
            throw malformed("an end in the middle of a field");
        }
        ByteBuffer taken = in.slice(in.position(), length).order(ByteOrder.LITTLE_ENDIAN);
        in.position(in.position() + length);
        return taken;
    }

    private static String text(ByteBuffer bytes) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(
                    "load report must be a Protocol Buffers message: it has a name that is not UTF-8", e);
        }
    }

    private static IllegalArgumentException malformed(String what) {
        return new IllegalArgumentException("load report must be a Protocol Buffers message: it has " + what);
    }
}
