package dev.evenkeel.lb.core.internal.strategy.hash;

/**
 * The 64-bit hash function of the xxHash specification (doc/xxhash_spec.md, version 0.1.1), over the characters of a
 * text. No allocation.
 *
 * <p>A text of Latin-1 characters is taken as one byte each, so ASCII gives the published values and those of Envoy.
 * Any other text is taken as two bytes each, the lower one first.
 */
public final class XxHash64 {
    private static final long PRIME_1 = 0x9E3779B185EBCA87L;
    private static final long PRIME_2 = 0xC2B2AE3D27D4EB4FL;
    private static final long PRIME_3 = 0x165667B19E3779F9L;
    private static final long PRIME_4 = 0x85EBCA77C2B2AE63L;
    private static final long PRIME_5 = 0x27D4EB2F165667C5L;

    private XxHash64() {}

    public static long hash(String text, long seed) {
        boolean wide = isWide(text);
        int length = wide ? 2 * text.length() : text.length();
        int at = 0;
        long hash;
        if (length >= 32) {
            long a = seed + PRIME_1 + PRIME_2;
            long b = seed + PRIME_2;
            long c = seed;
            long d = seed - PRIME_1;
            for (; at <= length - 32; at += 32) {
                a = round(a, word(text, at, wide));
                b = round(b, word(text, at + 8, wide));
                c = round(c, word(text, at + 16, wide));
                d = round(d, word(text, at + 24, wide));
            }
            hash = Long.rotateLeft(a, 1) + Long.rotateLeft(b, 7) + Long.rotateLeft(c, 12) + Long.rotateLeft(d, 18);
            hash = merge(merge(merge(merge(hash, a), b), c), d);
        } else {
            hash = seed + PRIME_5;
        }
        hash += length;
        for (; at <= length - 8; at += 8) {
            hash = Long.rotateLeft(hash ^ round(0, word(text, at, wide)), 27) * PRIME_1 + PRIME_4;
        }
        if (at <= length - 4) {
            hash = Long.rotateLeft(hash ^ half(text, at, wide) * PRIME_1, 23) * PRIME_2 + PRIME_3;
            at += 4;
        }
        for (; at < length; at++) {
            hash = Long.rotateLeft(hash ^ octet(text, at, wide) * PRIME_5, 11) * PRIME_1;
        }
        return mix(hash);
    }

    /** The function's last step: every bit of the result depends on every bit of the number. */
    static long mix(long number) {
        long hash = number;
        hash = (hash ^ (hash >>> 33)) * PRIME_2;
        hash = (hash ^ (hash >>> 29)) * PRIME_3;
        return hash ^ (hash >>> 32);
    }

    private static long round(long accumulator, long input) {
        return Long.rotateLeft(accumulator + input * PRIME_2, 31) * PRIME_1;
    }

    private static long merge(long hash, long accumulator) {
        return (hash ^ round(0, accumulator)) * PRIME_1 + PRIME_4;
    }

    private static boolean isWide(String text) {
        int seen = 0;
        for (int i = 0; i < text.length(); i++) {
            seen |= text.charAt(i);
        }
        return seen > 0xFF;
    }

    private static long word(String text, int at, boolean wide) {
        return half(text, at, wide) | half(text, at + 4, wide) << 32;
    }

    private static long half(String text, int at, boolean wide) {
        if (wide) {
            int i = at >> 1;
            return text.charAt(i) | (long) text.charAt(i + 1) << 16;
        }
        return text.charAt(at)
                | (long) text.charAt(at + 1) << 8
                | (long) text.charAt(at + 2) << 16
                | (long) text.charAt(at + 3) << 24;
    }

    private static long octet(String text, int at, boolean wide) {
        return wide ? (text.charAt(at >> 1) >> ((at & 1) << 3)) & 0xFF : text.charAt(at);
    }
}
