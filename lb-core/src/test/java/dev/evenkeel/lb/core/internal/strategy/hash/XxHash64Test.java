package dev.evenkeel.lb.core.internal.strategy.hash;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class XxHash64Test {

    /** Published with the reference implementation and its ports (xxHash, python-xxhash, Envoy). */
    @ParameterizedTest
    @CsvSource({
        "'', 0, ef46db3751d8e999",
        "a, 0, d24ec4f1a98c6e5b",
        "abc, 0, 44bc2cf5ad770999",
        "xxhash, 0, 32dd38952c4bc720",
        "xxhash, 20141025, b559b98d844e0635",
        "Nobody inspects the spammish repetition, 0, fbcea83c8a378bf1",
        "'Call me Ishmael. Some years ago--never mind how long precisely-', 0, 02a2e85470d6fd96",
    })
    void hash_publishedText_givesPublishedValue(String text, long seed, String expected) {
        assertThat(Long.toHexString(XxHash64.hash(text, seed))).isEqualTo(expected.replaceFirst("^0+", ""));
    }

    /** Calculated by the steps of the specification, at the lengths of 8, 12, 32, 40 and 64 bytes that its parts begin with. */
    @ParameterizedTest
    @CsvSource({
        "abcdefgh, 3ad351775b4634b7",
        "abcdefghijkl, 4b09b7d3a233d4b3",
        "0123456789abcdef0123456789abcdef, 642a94958e71e6c5",
        "0123456789abcdef0123456789abcdef01234567, 02595bf45a790442",
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef, 1af3ac4760fe2f85",
    })
    void hash_textThatFillsItsLastPart_givesTheSpecifiedValue(String text, String expected) {
        assertThat(XxHash64.hash(text, 0)).isEqualTo(Long.parseUnsignedLong(expected, 16));
    }

    @Test
    void hash_wideText_isThatOfItsUtf16Bytes() {
        for (String text : new String[] {"€", "日本語", "x€".repeat(20), "€".repeat(17)}) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_16LE);
            String asLatin1 = new String(bytes, StandardCharsets.ISO_8859_1);
            assertThat(XxHash64.hash(text, 5)).isEqualTo(XxHash64.hash(asLatin1, 5));
        }
    }
}
